"""What ``MemoryStore`` knows of the life of its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import with_moved_places
from kgbuild.ports import Linker
from kgbuild.types import AuditEntry, DocumentRecord, Judgement, Sentence, StoredSource

from .memory_vectors import VectorKey
from .pruned import PRUNE, entries_in_words


class MemoryLifecycle:
    """A part of the ``Store`` port in dicts."""

    _records: dict[str, DocumentRecord]
    _document_rows: dict[str, int]
    _sentences: dict[int, tuple[str, Sentence]]
    _judgements: list[Judgement]
    _log: list[AuditEntry]
    _last_entry: int
    _vectors: dict[VectorKey, dict[int, NDArray[np.float16]]]
    _linked_by: str | None
    _linker: Linker
    _author: str

    if TYPE_CHECKING:  # the store's own

        def _settle(self) -> None: ...
        def _linker_now(self) -> str: ...

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
        if old not in self._records:
            raise NotFoundError(f"no document {old!r} in the graph")
        if new in self._records:
            raise InputError(f"a document {new!r} is in the graph already")
        self._judgements[:] = [with_moved_places(j, old, new) for j in self._judgements]
        record = self._records.pop(old)
        self._records[new] = replace(record, document=replace(record.document, source=new))
        self._document_rows[new] = self._document_rows.pop(old)
        for row, (source, sentence) in self._sentences.items():
            if source == old:
                self._sentences[row] = (new, sentence)
        self._note("move", new, f"from {old}")
        self._settle()

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash, extractor and normalizer, by source."""
        for source, record in sorted(self._records.items()):
            yield StoredSource(source, record.document.sha256, record.extractor, record.normalizer)

    def linkers(self) -> tuple[str | None, str]:
        """The linker that computed all entities (None: unknown), and the one that does now."""
        return self._linked_by, self._linker_now()

    def unembedded(self, model: str) -> Iterator[tuple[str, str]]:
        """Documents with a sentence that lacks a vector of this model, and another model's."""
        vectors = {m: rows for (kind, m), rows in self._vectors.items() if kind == "sentence"}
        rows: dict[str, list[int]] = {source: [] for source in sorted(self._records)}
        for row, (source, _) in self._sentences.items():
            rows[source].append(row)
        for source, mine in rows.items():
            if any(row not in vectors.get(model, {}) for row in mine):
                others = (m for m, known in vectors.items() if m != model)
                held = [m for m in others if any(row in vectors[m] for row in mine)]
                yield source, max(held, default="")

    def note(self, action: str, subject: str, detail: str = "") -> None:
        """Write an entry of the audit log for what no other method here does."""
        self._note(action, subject, detail)

    def log(
        self,
        since: datetime | None = None,
        subject: str | None = None,
        action: str | None = None,
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one subject, of one kind."""
        for entry in self._log:
            late = since is None or entry.made_at >= since
            if late and subject in (None, entry.subject) and action in (None, entry.action):
                yield entry

    def prune_log(
        self, before: datetime, keep: Callable[[Sequence[AuditEntry]], str]
    ) -> tuple[AuditEntry, ...]:
        """Remove the log's entries of before a moment, once ``keep`` has saved them."""
        old = tuple(e for e in self._log if e.made_at < before and e.action != PRUNE)
        if old:
            kept = keep(old)
            gone = {entry.id for entry in old}
            self._log[:] = [entry for entry in self._log if entry.id not in gone]
            self._note(PRUNE, "log", entries_in_words(old, kept))
        return old

    def _note(self, action: str, subject: str, detail: str = "", author: str | None = None) -> None:
        who = self._author if author is None else author
        self._last_entry += 1
        now = datetime.now(UTC)
        self._log.append(AuditEntry(self._last_entry, now, who, action, subject, detail))
