"""What ``MemoryStore`` keeps by row id: passages, vectors and records of indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import FingerprintError
from kgbuild.ports import VectorKind
from kgbuild.types import DocumentRecord, Entity, IndexRecord, Passage, Sentence, VectorBatch

from .memory_graph import Graph
from .rules import check_vectors, checked_index

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
