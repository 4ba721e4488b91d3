"""What ``MemoryStore`` knows of the runs over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kgbuild.types import Job, JobState, Process


class MemoryJobs:
    """A part of the ``Store`` port in dicts."""

    _jobs: dict[int, Job]

    def start_job(self, job: Job) -> Job:
        """Note a run that begins; gives it with its id."""
        started = replace(job, id=len(self._jobs) + 1)
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
