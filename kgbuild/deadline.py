"""How long a piece of work may take: set by whoever begins it, looked at by whoever does it.

Nothing is cut off from outside. What takes its time looks at the clock between two steps
(:func:`check`), SQLite does so while a statement runs, and PostgreSQL is told how long it has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kgbuild.errors import DeadlineError


class Deadline:
    """So many seconds for ``what``; another thread may end it earlier."""

    def __init__(self, seconds: float, what: str) -> None:
        self._seconds, self._what = seconds, what
        self._stop: BaseException | None = None
        self.renew()

    def renew(self) -> None:
        """Begin anew: the next of several pieces has the whole time again."""
        self._until = time.monotonic() + self._seconds

    def stop(self, error: BaseException) -> None:
        """End the work at its next look at the clock, with this error."""
        self._stop = error

    @property
    def left(self) -> float:
        """Seconds that are left, 0 where none are."""
        return 0.0 if self._stop is not None else max(0.0, self._until - time.monotonic())

    def check(self) -> None:
        """Look at the clock.

        Raises:
            DeadlineError: the time is over.
        """
        if self._stop is not None:
            raise self._stop
        if time.monotonic() >= self._until:
            raise DeadlineError(f"{self._what} took longer than {self._seconds:g} s")


_now: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline | None) -> Iterator[None]:
    """Do what is inside by a deadline; None: for as long as it takes."""
    token = _now.set(deadline)
    try:
        yield
    finally:
        _now.reset(token)


def check() -> None:
    """Look at the clock, where this work has a deadline.

    Raises:
        DeadlineError: the time is over.
    """
    deadline = _now.get()
    if deadline is not None:
        deadline.check()


def renew() -> None:
    """Give the next of several pieces of this work the whole time again."""
    deadline = _now.get()
    if deadline is not None:
        deadline.renew()


def left() -> float | None:
    """Seconds that this work has left; None where it may take as long as it takes."""
    deadline = _now.get()
    return None if deadline is None else deadline.left
