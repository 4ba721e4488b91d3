"""What ``SqlStore`` knows of the runs over it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from kgbuild.types import Job, Process

from .audit_rows import note
from .engine import Database
from .job_rows import delete_jobs, insert_job, read_jobs, update_job
from .pruned import PRUNE, jobs_in_words


class SqlJobs:
    """A part of the ``Store`` port over SQLAlchemy; each write is a transaction of its own."""

    _database: Database
    _author: str

    def start_job(self, job: Job) -> Job:
        """Note a run that begins; gives it with its id."""
        with self._database.writing() as connection:
            return replace(job, id=insert_job(connection, job))

    def save_job(self, job: Job, taken_from: Process | None = None) -> bool:
        """Write how a job stands; False, and nothing done, where another process has it."""
        with self._database.writing() as connection:
            return update_job(connection, job, taken_from or job.process)

    def jobs(self, unfinished: bool = False) -> Iterator[Job]:
        """Jobs as they were written, the newest first; ``unfinished`` those that aren't done."""
        with self._database.reading() as connection:
            return iter(read_jobs(connection, unfinished))

    def remove_jobs(self, ids: Collection[int]) -> int:
        """Forget those of the jobs that are done or failed by now; gives their number."""
        with self._database.writing() as connection:
            gone = delete_jobs(connection, ids)
            if gone:
                note(connection, self._author, PRUNE, "jobs", jobs_in_words(gone))
        return len(gone)
