"""A service on a port of its own: in a thread, or in a process that can be killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kgbuild.serve import run
from kgbuild.serve.app import create_app
from kgbuild.serve.settings import ServeSettings

ROOT = Path(__file__).parents[2]

FAKED = """
import sys, time
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from fakes import FakeEmbedder
from serve.conftest import FakeCardExtractor
from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.serve.run import run
from kgbuild.serve.settings import ServeSettings

class Slow(FakeCardExtractor):
    def extract(self, texts):
        time.sleep({seconds} * len(texts))
        return super().extract(texts)

wiring.make_extractor = lambda settings: Slow()
wiring.make_embedder = lambda settings: FakeEmbedder()
run(ServeSettings(Settings(store=Path({store!r})), port={port}, everybody=True))
"""


@contextmanager
def in_thread(settings: ServeSettings) -> Iterator[str]:
    """The service's URL; it stops at the end."""
    server = run.server(create_app(settings), settings.limits)
    server.config.timeout_graceful_shutdown = 1  # a browser holds connections open
    opened = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([opened],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def faked_process(store: Path, port: int, seconds: float) -> subprocess.Popen[bytes]:
    """A service over fakes that read a document in so many seconds."""
    script = FAKED.format(
        root=str(ROOT), tests=str(ROOT / "tests"), seconds=seconds, store=str(store), port=port
    )
    log = (store.parent / "service.log").open("ab")
    with log:
        return subprocess.Popen(
            [sys.executable, "-c", script], stderr=log, stdout=log, env=os.environ
        )


def wait_ready(url: str, process: subprocess.Popen[bytes], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the service ended"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the service isn't ready")
