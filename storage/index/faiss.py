"""``FaissIndex``: search by inner product in FAISS, derived from the store's vectors.

The database is the truth; an index is a file that can be made again from it
without running a model, and that refuses to open when it isn't the one that the
store has recorded.
"""

from __future__ import annotations

import ctypes
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import FingerprintError, IndexFileError, StoreBusyError, StoreReadOnlyError
from kgbuild.ports import Store, VectorKind
from kgbuild.types import IndexRecord, SearchHits

from .build import Filled, fill, update
from .exact import check_queries, no_hits
from .manifest import FORMAT, METRIC, Manifest, publish, sweep, verified
from .places import Places, append_places, read_places
from .types import IndexType, candidates

log = logging.getLogger(__name__)

GPU_MOST_HITS = 2048

_resources: Any = None


BLAS_THRESHOLD = 800
"""Queries × dimension from which FAISS multiplies matrices instead of looping; its own is
128,000. The product is faster for any batch, the loop for a single query."""

_MAPS = Path("/proc/self/maps")
_CORE_NAMES = ("openblas_get_corename", "openblas_get_corename64_")


def load_faiss() -> ModuleType:
    """FAISS, with exact batched search by matrix products."""
    import faiss

    faiss.cvar.distance_compute_blas_threshold = BLAS_THRESHOLD
    return faiss


def blas_kernel() -> str:
    """The kernel that the OpenBLAS inside FAISS has chosen, once FAISS is loaded; "" where it
    doesn't say (another BLAS, or a system without ``/proc``)."""
    lines = _MAPS.read_text().splitlines() if _MAPS.exists() else []
    loaded = {line.split()[-1] for line in lines if "openblas" in line}
    for path in sorted(path for path in loaded if "faiss" in path) or sorted(loaded):
        library = ctypes.CDLL(path)
        for name in _CORE_NAMES:
            with suppress(AttributeError):
                asked = getattr(library, name)
                asked.restype = ctypes.c_char_p
                return str(asked().decode())
    return ""


def has_gpu(faiss: ModuleType) -> bool:
    """Whether this FAISS can use a GPU and sees one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0


def to_search(faiss: ModuleType, index: Any) -> Any:
    """What to search in: a copy on the GPU where there is one and it can hold this type."""
    if not has_gpu(faiss) or not index.ntotal:
        return index
    global _resources
    try:
        _resources = _resources or faiss.StandardGpuResources()
        return faiss.index_cpu_to_gpu(_resources, 0, index)
    except RuntimeError as error:
        log.warning("this index is searched on the CPU: %s", str(error).splitlines()[0])
        return index


_ATTEMPTS = 3


class FaissIndex:
    """The ``VectorIndex`` port over a FAISS index; hits are store row ids."""

    def __init__(self, filled: Filled, manifest: Manifest, store: Store) -> None:
        """Wrap an index with its manifest; see ``build_index`` and ``open_index``."""
        self._filled = filled
        self._store = store
        faiss = load_faiss()
        self._searched = to_search(faiss, filled.index)
        self._most = GPU_MOST_HITS if self._searched is not filled.index else filled.index.ntotal
        self.manifest = manifest

    @property
    def count(self) -> int:
        """Vectors in the index."""
        return self._filled.count

    def ids(self) -> NDArray[np.int64]:
        """The store row ids that it holds, ascending."""
        places = self._filled.places
        if places is not None:
            return np.sort(places.ids[places.ids >= 0])
        faiss = load_faiss()
        found: NDArray[np.int64] = faiss.vector_to_array(self._filled.index.id_map)
        return np.sort(found)

    def search(self, queries: NDArray[np.float32], k: int) -> SearchHits:
        """The ``k`` nearest rows of each query [n, dimension].

        Raises:
            InputError: the queries have another dimension, or ``k`` isn't positive.
        """
        check_queries(queries, k, self.manifest.dimension if self.count else None)
        if not self.count or not len(queries):
            return no_hits(len(queries), k)
        wanted = np.ascontiguousarray(queries, dtype=np.float32)
        places = self._filled.places
        if places is None:
            scores, ids = self._searched.search(wanted, k)
            scores[ids < 0] = -np.inf
            return SearchHits(scores, ids)
        wider = candidates(self._filled.kind, k)
        found = self._living(wanted, wider, places)
        return found if wider == k else self._rescored(wanted, found, k)

    def _living(self, queries: NDArray[np.float32], k: int, places: Places) -> SearchHits:
        """Hits that aren't tombstones: more are asked for until enough are among them."""
        total = min(len(places.ids), self._most)
        fetch = min(k + min(places.dead, k), total)
        while True:
            scores, at = self._searched.search(queries, fetch)
            ids = np.where(at >= 0, places.ids[at], -1)
            enough = ((ids >= 0).sum(axis=1) >= k) | (at[:, -1] < 0)
            if fetch == total or enough.all():
                break
            fetch = min(2 * fetch, total)
        order = np.argsort(ids < 0, axis=1, kind="stable")[:, :k]
        scores, ids = (np.take_along_axis(found, order, axis=1) for found in (scores, ids))
        scores[ids < 0] = -np.inf
        missing = no_hits(len(queries), max(0, k - ids.shape[1]))
        return SearchHits(np.hstack([scores, missing.scores]), np.hstack([ids, missing.ids]))

    def _rescored(self, queries: NDArray[np.float32], hits: SearchHits, k: int) -> SearchHits:
        """The best ``k`` of more hits, by the vectors of the database instead of codes."""
        best = no_hits(len(queries), k)
        for row, (query, ids) in enumerate(zip(queries, hits.ids, strict=True)):
            batch = self._store.vectors_of(
                self.manifest.kind, self.manifest.model, ids[ids >= 0].tolist()
            )
            if not len(batch.ids):
                continue
            scores = batch.vectors.astype(np.float32) @ query
            order = np.argsort(-scores, kind="stable")[:k]
            best.scores[row, : len(order)] = scores[order]
            best.ids[row, : len(order)] = batch.ids[order]
        return best


def build_index(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Make the index of all vectors of a kind and model, publish it and have it recorded.

    Raises:
        FingerprintError: only other models' vectors are in the store.
        IndexFileError: the folder can't be written.
        StoreBusyError: a writer kept changing the store meanwhile.
        StoreReadOnlyError: the store can't be written, and its record is of another index.
    """
    for _ in range(_ATTEMPTS):
        made = _made(store, kind, model)
        if store.generation() == made.manifest.generation:
            return _published(made, store, Path(folder))
    raise StoreBusyError(f"the store changed {_ATTEMPTS} times while the {kind} index was made")


def open_index(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Open the index that the store published last, if it is up to date.

    Raises:
        IndexFileError: it is missing, altered, or another; the message names what differs.
    """
    return _opened(store, kind, model, Path(folder), store.generation())


def open_or_rebuild(
    store: Store, kind: VectorKind, model: str, folder: str | os.PathLike[str]
) -> FaissIndex:
    """Open the store's index, or make it again where it is missing, altered, stale or foreign.

    A stale one that knows its rows is brought up to date. Where it can't be published,
    because this user may write neither the store nor the folder or a writer is at work,
    it serves from memory and the files stay as they are.

    Raises:
        FingerprintError: only other models' vectors are in the store.
    """
    try:
        found = open_index(store, kind, model, folder)
        sweep(Path(folder), kind, found.manifest.file)
        return found
    except IndexFileError as error:
        log.info("%s", error)
    made = _updated(store, kind, model, Path(folder)) or _made(store, kind, model)
    try:
        if store.generation() != made.manifest.generation:
            raise StoreBusyError("a writer changed the store meanwhile")
        return _published(made, store, Path(folder))
    except (IndexFileError, StoreBusyError, StoreReadOnlyError) as error:
        log.warning("the %s index was made in memory only: %s", kind, error)
        return made


def refuse_other_models(store: Store, kind: VectorKind, model: str) -> None:
    """Raise ``FingerprintError`` where a store has vectors, but none of this model."""
    known = store.embedders(kind)
    if known and model not in known:
        raise FingerprintError(
            f"the store's {kind} vectors were made with embedder {', '.join(known)}, this one is"
            f" {model}: choose that one (--embedder), or make vectors with this one by"
            "  kgbuild index rebuild --embed"
        )


def _opened(
    store: Store, kind: VectorKind, model: str, folder: Path, generation: int | None
) -> FaissIndex:
    """The recorded index, of a generation or of whichever it was recorded with (None)."""
    manifest = verified(folder, kind, model, generation, store.index_record(kind, model))
    path = folder / manifest.file
    type = IndexType(manifest.type)
    try:
        index = load_faiss().read_index(str(path))
        places = None if type is IndexType.FLAT else read_places(path)
    except RuntimeError as error:
        raise IndexFileError(f"FAISS can't read {path}: {error}") from error
    filled = Filled(index, type, index.d if index.ntotal else 0, places)
    content = manifest.sha256 if places is None else places.content()
    rows = index.ntotal if places is None else len(places.ids)
    for name, value in (
        ("count", filled.count),
        ("dimension", filled.dimension),
        ("content", content),
        ("rows", rows),
    ):
        said = index.ntotal if name == "rows" else getattr(manifest, name)
        if said != value:
            raise IndexFileError(
                f"the {kind} index in {folder} has {name} {value}, its manifest says {said}:"
                " rebuild it with  kgbuild index rebuild"
            )
    return FaissIndex(filled, manifest, store)


def _updated(store: Store, kind: VectorKind, model: str, folder: Path) -> FaissIndex | None:
    """The published index of an earlier generation, brought up to date."""
    generation = store.generation()
    try:
        old = _opened(store, kind, model, folder, None)
    except IndexFileError:
        return None
    now = update(old._filled, store, kind, model, has_gpu(load_faiss()))
    return None if now is None else _described(now, store, kind, model, generation)


def _made(store: Store, kind: VectorKind, model: str) -> FaissIndex:
    """The index of the store's vectors, in memory; its manifest names no file yet."""
    generation = store.generation()
    refuse_other_models(store, kind, model)
    faiss = load_faiss()
    filled = fill(faiss, store, kind, model, has_gpu(faiss))
    return _described(filled, store, kind, model, generation)


def _described(
    filled: Filled, store: Store, kind: VectorKind, model: str, generation: int
) -> FaissIndex:
    manifest = Manifest(
        format=FORMAT,
        kind=kind,
        type=filled.kind.value,
        model=model,
        dimension=filled.dimension,
        metric=METRIC,
        count=filled.count,
        generation=generation,
        content="" if filled.places is None else filled.places.content(),
        file="",
        sha256="",
    )
    return FaissIndex(filled, manifest, store)


def _published(made: FaissIndex, store: Store, folder: Path) -> FaissIndex:
    """Put an index into its folder and have the store record it."""
    kind = made.manifest.kind

    def write(path: Path) -> None:
        try:
            load_faiss().write_index(made._filled.index, str(path))
        except RuntimeError as error:
            raise IndexFileError(f"can't write the {kind} index to {path}: {error}") from error
        if made._filled.places is not None:
            append_places(path, made._filled.places)

    def note(to: Manifest) -> None:
        if store.generation() != to.generation:
            raise StoreBusyError("a writer changed the store meanwhile")
        now = datetime.now(UTC)
        record = IndexRecord(kind, to.model, to.generation, to.count, to.content, now)
        # The same vectors make the same content: it may be recorded already, for another folder.
        if store.index_record(kind, to.model) != record:
            store.record_index(record)

    manifest = publish(folder, made.manifest, write, note)
    made.manifest = manifest
    return made
