"""What each stage of ingest costs for 1,000 characters: the figures of ``kgbuild.scale``.

Run:  python benchmarks/ingest/stage_costs.py [--documents 200] [--characters 2000] [--models real]
          [--news FILE.jsonl.gz] [--json]

Documents are those of ``benchmarks/ingest/ray_engine.py``, put into a PostgreSQL of the benchmark's by
the local engine. Processor seconds of this process and of the server's, so that other work on
the machine counts little; then bytes that the database grew by, without and with pgvector's tables, the
most memory of this process, and what a process that answers questions holds for each entity (tracemalloc). ``--json`` prints what
``kgbuild/scale.json`` holds of these models.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from benchmarks.ingest.ray_engine import postmaster, size_of, stand_ins, write  # noqa: E402
from kgbuild import pipeline, wiring  # noqa: E402
from kgbuild.ask.names import NameIndex  # noqa: E402
from kgbuild.config import Settings  # noqa: E402
from kgbuild.distributed.worker import parts_of  # noqa: E402
from kgbuild.read.files import find_files  # noqa: E402
from storage.index.pgvector import open_pgvector  # noqa: E402


class Clock:
    """Processor seconds of this process, of its children and of a server's processes, in place of
    ``time``; who they are is looked up once a second, as that costs too."""

    def __init__(self, server: int) -> None:
        self._me, self._server = psutil.Process(), psutil.Process(server)
        self._seen, self._others = -1.0, list[psutil.Process]()
        self._used = dict[psutil.Process, float]()

    def perf_counter(self) -> float:
        """Seconds from an unknown moment on."""
        if time.monotonic() - self._seen > 1:
            self._others = [*self._me.children(recursive=True), *self._server.children()]
            self._seen = time.monotonic()
        for process in self._others:
            with suppress(psutil.Error):
                used = process.cpu_times()
                self._used[process] = used.user + used.system
        return time.process_time() + sum(self._used.values())


def main() -> None:
    from tests.storage.databases import new_database, postgresql_server

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--characters", type=int, default=2000)
    parser.add_argument("--models", choices=["real", "stand-ins"], default="stand-ins")
    parser.add_argument("--news", type=Path, help="sentences of these articles")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    os.environ["KGBUILD_BUSY"] = "0"
    db = new_database(postgresql_server(durable=True))
    clock = Clock(postmaster(db))
    with (
        tempfile.TemporaryDirectory(prefix="kgbuild-") as place,
        wiring.open_graph(Settings(store=Path(place) / "kg", db=db), create=True) as graph,
    ):
        write(Path(place) / "in", given.documents, given.characters, given.news)
        settings = Settings(store=Path(place) / "kg", db=db)
        parts = (parts_of if given.models == "real" else stand_ins)(settings)
        empty = size_of(db)
        parts.extractor.extract(["Иван Петров живёт в Москве."])  # models load before they count
        pipeline.time = clock  # type: ignore[attr-defined]
        report = pipeline.build(find_files([Path(place) / "in"]), parts)
        thousands = sum(len(d.text) for d in graph.store.documents()) / 1000
        stats = graph.store.stats()
        held = {"sentences": stats.sentences, "mentions": stats.mentions,
                "entities": stats.entities, "facts": stats.facts}  # fmt: skip
        held_most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        before = size_of(db)
        for kind in ("sentence", "entity"):
            open_pgvector(graph.store, kind, parts.embedder.fingerprint)  # type: ignore[arg-type,union-attr]
        found = {
            "documents": stats.documents,
            "characters": round(thousands * 1000 / stats.documents),
            "failed": len(report.failures),
            "ms": {name: round(1000 * s / thousands, 2) for name, s in report.seconds.items()},
            "per_thousand": {name: round(n / thousands, 3) for name, n in held.items()},
            "bytes": {
                "database": round((before - empty) / thousands),
                "pgvector": round((size_of(db) - before) / thousands),
                "worker": held_most,
                "names_of_an_entity": round(names_held(graph.store) / stats.entities),
            },
        }
    if given.json:
        words = [word for word in sys.argv[1:] if word != "--json"]
        command = "python benchmarks/ingest/stage_costs.py " + " ".join(words)
        print(json.dumps({"command": command} | found, indent=2))
        return
    print(f"models: {given.models}")
    for name, value in found.items():
        print(f"  {name:14} {value}")


def names_held(store: Any) -> int:
    """Bytes of the names that a process keeps in memory to find them in questions."""
    tracemalloc.start()
    names = NameIndex.of(store)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(names)
    return size


if __name__ == "__main__":
    main()
