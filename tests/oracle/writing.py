"""What ``MemoryStore`` keeps beside documents: registers, runs, the log, vectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import FingerprintError, InputError, NotFoundError
from kgbuild.judging import with_moved_places
from kgbuild.ports import AliasClusterer, EntityClusterer, VectorKind
from kgbuild.types import (
    AuditEntry,
    DocumentRecord,
    Entity,
    ExternalId,
    IndexRecord,
    Job,
    JobState,
    Judgement,
    NamedNode,
    NodeStats,
    Passage,
    Process,
    RegistryEntity,
    RegistryName,
    Relation,
    Sentence,
    StoredSource,
    VectorBatch,
)
from storage.jobs import ENDED, jobs_in_words
from storage.log import PRUNE, entries_in_words
from storage.registers.external import (
    checked_external,
    checked_registry_names,
    checked_watchlist,
    external_words,
)
from storage.rules import check_vectors, checked_index

from .graph import Graph


class MemoryExternal:
    """A part of the ``Store`` port in dicts."""

    _external: dict[ExternalId, ExternalId]
    _read: dict[str, DocumentRecord]
    _records: dict[str, DocumentRecord]
    _graph: Graph
    _generation: int
    _watched: dict[str, tuple[RegistryEntity, ...]]
    _known: dict[str, list[RegistryName]]
    _linker: EntityClusterer
    _linked_by: str | None

    if TYPE_CHECKING:  # the store's own

        def _note(
            self, action: str, subject: str, detail: str = "", author: str | None = None
        ) -> None: ...
        def _settle(self) -> None: ...
        def nodes(self, around: str | None = None) -> Iterator[list[NodeStats]]:
            """As the port."""
            ...

    def add_external_ids(self, ids: Sequence[ExternalId]) -> int:
        """Save ids under their nodes; gives how many are new.

        Raises:
            InputError: an id has no scheme or value, or too long a one.
        """
        sound = {one: one for one in checked_external(ids)}
        new = len(sound.keys() - self._external.keys())
        for one in sound.values():
            self._external.pop(one, None)
            self._external[one] = one
        if sound:
            self._note("external", *external_words(list(sound.values()), new))
            self._generation += 1
        return new

    def remove_external_ids(self, entity: str, scheme: str, value: str | None = None) -> int:
        """Forget an entity's id, or with no value all of a scheme; gives how many there were."""
        gone = [
            one
            for one in self._external
            if self._graph.entity_of.get(one.entity) == entity
            and one.scheme == scheme
            and value in (None, one.value)
        ]
        for one in gone:
            del self._external[one]
        if gone:
            self._note("external", entity, f"{len(gone)} removed: {scheme}:{value or '*'}")
            self._generation += 1
        return len(gone)

    def external_ids(
        self, entity: str | None = None, value: str | None = None
    ) -> Iterator[ExternalId]:
        """Ids of the entities that are in the graph now, by entity, scheme and value."""
        found: dict[ExternalId, ExternalId] = {}
        for one in sorted(self._external.values()):
            now = self._graph.entity_of.get(one.entity)
            if now in self._graph.entities and entity in (None, now) and value in (None, one.value):
                moved = replace(one, entity=str(now))
                found.setdefault(moved, moved)
        yield from sorted(found.values())

    def named_nodes(self, blocks: Collection[str] | None = None) -> Iterator[NamedNode]:
        """The nodes of these blocks [all], by type, name and id."""
        found = [
            NamedNode(node.type, node.key, node.id, entity)
            for group in self.nodes()
            for node in group
            if node.type
            and (
                blocks is None
                or any(t.kind == "block" and t.value in blocks for t, _ in node.features)
            )
            and (entity := self._graph.entity_of.get(node.id, "")) in self._graph.entities
        ]  # fmt: skip
        yield from sorted(found)

    def set_watchlist(self, name: str, entries: Sequence[RegistryEntity]) -> None:
        """Make a watch list hold just these; of none, there is no such list.

        Raises:
            InputError: an entry has no id or name, or can't be stored.
        """
        sound = checked_watchlist(name, entries)
        self._watched[name] = tuple(sorted(sound, key=lambda one: one.id))
        self._note("watch", name, f"{len(sound)} entries")
        self._generation += 1

    def watchlists(self) -> Iterator[RegistryEntity]:
        """The entries of every watch list, by list and id."""
        for name in sorted(self._watched):
            yield from self._watched[name]

    def set_registry_names(self, source: str, names: Sequence[RegistryName]) -> bool:
        """Make a register's names just these, and let the graph follow.

        Raises:
            InputError: a name is of another source, or lacks a part.
        """
        sound = checked_registry_names(source, names)
        if self.registry_names(source) == sound:
            return False
        current = self._linked_by == self._linker_now()
        self._known[source] = sound
        self._note("aliases", source, f"{len(sound)} names")
        self._settle()
        self._linked_by = self._linker_now() if current else self._linked_by
        return True

    def registry_names(self, source: str | None = None) -> list[RegistryName]:
        """The names of a register [of all], sorted."""
        sources = self._known if source is None else [source]
        return sorted(name for one in sources for name in self._known.get(one, ()))

    def _linker_now(self) -> str:
        """The fingerprint of what computes the entities, with its rule for known names where
        there are any."""
        if isinstance(self._linker, AliasClusterer) and self.registry_names():
            return f"{self._linker.fingerprint}:{self._linker.alias_rule}"
        return self._linker.fingerprint

    def relations(
        self, document: str, candidates: bool = False, stated: bool = False
    ) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position; with
        ``stated`` those too that people stated of it. Or its candidates, too weak to state."""
        record = (self._records if stated else self._read).get(document)
        if record is None:
            return []
        found = record.candidates if candidates else record.relations
        return sorted(found, key=lambda r: (r.subject, r.object, r.relation))


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


class MemoryLifecycle:
    """A part of the ``Store`` port in dicts."""

    _read: dict[str, DocumentRecord]
    _records: dict[str, DocumentRecord]
    _document_rows: dict[str, int]
    _sentences: dict[int, tuple[str, Sentence]]
    _judgements: list[Judgement]
    _log: list[AuditEntry]
    _last_entry: int
    _vectors: dict[VectorKey, dict[int, NDArray[np.float16]]]
    _linked_by: str | None
    _linker: EntityClusterer
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
        record = self._read.pop(old)
        self._read[new] = replace(record, document=replace(record.document, source=new))
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


VectorKey = tuple[str, str]
"""What vectors and indexes are kept by: kind and model."""


class MemoryVectors:
    """The part of ``MemoryStore`` that a vector index needs."""

    _records: dict[str, DocumentRecord]
    _sentences: dict[int, tuple[str, Sentence]]
    _rows: dict[int, str]
    _vectors: dict[VectorKey, dict[int, NDArray[np.float16]]]
    _indexes: dict[VectorKey, IndexRecord]
    _generation: int
    _graph: Graph

    def passages(self, sentence_ids: Sequence[int]) -> list[Passage | None]:
        """Sentences by row id, in order; None where one is gone."""
        return [self._passage(int(id)) for id in sentence_ids]

    def _passage(self, row: int) -> Passage | None:
        if row not in self._sentences:
            return None
        source, span = self._sentences[row]
        text = self._records[source].document.text[span.start : span.end]
        return Passage(source, span.start, span.end, text)

    def entities_by_row(self, ids: Sequence[int]) -> list[Entity | None]:
        """Entities by row id, in order; None where one is gone."""
        return [self._graph.entities.get(self._rows.get(int(id), "")) for id in ids]

    def add_vectors(
        self, kind: VectorKind, model: str, ids: Sequence[int], vectors: NDArray[np.float16]
    ) -> None:
        """Save vectors; those that exist are replaced, rows that are gone are left out."""
        check_vectors(len(ids), vectors)
        rows = self._sentences if kind == "sentence" else self._rows
        there = [i for i, id in enumerate(ids) if int(id) in rows]
        if there:
            self._check_dimension(model, vectors.shape[1])
            self._save(kind, model, [int(ids[i]) for i in there], vectors[there])
            self._generation += 1

    def record_index(self, record: IndexRecord) -> None:
        """Note the published index of a kind and model; the generation stays."""
        self._indexes[record.kind, record.model] = checked_index(record)

    def missing_vectors(self, kind: VectorKind, model: str) -> Iterator[tuple[int, str]]:
        """Row id and text of what has no vector of this model yet."""
        saved = self._vectors[kind, model]
        for row in sorted(self._sentences if kind == "sentence" else self._rows):
            if row not in saved:
                passage = self._passage(row)
                yield row, passage.text if passage else self._graph.entities[self._rows[row]].name

    def vectors(self, kind: VectorKind, model: str) -> Iterator[VectorBatch]:
        """All vectors of a kind and model, by ascending row id, in one batch."""
        saved = self._vectors[kind, model]
        if saved:
            rows = sorted(saved)
            yield VectorBatch(np.array(rows, dtype=np.int64), np.stack([saved[r] for r in rows]))

    def vectors_of(self, kind: VectorKind, model: str, ids: Sequence[int]) -> VectorBatch:
        """The vectors of some rows by ascending row id; rows without one are left out."""
        saved = self._vectors[kind, model]
        rows = sorted({int(id) for id in ids} & saved.keys())
        found = np.stack([saved[r] for r in rows]) if rows else np.empty((0, 0), np.float16)
        return VectorBatch(np.array(rows, dtype=np.int64), found)

    def embedders(self, kind: VectorKind) -> list[str]:
        """Fingerprints of the models that have vectors of a kind, sorted."""
        return sorted(model for (of, model), saved in self._vectors.items() if of == kind and saved)

    def index_record(self, kind: VectorKind, model: str) -> IndexRecord | None:
        """The index that was published last of a kind and model."""
        return self._indexes.get((kind, model))

    def _drop_vectors(self, kind: VectorKind, rows: Sequence[int]) -> None:
        for (of, _), saved in self._vectors.items():
            if of == kind:
                for row in rows:
                    saved.pop(row, None)

    def _save(
        self, kind: VectorKind, model: str, rows: Sequence[int], vectors: NDArray[np.float16]
    ) -> None:
        halves = vectors.astype(np.float16)
        self._vectors[kind, model].update(zip(rows, halves, strict=True))

    def _check_dimension(self, model: str, dimension: int) -> None:
        for (_, of), saved in self._vectors.items():
            stored = {len(vector) for vector in saved.values()}
            if of == model and stored - {dimension}:
                raise FingerprintError(
                    f"model {model} has vectors of dimension {stored.pop()}, these have {dimension}"
                )
