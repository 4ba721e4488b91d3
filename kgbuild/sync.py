"""A folder as a graph: what is new comes in, what moved is renamed, what is gone goes.

Only documents whose source begins with the folder, written as it was when they came in,
belong to it. A file that can't be read now keeps what was stored of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kgbuild.errors import InputError
from kgbuild.pipeline import BuildReport, Parts, Progress, build
from kgbuild.ports import Store
from kgbuild.read.documents import Known, Outcome, Reader, Refusal, source_of
from kgbuild.read.files import Found, find_files
from kgbuild.types import AddResult, DeletionReport, Document

_INSIDE = re.compile(r"!/|#")
_PAUSE = 1.0
"""Seconds between two looks at a watched folder."""


@dataclass(slots=True)
class SyncReport:
    """What a synchronisation did, or with ``dry_run`` would do."""

    build: BuildReport = field(default_factory=BuildReport)
    moved: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[DeletionReport] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was added, replaced, moved, deleted or refused."""
        counts = self.build.results
        done = counts[AddResult.ADDED] + counts[AddResult.REPLACED]
        return bool(done or self.moved or self.vanished or self.build.failures)


class FolderReader:
    """Reads a folder's files; a document whose old file is gone is moved, not read again."""

    def __init__(
        self,
        found: Found,
        store: Store,
        reader: Reader,
        dry_run: bool = False,
        allow_empty: bool = False,
    ) -> None:
        self.found = found
        [folder] = found.roots
        self.moved: list[tuple[str, str]] = []
        self._store = store
        self._reader = reader
        self._dry_run = dry_run
        self._seen: set[str] = set()
        self._refused: set[str] = {source for source, _ in self.found.refused}
        files = {reader.names.get(path, source_of(path)) for path in self.found}
        self.stored = {s.source: s.sha256 for s in store.sources() if _is_within(s.source, folder)}
        if self.stored and not (files or self._refused or allow_empty):
            raise InputError(
                f"{source_of(folder)} holds no file that is read, the graph {len(self.stored)}"
                " documents of it: is the disk there? (--allow-empty deletes them)"
            )
        self._homeless: dict[str, list[str]] = {}
        for source, sha256 in self.stored.items():
            if not (files.intersection(_homes(source)) or self._is_linked(source)):
                self._homeless.setdefault(sha256, []).append(source)

    def __call__(self, path: Path, known: Known) -> Iterator[Outcome]:
        """The outcomes of a file (see :class:`Reader`), moved documents as unchanged ones."""

        def known_or_moved(source: str, sha256: str) -> bool:
            return known(source, sha256) or self._move(source, sha256)

        for outcome in self._reader(path, known_or_moved):
            self._seen.add(outcome.source)
            if isinstance(outcome, Refusal):
                self._refused.add(outcome.source)
            yield outcome

    def _move(self, source: str, sha256: str) -> bool:
        olds = self._homeless.get(sha256, [])
        if not olds or source in self.stored:
            return False
        if not self._dry_run:
            self._store.move_document(olds[0], source)
        self.moved.append((olds.pop(0), source))
        return True

    def _is_linked(self, source: str) -> bool:
        """Whether it came by a symbolic link that wasn't followed now."""
        links = self.found.links
        return any(source == link or source.startswith((f"{link}/", f"{link}!/", f"{link}#"))
                   for link in links)  # fmt: skip

    def vanished(self) -> list[str]:
        """Stored documents of the folder that no file holds any more, after all were read."""
        moved = {old for old, _ in self.moved}
        return [
            source
            for source in self.stored
            if source not in self._seen | moved
            and not self._refused.intersection(_homes(source))
            and not self._is_linked(source)
        ]


def _homes(source: str) -> Iterator[str]:
    """The files that may hold a document: itself, and what stands before each ``#`` or ``!/``."""
    yield source
    for mark in _INSIDE.finditer(source):
        yield source[: mark.start()]


def _is_within(source: str, folder: Path) -> bool:
    """Whether a source lies under a folder as it is written; all relative ones under «.»."""
    inside = source_of(folder / "x")[:-1]
    return source.startswith(inside) if inside else not source.startswith(("/", "../"))


def sync(
    found: Found,
    parts: Parts,
    reader: Reader,
    progress: Progress = lambda report: None,
    allow_empty: bool = False,
) -> SyncReport:
    """Make the graph hold what the folder holds whose files were found (its only root).

    Raises:
        InputError: the folder holds nothing and the graph does; ``allow_empty`` allows it.
        StoreError: the store can't be written.
    """
    files = FolderReader(found, parts.store, reader, allow_empty=allow_empty)
    built = build(files.found, parts, progress, files)
    built.failures += files.found.refused
    built.passed_over += files.found.passed_over
    built.links += files.found.links
    report = SyncReport(built, files.moved, [], files.vanished())
    report.deleted += [parts.store.delete_document(source) for source in report.vanished]
    return report


def dry_run(found: Found, store: Store, reader: Reader, allow_empty: bool = False) -> SyncReport:
    """What :func:`sync` would do; nothing is written and no model runs."""
    files = FolderReader(found, store, reader, dry_run=True, allow_empty=allow_empty)
    report = SyncReport(moved=files.moved)
    for path in files.found:
        for outcome in files(path, store.has_document):
            if isinstance(outcome, Document):
                known = outcome.source in files.stored
                report.build.results[AddResult.REPLACED if known else AddResult.ADDED] += 1
            elif isinstance(outcome, Refusal):
                report.build.failures.append((outcome.source, outcome.reason))
            else:
                report.build.results[AddResult.UNCHANGED] += 1
    report.build.failures += files.found.refused
    report.build.links += files.found.links
    report.vanished = files.vanished()
    return report


def watch(
    folder: Path,
    run: Callable[[], None],
    pause: float = _PAUSE,
    sleep: Callable[[float], None] = time.sleep,
    follow_links: bool = False,
) -> None:
    """Run at once, and again whenever the folder changed and then stood still for a pause.

    Goes on until interrupted. The folder is looked at rather than listened to, which works
    on every file system.
    """
    done: object = None
    while True:
        before = _snapshot(folder, follow_links)
        if before != done:
            sleep(pause)
            if _snapshot(folder, follow_links) != before:
                continue
            run()
            done = before
        sleep(pause)


def _snapshot(folder: Path, follow_links: bool) -> dict[str, tuple[int, int]]:
    """Size and time of change of the folder's files."""
    found = {}
    for path in find_files([folder], follow_links):
        try:
            status = path.stat()
        except OSError:
            continue
        found[str(path)] = (status.st_size, status.st_mtime_ns)
    return found
