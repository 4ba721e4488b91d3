"""Runs over the store as rows of the database."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    Index,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from kgbuild.types import Job, JobState, Process

from .bulk import chunked
from .pruned import ENDED
from .tables import Base, Word, in_utc, row_id


class JobRow(Base):
    """A run; ``arguments`` is a JSON list of words, host, pid and birth name the process."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed', 'interrupted')", name="state"),
        Index(None, "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    kind: Mapped[str] = mapped_column(Word)
    arguments: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Word)
    host: Mapped[str] = mapped_column(Word)
    pid: Mapped[int]
    birth: Mapped[str] = mapped_column(Word)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(Word)
    done: Mapped[int]
    failed: Mapped[int]
    total: Mapped[int | None]
    error: Mapped[str] = mapped_column(Text)


def insert_job(connection: Connection, job: Job) -> int:
    """Write a new job; gives its id."""
    made = connection.execute(insert(JobRow).values(_columns(job)).returning(JobRow.id))
    return made.scalar_one()


def update_job(connection: Connection, job: Job, process: Process) -> bool:
    """Write a job that a process has; False where another one has it."""
    mine = update(JobRow).where(
        JobRow.id == job.id,
        JobRow.host == process.host,
        JobRow.pid == process.pid,
        JobRow.birth == process.birth,
    )
    return connection.execute(mine.values(_columns(job))).rowcount > 0


def read_jobs(connection: Connection, unfinished: bool) -> list[Job]:
    """Jobs, the newest first."""
    wanted = select(JobRow.__table__).order_by(JobRow.id.desc())
    if unfinished:
        wanted = wanted.where(JobRow.state != JobState.DONE.value)
    return [_job(row) for row in connection.execute(wanted)]


def delete_jobs(connection: Connection, ids: Collection[int]) -> list[Job]:
    """Forget those of the jobs that have ended; gives them."""
    table = JobRow.__table__
    gone: list[Job] = []
    for some in chunked(ids):
        mine = JobRow.id.in_(some) & JobRow.state.in_([state.value for state in ENDED])
        ended = [_job(row) for row in connection.execute(select(table).where(mine))]
        gone += ended
        connection.execute(delete(JobRow).where(JobRow.id.in_([job.id for job in ended])))
    return gone


def _columns(job: Job) -> dict[str, Any]:
    return {
        "kind": job.kind,
        "arguments": json.dumps(job.arguments, ensure_ascii=False),
        "folder": job.folder,
        "author": job.author,
        "host": job.process.host,
        "pid": job.process.pid,
        "birth": job.process.birth,
        "started_at": job.started_at.astimezone(UTC),
        "updated_at": job.updated_at.astimezone(UTC),
        "state": job.state.value,
        "done": job.done,
        "failed": job.failed,
        "total": job.total,
        "error": job.error,
    }


def _job(row: Any) -> Job:
    return Job(
        kind=row.kind,
        arguments=tuple(json.loads(row.arguments)),
        folder=row.folder,
        author=row.author,
        process=Process(row.host, row.pid, row.birth),
        started_at=in_utc(row.started_at),
        updated_at=in_utc(row.updated_at),
        state=JobState(row.state),
        done=row.done,
        failed=row.failed,
        total=row.total,
        error=row.error,
        id=row.id,
    )
