"""The service's log, which no caller can fill a disk with."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable

WINDOW = 60.0
"""Seconds that the bounds below hold for."""

OF_ONE_KIND, OF_ALL = 30, 600
"""Records of one message, and of all, in a window."""

LONGEST = 8_000
"""Characters of a record, a traceback's included."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Sparing(logging.Filter):
    """Leaves out what is said again and again, and says later how much it left out."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._began = now()
        self._told: Counter[tuple[str, str]] = Counter()
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        if self._now() - self._began >= WINDOW:
            if self._left_out:
                record.msg = f"[{self._left_out} records were left out] {record.msg}"
            self._began, self._left_out = self._now(), 0
            self._told.clear()
        kind = record.name, str(record.msg)
        if self._told[kind] >= OF_ONE_KIND or self._told.total() >= OF_ALL:
            self._left_out += 1
            return False
        self._told[kind] += 1
        return True


class Short(logging.Formatter):
    """Cuts what is long, its end kept: there a traceback says what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as it is written."""
        text = super().format(record)
        return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


def to_stderr(level: int = logging.INFO) -> None:
    """Let everything that is logged go to stderr, within these bounds; Alembic's steps aside."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparing())
    handler.setFormatter(Short(_FORMAT))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
