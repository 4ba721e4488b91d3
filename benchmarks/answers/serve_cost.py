"""What a request costs the service in processor time, beside another checkout.

    OMP_NUM_THREADS=1 python benchmarks/answers/serve_cost.py OLD_CHECKOUT
    OMP_NUM_THREADS=1 python benchmarks/answers/serve_cost.py OLD_CHECKOUT --requests 240 --only /predict

Each checkout's own service runs over a graph that the checkout itself has made of the sample
documents; both get the requests of ``serve_load.py`` in turn. Processor time says what changed
on a machine that has other work too, which rates don't. ``/v1/ask, new`` asks what was never
asked before. OLD_CHECKOUT needs a ``.venv``.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.answers.serve_load import ROOT, Send, ask, free_port, predict, search

FORMS = (
    "Где родился {}?", "Кто основал {}?", "Когда умер {}?", "Чем известен {}?",
    "Где работает {}?", "Кто супруга {}?", "Где находится {}?",
)  # fmt: skip

TURNS = 3

KINDS: dict[str, Send | None] = {
    "/predict": predict,
    "/v1/ask": ask,
    "/v1/ask, new": None,
    "/v1/search": search,
}
"""Requests by their names; None: one that was never asked before."""


@dataclass
class Served:
    """A checkout's running service, and the questions that it wasn't asked yet."""

    url: str
    process: subprocess.Popen[bytes]
    new: Iterator[str] = field(default_factory=lambda: iter(()))

    def seconds(self) -> float:
        """Processor seconds of the process until now."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(checkout: Path, folder: Path) -> Iterator[Served]:
    """A service of a checkout over a graph of its own making."""
    own = checkout / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    store, port = folder / "kg", free_port()
    command = [python, "cli.py", "ingest", "examples/docs", "--store", str(store)]
    subprocess.run(command, check=True, cwd=checkout, stdout=subprocess.DEVNULL)
    benchmark = next((checkout / "benchmarks").rglob("serve_load.py")).read_text("utf-8")
    found = re.search(r'^SERVER = """(.*?)"""', benchmark, re.S | re.M)
    if found is None:
        raise SystemExit(f"{checkout}: its serve_load.py starts no service that is known here")
    script = found[1].format(root=str(checkout), store=str(store), port=port, batching=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([python, "-c", script], cwd=checkout, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        while process.poll() is None:
            with suppress(httpx2.TransportError):
                if httpx2.get(f"{url}/readyz").status_code == 200:
                    break
            time.sleep(0.2)
        else:
            raise SystemExit((folder / "log").read_text("utf-8"))
        yield Served(url, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def fixed(url: str, send: Send, clients: int, count: int) -> None:
    """So many requests of so many clients."""
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    numbers = iter(range(count))
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=120) as client:

        async def one() -> None:
            for number in numbers:
                (await send(client, number)).raise_for_status()

        await asyncio.gather(*(one() for _ in range(clients)))


def asking_anew(one: Served) -> Send:
    async def send(client: httpx2.AsyncClient, number: int) -> httpx2.Response:
        return await client.get("/v1/ask", params={"question": next(one.new)})

    return send


def questions(url: str) -> list[str]:
    """Questions about the entities of the graph, in an order of chance."""
    found = httpx2.get(f"{url}/v1/entities", params={"limit": 200}, timeout=60).json()
    names = [entity["name"] for entity in found["items"]]
    every = [form.format(name) for name, form in itertools.product(names, FORMS)]
    random.Random(1).shuffle(every)
    return every


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("against", type=Path)
    parser.add_argument("--requests", type=int, default=48)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--only", choices=list(KINDS), nargs="+", default=list(KINDS))
    args = parser.parse_args()
    with ExitStack() as stack:
        both = []
        for checkout in (ROOT, args.against.resolve()):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            both.append(stack.enter_context(served(checkout, folder)))
        asked = questions(both[0].url)
        for one in both:
            one.new = iter(asked)
            for name in args.only:
                asyncio.run(fixed(one.url, KINDS[name] or asking_anew(one), 8, 24))
        print(f"{'request':14} {'clients':>7} {'here':>8} {'there':>8}  ms of the processor")
        for name, clients in itertools.product(args.only, args.clients):
            known, count = KINDS[name], max(args.requests // TURNS, clients)
            spent = [0.0, 0.0]
            for turn, at in itertools.product(range(TURNS), (0, 1)):
                place = (turn + at) % 2
                one = both[place]
                before = one.seconds()
                asyncio.run(fixed(one.url, known or asking_anew(one), clients, count))
                spent[place] += one.seconds() - before
            here, there = (1000 * s / TURNS / count for s in spent)
            print(f"{name:14} {clients:7} {here:8.1f} {there:8.1f}", flush=True)


if __name__ == "__main__":
    main()
