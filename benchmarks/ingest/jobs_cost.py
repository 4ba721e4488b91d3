"""What a run's bookkeeping costs: the same documents with a job that is written and without.

Run:  python benchmarks/ingest/jobs_cost.py [--documents 300]

The models are the tests' stand-ins, which take next to no time, so the share that bookkeeping
could have is far larger than with real ones. Three ways in turn, each into stores of its own:
no job, a job written once a second (as shipped), a job written at every document. A figure is
processor and wall seconds of the best round.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from crash.work import open_graph, write_documents  # noqa: E402

from kgbuild import graph, jobs  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ways = {
        "no job": patch.object(graph, "running", lambda *_: nullcontext(Nothing())),
        f"every {jobs.PAUSE:g} s": nullcontext(),
        "every document": patch.object(jobs, "PAUSE", 0.0),
    }
    best: dict[str, tuple[float, float, int]] = {}
    for _ in range(given.rounds):
        for name, way in ways.items():
            with way:
                found = measured(given.documents)
            best[name] = min(found, best.get(name, found))
    print(f"{given.documents} documents, stand-ins for models, best of {given.rounds} rounds")
    for name, (cpu, wall, writes) in best.items():
        print(f"{name:15} {cpu:6.2f} s processor  {wall:6.2f} s wall  {writes} writes of the job")


class Nothing:
    """A run that isn't written down."""

    def __call__(self, report: object) -> None: ...

    def saw(self, report: object) -> None: ...


def measured(documents: int) -> tuple[float, float, int]:
    """Processor and wall seconds of an ingest, and how often its job was written."""
    with tempfile.TemporaryDirectory() as folder:
        place, writes = Path(folder), 0
        os.chdir(place)
        files = write_documents(place / "docs", range(documents), 0)
        with open_graph(place) as opened:
            save = opened.store.save_job

            def counted(*values: object) -> bool:
                nonlocal writes
                writes += 1
                return save(*values)  # type: ignore[arg-type]

            opened.store.save_job = counted  # type: ignore[method-assign]
            wall, cpu = time.perf_counter(), time.process_time()
            opened.ingest([file.relative_to(place) for file in files])
            spent = time.process_time() - cpu, time.perf_counter() - wall, writes
        os.chdir(ROOT)
    return spent


if __name__ == "__main__":
    main()
