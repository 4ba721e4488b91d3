"""One writer at a time: a lock file beside a SQLite database.

SQLite has a writer lock of its own; this one adds a name to it, so that the
error says which process writes, and keeps migrations and writes apart.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kgbuild.errors import StoreBusyError, StoreError

_POLL_SECONDS = 0.02


class WriterLock:
    """An advisory lock on ``path``, which holds the writer's process id while it is held.

    It is released when its holder dies, however it dies. The file stays: removing
    it would let two writers lock two files of the same name.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; wait for another writer no longer than the timeout.

        Raises:
            StoreBusyError: another writer kept it; the message names its process.
            StoreError: the lock file can't be made.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"can't make the writer's lock file {self._path}: {error}") from error
        try:
            self._wait(descriptor)
            with suppress(OSError):  # a full disk: the lock holds without its holder's name
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._timeout
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
                raise StoreBusyError(
                    f"process {holder} is writing to this store (lock file {self._path});"
                    f" waited {self._timeout:g} s: let it finish, then try again"
                )
            time.sleep(_POLL_SECONDS)


if sys.platform == "win32":

    def _locked(descriptor: int) -> bool:
        # No flock: the database's own writer lock does, without the writer's name.
        return True

    @contextmanager
    def alone_in(folder: Path, wait: bool = True) -> Iterator[None]:
        """Nothing: a folder can't be locked here."""
        yield

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def alone_in(folder: Path, wait: bool = True) -> Iterator[None]:
        """Hold a folder's own lock, which needs no file and goes with its holder.

        Raises:
            OSError: it can't be opened; BlockingIOError: it is held, and ``wait`` is False.
        """
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)
