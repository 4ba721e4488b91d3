"""Recall, memory, time of each index type against exact search, at several sizes.

Run:  python benchmarks/index/index_recall.py --vectors FILE.npy [--sizes 10000 100000 1000000]
          [--types flat hnsw ivf_sq8 ivf_pq]

The file holds embeddings of real sentences, [n, dimension]; the last 200 of them are the
queries and aren't in the index. Where more are wanted than there are, mixtures of two of
them with noise are added (seed 0): neighbours in the dense regions of real ones. Indexes
are made, widened and rescored by the code of the store, over vectors in memory instead of
a database. The type that the size chooses is marked (*).
Prints a line an index: recall@10, the width it chose, build and query time, file size.
Ends with batched exact search as FAISS comes and as it is set up here.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.types import VectorBatch
from kgbuild.wiring import prepare_threads

QUERIES, K, BATCH = 200, 10, 20_000


class ArrayStore:
    """The vectors of a store, from an array."""

    def __init__(self, vectors: NDArray[np.float16]) -> None:
        self._vectors = vectors

    def vectors(self, kind: str, model: str) -> Iterator[VectorBatch]:
        for begin in range(0, len(self._vectors), BATCH):
            some = self._vectors[begin : begin + BATCH]
            yield VectorBatch(np.arange(begin, begin + len(some), dtype=np.int64), some)

    def vectors_of(self, kind: str, model: str, ids: Sequence[int]) -> VectorBatch:
        rows = np.unique(np.asarray(ids, dtype=np.int64))
        return VectorBatch(rows, self._vectors[rows])


def augmented(real: NDArray[np.float32], count: int) -> NDArray[np.float16]:
    """``count`` unit vectors: the real ones, then mixtures."""
    chance = np.random.default_rng(0)
    out = np.empty((count, real.shape[1]), np.float16)
    at = min(count, len(real))
    out[:at] = real[:at]
    while at < count:
        size = min(BATCH, count - at)
        one, other = chance.integers(0, len(real), (2, size))
        share = chance.uniform(0.05, 0.5, (size, 1)).astype(np.float32)
        mixed = real[one] * (1 - share) + real[other] * share
        mixed += chance.normal(0, 0.01, mixed.shape).astype(np.float32)
        out[at : at + size] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        at += size
    return out


def exact(queries: NDArray[np.float32], store: ArrayStore) -> NDArray[np.int64]:
    """The ids of the ``K`` nearest, by one pass over everything."""
    scores = np.empty((len(queries), 0), np.float32)
    ids = np.empty((len(queries), 0), np.int64)
    for batch in store.vectors("sentence", ""):
        found = np.hstack([scores, queries @ batch.vectors.astype(np.float32).T])
        all_ids = np.hstack([ids, np.broadcast_to(batch.ids, (len(queries), len(batch.ids)))])
        best = np.argpartition(-found, K - 1, axis=1)[:, :K]
        scores, ids = (np.take_along_axis(x, best, axis=1) for x in (found, all_ids))
    return ids


def measure(file: Path, size: int, name: str) -> None:
    """Make one index and print its line; runs in a process of its own, for its memory."""
    from storage.index.build import fill_as
    from storage.index.faiss import FaissIndex, load_faiss
    from storage.index.manifest import METRIC, Manifest
    from storage.index.types import IndexType, choose_type

    real = np.load(file).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    queries, real = real[-QUERIES:], real[:-QUERIES]
    store = ArrayStore(augmented(real, size))
    true = exact(queries, store)
    kind, dimension, faiss = IndexType(name), real.shape[1], load_faiss()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, worked = time.perf_counter(), time.process_time()
    filled = fill_as(faiss, store, ("sentence", ""), kind, (size, dimension))
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    manifest = Manifest(2, "sentence", name, "", dimension, METRIC, size, 0, "", "", "")
    index = FaissIndex(filled, manifest, store)
    began = time.perf_counter()
    hits = np.vstack([index.search(query[None], K).ids for query in queries])
    query_ms = 1000 * (time.perf_counter() - began) / QUERIES
    recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(hits, true, strict=True)])
    with tempfile.TemporaryDirectory() as folder:
        faiss.write_index(filled.index, f"{folder}/index")
        megabytes = (Path(folder) / "index").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    width = getattr(filled.index, "nprobe", None) or (
        filled.index.hnsw.efSearch if hasattr(filled.index, "hnsw") else 0
    )
    chosen = "*" if kind is choose_type(size) else " "
    print(
        f"{size:>9,} {chosen}{name:8} recall@10 {recall:.4f}  width {width:>4}"
        f"  build {seconds:6.1f} s ({cpu:6.1f} s CPU)  query {query_ms:6.2f} ms"
        f"  index {megabytes:6.0f} MB  peak {peak / 1024:5.0f} MB (before {before / 1024:.0f})",
        flush=True,
    )


def settings_ratio(file: Path) -> None:
    """128 queries over 50,000 vectors at once, with each setting, in one process."""
    import faiss

    real = np.load(file).astype(np.float32)
    vectors = augmented(real[:-QUERIES], 50_000).astype(np.float32)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    took = {}
    for threshold in (faiss.cvar.distance_compute_blas_threshold, 800):
        faiss.cvar.distance_compute_blas_threshold = threshold
        runs = []
        for _ in range(7):
            began = time.perf_counter()
            index.search(np.ascontiguousarray(real[-128:]), K)
            runs.append(time.perf_counter() - began)
        took[threshold] = min(runs)
    first, last = took.values()
    core = os.environ.get("OPENBLAS_CORETYPE", "as installed")
    print(
        f"128 queries × 50,000, OPENBLAS_CORETYPE {core}: as FAISS comes {1000 * first:.0f} ms,"
        f" threshold 800 {1000 * last:.0f} ms, {first / last:.1f} times",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--types", nargs="+", default=["flat", "hnsw", "ivf_sq8", "ivf_pq"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one == "settings":
        settings_ratio(chosen.vectors)
    elif chosen.one:
        measure(chosen.vectors, chosen.sizes[0], chosen.one)
    else:
        run_all(chosen.vectors, chosen.sizes, chosen.types)


def run_all(file: Path, sizes: Sequence[int], types: Sequence[str]) -> None:
    os.environ.setdefault("OPENBLAS_CORETYPE", "")
    bare = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    del os.environ["OPENBLAS_CORETYPE"]
    prepare_threads()
    command = [sys.executable, __file__, "--vectors", str(file)]
    for environment in (bare, dict(os.environ)):
        subprocess.run([*command, "--one", "settings"], check=True, env=environment)
    for size in sizes:
        for name in types:
            subprocess.run([*command, "--sizes", str(size), "--one", name], check=True)


if __name__ == "__main__":
    main()
