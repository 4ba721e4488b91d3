"""What writing and linking cost a document, beside another checkout's: models are stand-ins.

Run:  python benchmarks/ingest/write_and_link.py NEWS.jsonl.gz [--megabytes 20] [--against CHECKOUT]

Documents are drawn as in ``benchmarks/ingest/ingest_memory.py``. Only the store's own methods are
timed: processor seconds, so that other work on the machine counts little, and seconds by the
clock. Prints documents a second of both, SQL statements a document (many rows in one count
once), and what the last tenth of the documents cost against the first. ``--against`` runs the
same with another checkout's code, one after the other, and prints how many times as fast this
one is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]
ROOT = Path(os.environ.get("KGBUILD_CHECKOUT", HERE))
sys.path[:0] = [str(ROOT), str(HERE)]  # another checkout's benchmarks may lie elsewhere

from sqlalchemy import event  # noqa: E402
from sqlalchemy.engine import Engine  # noqa: E402

from benchmarks.stand_ins import StandInEmbedder, StandInExtractor  # noqa: E402
from kgbuild import wiring  # noqa: E402
from kgbuild.config import Settings  # noqa: E402

METHODS = ("add_document", "add_documents", "link")


class Cost:
    """Processor seconds, seconds and statements inside the store's writing methods."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0
        self.statements = 0
        self._inside = False

    def counted(self, *what: object) -> None:
        """A statement is run."""
        self.statements += self._inside

    def of(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, timed."""

        def timed(*given: Any, **named: Any) -> Any:
            if self._inside:
                return method(*given, **named)
            self._inside = True
            cpu, wall = time.process_time(), time.monotonic()
            try:
                return method(*given, **named)
            finally:
                self.cpu += time.process_time() - cpu
                self.wall += time.monotonic() - wall
                self._inside = False

        return timed


def measure(folder: Path) -> dict[str, float]:
    """Put a folder's documents into a new graph."""
    wiring.make_extractor = lambda settings: StandInExtractor()  # type: ignore[assignment,return-value]
    wiring.make_embedder = lambda settings: StandInEmbedder()  # type: ignore[assignment,return-value]
    cost, total = Cost(), len(list(folder.rglob("*.txt")))
    event.listen(Engine, "before_cursor_execute", cost.counted)
    marks = [0.0]

    def progress(report: Any) -> None:
        if report.done >= len(marks) * total / 10:
            marks.append(cost.cpu)

    with (
        tempfile.TemporaryDirectory() as place,
        wiring.open_graph(Settings(store=Path(place) / "kg"), create=True) as graph,
    ):
        for name in METHODS:
            if hasattr(graph.store, name):
                setattr(graph.store, name, cost.of(getattr(graph.store, name)))
        graph.ingest([folder], progress)
        stats = graph.store.stats()
    marks[-1] = cost.cpu
    return {
        "documents": total,
        "cpu": cost.cpu,
        "wall": cost.wall,
        "statements": cost.statements / total,
        "growth": (marks[-1] - marks[-2]) / max(marks[1], 1e-9),
        "entities": stats.entities,
        "facts": stats.facts,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("news", type=Path)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.news)))
        return
    # Not where another checkout is measured: this puts its own one in front of sys.path.
    from benchmarks.ingest.ingest_memory import documents, write

    with tempfile.TemporaryDirectory() as place:
        write(documents(given.news, given.megabytes, 0), Path(place) / "docs", False)
        found = [
            in_checkout(checkout, Path(place) / "docs")
            for checkout in (ROOT, *([given.against] if given.against else []))
        ]
    if len(found) > 1:
        for kind in ("cpu", "wall"):
            print(
                f"{found[1][kind] / found[0][kind]:.1f} times as many documents a second ({kind})"
            )


def in_checkout(checkout: Path, folder: Path) -> dict[str, float]:
    """Measure with a checkout's code, in a process of its own."""
    here = {**os.environ, "KGBUILD_CHECKOUT": str(checkout), "PYTHONPATH": str(checkout)}
    command = [sys.executable, __file__, str(folder), "--measure"]
    done = subprocess.run(
        command, env=here, cwd=checkout, capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{checkout.name}: {found['documents']:.0f} documents, {found['entities']:.0f} entities,"
          f" {found['facts']:.0f} facts; writing and linking {found['cpu']:.1f} s of processor,"
          f" {found['wall']:.1f} s: {found['documents'] / found['cpu']:.1f} documents/s;"
          f" {found['statements']:.1f} statements a document;"
          f" the last tenth cost {found['growth']:.2f} times the first", flush=True)  # fmt: skip
    return found


if __name__ == "__main__":
    main()
