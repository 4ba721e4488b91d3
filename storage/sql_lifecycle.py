"""What ``SqlStore`` knows of the life of its documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kgbuild.types import AuditEntry, StoredSource

from .audit_rows import note, read_log
from .engine import Database
from .lifecycle_rows import move, read_sources
from .write import raise_generation


class SqlLifecycle:
    """A part of the ``Store`` port over SQLAlchemy."""

    _database: Database

    def move_document(self, old: str, new: str) -> bool:
        """Give a document another source; False where a split that holds speaks of its places.

        Raises:
            NotFoundError: no document is called ``old``.
            InputError: one is called ``new`` already.
        """
        with self._database.writing() as connection:
            moved = move(connection, old, new)
            if moved:
                note(connection, "move", new, f"from {old}")
                raise_generation(connection)
        return moved

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash and extractor, by source."""
        with self._database.reading() as connection:
            found = read_sources(connection)
        return (StoredSource(*row) for row in found)

    def log(
        self, since: datetime | None = None, subject: str | None = None
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one document or judgement."""
        with self._database.reading() as connection:
            return iter(read_log(connection, since, subject))
