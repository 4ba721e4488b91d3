"""``ExactIndex``: nearest neighbours by a matrix product and top-k, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.ports import Store, VectorKind
from kgbuild.types import SearchHits

BLOCK = 65_536
"""Rows scored at once: queries × BLOCK scores are held in memory."""


class ExactIndex:
    """The ``VectorIndex`` port over an array; of equal scores the smaller id comes first."""

    def __init__(self, ids: NDArray[np.int64], vectors: NDArray[np.floating]) -> None:
        """Index ``vectors`` [n, dimension] under ``ids`` [n].

        Raises:
            InputError: their lengths differ.
        """
        if vectors.ndim != 2 or len(ids) != len(vectors):
            raise InputError(f"{len(ids)} ids for vectors of shape {vectors.shape}")
        order = np.argsort(ids, kind="stable")
        self._ids = np.asarray(ids, dtype=np.int64)[order]
        self._vectors = np.asarray(vectors, dtype=np.float32)[order]

    @classmethod
    def from_store(cls, store: Store, kind: VectorKind, model: str) -> ExactIndex:
        """The index of all vectors of a kind and model."""
        batches = list(store.vectors(kind, model))
        if not batches:
            return cls(np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32))
        return cls(
            np.concatenate([batch.ids for batch in batches]),
            np.concatenate([batch.vectors.astype(np.float32) for batch in batches]),
        )

    @property
    def count(self) -> int:
        """Vectors in the index."""
        return len(self._ids)

    def search(self, queries: NDArray[np.float32], k: int) -> SearchHits:
        """The ``k`` nearest rows of each query [n, dimension].

        Raises:
            InputError: the queries have another dimension, or ``k`` isn't positive.
        """
        check_queries(queries, k, self._vectors.shape[1] if self.count else None)
        best = no_hits(len(queries), 0)
        for start in range(0, self.count, BLOCK):
            block = slice(start, start + BLOCK)
            scores = np.asarray(queries, dtype=np.float32) @ self._vectors[block].T
            best = _merged(best, scores, self._ids[block], k)
        missing = no_hits(len(queries), k - best.ids.shape[1])
        return SearchHits(
            np.hstack([best.scores, missing.scores]), np.hstack([best.ids, missing.ids])
        )


def check_queries(queries: NDArray[np.float32], k: int, dimension: int | None) -> None:
    """Refuse queries that an index of this dimension (None: empty) can't answer.

    Raises:
        InputError: it can't.
    """
    if k < 1:
        raise InputError(f"asked for {k} neighbours, at least 1 is needed")
    if queries.ndim != 2 or dimension not in (None, queries.shape[1]):
        raise InputError(f"queries of shape {queries.shape} in an index of dimension {dimension}")


def no_hits(queries: int, k: int) -> SearchHits:
    """Padding: ids of -1 with a score of minus infinity."""
    return SearchHits(
        np.full((queries, k), -np.inf, dtype=np.float32), np.full((queries, k), -1, dtype=np.int64)
    )


def _merged(
    best: SearchHits, scores: NDArray[np.float32], ids: NDArray[np.int64], k: int
) -> SearchHits:
    """The ``k`` best of what was found before and of a block with larger ids."""
    if k < scores.shape[1]:
        top = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
    else:
        top = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    all_scores = np.hstack([best.scores, np.take_along_axis(scores, top, axis=1)])
    all_ids = np.hstack([best.ids, ids[top]])
    order = np.argsort(-all_scores, axis=1, kind="stable")[:, :k]
    return SearchHits(
        np.take_along_axis(all_scores, order, axis=1), np.take_along_axis(all_ids, order, axis=1)
    )
