"""Ingest by Ray's workers beside ingest in one process: documents a second, memory, growth.

Run:  python benchmarks/ingest/ray_engine.py [--documents 200] [--characters 2000] [--workers 1 2]
          [--models real] [--busy 0.1] [--local] [--news FILE.jsonl.gz]

Documents are made of sentences of the dossiers (``--news``: of a file of articles, {"text"} a
line) with the names exchanged for made-up ones, the same for the same number. With stand-ins for
the models ``--busy`` is how many processor seconds they waste on 1,000 characters, as models
would; 0 leaves storing and linking alone. Each run has a PostgreSQL database of its own.
Documents a second are those from the first share to the last, linking and vectors of names among
it; starting (models, Ray) is told apart. The first and last tenth are told by themselves, the
last one with all that is linked and embedded after it. Memory is the peak of any process of a
kind, processor seconds those of all processes of the run, the database's among them, looked at
every second, from the first share on; a machine's other work counts in the clock's time alone,
and its load before a run is told.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from benchmarks.ingest.resolution_scale import TYPES, name  # noqa: E402
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


def texts(news: Path | None) -> Iterator[str]:
    """Texts that sentences are taken from."""
    if news is None:
        for path in sorted((ROOT / "corpus").rglob("*.txt"))[:400]:
            yield path.read_text("utf-8")
        return
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def write(folder: Path, count: int, characters: int, news: Path | None = None) -> None:
    """Made-up documents, a thousand in a folder."""
    sentences = [
        found
        for text in texts(news)
        for found in re.split(r"(?<=[.!?])\s+", text)
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

    def between(self, first: float, last: float | None) -> float:
        """Documents a second between two counts, or from the first one to now."""
        done, begin = next(mark for mark in self.at if mark[0] >= first)
        if last is None:
            return (self.at[-1][0] - done) / (time.monotonic() - begin)
        more, end = next(mark for mark in self.at if mark[0] >= last)
        return (more - done) / max(end - begin, 1e-9)


class Watch(threading.Thread):
    """Looks every second at this process, those below it and a database server's: the largest
    resident memory of each kind in MB, and processor seconds used since it began."""

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.memory: dict[str, float] = defaultdict(float)
        self._server, self._over = psutil.Process(server), threading.Event()
        self._kinds: dict[psutil.Process, str] = {}
        self._used: dict[psutil.Process, float] = {}
        self._look()
        self._before = dict(self._used)

    def run(self) -> None:
        """Look until it is over."""
        while not self._over.wait(1):
            self._look()

    def seconds(self) -> dict[str, float]:
        """Processor seconds by kind of process; ends the watch."""
        self._over.set()
        self.join()
        self._look()
        spent: dict[str, float] = defaultdict(float)
        for process, used in self._used.items():
            spent[self._kinds[process]] += used - self._before.get(process, 0.0)
        return dict(sorted(spent.items()))

    def _look(self) -> None:
        me = psutil.Process()
        below = [(one, _kind(one)) for one in me.children(recursive=True)]
        served = [(one, "PostgreSQL") for one in [self._server, *self._server.children()]]
        for process, kind in [(me, "this process"), *below, *served]:
            with suppress(psutil.Error):
                used, size = process.cpu_times(), process.memory_info().rss / 1e6
                self._kinds[process], self._used[process] = kind, used.user + used.system
                self.memory[kind] = max(self.memory[kind], size)


def _kind(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        name = process.name().split(".")[0]
        return "workers" if name.startswith("ray::Worker") else name
    return "gone"


def postmaster(db: str) -> int:
    """The id of a server's first process."""
    import psycopg

    with psycopg.connect(db) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        parent = psutil.Process(row[0]).parent()
    assert parent is not None
    return parent.pid


def measure(folder: Path, db: str, workers: int | None, models: str, total: int) -> float:
    """One run (``workers`` None: the local engine); prints its line, gives documents a second."""
    store = Path(tempfile.mkdtemp(prefix="kgbuild-"))
    settings = Settings(store=store, db=db)
    make: Any = parts_of if models == "real" else stand_ins
    load = os.getloadavg()[0]
    with wiring.open_graph(settings, create=True, patience=PATIENCE) as graph:
        watch = Watch(postmaster(db))
        watch.start()
        marks = Marks()
        if workers is None:
            parts = make(settings)
            parts.extractor.extract(["Иван Петров живёт в Москве."])  # models load before
            report = pipeline.build(find_files([folder]), Parts(parts.extractor, parts.normalizer,
                                                                parts.embedder, graph.store), marks)  # fmt: skip
        else:
            engine = RayEngine(settings, Cluster(workers=workers), make=make)
            report = engine.build(find_files([folder]), graph.store, Reader(), marks)
        rate = marks.between(0, None)
        first, last = marks.between(0, total / 10), marks.between(total * 0.9, None)
        took = time.monotonic() - marks.began
        stats = graph.store.stats()
    spent = watch.seconds()
    peaks = ", ".join(f"{kind} {size:.0f}" for kind, size in watch.memory.items() if size > 100)
    used = ", ".join(f"{kind} {some:.1f}" for kind, some in spent.items() if some >= 0.5)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in report.seconds.items())
    print(
        f"{'local' if workers is None else f'ray, {workers} workers':14} {stats.documents} documents,"
        f" {stats.mentions} mentions, {stats.entities} entities: {rate:.2f} documents/s, first tenth"
        f" {first:.2f}, last {last:.2f} (ratio {first / last:.2f}); started in"
        f" {marks.at[0][1] - marks.began:.1f} s, took {took:.1f} s, load before {load:.2f},"
        f" {len(report.failures)} failed\n"
        f"    processor s: {sum(spent.values()):.1f}; {used}\n    seconds of the stages: {stages}\n"
        f"    peak MB: {peaks}",
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
    parser.add_argument("--news", type=Path, help="sentences of these articles")
    given = parser.parse_args()
    os.environ["KGBUILD_BUSY"] = str(given.busy)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("RAY_worker_niceness", "0")
    server = postgresql_server(durable=True)
    with tempfile.TemporaryDirectory(prefix="kgbuild-") as place:
        write(Path(place), given.documents, given.characters, given.news)
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
