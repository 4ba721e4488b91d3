"""Which FAISS index suits how many vectors, and making it.

Flat is exact and costs nothing to build. HNSW (Malkov & Yashunin 2018) answers large
collections quickly, keeps the vectors as float16 and is slow to build. IVF with
8-bit scalar codes (one byte a dimension) builds faster and takes less memory; IVF with
product quantisation (Jégou et al. 2011) keeps a quarter of that. The best candidates of
both are scored again by the database's vectors. ``benchmarks/index/index_recall.py`` prints
recall, memory and time of each.
"""

from __future__ import annotations

from enum import StrEnum
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLAT_MOST, HNSW_MOST, SQ8_MOST = 50_000, 200_000, 4_000_000
"""The most vectors that a flat index, HNSW and IVF-SQ8 are chosen for."""

GPU_FLAT_MOST = 2_000_000
"""On a GPU exact search stays quick for longer, and HNSW doesn't run there."""

SAMPLE_PER_LIST = 48
"""Training vectors for each inverted list; FAISS warns below 39."""

_SEED = 20_231


class IndexType(StrEnum):
    """The kinds of index that are made."""

    FLAT = "flat"
    HNSW = "hnsw"
    IVF_SQ8 = "ivf_sq8"
    IVF_PQ = "ivf_pq"


def choose_type(count: int, gpu: bool = False) -> IndexType:
    """The index for so many vectors; on a GPU only kinds that run there."""
    if count <= (GPU_FLAT_MOST if gpu else FLAT_MOST):
        return IndexType.FLAT
    if count <= HNSW_MOST and not gpu:
        return IndexType.HNSW
    return IndexType.IVF_SQ8 if count <= SQ8_MOST else IndexType.IVF_PQ


def lists_for(count: int) -> int:
    """Inverted lists for so many vectors: about twice the square root."""
    return max(1, min(int(2 * count**0.5), count // SAMPLE_PER_LIST, 16_384))


def sample_size(kind: IndexType, count: int) -> int:
    """How many vectors the index has to be trained on."""
    if kind in (IndexType.FLAT, IndexType.HNSW):
        return 0
    return min(count, max(lists_for(count) * SAMPLE_PER_LIST, 256 * SAMPLE_PER_LIST))


def make_index(
    faiss: ModuleType, kind: IndexType, count: int, dimension: int, sample: NDArray[np.float32]
) -> Any:
    """An empty, trained index by inner product; ``sample`` [n, dimension] trains it.

    Its search width is chosen when it is full: see ``widths``.
    """
    metric = faiss.METRIC_INNER_PRODUCT
    if kind is IndexType.FLAT:
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    if kind is IndexType.HNSW:
        graph = faiss.IndexHNSWSQ(dimension, faiss.ScalarQuantizer.QT_fp16, 32, metric)
        graph.hnsw.efConstruction = 100
        graph.train(np.zeros((1, dimension), np.float32))  # fp16 has nothing to learn
        return graph
    lists = lists_for(count)
    coarse = faiss.IndexFlatIP(dimension)
    if kind is IndexType.IVF_SQ8:
        inverted = faiss.IndexIVFScalarQuantizer(
            coarse, dimension, lists, faiss.ScalarQuantizer.QT_8bit, metric
        )
    else:
        inverted = faiss.IndexIVFPQ(coarse, dimension, lists, _pieces(dimension), 8, metric)
        inverted.pq.cp.niter = 10
    inverted.cp.niter, inverted.cp.seed = 8, _SEED
    inverted.cp.max_points_per_centroid = 2 * SAMPLE_PER_LIST
    inverted.train(sample)
    return inverted


def widths(index: Any) -> list[int]:
    """The search widths worth trying, from the fastest to the most thorough."""
    most = getattr(index, "nlist", 1024)
    grown = [max(4, round(most**0.5 / 2))]
    while grown[-1] < most:
        grown.append(min(most, round(grown[-1] * 1.5)))
    return grown


def set_width(index: Any, width: int) -> None:
    """Set ``nprobe`` or ``efSearch``, which are saved with the index."""
    if hasattr(index, "hnsw"):
        index.hnsw.efSearch = width
    else:
        index.nprobe = width


def candidates(kind: str, k: int) -> int:
    """How many of an index's hits are scored again to give ``k``; ``k``: none are.

    Product quantisation mistakes neighbours for one another, so the nearest ten are only
    sure to be among some hundred hits.
    """
    return k * {IndexType.IVF_SQ8: 4, IndexType.IVF_PQ: 100}.get(IndexType(kind), 1)


def _pieces(dimension: int) -> int:
    """Sub-vectors of the product quantiser, of four numbers where that divides."""
    return next(dimension // size for size in (4, 2, 1) if dimension % size == 0)
