"""The parent's end of the process that runs the parsers."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

from kgbuild import launch
from kgbuild.errors import MissingExtraError, ReadError
from kgbuild.read import limits
from kgbuild.read.parts import Columns, Item, Kept, Part, Refused, Skipped

CHUNK = 1 << 18


class DiedError(ReadError):
    """The process ended without an answer."""


class Child:
    """One process, started when it is first needed and again after a breach of its limits."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._buffer = bytearray()
        self._deadline = 0.0
        self._seen = ""

    def parse(
        self, path: Path, suffix: str, columns: Columns, known: Callable[[str, str], bool]
    ) -> Iterator[Item]:
        """The documents of a file, each within the limits.

        Raises:
            ReadError: the process broke a limit or died: what it had given before stands.
            MissingExtraError: the format needs a package that isn't installed.
        """
        finished = False
        try:
            self._start()
            self._send({"path": os.path.abspath(path), "suffix": suffix,
                        "text_column": columns.text, "id_column": columns.id})  # fmt: skip
            yield from self._items(known)
            finished = True
        except MissingExtraError:
            finished = True
            raise
        finally:
            if not finished:
                self.close()

    def _items(self, known: Callable[[str, str], bool]) -> Iterator[Item]:
        missing: str | None = None
        while True:
            frame = self._frame()
            kind = frame.pop("kind")
            if kind == "done":
                if missing is not None:
                    raise MissingExtraError(missing)
                return
            if kind == "known":
                self._seen = frame["name"]
                self._send(known(frame["name"], frame["sha256"]))
            elif kind == "memory":
                raise DiedError(
                    f"{self._where()}needs more than {limits.MEMORY >> 20} MB of memory"
                )
            elif kind == "Missing":
                missing = frame["reason"]
            else:
                yield self._item(kind, frame)
                self._seen = ""
            self._deadline = time.monotonic() + limits.SECONDS

    def _item(self, kind: str, frame: dict[str, Any]) -> Item:
        if kind == "Part":
            text = self._take(frame.pop("bytes")).decode("utf-8")
            places = tuple((a, b, k, v) for a, b, k, v in frame.pop("places"))
            return Part(text=text, places=places, **frame)
        others: dict[str, type[Kept | Refused | Skipped]] = {
            "Kept": Kept,
            "Refused": Refused,
            "Skipped": Skipped,
        }
        return others[kind](**frame)

    def _where(self) -> str:
        """The part of the file that was being parsed."""
        return f"{self._seen.lstrip('!/')}: " if self._seen else ""

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._deadline = time.monotonic() + limits.SECONDS
            return
        self.close()
        self._process = launch.start("kgbuild.read.worker")
        atexit.register(self.close)
        self._deadline = time.monotonic() + limits.STARTING
        self._frame()  # "ready"
        self._deadline = time.monotonic() + limits.SECONDS

    def _send(self, value: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._death() from error

    def _frame(self) -> dict[str, Any]:
        while (end := self._buffer.find(b"\n")) < 0:
            self._receive()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        frame: dict[str, Any] = json.loads(line)
        return frame

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _receive(self) -> None:
        """Wait for more, no longer than the document's time."""
        assert self._process is not None
        assert self._process.stdout is not None
        out = self._process.stdout
        with selectors.DefaultSelector() as ready:
            ready.register(out, selectors.EVENT_READ)
            left = self._deadline - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise DiedError(f"{self._where()}takes longer than {limits.SECONDS} s to read")
        data = os.read(out.fileno(), CHUNK)
        if not data:
            raise self._death()
        self._buffer += data

    def _death(self) -> DiedError:
        assert self._process is not None
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return DiedError(f"{self._where()}takes longer than {limits.SECONDS} s to read")
        said = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DiedError(f"{self._where()}ended its parser ({said})")

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        self._buffer.clear()
        self._seen = ""
        atexit.unregister(self.close)
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
