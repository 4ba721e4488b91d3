"""Callers that say nothing, say it slowly, or don't listen; and too many of them."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from serve.conftest import FakeCardExtractor, fakes  # noqa: F401 - a fixture
from serve.running import FAKED, ROOT, free_port, in_thread, wait_ready

from kgbuild.config import Settings
from kgbuild.serve.logs import OF_ONE_KIND, Short, Sparing
from kgbuild.serve.settings import Limits, ServeSettings

pytestmark = pytest.mark.slow

HALF = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = HALF + b"\r\n"


@contextmanager
def bounded(folder: Path, limits: Limits) -> Iterator[int]:
    settings = ServeSettings(Settings(store=folder / "kg"), limits=limits, everybody=True)
    with in_thread(settings) as url:
        yield int(url.rpartition(":")[2])


def connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10)
    made.settimeout(10)
    return made


def closed_after(connection: socket.socket) -> float:
    """Seconds until the other end closes."""
    began = time.monotonic()
    try:
        while connection.recv(65536):
            continue
    except ConnectionError:
        pass
    return time.monotonic() - began


@pytest.mark.parametrize("said", [b"", b"G", HALF, WHOLE + b"G"])
def test_half_a_head_is_not_waited_for(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
    said: bytes,
) -> None:
    with bounded(tmp_path, Limits(head=0.5)) as port, connect(port) as half:
        half.sendall(said)
        assert closed_after(half) < 4


def test_a_head_that_trickles_in_time_is_late_all_the_same(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    with bounded(tmp_path, Limits(head=0.6)) as port, connect(port) as slow:
        began = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - any of these may meet the end
            for byte in HALF * 5:
                slow.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - began < 5


def test_a_body_that_trickles_is_refused(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    with bounded(tmp_path, Limits(body_idle=0.4)) as port, connect(port) as slow:
        slow.sendall(
            b"POST /recognize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n"
        )
        assert slow.recv(65536).startswith(b"HTTP/1.1 408")
        assert closed_after(slow) < 4


def test_an_answer_that_nobody_reads_is_given_up(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The same request again and again, its answers left lying until the buffers are full."""
    limits = Limits(write_idle=0.5)
    with bounded(tmp_path, limits) as port, connect(port) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        began = time.monotonic()
        asked = HALF.replace(b"/livez", b"/openapi.json") + b"\r\n"
        with pytest.raises((ConnectionError, TimeoutError)):  # noqa: PT012
            while time.monotonic() - began < 9:
                deaf.sendall(asked * 20)
                time.sleep(0.002)
        assert time.monotonic() - began < 9


def test_the_newcomer_is_served_and_the_idlest_goes(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    limits = Limits(connections=8, head=60)
    with bounded(tmp_path, limits) as port, ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(8)]
        for one in idle:
            one.sendall(HALF)
        time.sleep(0.3)
        new = stack.enter_context(connect(port))
        new.sendall(WHOLE)
        assert new.recv(65536).startswith(b"HTTP/1.1 200")
        assert closed_after(idle[0]) < 2
        idle[7].sendall(b"\r\n")
        assert idle[7].recv(65536).startswith(b"HTTP/1.1 200")


def test_one_address_leaves_room_for_others(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    limits = Limits(connections=100, connections_of_one=4, head=60)
    with bounded(tmp_path, limits) as port, ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(6)]
        assert closed_after(idle[0]) < 2
        assert closed_after(idle[1]) < 2
        idle[2].sendall(WHOLE)
        assert idle[2].recv(65536).startswith(b"HTTP/1.1 200")


def test_the_log_says_a_thing_so_often_and_no_more() -> None:
    now = [0.0]
    sparing = Sparing(lambda: now[0])

    def told(message: str, *args: object) -> bool:
        return sparing.filter(logging.LogRecord("a", 30, "", 0, message, args, None))

    assert sum(told("refused %s", n) for n in range(10_000)) == OF_ONE_KIND
    assert told("another thing")
    now[0] = 61.0
    record = logging.LogRecord("a", 30, "", 0, "refused %s", (1,), None)
    assert sparing.filter(record)
    assert record.getMessage() == f"[{10_000 - OF_ONE_KIND} records were left out] refused 1"


def test_a_record_is_never_long() -> None:
    text = Short("%(message)s").format(
        logging.LogRecord("a", 30, "", 0, "%s", ("x" * 10**6 + "end",), None)
    )
    assert len(text) < 10_000
    assert text.endswith("end")


@pytest.mark.slow_security
def test_few_descriptors_and_a_flood_of_half_open_heads(tmp_path: Path) -> None:
    """400 silent connections against a process that may have 256 descriptors in all."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    script = FAKED.format(
        root=str(ROOT), tests=str(ROOT / "tests"), seconds=0, store=str(tmp_path / "kg"), port=port
    )

    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))\n"
    log = tmp_path / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", few + script], stderr=out, stdout=out, env=os.environ
        )
    try:
        wait_ready(url, process, 120)
        with ExitStack() as stack:
            for _ in range(400):
                half = stack.enter_context(connect(port))
                with ExitStack() as gone:
                    gone.callback(lambda: None)
                    try:
                        half.sendall(HALF)
                    except ConnectionError:
                        continue
            slowest = 0.0
            for _ in range(20):
                began = time.monotonic()
                with urllib.request.urlopen(f"{url}/livez", timeout=10) as answer:
                    assert answer.status == 200
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.1)
        print(f"400 half-open heads, 256 descriptors: /livez within {slowest:.2f} s,"
              f" log of {log.stat().st_size} bytes")  # fmt: skip
        assert slowest < 1
        assert log.stat().st_size < 100_000
        assert not re.search(r"Too many open files", log.read_text("utf-8", "replace"))
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    finally:
        process.kill()
        process.wait()
