"""Filling an index from a store's vectors, choosing its width, bringing it up to date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import StoreBusyError
from kgbuild.ports import Store, VectorKind
from kgbuild.types import VectorBatch

from .places import Places, digests_of, no_places
from .types import IndexType, candidates, choose_type, make_index, sample_size, set_width, widths

RECALL = 0.99
"""Recall@10 against exact search that a new index must reach on made-up queries."""
LITTLE = 0.002
"""Recall that a wider search isn't worth: where ``RECALL`` can't be reached, as with many vectors
in few bytes each, all the lists would be read for it."""

GRAPH_SPARE = 3
"""Steps of width (each half as much again) that HNSW gets beyond what they need: a search
through its graph misses more of a question's neighbours (0.95 for 0.985 among 100,000)."""

DEAD_MOST = 0.2
"""The share of tombstones from which an index is made anew."""

_QUERIES, _NEAREST = 200, 10


@dataclass(frozen=True, slots=True)
class Filled:
    """A FAISS index of a store's vectors; ``places`` is None where it knows row ids itself."""

    index: Any
    kind: IndexType
    dimension: int
    places: Places | None = None

    @property
    def count(self) -> int:
        """Vectors that a search can find."""
        return int(self.index.ntotal) if self.places is None else self.places.living


def fill(faiss: ModuleType, store: Store, kind: VectorKind, model: str, gpu: bool) -> Filled:
    """An index of all vectors of a kind and model, of the type that suits their number.

    Raises:
        StoreBusyError: their number changed meanwhile.
    """
    held: list[VectorBatch] = []
    batches = store.vectors(kind, model)
    count = 0
    for batch in batches:
        held.append(batch)
        count += len(batch.ids)
        if choose_type(count, gpu) is not IndexType.FLAT:
            break
    else:
        return _flat(faiss, held)
    count += sum(len(batch.ids) for batch in batches)
    dimension = held[0].vectors.shape[1]
    return fill_as(faiss, store, (kind, model), choose_type(count, gpu), (count, dimension))


def fill_as(
    faiss: ModuleType,
    store: Store,
    of: tuple[VectorKind, str],
    type: IndexType,
    shape: tuple[int, int],
) -> Filled:
    """An approximate index of ``shape`` (vectors, dimension), of a given type."""
    count, dimension = shape
    if type is IndexType.FLAT:
        return _flat(faiss, list(store.vectors(*of)))
    sample = _sampled(store.vectors(*of), count, sample_size(type, count))
    index = make_index(faiss, type, count, dimension, sample)
    queries = _sampled(store.vectors(*of), count, _QUERIES)
    nearest, places = _Nearest(queries), no_places()
    for batch in store.vectors(*of):
        vectors = batch.vectors.astype(np.float32)
        nearest.see(vectors, len(places.ids))
        index.add(vectors)
        places = places.joined(Places(batch.ids, digests_of(batch.vectors)))
    if len(places.ids) != count:
        raise StoreBusyError("a writer changed the store meanwhile")
    _widen(index, type, nearest, places.digests)
    return Filled(index, type, dimension, places)


def update(
    old: Filled, store: Store, kind: VectorKind, model: str, gpu: bool = False
) -> Filled | None:
    """An index brought up to date with the store; None where it is better made anew.

    The old one may be changed: it is no more to be used.
    """
    if old.places is None:
        return None
    known = np.argsort(old.places.ids, kind="stable")
    seen = np.zeros(len(known), dtype=bool)
    added: list[VectorBatch] = []
    for batch in store.vectors(kind, model):
        digests = digests_of(batch.vectors)
        at = np.searchsorted(old.places.ids, batch.ids, sorter=known)
        place = known[np.minimum(at, len(known) - 1)]
        same = (old.places.ids[place] == batch.ids) & (old.places.digests[place] == digests)
        seen[place[same]] = True
        if not same.all():
            added.append(VectorBatch(batch.ids[~same], batch.vectors[~same]))
    places = old.places.without(np.flatnonzero(~seen))
    for batch in added:
        places = places.joined(Places(batch.ids, digests_of(batch.vectors)))
    grown = len(places.ids) > 2 * max(1, len(known))
    if places.dead > DEAD_MOST * len(places.ids) or grown:
        return None
    if choose_type(places.living, gpu) is not old.kind:
        return None
    for batch in added:
        old.index.add(batch.vectors.astype(np.float32))
    return Filled(old.index, old.kind, old.dimension, places)


def _flat(faiss: ModuleType, batches: list[VectorBatch]) -> Filled:
    if not batches:
        empty = make_index(faiss, IndexType.FLAT, 0, 1, np.empty((0, 1), np.float32))
        return Filled(empty, IndexType.FLAT, 0)
    dimension = batches[0].vectors.shape[1]
    index = make_index(faiss, IndexType.FLAT, 0, dimension, np.empty((0, dimension), np.float32))
    for batch in batches:
        index.add_with_ids(batch.vectors.astype(np.float32), batch.ids)
    return Filled(index, IndexType.FLAT, dimension)


def _sampled(batches: Iterator[VectorBatch], count: int, wanted: int) -> NDArray[np.float32]:
    """``wanted`` vectors spread evenly over ``count``."""
    if not wanted:
        return np.empty((0, 0), np.float32)
    picks = np.linspace(0, count - 1, wanted).astype(np.int64)
    out: NDArray[np.float32] | None = None
    begin = filled = 0
    for batch in batches:
        here = picks[(picks >= begin) & (picks < begin + len(batch.ids))] - begin
        if out is None:  # filled in place: pieces and their sum would take twice the memory
            out = np.empty((wanted, batch.vectors.shape[1]), np.float32)
        out[filled : filled + len(here)] = batch.vectors[here]
        filled += len(here)
        begin += len(batch.ids)
    if out is None or filled < wanted:
        raise StoreBusyError("a writer changed the store meanwhile")
    return out


class _Nearest:
    """The exact nearest places of made-up queries, found while an index is filled.

    Stored vectors find themselves and their neighbours more easily than a question does, and
    so do points between two of them. The queries lie between three, nearer to one: of those
    that were tried, they find at a width what questions find there, or a little less.
    """

    def __init__(self, stored: NDArray[np.float32]) -> None:
        others = sum(np.roll(stored, len(stored) * part // 3, axis=0) for part in (1, 2))
        between = stored + 0.5 * others
        self.queries = between / np.linalg.norm(between, axis=1, keepdims=True)
        self._scores = np.full((len(stored), _NEAREST), -np.inf, np.float32)
        self.places = np.full((len(stored), _NEAREST), -1, np.int64)

    def see(self, vectors: NDArray[np.float32], first: int) -> None:
        """Take in the vectors of the places from ``first`` on."""
        scores = np.hstack([self._scores, self.queries @ vectors.T])
        new = np.broadcast_to(np.arange(first, first + len(vectors)), (len(scores), len(vectors)))
        places = np.hstack([self.places, new])
        best = np.argpartition(-scores, _NEAREST - 1, axis=1)[:, :_NEAREST]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self.places = np.take_along_axis(places, best, axis=1)

    def recall(self, index: Any, fetch: int, digests: NDArray[Any]) -> float:
        """The share of them among an index's first ``fetch`` hits; equal vectors count as one."""
        _, found = index.search(self.queries, fetch)
        shares = []
        for row, true in zip(found, self.places, strict=True):
            wanted = set(digests[true].tolist())
            shares.append(len(wanted & set(digests[row[row >= 0]].tolist())) / len(wanted))
        return float(np.mean(shares))


def _widen(index: Any, type: IndexType, nearest: _Nearest, digests: NDArray[Any]) -> None:
    """Search as widely as the wanted recall needs, or as more no longer helps."""
    tried = widths(index)
    spare = GRAPH_SPARE if type is IndexType.HNSW else 0
    recalls: list[float] = []
    for width in tried:
        set_width(index, width)
        recalls.append(nearest.recall(index, candidates(type, _NEAREST), digests))
        if recalls[-1] >= RECALL:
            break
    enough = RECALL if recalls[-1] >= RECALL else max(recalls) - LITTLE
    step = next(step for step, recall in enumerate(recalls) if recall >= enough)
    set_width(index, tried[min(step + spare, len(tried) - 1)])


def all_vectors(batches: Iterator[VectorBatch]) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Ids and vectors of batches in one piece; of none, empty ones."""
    first = next(batches, None)
    if first is None:
        return np.empty(0, np.int64), np.empty((0, 0), np.float16)
    found = list(chain([first], batches))
    return np.concatenate([b.ids for b in found]), np.concatenate([b.vectors for b in found])
