"""Runs over the store as rows of the database, and what a pruning of them says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    insert,
    select,
    update,
)

from kgbuild.types import Job, JobState, Process

from .columns import in_utc
from .database import chunked
from .log import between
from .schema import JobRow


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


ENDED = (JobState.DONE, JobState.FAILED)
"""The states of runs that may be forgotten: an interrupted one waits to be gone on with."""


def jobs_in_words(jobs: Sequence[Job]) -> str:
    """How many runs were forgotten, how they had ended and when."""
    counted = Counter(job.state for job in jobs)
    states = ", ".join(f"{counted[state]} {state.value}" for state in ENDED if counted[state])
    return f"{len(jobs)} removed ({states}), {between([job.updated_at for job in jobs])}"
