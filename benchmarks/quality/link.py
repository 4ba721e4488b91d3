"""Wikidata links of NEREL's dev part from a slice made of the labels of its train part.

Run:  python benchmarks/quality/link.py NEREL

The slice holds every item that train's N lines link, in the dump's format: its label there,
the class of its mentions' type, nothing else (no years, no aliases, no other items). Dev is
imported from its annotations; the right item of an entity is the one most of its mentions
are linked to.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from kgbuild.exchange.annotations.brat import BratExtractor, find_annotated, outcomes
from kgbuild.exchange.registers.known import Grade
from kgbuild.exchange.registers.linking import link
from kgbuild.exchange.registers.wikidata import _classes
from kgbuild.pipeline import Parts, build
from kgbuild.ports import Store
from kgbuild.train.corpora.nerel import read_document
from kgbuild.wiring import make_linker, make_normalizer, storage

REFERENCE = re.compile(r"N\d+\tReference (T\d+) Wikidata:(Q\d+)\t(.+)")
TEXT_BOUND = re.compile(r"(T\d+)\t(\w+) ")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("nerel", type=Path, help="NEREL: dev and train of brat files")
    nerel = parser.parse_args().nerel
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slice.jsonl"
        types = write_slice(nerel / "train", path)
        store = storage("sql").SqlStore.open(Path(folder) / "graph.db", linker=make_linker())
        paths = find_annotated(nerel / "dev")
        build(paths, Parts(BratExtractor(paths), make_normalizer(), None, store), read=outcomes)
        right = gold(store, paths)
        reports = {
            g: link(store, make_normalizer(), path, g, True) for g in (Grade.WHOLE, Grade.NAME)
        }
        store.close()
    report = reports[Grade.NAME]
    linkable = {e for e, q in right.items() if q in types}
    print(f"{report.items} items; {len(right)} entities with a gold link, {len(linkable)} of them"
          " to an item of the slice")  # fmt: skip
    for name, some in (
        ("default", reports[Grade.WHOLE].linked),
        ("--by-name", report.linked),
        *((g.name, [m for m in report.linked if m.grade is g]) for g in Grade),
        *((t, [m for m in report.linked if m.entity.type == t])
          for t, _ in Counter(m.entity.type for m in report.linked).most_common(6)),
    ):  # fmt: skip
        judged = [m for m in some if m.entity.id in right]
        hits = sum(right[m.entity.id] == m.known.id for m in judged)
        if judged:
            print(f"{name}: linked {len(some)}, of {len(judged)} with a gold link right {hits}"
                  f" ({hits / len(judged):.3f}); of the linkable {hits / len(linkable):.3f}")  # fmt: skip
    for m in report.linked:
        if right.get(m.entity.id, m.known.id) != m.known.id:
            print("wrong:", m.entity.name, m.entity.type, "→", m.known.id, m.known.name,
                  "gold", right[m.entity.id])  # fmt: skip


def write_slice(train: Path, path: Path) -> set[str]:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for standoff in sorted(train.glob("*.ann")):
        lines = standoff.read_text("utf-8").splitlines()
        type_of = {m[1]: m[2] for line in lines if (m := TEXT_BOUND.match(line))}
        for line in lines:
            if (found := REFERENCE.match(line)) and found[1] in type_of:
                labels[found[2]][found[3].strip()] += 1
                types[found[2]][type_of[found[1]]] += 1
    class_of = {t[0]: klass for klass, t in _classes().items() if len(t) == 1}
    with path.open("w", encoding="utf-8") as file:
        for item in sorted(labels):
            klass = class_of.get(types[item].most_common(1)[0][0])
            file.write(json.dumps(as_item(item, labels[item], klass), ensure_ascii=False) + "\n")
    return set(labels)


def as_item(id: str, labels: Counter[str], klass: str | None) -> dict[str, object]:
    first, *rest = [label for label, _ in labels.most_common()]
    snak = {"snaktype": "value", "property": "P31",
            "datavalue": {"type": "wikibase-entityid", "value": {"id": klass}}}  # fmt: skip
    return {
        "type": "item", "id": id, "labels": {"ru": {"language": "ru", "value": first}},
        "aliases": {"ru": [{"language": "ru", "value": label} for label in rest]},
        "claims": {"P31": [{"mainsnak": snak, "rank": "normal"}]} if klass else {},
    }  # fmt: skip


def gold(store: Store, paths: list[Path]) -> dict[str, str]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path in paths:
        links = read_document(path.with_suffix(".ann")).links
        for stored in store.mentions(document=str(path)):
            if stored.mention in links:
                votes[stored.entity][links[stored.mention].split(":")[1]] += 1
    return {entity: found.most_common(1)[0][0] for entity, found in votes.items()}


if __name__ == "__main__":
    main()
