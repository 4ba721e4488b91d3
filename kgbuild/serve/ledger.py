"""What the service itself has to remember: uploads on their way, and answers to repeat.

A small SQLite file beside the graph, of which one service at a time is the owner. Every
commit is on the disk before it counts.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from kgbuild.errors import StoreBusyError, StoreError

REPLY_SECONDS = 24 * 3600
"""How long an answer is kept for its Idempotency-Key."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    names TEXT NOT NULL,
    counts TEXT NOT NULL,
    failed TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    at INTEGER,
    next INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, number);
CREATE TABLE IF NOT EXISTS replies (
    key TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    headers TEXT,
    made REAL NOT NULL
);
"""


_LATER = (
    "bytes INTEGER NOT NULL DEFAULT 0",
    "attempts INTEGER NOT NULL DEFAULT 0",
    "at INTEGER",
    "next INTEGER NOT NULL DEFAULT 0",
)
"""Columns that a ledger of an earlier version lacks."""

_COLUMNS = (
    "number, id, state, names, created_at, counts, failed, started_at, finished_at,"
    " bytes, attempts, at, next"
)

State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobRecord:
    """An upload: its documents' names, and what became of them.

    ``bytes`` is the size of its files, ``attempts`` how often its reading began. Once attempts
    came to no end its documents are read one by one: ``at`` is the number of the one that is
    being read, ``next`` of the first that wasn't.
    """

    number: int
    id: str
    state: State
    names: tuple[str, ...]
    created_at: datetime
    done: int = 0
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    bytes: int = 0
    attempts: int = 0
    at: int | None = None
    next: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request with an Idempotency-Key was, and the answer it got; status 0: none yet."""

    fingerprint: str
    status: int
    body: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PendingReply:
    """The answer that a job's request will get, once the job is known."""

    key: str
    render: Callable[[JobRecord], Reply]


class Ledger:
    """The file; threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open it, and keep other services away.

        Raises:
            StoreBusyError: another service has it open.
            StoreError: it can't be opened.
        """
        self._lock = threading.RLock()
        with _translated(path):
            self._db = sqlite3.connect(
                path, timeout=2, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("COMMIT")
            self._db.executescript(_SCHEMA)
            have = {row[1] for row in self._db.execute("PRAGMA table_info(jobs)")}
            for column in _LATER:
                if column.split()[0] not in have:
                    self._db.execute(f"ALTER TABLE jobs ADD COLUMN {column}")
            # Begun when a crash came: nothing of an upload was kept, so it may come again.
            self._db.execute("DELETE FROM replies WHERE status IS NULL")
        self._path = path

    def close(self) -> None:
        """Let it go."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _translated(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, _translated(self._path):
            return self._db.execute(query, values).fetchall()

    # jobs

    def add_job(
        self, id: str, names: tuple[str, ...], size: int, reply: PendingReply | None
    ) -> JobRecord:
        """A queued job, and in the same transaction the answer that its request gets."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO jobs (id, state, names, counts, failed, created_at, bytes)"
                " VALUES (?, 'queued', ?, '[0,0,0,0]', '[]', ?, ?)",
                (id, json.dumps(names), datetime.now(UTC).isoformat(), size),
            )
            [job] = self.jobs(id=id)
            if reply is not None:
                self._keep(db, reply.key, reply.render(job))
        return job

    def save_job(self, job: JobRecord) -> None:
        """Write a job's state and counts."""
        counts = [job.done, job.added, job.unchanged, job.replaced]
        with self._writing() as db:
            db.execute(
                "UPDATE jobs SET state = ?, counts = ?, failed = ?, started_at = ?,"
                " finished_at = ?, attempts = ?, at = ?, next = ? WHERE id = ?",
                (job.state, json.dumps(counts), json.dumps(job.failed), _iso(job.started_at),
                 _iso(job.finished_at), job.attempts, job.at, job.next, job.id),
            )  # fmt: skip

    def jobs(
        self, id: str | None = None, before: int | None = None, limit: int = 100
    ) -> list[JobRecord]:
        """Jobs, the newest first: one by its id, or those before a number."""
        rows = self._rows(
            f"SELECT {_COLUMNS}"
            " FROM jobs WHERE (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR number < ?2)"
            " ORDER BY number DESC LIMIT ?3",
            id, before, limit,
        )  # fmt: skip
        return [_job(row) for row in rows]

    def unfinished(self) -> list[JobRecord]:
        """The jobs that still have to be done, the oldest first."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM jobs WHERE state IN ('queued', 'running') ORDER BY number"
        )
        return [_job(row) for row in rows]

    # replies

    def begin_reply(self, key: str, fingerprint: str) -> Reply | None:
        """Note that a request with this key began; the one noted before, if there was one."""
        with self._writing() as db:
            db.execute("DELETE FROM replies WHERE made < ?", (time.time() - REPLY_SECONDS,))
            known = db.execute(
                "SELECT fingerprint, status, body, headers FROM replies WHERE key = ?", (key,)
            ).fetchone()
            if known is not None:
                return Reply(known[0], known[1] or 0, known[2] or "", json.loads(known[3] or "{}"))
            db.execute(
                "INSERT INTO replies (key, fingerprint, made) VALUES (?, ?, ?)",
                (key, fingerprint, time.time()),
            )
        return None

    def end_reply(self, key: str, reply: Reply) -> None:
        """Keep the answer that a key's request got."""
        with self._writing() as db:
            self._keep(db, key, reply)

    def _keep(self, db: sqlite3.Connection, key: str, reply: Reply) -> None:
        db.execute(
            "UPDATE replies SET status = ?, body = ?, headers = ? WHERE key = ?",
            (reply.status, reply.body, json.dumps(reply.headers), key),
        )

    def forget_reply(self, key: str) -> None:
        """A request that was refused may be sent again with its key."""
        with self._writing() as db:
            db.execute("DELETE FROM replies WHERE key = ?", (key,))


def _job(row: tuple[Any, ...]) -> JobRecord:
    number, id, state, names, created, counts, failed, started, finished, *rest = row
    done, added, unchanged, replaced = json.loads(counts)
    return JobRecord(
        number=number,
        id=id,
        state=state,
        names=tuple(json.loads(names)),
        created_at=datetime.fromisoformat(created),
        done=done,
        added=added,
        unchanged=unchanged,
        replaced=replaced,
        failed=tuple((name, reason) for name, reason in json.loads(failed)),
        started_at=_time(started),
        finished_at=_time(finished),
        bytes=rest[0],
        attempts=rest[1],
        at=rest[2],
        next=rest[3],
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreBusyError(f"another service is running over {path.parent}") from error
        raise StoreError(f"{path} failed: {error}") from error
    except sqlite3.Error as error:
        raise StoreError(f"{path} failed: {error}") from error
