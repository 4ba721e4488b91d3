"""The ids of a slice of a Wikidata dump against the links of NEREL's annotators.

Run:  python benchmarks/quality/check_slice.py examples/wikidata-slice.jsonl NEREL

NEREL's N lines link a mention to an item and give the item's label. A slice's item is checked
where NEREL knows its id, or one of its names: the id is right where the labels that NEREL
gives it are names of the item, or where the item's name leads to it alone; it is wrong where
its label there is another's, or where its name leads only to ids that the slice doesn't hold.
An item whose name is another one's of the slice is a namesake, and can't be checked so.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from pathlib import Path

from kgbuild.exchange.registers.known import listed_person
from kgbuild.exchange.registers.wikidata import read_items
from kgbuild.russian.folding import fold
from kgbuild.types import RegistryEntity

REFERENCE = re.compile(r"N\d+\tReference T\d+ Wikidata:(Q\d+)\t(.+)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("slice", type=Path, help="a slice of a Wikidata dump")
    parser.add_argument("nerel", type=Path, help="NEREL: dev and train of brat files")
    given = parser.parse_args()
    slice, nerel = given.slice, given.nerel
    labels: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, set[str]] = defaultdict(set)
    for path in sorted(nerel.glob("*/*.ann")):
        for item, label in REFERENCE.findall(path.read_text("utf-8")):
            labels[item].add(label.strip())
            ids[fold(label)].add(item)
    counts: dict[str, list[str]] = defaultdict(list)
    items = list(read_items(slice))
    held = {known.id for known in items}
    for known in items:
        state, said = checked(known, labels, ids)
        if state == "wrong" and held >= set(said.split(", ")):
            state, said = "namesake", f"of {said}"
        counts[state].append(f"{known.id} {known.name}" + (f": {said}" if said else ""))
    total = sum(map(len, counts.values()))
    print(f"{total} items; " + ", ".join(f"{len(some)} {state}" for state, some in counts.items()))
    for state in ("right", "namesake", "wrong", "doubtful", "unknown to NEREL"):
        for line in counts[state]:
            print(f"    {state}: {line}")


def checked(
    known: RegistryEntity, labels: dict[str, set[str]], ids: dict[str, set[str]]
) -> tuple[str, str]:
    names = {fold(name) for name in known.names}
    if "PERSON" in known.types:
        names |= {fold(listed_person(name).canonical) for name in known.names}
    here = {fold(label) for label in labels.get(known.id, ())}
    there = {item for name in names for item in ids.get(name, ())}
    if here & names:
        return "right", ""
    if here:
        return "doubtful", f"NEREL calls it {', '.join(sorted(labels[known.id]))}"
    if there:
        return "wrong", ", ".join(sorted(there))
    return "unknown to NEREL", ""


if __name__ == "__main__":
    main()
