"""What four bits a weight may cost the embedded embedder on encodechka's tasks.

Run:  python benchmarks/models/rounding.py ENCODECHKA [--seed 1] [--task pi] [--task icx]

The weights before they were rounded to four bits aren't at hand. So they are moved once more,
at random, by as much as rounding moved them: evenly within half a step of their block of 32.
How far a figure falls by that says how far the first rounding may have made it fall. Prints
the table of `kgbuild eval embeddings` for the moved weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from kgbuild import wiring
from kgbuild.cli import program

BLOCK, STEPS = 32, 8


def move(model: torch.nn.Module, seed: int) -> int:
    """Moves every matrix of blocks that was stored in four bits; gives their number."""
    torch.manual_seed(seed)
    moved = 0
    with torch.no_grad():
        for name, weight in model.named_parameters():
            rounded = "layer." in name or "word_embeddings" in name
            if rounded and weight.ndim == 2:
                blocks = weight.view(-1, BLOCK)
                step = blocks.abs().amax(1, keepdim=True) / STEPS
                blocks.add_((torch.rand_like(blocks) - 0.5) * step)
                moved += 1
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--task", action="append", default=None)
    given = parser.parse_args()
    print(f"{move(wiring.base_encoder('auto').model, given.seed)} matrices moved")
    tasks = [flag for task in given.task or ["pi"] for flag in ("--task", task)]
    program(["eval", "embeddings", "--data", str(given.data), *tasks], standalone_mode=False)


if __name__ == "__main__":
    main()
