"""Seconds that each stage takes for a megabyte of one thing.

    python benchmarks/hostile_stages.py [--size 1000000] [--stages read split resolve]

``resolve`` takes the mentions of a pattern (a word with a capital), not a model's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

INPUTS = {
    "one line of words": "Иван Петров живёт в Москве и работает ",
    "brackets": "((", "quotes": "«\"", "digits": "7", "line ends": "\n", "carriage returns": "\r",
    "one word": "а", "capitals": "А", "combining marks": "\u0316\u0301", "stress": "а\u0301",
    "emoji": "😀", "full stops": ".", "hyphens at breaks": "а-\n", "dates": "1.2.1999 ",
    "initials": "А. Б. ", "names": "Иван ", "list items": "1)\n", "tags": "<a", "spaces": " я",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--stages", nargs="+", default=["read", "html", "split", "resolve"])
    given = parser.parse_args()
    from fakes import FakeExtractor

    from kgbuild.read.documents import Reader
    from kgbuild.read.sentences import split_sentences
    from kgbuild.resolve.normalize import RussianNormalizer
    from kgbuild.resolve.resolver import resolve_document
    from kgbuild.types import Document

    normalizer, extractor, reader = RussianNormalizer(), FakeExtractor(), Reader()
    normalizer.normalize("Москва", "CITY")
    print(f"{'input':22}" + "".join(f"{stage:>10}" for stage in given.stages))
    with tempfile.TemporaryDirectory() as folder:
        for name, piece in INPUTS.items():
            text = (piece * (given.size // len(piece.encode()) + 1)).strip(" ") or " "
            seconds = []
            for stage in given.stages:
                if stage in ("read", "html"):
                    path = Path(folder) / ("a.txt" if stage == "read" else "a.html")
                    path.write_text(text, "utf-8", newline="")
                    run = lambda path=path: list(reader(path))  # noqa: E731
                elif stage == "split":
                    run = lambda: split_sentences(text)  # noqa: B023, E731
                else:
                    found = extractor.extract([text])[0] if len(text) < 5e6 else None
                    document = Document("a", text, "0" * 64)

                    def run(d=document, f=found):
                        return resolve_document(d, f.mentions, (), normalizer)

                began = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - began)
            print(f"{name:22}" + "".join(f"{s:10.2f}" for s in seconds), flush=True)
    reader.close()


if __name__ == "__main__":
    main()
