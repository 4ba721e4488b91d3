"""What each stage of ingest costs for 1,000 characters: the figures of ``kgbuild.scale``.

Run:  python benchmarks/stage_costs.py [--documents 200] [--characters 2000] [--models real]

Documents are those of ``benchmarks/ray_engine.py``, put into a PostgreSQL of the benchmark's by
the local engine. Processor seconds of this process and of the server's, so that other work on
the machine counts little; then bytes of the database, without and with pgvector's tables.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks.ray_engine import size_of, stand_ins, write  # noqa: E402
from kgbuild import pipeline, wiring  # noqa: E402
from kgbuild.config import Settings  # noqa: E402
from kgbuild.distributed.worker import parts_of  # noqa: E402
from kgbuild.read.files import find_files  # noqa: E402
from storage.index.pgvector import open_pgvector  # noqa: E402


class Clock:
    """Processor seconds of this process, of its children and of a server, in place of ``time``."""

    def __init__(self) -> None:
        self._server = [p for p in psutil.process_iter() if p.name() == "postgres"]

    def perf_counter(self) -> float:
        """Seconds from an unknown moment on."""
        mine = time.process_time()
        for process in [*psutil.Process().children(recursive=True), *self._backends()]:
            try:
                used = process.cpu_times()
            except psutil.Error:
                continue
            mine += used.user + used.system
        return mine

    def _backends(self) -> list[psutil.Process]:
        """The server's processes for this one: those that name its address, begun since."""
        return [
            p for p in psutil.process_iter() if p.name() == "postgres" and p not in self._server
        ]


def main() -> None:
    from tests.storage.databases import new_database, postgresql_server

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--characters", type=int, default=2000)
    parser.add_argument("--models", choices=["real", "stand-ins"], default="stand-ins")
    given = parser.parse_args()
    os.environ["KGBUILD_BUSY"] = "0"
    clock = Clock()  # before the server starts: what is there already isn't it
    db = new_database(postgresql_server())
    with (
        tempfile.TemporaryDirectory(prefix="kgbuild-") as place,
        wiring.open_graph(Settings(store=Path(place) / "kg", db=db), create=True) as graph,
    ):
        write(Path(place) / "in", given.documents, given.characters)
        settings = Settings(store=Path(place) / "kg", db=db)
        parts = (parts_of if given.models == "real" else stand_ins)(settings)
        parts.extractor.extract(["Иван Петров живёт в Москве."])  # models load before they count
        pipeline.time = clock  # type: ignore[attr-defined]
        report = pipeline.build(find_files([Path(place) / "in"]), parts)
        thousands = sum(len(d.text) for d in graph.store.documents()) / 1000
        stats = graph.store.stats()
        print(f"{stats.documents} documents, {thousands * 1000 / stats.documents:.0f} characters,"
              f" {stats.sentences} sentences, {stats.mentions} mentions, {stats.entities} entities,"
              f" {stats.facts} facts; models: {given.models}; {len(report.failures)} failed")  # fmt: skip
        for stage, seconds in report.seconds.items():
            print(f"  {stage:8} {1000 * seconds / thousands:8.2f} ms of processor")
        before = size_of(db)
        for kind in ("sentence", "entity"):
            open_pgvector(graph.store, kind, parts.embedder.fingerprint)  # type: ignore[arg-type,union-attr]
        after = size_of(db)
        print(
            f"  database {before / thousands:8.0f} bytes, pgvector {(after - before) / thousands:.0f}"
        )


if __name__ == "__main__":
    main()
