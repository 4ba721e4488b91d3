"""Runs that are written down: what was asked, how far it came, and whether it still goes on.

A run writes its counts at most once in :data:`PAUSE` seconds, in transactions of their own. One
that is killed can't say so: whoever reads its job looks whether its process lives. The same
command given again in the same folder goes on with the job that an earlier run left unfinished.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from kgbuild.deadline import within
from kgbuild.display import redacted
from kgbuild.errors import InputError, NotFoundError, StoreBusyError, StoreError
from kgbuild.pipeline import BuildReport, Progress
from kgbuild.ports import Store
from kgbuild.types import Job, JobState, Process

PAUSE = 1.0
"""Seconds between two writes of a run's counts."""

SILENCE = timedelta(minutes=15)
"""After so long without a word a process that can't be looked at counts as gone: it runs on
another machine, or on Windows, where asking for it isn't harmless."""

ERROR_LENGTH = 2000
"""Characters that are kept of an error."""


class Stopped(Exception):  # noqa: N818
    """Raised from a run's progress to end it where it stands; its job can be gone on with."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a run was asked: a command, its words, and the folder that its paths are seen from.

    ``total`` is the number of files or documents there are to look at.
    """

    kind: str
    arguments: tuple[str, ...]
    folder: str
    total: int | None = None


class Run:
    """A run's progress, shown to whoever asked for it and written to its job."""

    def __init__(self, store: Store, job: Job, shown: Progress) -> None:
        self._store, self._job, self._shown = store, job, shown
        self._report = BuildReport()
        self._written = time.monotonic()

    def __call__(self, report: BuildReport) -> None:
        """Show and note how far it is (the ``Progress`` of the pipeline)."""
        self._report = report
        self._shown(report)
        if time.monotonic() - self._written >= PAUSE:
            # Another writer's turn is no reason to fail: the next second will do.
            with suppress(StoreBusyError):
                self._write(JobState.RUNNING)
            self._written = time.monotonic()

    def saw(self, report: BuildReport) -> None:
        """Take what the run came to, where that is more than its progress told."""
        self._report = report

    def end(self, state: JobState, error: str = "") -> None:
        """Write what it came to."""
        self._write(state, error)

    def _write(self, state: JobState, error: str = "") -> None:
        report = self._report
        last = report.failures[-1][1] if report.failures else ""
        now = replace(
            self._job,
            updated_at=datetime.now(UTC),
            state=state,
            done=sum(report.results.values()),
            failed=len(report.failures),
            error=(error or last)[:ERROR_LENGTH],
        )
        with within(None):  # what became of a run is written down even where its time is over
            self._store.save_job(now)


@contextmanager
def running(store: Store, command: Command, shown: Progress) -> Iterator[Run]:
    """A job for as long as the body runs; how the body ends is how the job does."""
    with within(None):
        job = _begun(store, command)
    run = Run(store, job, shown)
    try:
        yield run
    except (KeyboardInterrupt, GeneratorExit, Stopped):
        with suppress(StoreError):
            run.end(JobState.INTERRUPTED)
        raise
    except Exception as error:
        with suppress(StoreError):
            run.end(JobState.FAILED, redacted(str(error) or repr(error)))
        raise
    run.end(JobState.DONE)


def _begun(store: Store, command: Command) -> Job:
    """A new job, or the unfinished one of the same command."""
    now = datetime.now(UTC)
    job = Job(
        command.kind,
        command.arguments,
        command.folder,
        store.author,
        this_process(),
        now,
        now,
        total=command.total,
    )
    for old in store.jobs(unfinished=True):
        same = (old.kind, old.arguments, old.folder) == (job.kind, job.arguments, job.folder)
        if same and seen(old).state is not JobState.RUNNING:
            mine = replace(job, id=old.id, started_at=old.started_at)
            if store.save_job(mine, taken_from=old.process):
                return mine
    return store.start_job(job)


def listed(store: Store) -> Iterator[Job]:
    """Jobs as they stand now, the newest first."""
    return map(seen, store.jobs())


def found(store: Store, id: int) -> Job:
    """A job as it stands now.

    Raises:
        NotFoundError: there is none of this id.
    """
    for job in listed(store):
        if job.id == id:
            return job
    raise NotFoundError(f"no job {id}: see  kgbuild jobs list")


def resumable(store: Store, id: int, kinds: Sequence[str]) -> Job:
    """A job that can be gone on with; ``kinds`` are the commands that can be given again.

    Raises:
        NotFoundError: there is none of this id.
        InputError: it is done, or runs, or isn't a command that can be given again.
    """
    job = found(store, id)
    if job.state in (JobState.DONE, JobState.RUNNING):
        raise InputError(f"job {id} is {job.state.value}: there is nothing to go on with")
    if job.kind not in kinds:
        raise InputError(f"job {id} is an {job.kind}: the service goes on with it when it starts")
    if "-" in job.arguments:
        raise InputError(f"job {id} read standard input, which is gone: give it again")
    if not Path(job.folder).is_dir():
        raise InputError(f"job {id} was given in {job.folder}, which is gone")
    return job


def prunable(
    store: Store, kinds: Sequence[str], older: timedelta | None, keep: int | None
) -> list[int]:
    """Ids of the jobs that nobody can go on with: done, or failed for good.

    A failed one that :func:`resumable` may accept (``kinds``) is left, on whichever machine its
    folder is. ``older`` leaves those that ended since, ``keep`` the newest so many of all jobs.
    """
    now = datetime.now(UTC)
    found = []
    for place, job in enumerate(store.jobs()):
        again = job.kind in kinds and "-" not in job.arguments
        ended = job.state is JobState.DONE or (job.state is JobState.FAILED and not again)
        old = older is None or now - job.updated_at > older
        if ended and old and (keep is None or place >= keep):
            found.append(job.id)
    return found


def seen(job: Job) -> Job:
    """A job as it stands: one that is running while its process isn't was interrupted."""
    if job.state is JobState.RUNNING and not _lives(job):
        return replace(job, state=JobState.INTERRUPTED)
    return job


def _lives(job: Job) -> bool:
    process = job.process
    if process.host != socket.gethostname() or sys.platform == "win32":
        return datetime.now(UTC) - job.updated_at < SILENCE
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's: it is there
    return process.birth in ("", _birth(process.pid))


def this_process() -> Process:
    """This process, as others can look for it."""
    return Process(socket.gethostname(), os.getpid(), _birth(os.getpid()))


def _birth(pid: int) -> str:
    """When a process began, by the clock of this start of this machine; "" where Linux's
    ``/proc`` isn't there to tell, or the process isn't. A process that has ended and waits for
    its parent to ask after it was never born."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name in parentheses may hold anything; after it state is field 3, start time 22.
    fields = line.rpartition(")")[2].split()
    return "gone" if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    except OSError:
        return ""
