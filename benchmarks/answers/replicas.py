"""Several services over one PostgreSQL under load, while another process ingests.

Run:  python benchmarks/answers/replicas.py [--seconds 60] [--replicas 2] [--callers 2]

Each replica is a process with a folder of its own; nothing is shared but the database, where
pgvector answers for the vectors. A further process stores a document at a time, each with a name
that no other has, and says when it is in. Callers ask each replica for names that have been in
for more than five seconds (an answer without it is stale), for the newest (how long until it is
found), and upload to one replica what they then ask another for. Stand-ins for the models.
Prints requests, errors, stale answers, the longest time until a document was found, latencies.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

ALLOWED = 5.0
"""Seconds after which an answer has to know a document."""

_SERVICE = """
import sys
sys.path[:0] = [{root!r}]
from pathlib import Path
from benchmarks.stand_ins import use_stand_ins
from kgbuild.config import Settings
from kgbuild.serve.run import run
from kgbuild.serve.settings import ServeSettings

use_stand_ins()
settings = Settings(store=Path({store!r}), db={db!r}, vector_index="pgvector")
run(ServeSettings(settings, port={port}, everybody=True))
"""

_INGEST = """
import sys, time
sys.path[:0] = [{root!r}]
from pathlib import Path
from benchmarks.answers.replicas import text_of
from benchmarks.stand_ins import StandInEmbedder, StandInExtractor
from kgbuild import pipeline, wiring
from kgbuild.config import Settings
graph = wiring.open_graph(Settings(store=Path({store!r}), db={db!r}), create=True, patience=60)
parts = pipeline.Parts(StandInExtractor(), wiring.make_normalizer(), StandInEmbedder(), graph.store)
number = 0
while True:
    path = Path({store!r}) / f"{{number}}.txt"
    path.write_text(text_of(number), "utf-8")
    report = pipeline.build([path], parts)
    assert not report.failures, report.failures
    print(number, flush=True)
    number += 1
    time.sleep({pause})
"""


def name_of(number: int) -> str:
    """A surname that only one document has."""
    letters = "".join("абвгдежзик"[int(digit)] for digit in f"{number:06}")
    return f"Маяк{letters}ов"


def text_of(number: int) -> str:
    """A document of two sentences."""
    return f"В порту живёт Иван {name_of(number)}. Он работает на заводе номер {number}."


@dataclass(slots=True)
class Seen:
    """What the callers saw; times in seconds."""

    requests: int = 0
    errors: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    lag: float = 0.0
    uploads: int = 0
    latencies: list[float] = field(default_factory=list)
    documents: int = 0

    def __str__(self) -> str:
        quantiles = statistics.quantiles(self.latencies or [0.0, 0.0], n=20)
        return (
            f"{self.requests} requests, {len(self.errors)} errors, {len(self.stale)} stale answers;"
            f" {self.documents} documents came in, the longest until one was found {self.lag:.2f} s;"
            f" {self.uploads} uploads found from another replica;"
            f" latency p50 {1000 * quantiles[9]:.0f} ms, p95 {1000 * quantiles[18]:.0f} ms"
        )


class Load:
    """Callers of the replicas at ``urls``; what is in is told by ``stored``."""

    def __init__(self, urls: list[str]) -> None:
        self.urls, self.seen = urls, Seen()
        self.stored: list[float] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def listen(self, lines: Iterator[str]) -> None:
        """Note when each document is in."""
        for _ in lines:
            self.stored.append(time.monotonic())

    def call(self, number: int) -> None:
        """Ask one replica again and again, and note what is wrong."""
        url, turn = self.urls[number % len(self.urls)], number
        while not self.stopping.is_set():
            turn += 1
            with self._noted():
                if turn % 7 == 0:
                    self._upload(url, self.urls[(number + 1) % len(self.urls)], turn, number)
                else:
                    self._look(url, turn)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, KeyError) as error:
            with self._lock:
                self.seen.errors.append(repr(error))

    def _look(self, url: str, turn: int) -> None:
        count = len(self.stored)
        if not count:
            time.sleep(0.05)
            return
        which = count - 1 if turn % 2 else (turn * 7919) % count
        asked = time.monotonic()
        found = self._found(url, name_of(which))
        with self._lock:
            age = asked - self.stored[which]
            if not found and age > ALLOWED:
                self.seen.stale.append(f"{name_of(which)} was in for {age:.1f} s")
        while not found and time.monotonic() - self.stored[which] < 4 * ALLOWED:
            time.sleep(0.02)
            found = self._found(url, name_of(which))
        with self._lock:
            if turn % 2 and age < ALLOWED:
                self.seen.lag = max(self.seen.lag, time.monotonic() - self.stored[which])

    def _found(self, url: str, name: str) -> bool:
        words = urllib.parse.urlencode({"text": name, "limit": 3})
        answer = self._get(f"{url}/v1/search?{words}")
        named = self._get(f"{url}/v1/entities?{urllib.parse.urlencode({'prefix': f'Иван {name}'})}")
        texts = [passage["text"] for passage in answer["passages"]]
        return any(name in text for text in texts) and bool(named["items"])

    def _upload(self, url: str, other: str, turn: int, number: int) -> None:
        name = name_of(500_000 + 10_000 * number + turn)
        body = (
            f'--x\r\nContent-Disposition: form-data; name="files"; filename="u{number}-{turn}.txt"\r\n'
            f"\r\nВ порту живёт Иван {name}.\r\n--x--\r\n"
        )
        head = {"Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(f"{url}/v1/documents", body.encode(), head)
        with urllib.request.urlopen(request, timeout=30) as answer:
            job = json.load(answer)["id"]
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self._get(f"{url}/v1/jobs/{job}")["state"] == "done":
                break
            time.sleep(0.05)
        done = time.monotonic()
        while not self._found(other, name):
            if time.monotonic() - done > ALLOWED:
                self.seen.stale.append(f"{name}, uploaded elsewhere")
                return
        assert self._get(f"{other}/v1/jobs/{job}")["state"] == "done"
        with self._lock:
            self.seen.uploads += 1

    def _get(self, url: str) -> dict[str, object] | object:
        began = time.monotonic()
        with urllib.request.urlopen(url, timeout=30) as answer:
            value = json.load(answer)
        with self._lock:
            self.seen.requests += 1
            self.seen.latencies.append(time.monotonic() - began)
        return value


def _ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, "a replica ended"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("a replica isn't ready")


def measure(db: str, folder: Path, seconds: float, ports: list[int], callers: int = 2,
            pause: float = 0.2) -> Seen:  # fmt: skip
    """Replicas at ``ports`` over an empty database, under load for so long."""
    processes: list[subprocess.Popen[bytes]] = []
    log = (folder / "replicas.log").open("ab")
    try:
        for number, port in enumerate(ports):
            script = _SERVICE.format(
                root=str(ROOT), store=str(folder / f"{number}"), db=db, port=port
            )
            processes.append(
                subprocess.Popen([sys.executable, "-c", script], stderr=log, stdout=log)
            )
            _ready(f"http://127.0.0.1:{port}", processes[-1])
        (folder / "in").mkdir()
        script = _INGEST.format(root=str(ROOT), store=str(folder / "in"), db=db, pause=pause)
        ingest = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=log, text=True
        )
        processes.append(ingest)  # type: ignore[arg-type]
        load = Load([f"http://127.0.0.1:{port}" for port in ports])
        assert ingest.stdout is not None
        threads = [threading.Thread(target=load.listen, args=(ingest.stdout,), daemon=True)]
        threads += [
            threading.Thread(target=load.call, args=(n,)) for n in range(callers * len(ports))
        ]
        for thread in threads:
            thread.start()
        while not load.stored:
            assert ingest.poll() is None, "the ingesting process ended"
            time.sleep(0.1)
        time.sleep(seconds)
        assert ingest.poll() is None, "the ingesting process ended"
        load.stopping.set()
        for thread in threads[1:]:
            thread.join(60)
        load.seen.documents = len(load.stored)
        return load.seen
    finally:
        for process in processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        log.close()


def main() -> None:
    from tests.serve.running import free_port
    from tests.storage.databases import new_database, postgresql_server

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--callers", type=int, default=2, help="callers of each replica")
    given = parser.parse_args()
    ports = [free_port() for _ in range(given.replicas)]
    with tempfile.TemporaryDirectory() as folder:
        seen = measure(new_database(postgresql_server(durable=True)), Path(folder), given.seconds, ports,
                       given.callers)  # fmt: skip
    print(f"{given.replicas} replicas: {seen}")
    for wrong in (*seen.errors[:5], *seen.stale[:5]):
        print(wrong)


if __name__ == "__main__":
    main()
