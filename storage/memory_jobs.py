"""What ``MemoryStore`` knows of the runs over it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from kgbuild.types import Job, JobState, Process

from .pruned import ENDED, PRUNE, jobs_in_words


class MemoryJobs:
    """A part of the ``Store`` port in dicts."""

    _jobs: dict[int, Job]
    _last_job: int

    if TYPE_CHECKING:  # the store's own

        def _note(self, action: str, subject: str, detail: str = "") -> None: ...

    def start_job(self, job: Job) -> Job:
        """Note a run that begins; gives it with its id."""
        self._last_job += 1
        started = replace(job, id=self._last_job)
        self._jobs[started.id] = started
        return started

    def save_job(self, job: Job, taken_from: Process | None = None) -> bool:
        """Write how a job stands; False, and nothing done, where another process has it."""
        known = self._jobs.get(job.id)
        if known is None or known.process != (taken_from or job.process):
            return False
        self._jobs[job.id] = job
        return True

    def jobs(self, unfinished: bool = False) -> Iterator[Job]:
        """Jobs as they were written, the newest first; ``unfinished`` those that aren't done."""
        for _, job in sorted(self._jobs.items(), reverse=True):
            if not (unfinished and job.state is JobState.DONE):
                yield job

    def remove_jobs(self, ids: Collection[int]) -> int:
        """Forget those of the jobs that are done or failed by now; gives their number."""
        known = (self._jobs.get(id) for id in set(ids))
        gone = [job for job in known if job is not None and job.state in ENDED]
        for job in gone:
            del self._jobs[job.id]
        if gone:
            self._note(PRUNE, "jobs", jobs_in_words(gone))
        return len(gone)
