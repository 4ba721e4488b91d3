"""Uploaded documents on their way into the graph.

What is uploaded is on the disk, with its job, before the caller is told so. A thread of
its own reads the jobs in their order; a job that a crash or a stop cut short begins again
at the next start, and what of it was stored already is passed over by its content.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from kgbuild.errors import InputError, KgbuildError, NotFoundError, StoreError
from kgbuild.jobs import Stopped
from kgbuild.pipeline import BuildReport, Progress, Read
from kgbuild.read.documents import Reader
from kgbuild.read.sniff import SUFFIXES
from kgbuild.serve.ledger import JobRecord, Ledger, PendingReply
from kgbuild.types import AddResult

log = logging.getLogger(__name__)

Ingest = Callable[[Sequence[Path], Progress, Read], BuildReport]
"""Reads documents into the graph: paths, progress, and what makes a path a document."""

_PIECE = 1024 * 1024
_PAUSES = (1.0, 5.0, 30.0)
"""Seconds between tries where the store can't be written; the last repeats."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in, and what its document will be called."""

    name: str
    file: BinaryIO


class UploadQueue:
    """Jobs in a ledger, their files in a folder, and the thread that works them off."""

    def __init__(self, folder: Path, ledger: Ledger, ingest: Ingest) -> None:
        self._folder, self._ledger, self._ingest = folder, ledger, ingest
        self._live: dict[str, JobRecord] = {}
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._main, name="uploads", daemon=True)

    def start(self) -> None:
        """Take up what was left, and begin."""
        self._folder.mkdir(parents=True, exist_ok=True)
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
        try:
            folder.mkdir(parents=True)
            for number, upload in enumerate(uploads):
                _save(upload.file, _path(folder, number, names[number]))
            _sync_folder(folder)
            _sync_folder(self._folder)
            job = self._ledger.add_job(id, names, reply)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StoreError(f"the upload can't be saved: {error.strerror}") from error
        except KgbuildError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
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
            job = min(self._live.values(), key=lambda j: j.number, default=None)
            if job is None:
                self._work.wait()
                continue
            try:
                self._finish(self._worked(job))
            except Stopped:
                return
            except Exception as error:
                log.exception("job %s failed", job.id)
                self._end(replace(job, state="failed", failed=((job.names[0], repr(error)),)))

    def _worked(self, job: JobRecord) -> JobRecord:
        """The job when its documents are in; where the store can't be written, tried again."""
        started = replace(job, state="running", started_at=datetime.now(UTC))
        self._live[job.id] = started
        tries = 0
        while True:
            try:
                return self._read(started)
            except StoreError as error:
                log.error("job %s waits: %s", job.id, error)
                self._stopping.wait(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                if self._stopping.is_set():
                    raise Stopped from error

    def _read(self, job: JobRecord) -> JobRecord:
        paths = {
            _path(self._folder / job.id, number, name): name
            for number, name in enumerate(job.names)
        }

        def progress(report: BuildReport) -> None:
            self._live[job.id] = _counted(job, report, paths)
            if self._stopping.is_set():
                raise Stopped

        reader = Reader(names=paths)
        try:
            return _counted(job, self._ingest(list(paths), progress, reader), paths)
        finally:
            reader.close()

    def _finish(self, job: JobRecord) -> None:
        self._end(replace(job, state="done"))

    def _end(self, job: JobRecord) -> None:
        self._ledger.save_job(replace(job, finished_at=datetime.now(UTC)))
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
