"""What ``MemoryStore`` knows of the life of its documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import current_author, in_words
from kgbuild.types import AuditEntry, DocumentRecord, Judgement, Sentence, StoredSource


class MemoryLifecycle:
    """A part of the ``Store`` port in dicts."""

    _records: dict[str, DocumentRecord]
    _document_rows: dict[str, int]
    _sentences: dict[int, tuple[str, Sentence]]
    _judgements: list[Judgement]
    _log: list[AuditEntry]

    if TYPE_CHECKING:  # the store's own

        def _settle(self) -> None: ...

    def move_document(self, old: str, new: str) -> bool:
        """Give a document another source; False where a split that holds speaks of its places.

        Raises:
            NotFoundError: no document is called ``old``.
            InputError: one is called ``new`` already.
        """
        if old not in self._records:
            raise NotFoundError(f"no document {old!r} in the graph")
        if new in self._records:
            raise InputError(f"a document {new!r} is in the graph already")
        holding = (j for j in self._judgements if j.undone_at is None)
        if any(place.document == old for j in holding for place in j.places):
            return False
        record = self._records.pop(old)
        self._records[new] = replace(record, document=replace(record.document, source=new))
        self._document_rows[new] = self._document_rows.pop(old)
        for row, (source, sentence) in self._sentences.items():
            if source == old:
                self._sentences[row] = (new, sentence)
        self._note("move", new, f"from {old}")
        self._settle()
        return True

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash and extractor, by source."""
        for source, record in sorted(self._records.items()):
            yield StoredSource(source, record.document.sha256, record.extractor)

    def log(
        self, since: datetime | None = None, subject: str | None = None
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one document or judgement."""
        for entry in self._log:
            if (since is None or entry.made_at >= since) and subject in (None, entry.subject):
                yield entry

    def _note(self, action: str, subject: str, detail: str = "", author: str | None = None) -> None:
        who = current_author() if author is None else author
        number = len(self._log) + 1
        self._log.append(AuditEntry(number, datetime.now(UTC), who, action, subject, detail))

    def _note_judgement(self, action: str, judgement: Judgement) -> None:
        self._note(action, f"judgement {judgement.id}", in_words(judgement), judgement.author)
