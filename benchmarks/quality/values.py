"""How many dates, times, ages, sums, shares and numbers of a corpus get a normal value.

    python benchmarks/quality/values.py NEREL/train [--sample 20] [--seed 7] [--missing]

Mentions are counted, not distinct surfaces. ``anchored`` counts with a day of writing given
(the same one for every document: the corpus doesn't say when its texts were written), so it
holds relative dates too. ``--sample`` prints surfaces of each type with their values, drawn
at random, to be checked by eye; ``--missing`` prints the commonest that have none.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from kgbuild.russian.values import DateValue, Value, value_of
from kgbuild.train.corpora.nerel import read_folder

TYPES = ("DATE", "TIME", "AGE", "MONEY", "PERCENT", "NUMBER", "ORDINAL")
ANCHOR = date(2012, 5, 16)


def surfaces(folder: Path) -> dict[str, Counter[str]]:
    """Type → surfaces with their counts."""
    found: dict[str, Counter[str]] = {type: Counter() for type in TYPES}
    for document in read_folder(folder):
        for mention in document.mentions:
            if mention.type in found:
                surface = " ".join(document.text[mention.start : mention.end].split())
                found[mention.type][surface] += 1
    return found


def share(counts: Counter[str], type: str, anchor: date | None) -> float:
    """The share of mentions that have a value."""
    valued = sum(n for s, n in counts.items() if value_of(s, type, anchor) is not None)
    return valued / (sum(counts.values()) or 1)


def shown(value: Value) -> str:
    if isinstance(value, DateValue):
        return ("~" if value.about else "") + value.iso
    upper = "" if value.upper is None else f"..{value.upper:g}"
    return f"{value.number:g}{upper} {value.unit} {value.bound}".strip()


def sample(counts: Counter[str], type: str, number: int) -> Iterator[str]:
    valued = [(s, v) for s in sorted(counts) if (v := value_of(s, type, ANCHOR)) is not None]
    for surface, value in random.sample(valued, min(number, len(valued))):
        yield f"    {surface} = {shown(value)}"


def missing(counts: Counter[str], type: str, number: int = 20) -> Iterator[str]:
    for surface, count in counts.most_common():
        if number and value_of(surface, type, ANCHOR) is None:
            number -= 1
            yield f"    {count} × {surface}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="brat files")
    parser.add_argument("--sample", type=int, default=0, help="surfaces with values, of each type")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--missing", action="store_true", help="the commonest without a value")
    options = parser.parse_args()
    random.seed(options.seed)
    print(f"{'type':8}  mentions  valued  anchored")
    for type, counts in surfaces(options.folder).items():
        alone, anchored = share(counts, type, None), share(counts, type, ANCHOR)
        print(f"{type:8}  {sum(counts.values()):8}  {alone:6.3f}  {anchored:8.3f}")
        print(*sample(counts, type, options.sample), sep="\n", end="\n" if options.sample else "")
        if options.missing:
            print(*missing(counts, type), sep="\n")


if __name__ == "__main__":
    main()
