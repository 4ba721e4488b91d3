"""Uploaded documents on their way into the graph.

What is uploaded is on the disk, with its job, before the caller is told so. A thread of
its own reads the jobs in their order; a job that a crash or a stop cut short begins again
at the next start, and what of it was stored already is passed over by its content. A job that
ended the service twice is read document by document, and the one that does it again fails.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from kgbuild.deadline import Deadline, within
from kgbuild.display import cut
from kgbuild.errors import InputError, KgbuildError, NotFoundError, StoreError
from kgbuild.jobs import Stopped
from kgbuild.pipeline import BuildReport, Progress, Read
from kgbuild.read.documents import Reader
from kgbuild.read.sniff import SUFFIXES
from kgbuild.serve.ledger import JobRecord, Ledger, PendingReply
from kgbuild.serve.problems import Refused
from kgbuild.serve.settings import Limits
from kgbuild.types import AddResult

log = logging.getLogger(__name__)

Ingest = Callable[[Sequence[Path], Progress, Read], BuildReport]
"""Reads documents into the graph: paths, progress, and what makes a path a document."""

_PIECE = 1024 * 1024
_LATER = {"Retry-After": "60"}
_PAUSES = (1.0, 5.0, 30.0)
"""Seconds between tries where the store can't be written; the last repeats."""

TOGETHER = 2
"""Attempts at a job as a whole; those after them read its documents one by one."""

FAILURES = 5
"""Attempts that may fail in a store that can be read and written; then the job fails."""


class Cancelled(Stopped):
    """The job isn't wanted any more."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in, and what its document will be called."""

    name: str
    file: BinaryIO


class UploadQueue:
    """Jobs in a ledger, their files in a folder, and the thread that works them off.

    ``sound`` raises where the store can't be reached at all.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        ingest: Ingest,
        limits: Limits,
        sound: Callable[[], object] = lambda: None,
    ) -> None:
        self._folder, self._ledger, self._ingest = folder, ledger, ingest
        self._limits, self._sound = limits, sound
        self._live: dict[str, JobRecord] = {}
        self._coming = 0
        self._changing = threading.RLock()
        self._deadline: Deadline | None = None
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._main, name="uploads", daemon=True)

    def start(self) -> None:
        """Take up what was left, and begin."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        left = self._ledger.unfinished()
        self._live = {job.id: replace(job, state="queued") for job in left}
        for path in self._folder.iterdir():
            if path.name not in self._live:
                shutil.rmtree(path, ignore_errors=True)  # a crash before the caller was told
        self._thread.start()

    def stop(self) -> None:
        """End after the document at hand; the job goes on at the next start."""
        self._stopping.set()
        self._work.set()
        if self._thread.is_alive():
            self._thread.join(60)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """Jobs that aren't finished."""
        return len(self._live)

    def admit(self, size: int) -> None:
        """Refuse an upload of so many bytes before it comes, where there is no room for it.

        Raises:
            Refused: 429 where too much waits to be read, 507 where the disk is full.
        """
        live = list(self._live.values())
        if len(live) >= self._limits.queued_jobs:
            raise Refused(429, f"{len(live)} uploads wait to be read, and no more may", _LATER)
        waiting = sum(job.bytes for job in live) + self._coming
        if waiting + size > self._limits.queued_bytes:
            raise Refused(429, f"{waiting} bytes of uploads wait to be read, and no more than"
                               f" {self._limits.queued_bytes} may", _LATER)  # fmt: skip
        # What comes is held as it comes, and again as it is saved.
        for place, needed in ((self._folder, size), (Path(tempfile.gettempdir()), size)):
            left = shutil.disk_usage(place).free - needed
            if left < self._limits.free:
                raise Refused(507, f"the upload would leave less than {self._limits.free} bytes"
                                   " free on the disk")  # fmt: skip

    def cancel(self, id: str) -> JobRecord:
        """End a job that isn't finished; documents that are in the graph already stay.

        Raises:
            NotFoundError: there is none of this id.
            Refused: it is finished.
        """
        with self._changing:
            job = self.job(id)
            if job.finished:
                raise Refused(409, f"job {id} is {job.state}: there is nothing to cancel")
            if job.state == "running" and self._deadline is not None:
                self._deadline.stop(Cancelled(f"job {id} was cancelled"))
                return job
            self._end(replace(job, state="cancelled"))
        return self.job(id)

    def submit(self, uploads: Sequence[Upload], reply: PendingReply | None = None) -> JobRecord:
        """Save files durably and queue a job over them; ``reply`` as in ``Ledger.add_job``.

        Raises:
            InputError: a name isn't usable or is given twice, or its format isn't read.
        """
        names = tuple(checked_name(upload.name) for upload in uploads)
        if len(set(names)) < len(names):
            raise InputError("two files of one upload have one name")
        id = secrets.token_hex(8)
        folder = self._folder / id
        size = sum(_size(upload.file) for upload in uploads)
        with self._changing:
            self.admit(size)
            self._coming += size
        try:
            folder.mkdir(parents=True, mode=0o700)
            for number, upload in enumerate(uploads):
                _save(upload.file, _path(folder, number, names[number]))
            _sync_folder(folder)
            _sync_folder(self._folder)
            job = self._ledger.add_job(id, names, size, reply)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StoreError(f"the upload can't be saved: {error.strerror}") from error
        except KgbuildError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            with self._changing:
                self._coming -= size
        self._live[id] = job
        self._work.set()
        return job

    def live(self, id: str) -> JobRecord | None:
        """A job that isn't finished, as it stands."""
        return self._live.get(id)

    def job(self, id: str) -> JobRecord:
        """A job as it stands.

        Raises:
            NotFoundError: there is none of this id.
        """
        live = self._live.get(id)
        if live is not None:
            return live
        found = self._ledger.jobs(id=id)
        if not found:
            raise NotFoundError(f"no job {id!r}")
        return found[0]

    def jobs(self, before: int | None, limit: int) -> list[JobRecord]:
        """Jobs, the newest first."""
        found = self._ledger.jobs(before=before, limit=limit)
        return [self._live.get(job.id, job) for job in found]

    def _main(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()
            job = self._next()
            if job is None:
                self._work.wait()
                continue
            try:
                with within(self._deadline):
                    done = self._worked(job)
                self._end(replace(done, state="done"))
            except Cancelled:
                self._end(replace(self._live[job.id], state="cancelled"))
            except Stopped:  # that this attempt came to no end says nothing against the job
                stands = self._live[job.id]
                self._ledger.save_job(replace(stands, attempts=stands.attempts - 1))
                return
            except Exception as error:
                log.exception("job %s failed", job.id)
                reason = str(error) if isinstance(error, KgbuildError) else repr(error)
                stands = self._live[job.id]
                failed = (*stands.failed, (job.names[0], reason))
                self._end(replace(stands, state="failed", failed=failed))
            finally:
                self._deadline = None

    def _next(self) -> JobRecord | None:
        """The job whose turn it is, its attempt noted before it is made."""
        with self._changing:
            job = min(self._live.values(), key=lambda j: j.number, default=None)
            if job is None:
                return None
            started = replace(
                job, state="running", started_at=datetime.now(UTC), attempts=job.attempts + 1
            )
            self._save(started)
            self._deadline = Deadline(self._limits.document, "reading it into the graph")
            return started

    def _worked(self, job: JobRecord) -> JobRecord:
        """The job when its documents are in; where the store can't be written, tried again."""
        tries = 0
        while True:
            try:
                return self._read(job) if job.attempts <= TOGETHER else self._one_by_one(job)
            except StoreError as error:
                log.error("job %s waits: %s", job.id, error)
                self._pause(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                if tries >= FAILURES and self._store_is_sound():
                    raise
                job = self._live[job.id]

    def _pause(self, seconds: float) -> None:
        """Wait, unless the service stops or the job is cancelled."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._stopping.wait(0.1):
                raise Stopped
            if self._deadline is not None:
                self._deadline.renew()
                self._deadline.check()

    def _store_is_sound(self) -> bool:
        try:
            self._sound()
        except StoreError:
            return False
        return True

    def _one_by_one(self, job: JobRecord) -> JobRecord:
        """Each document by itself, noted before it is read: one that ends the service is known
        by its note at the next start, and isn't read again."""
        if job.at is not None:
            name = job.names[job.at]
            reason = f"{name}: the service ended while it read this, more than once"
            log.error("job %s: %s", job.id, cut(reason))
            job = replace(job, done=job.done + 1, failed=(*job.failed, (name, reason)), at=None)
        elif job.next == 0:
            job = replace(job, done=0, added=0, unchanged=0, replaced=0, failed=())
        for number in range(job.next, len(job.names)):
            self._save(replace(job, at=number, next=number + 1))
            try:
                job = replace(_sum(job, self._read(job, [number])), next=number + 1)
            except BaseException:  # no crash: it may be read again
                self._save(job)
                raise
        return job

    def _save(self, job: JobRecord) -> None:
        self._ledger.save_job(job)
        self._live[job.id] = job

    def _read(self, job: JobRecord, numbers: Sequence[int] | None = None) -> JobRecord:
        """The job with what came of its documents, or of some of them."""
        wanted = range(len(job.names)) if numbers is None else numbers
        paths = {
            _path(self._folder / job.id, number, job.names[number]): job.names[number]
            for number in wanted
        }

        def progress(report: BuildReport) -> None:
            if numbers is None:
                self._live[job.id] = _counted(job, report, paths)
            if self._stopping.is_set():
                raise Stopped
            if self._deadline is not None:
                self._deadline.check()

        reader = Reader(names=paths)
        try:
            return _counted(job, self._ingest(list(paths), progress, reader), paths)
        finally:
            reader.close()

    def _end(self, job: JobRecord) -> None:
        with self._changing:
            self._ledger.save_job(replace(job, finished_at=datetime.now(UTC), at=None))
            self._live.pop(job.id, None)
            shutil.rmtree(self._folder / job.id, ignore_errors=True)


def _counted(job: JobRecord, report: BuildReport, paths: dict[Path, str]) -> JobRecord:
    failed = tuple((paths.get(Path(source), source), reason) for source, reason in report.failures)
    return replace(
        job,
        done=report.done,
        added=report.results[AddResult.ADDED],
        unchanged=report.results[AddResult.UNCHANGED],
        replaced=report.results[AddResult.REPLACED],
        failed=failed,
    )


def _sum(job: JobRecord, read: JobRecord) -> JobRecord:
    """A job with what came of one more of its documents."""
    return replace(
        job,
        done=job.done + read.done,
        added=job.added + read.added,
        unchanged=job.unchanged + read.unchanged,
        replaced=job.replaced + read.replaced,
        failed=(*job.failed, *read.failed),
    )


def checked_name(name: str) -> str:
    """A document's name, if it can be one.

    Raises:
        InputError: it is empty, too long, or holds what can't be shown; or its format
            isn't read.
    """
    if not name.strip() or len(name) > 1000:
        raise InputError("a document's name has between 1 and 1000 characters")
    if not name.isprintable() or any("\ud800" <= c <= "\udfff" for c in name):
        raise InputError(f"{name!r} holds characters that a document's name can't")
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise InputError(
            f"{name!r}: the format {suffix or 'without suffix'!r} isn't read ({known} are)"
        )
    return name


def _path(folder: Path, number: int, name: str) -> Path:
    return folder / f"{number:04}{Path(name).suffix.lower()}"


def _size(file: BinaryIO) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def _save(source: BinaryIO, path: Path) -> None:
    with path.open("xb") as target:
        while piece := source.read(_PIECE):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
