"""A small graph of people and places, and a slice of a Wikidata dump that knows some of them."""

from __future__ import annotations

import json
from pathlib import Path

from kgbuild.exchange.annotations.brat import BratExtractor, find_annotated, outcomes
from kgbuild.pipeline import Parts, build
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from tests.notation import parse
from tests.oracle import MemoryStore

NORMALIZER = RussianNormalizer()


def graph(folder: Path, *texts: str, store: MemoryStore | None = None) -> MemoryStore:
    """The graph of texts in the tests' notation, each a document."""
    folder.mkdir(exist_ok=True)
    made = store or MemoryStore(RussianLinker())
    for text in texts:
        number = len(list(folder.glob("*.txt")))
        case = parse(text)
        names = {m: f"T{i}" for i, m in enumerate(case.mentions, 1)}
        lines = [f"{names[m]}\t{m.type} {m.start} {m.end}\tx" for m in case.mentions]
        lines += [f"R{i}\t{r.relation} Arg1:{names[r.subject]} Arg2:{names[r.object]}"
                  for i, r in enumerate(case.relations)]  # fmt: skip
        (folder / f"{number}.txt").write_text(case.text, "utf-8")
        (folder / f"{number}.ann").write_text("\n".join(lines), "utf-8")
    paths = find_annotated(folder)
    report = build(paths, Parts(BratExtractor(paths), NORMALIZER, None, made), read=outcomes)
    assert not report.failures
    return made


def item(
    id: str, name: str, klass: str = "Q5", born: str = "", **more: object
) -> dict[str, object]:
    """An item as a dump has it; empty maps are empty lists there."""
    claims = {
        "P31": [_said("P31", {"entity-type": "item", "numeric-id": int(klass[1:]), "id": klass})]
    }
    if born:
        claims["P569"] = [_said("P569", {"time": f"+{born}T00:00:00Z", "precision": 11})]
    return {
        "type": "item", "id": id, "labels": {"ru": {"language": "ru", "value": name}},
        "descriptions": [], "aliases": [], "claims": claims, "sitelinks": [], **more,
    }  # fmt: skip


def _said(property: str, value: object, rank: str = "normal") -> dict[str, object]:
    return {
        "mainsnak": {"snaktype": "value", "property": property, "datavalue": {"value": value}},
        "type": "statement", "rank": rank,
    }  # fmt: skip


def written(path: Path, *items: dict[str, object]) -> Path:
    """The items in a file, a line each."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in items), "utf-8")
    return path
