"""Letter pairs of Russian, as the code page detector reads them.

    python benchmarks/quality/letter_pairs.py FOLDER > kgbuild/read/letter_pairs.txt

Counts pairs of letters in the .txt files of a folder; a line a first letter (the alphabet,
then anything else), a digit (base 36) a second one: half bits of surprise, 35 at most.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections import Counter
from pathlib import Path

ALPHABET = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder of texts")
    folder = parser.parse_args().folder
    counts: Counter[tuple[int, int]] = Counter()
    place = {letter: index for index, letter in enumerate(ALPHABET)}
    for path in sorted(folder.glob("*.txt")):
        row = [place.get(c, 33) for c in path.read_text("utf-8").lower()]
        counts.update(itertools.pairwise(row))
    for first in range(34):
        total = sum(counts[first, second] + 0.5 for second in range(34))
        bits = [-math.log2((counts[first, s] + 0.5) / total) for s in range(34)]
        print("".join(DIGITS[min(35, round(2 * b))] for b in bits))


if __name__ == "__main__":
    main()
