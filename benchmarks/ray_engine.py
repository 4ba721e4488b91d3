"""Ingest by Ray's workers beside ingest in one process: documents a second, memory, growth.

Run:  python benchmarks/ray_engine.py [--documents 200] [--characters 2000] [--workers 1 2]
          [--models real] [--busy 0.1] [--local] [--db URL]

Documents are made of the dossiers' sentences with the names exchanged for made-up ones, the same
for the same number. With stand-ins for the models ``--busy`` is how many processor seconds they
waste on 1,000 characters, as models would; 0 leaves storing and linking alone. Each run has a
PostgreSQL database of its own. Documents a second are those from the first share to the last,
linking and vectors of names among it; starting (models, Ray) is told apart. Growth is what a
document of the last tenth took beside one of the first; memory the peak of any process.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks.resolution_scale import TYPES, name  # noqa: E402
from benchmarks.stand_ins import StandInEmbedder, StandInExtractor  # noqa: E402
from kgbuild import pipeline, wiring  # noqa: E402
from kgbuild.config import Settings  # noqa: E402
from kgbuild.distributed.engine import Cluster, RayEngine  # noqa: E402
from kgbuild.distributed.worker import PATIENCE, parts_of  # noqa: E402
from kgbuild.pipeline import BuildReport, Parts  # noqa: E402
from kgbuild.read.documents import Reader  # noqa: E402
from kgbuild.read.files import find_files  # noqa: E402
from kgbuild.types import Extraction  # noqa: E402

_WORD = re.compile(r"(?<=[а-яё,] )[А-ЯЁ][а-яё]{2,}")


class BusyExtractor(StandInExtractor):
    """The stand-in, as slow as it is told to be."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """As the port."""
        until = time.thread_time() + self._seconds * sum(map(len, texts)) / 1000
        while time.thread_time() < until:
            sum(range(10_000))
        return super().extract(texts)


def stand_ins(settings: Settings) -> Parts:
    """A worker's parts; how busy they are stands in the environment."""
    store = wiring.open_graph(settings, patience=PATIENCE).store
    busy = float(os.environ["KGBUILD_BUSY"])
    return Parts(BusyExtractor(busy), wiring.make_normalizer(), StandInEmbedder(), store)


def write(folder: Path, count: int, characters: int) -> None:
    """Made-up documents, a thousand in a folder."""
    sentences = [
        found
        for path in sorted((ROOT / "corpus").rglob("*.txt"))[:400]
        for found in re.split(r"(?<=[.!?])\s+", path.read_text("utf-8"))
        if 40 < len(found) < 300
    ]
    for number in range(count):
        chance = random.Random(number)
        text = ""
        while len(text) < characters:
            kinds = iter(TYPES * 20)
            text += _WORD.sub(lambda _: name(chance, next(kinds)), chance.choice(sentences)) + " "  # noqa: B023
        path = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


class Marks:
    """When how many documents were done."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.at: list[tuple[int, float]] = []

    def __call__(self, report: BuildReport) -> None:
        self.at.append((report.done, time.monotonic()))

    def rate(self, total: int) -> float:
        """Documents a second from the first mark to now."""
        first, when = self.at[0]
        return (total - first) / (time.monotonic() - when)

    def growth(self, total: int) -> float:
        """Seconds a document in the last tenth over those in the first."""

        def at(count: float) -> tuple[int, float]:
            return next(mark for mark in self.at if mark[0] >= count)

        (a, begin), (b, tenth) = self.at[0], at(total / 10)
        (c, before), (d, end) = at(total * 0.9), self.at[-1]
        return ((end - before) / max(d - c, 1)) / ((tenth - begin) / max(b - a, 1))


def peak_of_children(stop: threading.Event, found: dict[str, float]) -> None:
    """The largest resident memory of each kind of process below this one, in MB."""
    import psutil

    me = psutil.Process()
    while not stop.wait(2):
        for process in me.children(recursive=True):
            try:
                title, size = process.name().split(".")[0], process.memory_info().rss / 1e6
            except psutil.Error:
                continue
            found[title] = max(found.get(title, 0.0), size)


def measure(folder: Path, db: str, workers: int | None, models: str, total: int) -> float:
    """One run (``workers`` None: the local engine); prints its line, gives documents a second."""
    store = Path(tempfile.mkdtemp(prefix="kgbuild-"))
    settings = Settings(store=store, db=db)
    make: Any = parts_of if models == "real" else stand_ins
    stop, memory = threading.Event(), dict[str, float]()
    threading.Thread(target=peak_of_children, args=(stop, memory), daemon=True).start()
    cpu = time.process_time()
    with wiring.open_graph(settings, create=True, patience=PATIENCE) as graph:
        marks = Marks()
        if workers is None:
            parts = make(settings)
            report = pipeline.build(find_files([folder]), Parts(parts.extractor, parts.normalizer,
                                                                parts.embedder, graph.store), marks)  # fmt: skip
        else:
            engine = RayEngine(settings, Cluster(workers=workers), make=make)
            report = engine.build(find_files([folder]), graph.store, Reader(), marks)
        rate, growth = marks.rate(total), marks.growth(total)
        stats = graph.store.stats()
    stop.set()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peaks = ", ".join(f"{kind} {size:.0f}" for kind, size in sorted(memory.items()) if size > 150)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in report.seconds.items())
    print(
        f"{'local' if workers is None else f'ray, {workers} workers':14} {stats.documents} documents,"
        f" {stats.mentions} mentions, {stats.entities} entities: {rate:.2f} documents/s, started in"
        f" {marks.at[0][1] - marks.began:.1f} s, growth {growth:.2f}, {len(report.failures)} failed;"
        f" this process {time.process_time() - cpu:.0f} s of processor\n    seconds: {stages}\n"
        f"    peak MB: this process {own:.0f}, {peaks}",
        flush=True,
    )
    return rate


def size_of(db: str) -> float:
    """Bytes of a database."""
    import psycopg

    with psycopg.connect(db) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0])


def main() -> None:
    from tests.storage.databases import new_database, postgresql_server

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--characters", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--models", choices=["real", "stand-ins"], default="stand-ins")
    parser.add_argument("--busy", type=float, default=0.0)
    parser.add_argument("--local", action="store_true", help="measure the local engine too")
    given = parser.parse_args()
    os.environ["KGBUILD_BUSY"] = str(given.busy)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("RAY_worker_niceness", "0")
    server = postgresql_server()
    with tempfile.TemporaryDirectory(prefix="kgbuild-") as place:
        write(Path(place), given.documents, given.characters)
        text = sum(len(path.read_text("utf-8")) for path in Path(place).rglob("*.txt"))
        print(f"{given.documents} documents, {text / given.documents:.0f} characters each,"
              f" models: {given.models}, busy {given.busy}", flush=True)  # fmt: skip
        rates = []
        for workers in ([None] if given.local else []) + given.workers:
            db = new_database(server)
            rates.append(measure(Path(place), db, workers, given.models, given.documents))
            print(f"    PostgreSQL {1000 * size_of(db) / text:.0f} bytes for 1,000 characters;"
                  f" {rates[-1] / rates[0]:.2f} times the first run's documents/s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
