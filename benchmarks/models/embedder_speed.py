"""How many times as many texts a second one embedder reads as another, taking turns.

python benchmarks/models/embedder_speed.py STUDENT embedded --texts FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

from kgbuild.config import load_settings
from kgbuild.train.distillation.run import DistillOrder, held_out_texts, speed_ratio
from kgbuild.wiring import make_embedder


def main() -> None:
    """Print the median ratio of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fast")
    parser.add_argument("slow")
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    texts = held_out_texts(DistillOrder("", (given.texts,), Path("unused")), given.count)
    fast, slow = (make_embedder(load_settings(embedder=name)) for name in (given.fast, given.slow))
    ratio = speed_ratio(fast, slow, texts, given.rounds)
    print(
        f"{given.fast}: {ratio:.2f} times as many texts a second as {given.slow} ({len(texts)} texts)"
    )


if __name__ == "__main__":
    main()
