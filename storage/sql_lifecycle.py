"""What ``SqlStore`` knows of the life of its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from kgbuild.ports import Linker
from kgbuild.types import AuditEntry, StoredSource

from .audit_rows import note, prune, read_log
from .engine import Database
from .fingerprint_rows import read_linker, read_unembedded
from .known_rows import linker_now
from .lifecycle_rows import move, read_sources
from .write import raise_generation


class SqlLifecycle:
    """A part of the ``Store`` port over SQLAlchemy."""

    _database: Database
    _linker: Linker
    _author: str

    @property
    def author(self) -> str:
        """Who changes the graph through this store, for the log."""
        return self._author

    def move_document(self, old: str, new: str) -> None:
        """Give a document another source; splits of its mentions go with it.

        Raises:
            NotFoundError: no document is called ``old``.
            InputError: one is called ``new`` already.
        """
        with self._database.writing() as connection:
            move(connection, old, new, self._linker)
            note(connection, self._author, "move", new, f"from {old}")
            raise_generation(connection)

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash, extractor and normalizer, by source."""
        with self._database.reading() as connection:
            found = read_sources(connection)
        return (StoredSource(*row) for row in found)

    def linkers(self) -> tuple[str | None, str]:
        """The linker that computed all entities (None: unknown), and the one that does now."""
        with self._database.reading() as connection:
            return read_linker(connection), linker_now(connection, self._linker)

    def unembedded(self, model: str) -> Iterator[tuple[str, str]]:
        """Documents with a sentence that lacks a vector of this model, and another model's."""
        return read_unembedded(self._database, model)

    def note(self, action: str, subject: str, detail: str = "") -> None:
        """Write an entry of the audit log for what no other method here does."""
        with self._database.writing() as connection:
            note(connection, self._author, action, subject, detail)

    def log(
        self,
        since: datetime | None = None,
        subject: str | None = None,
        action: str | None = None,
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one subject, of one kind."""
        with self._database.reading() as connection:
            return iter(read_log(connection, since, subject, action))

    def prune_log(
        self, before: datetime, keep: Callable[[Sequence[AuditEntry]], str]
    ) -> tuple[AuditEntry, ...]:
        """Remove the log's entries of before a moment, once ``keep`` has saved them."""
        with self._database.writing() as connection:
            return prune(connection, self._author, before, keep)
