"""``FaissIndex``: exact inner product search in FAISS, derived from the store's vectors.

The database is the truth; an index is a file that can be made again from it
without running a model, and that refuses to open when it isn't the one that the
store has recorded.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import IndexFileError, StoreBusyError, StoreReadOnlyError
from kgbuild.ports import Store, VectorKind
from kgbuild.types import IndexRecord, SearchHits

from .exact_index import check_queries, no_hits
from .index_manifest import FORMAT, METRIC, Manifest, publish, refuse_contents, verified

log = logging.getLogger(__name__)

_ATTEMPTS = 3


class FaissIndex:
    """The ``VectorIndex`` port over a flat FAISS index, whose ids are store row ids."""

    def __init__(self, index: Any, manifest: Manifest) -> None:
        """Wrap an ``IndexIDMap2`` with its manifest; see ``build_index`` and ``open_index``."""
        self._index = index
        self.manifest = manifest

    @property
    def count(self) -> int:
        """Vectors in the index."""
        return int(self._index.ntotal)

    def search(self, queries: NDArray[np.float32], k: int) -> SearchHits:
        """The ``k`` nearest rows of each query [n, dimension].

        Raises:
            InputError: the queries have another dimension, or ``k`` isn't positive.
        """
        check_queries(queries, k, self.manifest.dimension if self.count else None)
        if not self.count or not len(queries):
            return no_hits(len(queries), k)
        scores, ids = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k)
        scores[ids < 0] = -np.inf
        return SearchHits(scores, ids)


def build_index(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Make the index of all vectors of a kind and model, publish it and have it recorded.

    Raises:
        IndexFileError: the folder can't be written.
        StoreBusyError: a writer kept changing the store meanwhile.
        StoreReadOnlyError: the store can't be written, and its record is of another index.
    """
    for _ in range(_ATTEMPTS):
        made = _made(store, kind, model)
        if store.generation() == made.manifest.generation:
            return _published(store, kind, made, Path(folder))
    raise StoreBusyError(f"the store changed {_ATTEMPTS} times while the {kind} index was made")


def open_index(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Open the index that the store published last, if it is up to date.

    Raises:
        IndexFileError: it is missing, altered, or another; the message names what differs.
    """
    faiss = _faiss()
    place = Path(folder)
    record = store.index_record(kind, model)
    manifest = verified(place, kind, model, store.generation(), record)
    try:
        index = faiss.read_index(str(place / manifest.file))
    except RuntimeError as error:
        raise IndexFileError(f"FAISS can't read {place / manifest.file}: {error}") from error
    refuse_contents(place, manifest, index.ntotal, index.d if index.ntotal else 0)
    return FaissIndex(index, manifest)


def open_or_rebuild(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Open the store's index, or make it again where it is missing, altered, stale or foreign.

    Where it can't be published, because this user may write neither the store nor the
    folder or a writer is at work, it serves from memory and the files stay as they are.
    """
    try:
        return open_index(store, kind, model, folder)
    except IndexFileError as error:
        log.info("%s", error)
    made = _made(store, kind, model)
    try:
        if store.generation() != made.manifest.generation:
            raise StoreBusyError("a writer changed the store meanwhile")
        return _published(store, kind, made, Path(folder))
    except (IndexFileError, StoreBusyError, StoreReadOnlyError) as error:
        log.warning("the %s index was made in memory only: %s", kind, error)
        return made


def _faiss() -> ModuleType:
    import faiss

    # FAISS multiplies matrices from queries × dimension = 128,000 on and loops below;
    # the product is faster for any batch, the loop for a single query.
    faiss.cvar.distance_compute_blas_threshold = 800
    return faiss


def _made(store: Store, kind: VectorKind, model: str) -> FaissIndex:
    """The index of the store's vectors, in memory; its manifest names no file yet."""
    generation = store.generation()
    index, dimension = _filled(_faiss(), store, kind, model)
    manifest = Manifest(
        format=FORMAT,
        kind=kind,
        model=model,
        dimension=dimension,
        metric=METRIC,
        count=index.ntotal,
        generation=generation,
        file="",
        sha256="",
    )
    return FaissIndex(index, manifest)


def _published(store: Store, kind: VectorKind, made: FaissIndex, folder: Path) -> FaissIndex:
    """Put an index into its folder and have the store record it."""

    def write(path: Path) -> None:
        try:
            _faiss().write_index(made._index, str(path))
        except RuntimeError as error:
            raise IndexFileError(f"can't write the {kind} index to {path}: {error}") from error

    def note(to: Manifest) -> None:
        now = datetime.now(UTC)
        record = IndexRecord(kind, to.model, to.generation, to.count, to.sha256, now)
        # The same vectors make the same file: it may be recorded already, for another folder.
        if store.index_record(kind, to.model) != record:
            store.record_index(record)

    return FaissIndex(made._index, publish(folder, made.manifest, write, note))


def _filled(faiss: ModuleType, store: Store, kind: VectorKind, model: str) -> tuple[Any, int]:
    """An index of the store's vectors and their dimension; 0 where there are none."""
    index, dimension = None, 0
    for batch in store.vectors(kind, model):
        if index is None:
            dimension = batch.vectors.shape[1]
            index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        index.add_with_ids(batch.vectors.astype(np.float32), batch.ids)
    if index is None:
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(1))
    return index, dimension
