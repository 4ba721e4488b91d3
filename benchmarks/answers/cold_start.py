"""What a command costs in a new process: search, an answer, an abstention.

    python benchmarks/answers/cold_start.py                         # this checkout
    python benchmarks/answers/cold_start.py --beside ../old-checkout # two versions, turn about

Each checkout reads ``examples/docs`` into a graph of its own first (or ``--keep FOLDER``
keeps the graphs for another run). The commands then take turns, so that a busy machine
disturbs both alike. Printed are the best and the median of wall seconds, and the best of
processor seconds (user and system), which other processes disturb least.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]

COMMANDS = {
    "search": ("search", "закон Менделеева"),
    "answer": ("query", "Кто супруга Дмитрия Менделеева?"),
    "abstention": ("query", "Кто жена Аркадия Воложа?"),
    "show": ("show", "Менделеев"),
    "help": ("--help",),
}


def run(checkout: Path, words: tuple[str, ...]) -> tuple[float, float]:
    """Wall and processor seconds of one command in a new process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, str(checkout / "cli.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=checkout)
    wall = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beside", type=Path, action="append", default=[], metavar="CHECKOUT")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where the graphs are, or are put")
    given = parser.parse_args()
    checkouts = [HERE, *(path.resolve() for path in given.beside)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        stores = [(folder / f"{number}-{at.name}").resolve() for number, at in enumerate(checkouts)]
        for checkout, store in zip(checkouts, stores, strict=True):
            if not store.exists():
                run(checkout, ("ingest", str(HERE / "examples" / "docs"), "--store", str(store)))
        print(f"{given.runs} runs each, turn about; seconds")
        print(f"{'command':12} {'checkout':24} {'best':>6} {'median':>7} {'processor':>10}")
        for name, words in COMMANDS.items():
            place = [() if name == "help" else ("--store", str(store)) for store in stores]
            seen = [
                [run(at, (*words, *flags)) for at, flags in zip(checkouts, place, strict=True)]
                for _ in range(given.runs)
            ]
            for number, checkout in enumerate(checkouts):
                walls, used = zip(*(turn[number] for turn in seen), strict=True)
                print(
                    f"{name:12} {checkout.name:24} {min(walls):6.2f}"
                    f" {statistics.median(walls):7.2f} {min(used):10.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
