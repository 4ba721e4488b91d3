"""The service under load: requests/s and p95, batching against none, and rough treatment.

    python benchmarks/answers/serve_load.py                  # all of it, about three minutes
    python benchmarks/answers/serve_load.py --seconds 3 --clients 1 8

A service of the embedded models is started on a free port over a graph of the sample
documents. The clients (httpx2, in this process) share the machine's cores with it, so the
rates are a lower bound. Rough treatment: clients that send a byte now and then, bodies too
long, and a kill -9 in the middle of uploads. Exit code 1 where anything was lost or any
answer was a 5xx.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "examples" / "docs"

SENTENCES = (
    ("Иван Петров работает в «Газпроме» и живёт в Москве.",
     [[0, 11, "PERSON"], [24, 32, "ORGANIZATION"], [44, 50, "CITY"]]),
    ("Анна Белова родилась в Череповце в 1971 году.",
     [[0, 11, "PERSON"], [23, 32, "CITY"], [35, 44, "DATE"]]),
)  # fmt: skip
QUESTIONS = (
    "Где родился Дмитрий Менделеев?",
    "Кто супруга Дмитрия Менделеева?",
    "Кто основал Яндекс?",
    "Когда родился Александр Блок?",
    "Где родился Пафнутий Иголкин?",
)
TEXTS = ("периодический закон", "первый полёт человека", "поэт серебряного века", "университет")

WARM_UP = 4.0
"""Seconds of requests before any is counted: kernels are chosen for the shapes that come."""

SERVER = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from kgbuild.config import Settings
from kgbuild.serve.run import run
from kgbuild.serve.settings import ServeSettings
run(ServeSettings(Settings(store=Path({store!r})), port={port}, everybody=True, batching={batching}))
"""

Send = Callable[[httpx2.AsyncClient, int], Awaitable[httpx2.Response]]


@dataclass
class Load:
    """What a number of clients got in some seconds."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    took: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def percentile(self, q: float) -> float:
        """Milliseconds."""
        return float(np.percentile(self.seconds, q)) * 1000 if self.seconds else float("nan")

    @property
    def failed(self) -> int:
        return self.broken + sum(n for status, n in self.statuses.items() if status >= 500)


async def predict(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
    text, entities = SENTENCES[number % len(SENTENCES)]
    return await client.post("/predict", json={"chunks": [text], "entities_list": [entities]})


async def ask(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
    return await client.get("/v1/ask", params={"question": QUESTIONS[number % len(QUESTIONS)]})


async def search(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
    return await client.get("/v1/search", params={"text": TEXTS[number % len(TEXTS)]})


async def load(url: str, send: Send, clients: int, seconds: float) -> Load:
    """Clients that each send a request after the answer to the last."""
    found, numbers = Load(), itertools.count()
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        await asyncio.gather(*(send(client, n) for n in range(min(clients, 8))))
        began = time.perf_counter()

        async def one() -> None:
            while time.perf_counter() - began < seconds:
                start = time.perf_counter()
                try:
                    answer = await send(client, next(numbers))
                except httpx2.TransportError:
                    found.broken += 1
                    continue
                found.seconds.append(time.perf_counter() - start)
                found.statuses[answer.status_code] += 1

        await asyncio.gather(*(one() for _ in range(clients)))
        found.took = time.perf_counter() - began
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start(
    store: Path, port: int, batching: bool = True, patience: float = 120
) -> subprocess.Popen[bytes]:
    """A service that is ready, in a process of its own; it is waited for so many seconds."""
    script = SERVER.format(root=str(ROOT), store=str(store), port=port, batching=batching)
    with (store.parent / "service.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", script], stdout=log, stderr=log)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"the service ended, see {store.parent / 'service.log'}")
        with suppress(httpx2.TransportError):
            if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return process
        time.sleep(0.1)
    process.kill()
    raise SystemExit(f"the service isn't ready after {patience:.0f} seconds")


@contextmanager
def service(store: Path, batching: bool = True) -> Iterator[str]:
    port = free_port()
    process = start(store, port, batching)
    try:
        url = f"http://127.0.0.1:{port}"
        asyncio.run(load(url, predict, 8, WARM_UP))
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def slow_clients(url: str, count: int, seconds: float) -> Load:
    """A measured /predict while so many connections send a body a byte at a time."""
    host, port = url.removeprefix("http://").split(":")
    head = f"POST /predict HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    stopping = asyncio.Event()

    async def trickle() -> None:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode())
        with suppress(ConnectionError):
            while not stopping.is_set():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.5)
        writer.close()

    tasks = [asyncio.create_task(trickle()) for _ in range(count)]
    await asyncio.sleep(0.5)
    found = await load(url, predict, 8, seconds)
    stopping.set()
    await asyncio.gather(*tasks)
    return found


def sharing(store: Path, copy: Path, seconds: float, rounds: int = 4) -> tuple[Load, Load]:
    """Two services side by side, asked in turn: one shares passes between requests."""
    shutil.copytree(store, copy / "kg")
    shared, alone = Load(), Load()
    with service(store) as one, service(copy / "kg", batching=False) as other:
        for number in range(rounds):
            for url, total in ((one, shared), (other, alone))[:: 1 if number % 2 else -1]:
                found = asyncio.run(load(url, predict, 8, seconds))
                total.seconds += found.seconds
                total.statuses += found.statuses
                total.broken += found.broken
                total.took += found.took
    return shared, alone


def long_bodies(url: str) -> Counter[int]:
    """Statuses of bodies too long, declared and not."""
    found: Counter[int] = Counter()
    headers = {"Content-Type": "application/json"}
    for _ in range(5):
        for content in (b"x" * 5_000_000, (b"x" * 100_000 for _ in range(50))):
            try:
                answer = httpx2.post(f"{url}/predict", content=content, headers=headers, timeout=60)
                found[answer.status_code] += 1
            except httpx2.TransportError:
                found[0] += 1  # refused while it was still being sent
    return found


async def uploads_and_kill(store: Path, kills: int, documents: int) -> tuple[int, int, Load]:
    """Documents accepted, documents found, and what the uploaders were answered."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = start(store, port)
    accepted: list[str] = []
    jobs: list[str] = []
    found = Load()
    numbers = iter(range(documents))

    async def uploader(client: httpx2.AsyncClient) -> None:
        for number in numbers:
            name = f"нагрузка/{number:05}.txt"
            text = f"Сотрудник Иван Номерной{number} работает в компании «Север» и живёт в Твери."
            while True:  # the same request with the same key, until it is answered
                try:
                    answer = await client.post(
                        "/v1/documents",
                        files=[("files", (name, text.encode()))],
                        headers={"Idempotency-Key": f"load-{number}"},
                    )
                except httpx2.TransportError:
                    await asyncio.sleep(0.2)
                    continue
                found.statuses[answer.status_code] += 1
                if answer.status_code == 202:
                    accepted.append(name)
                    jobs.append(answer.json()["id"])
                break

    async with httpx2.AsyncClient(base_url=url, timeout=60) as client:
        tasks = [asyncio.create_task(uploader(client)) for _ in range(8)]
        for kill in range(1, kills + 1):
            while len(accepted) < kill * documents // (kills + 1):
                await asyncio.sleep(0.01)
            process.kill()
            process.wait()
            process = await asyncio.to_thread(start, store, port)
        await asyncio.gather(*tasks)
        for job in jobs:
            while (await client.get(f"/v1/jobs/{job}")).json()["state"] not in ("done", "failed"):
                await asyncio.sleep(0.05)
        stored = [
            (await client.get("/v1/document", params={"source": name})).status_code == 200
            for name in accepted
        ]
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return len(accepted), sum(stored), found


def line(name: str, clients: int, found: Load) -> bool:
    print(
        f"{name:24} {clients:7} {found.rate:9.1f} {found.percentile(50):9.1f}"
        f" {found.percentile(95):9.1f} {found.failed:7}  {dict(found.statuses)}"
    )
    return not found.failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--documents", type=int, default=200, help="uploads around the kills")
    parser.add_argument("--kills", type=int, default=2)
    args = parser.parse_args()
    sound = True
    with tempfile.TemporaryDirectory(prefix="kgbuild-load-") as folder:
        store = Path(folder) / "kg"
        subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), "ingest", str(DOCS), "--store", str(store)],
            check=True, stdout=subprocess.DEVNULL, env=os.environ,
        )  # fmt: skip
        print(
            f"{'request':24} {'clients':>7} {'per s':>9} {'p50 ms':>9} {'p95 ms':>9} {'failed':>7}"
        )
        with service(store) as url:
            for name, send in (("/predict", predict), ("/v1/ask", ask), ("/v1/search", search)):
                for clients in args.clients:
                    found = asyncio.run(load(url, send, clients, args.seconds))
                    sound &= line(name, clients, found)
            slow = asyncio.run(slow_clients(url, 100, args.seconds))
            sound &= line("/predict, 100 slow ones", 8, slow)
            long = long_bodies(url)
        batched, alone = sharing(store, Path(folder) / "copy", args.seconds / 2)
        sound &= line("/predict, shared passes", 8, batched)
        sound &= line("/predict, one a pass", 8, alone)
        print(f"shared passes against one a pass, 8 clients: {batched.rate / alone.rate:.2f}")
        print(f"bodies too long: {json.dumps({str(k): n for k, n in long.items()})} (0: cut off)")
        sound &= set(long) <= {413, 0}
        accepted, kept, answers = asyncio.run(uploads_and_kill(store, args.kills, args.documents))
        print(
            f"uploads around {args.kills} kills: {accepted} accepted, {kept} in the graph,"
            f" answers {dict(answers.statuses)}"
        )
        sound &= accepted == kept == args.documents and not answers.failed
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
