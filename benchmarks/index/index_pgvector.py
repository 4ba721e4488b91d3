"""pgvector beside FAISS: recall, latency, build time, size, over the same vectors.

Run:  python benchmarks/index/index_pgvector.py --vectors FILE.npy [--sizes 100000 1000000] [--db URL]

Vectors, queries and exact neighbours are those of ``benchmarks/index/index_recall.py``, with FAISS as
it chooses for the size. pgvector is the store's own adapter over a PostgreSQL of the benchmark's
(or ``--db``, an empty database), filled through the table of vectors as ingest fills it. A query
is asked alone, 200 of them; prints a line an index.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from benchmarks.index.index_recall import BATCH, QUERIES, ArrayStore, K, augmented, exact  # noqa: E402
from kgbuild.wiring import prepare_threads  # noqa: E402
from storage.database import copy_rows  # noqa: E402
from storage.index import pgvector  # noqa: E402
from storage.index.pgvector import open_pgvector  # noqa: E402
from storage.sql import SqlStore  # noqa: E402

MODEL = "benchmark"


def asked(index: Any, queries: NDArray[np.float32], true: NDArray[np.int64], first: int) -> str:
    """Recall@10 and the times of single queries; ``first`` is the id of the first vector."""
    times, found = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(index.search(query[None], K).ids[0] - first)
        times.append(1000 * (time.perf_counter() - began))
    recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(found, true, strict=True)])
    p50, p95 = np.percentile(times, [50, 95])
    return f"recall@10 {recall:.4f}  query p50 {p50:6.2f} ms, p95 {p95:6.2f} ms"


def in_faiss(store: ArrayStore, size: int, queries: NDArray[np.float32], true: Any) -> None:
    from storage.index.build import fill_as
    from storage.index.faiss import FaissIndex, load_faiss
    from storage.index.manifest import METRIC, Manifest
    from storage.index.types import choose_type

    kind, dimension, faiss = choose_type(size), queries.shape[1], load_faiss()
    began, worked = time.perf_counter(), time.process_time()
    filled = fill_as(faiss, store, ("sentence", ""), kind, (size, dimension))  # type: ignore[arg-type]
    built, cpu = time.perf_counter() - began, time.process_time() - worked
    manifest = Manifest(2, "sentence", kind, "", dimension, METRIC, size, 0, "", "", "")
    index = FaissIndex(filled, manifest, store)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        faiss.write_index(filled.index, f"{folder}/index")
        megabytes = (Path(folder) / "index").stat().st_size / 1e6
    print(f"{size:>9,} faiss {kind:8} {asked(index, queries, true, 0)}  build {built:6.1f} s"
          f" ({cpu:.1f} s of processor)  {megabytes:6.0f} MB", flush=True)  # fmt: skip


def in_pgvector(
    db: str, vectors: NDArray[np.float16], queries: NDArray[np.float32], true: Any
) -> None:
    with SqlStore.open(db) as store:
        with store._database.writing() as connection:
            connection.execute(text("INSERT INTO models (fingerprint) VALUES (:m)"), {"m": MODEL})
            id = connection.scalar(text("SELECT id FROM models"))
        began = time.perf_counter()
        for start in range(0, len(vectors), BATCH):
            some = np.ascontiguousarray(vectors[start : start + BATCH], dtype="<f2")
            rows = (("sentence", id, start + at, some.shape[1], row.tobytes())
                    for at, row in enumerate(some))  # fmt: skip
            columns = ("kind", "model_id", "row_id", "dimension", "data")
            with store._database.writing() as connection:
                copy_rows(connection, "vectors", columns, rows)
        stored = time.perf_counter() - began
        began = time.perf_counter()
        index = open_pgvector(store, "sentence", MODEL)
        built = time.perf_counter() - began
        began = time.perf_counter()
        open_pgvector(store, "sentence", MODEL)
        opened = time.perf_counter() - began
        table = f"nearest_sentence_{id}"
        with store._database.reading() as connection:
            sizes = [
                connection.scalar(text(f"SELECT pg_relation_size('{name}') / 1e6"))
                for name in (table, f"{table}_hnsw")
            ]
        for width in (100, 200, 400, 800):
            pgvector.WIDTH = width
            line = asked(index, queries, true, 0)
            print(f"{len(vectors):>9,} pgvector hnsw   {line}  width {width}", flush=True)
        print(f"                          build {built:6.1f} s (stored in"
              f" {stored:.1f} s, opened again in {opened:.2f} s)  table {sizes[0]:.0f} MB +"
              f" HNSW {sizes[1]:.0f} MB", flush=True)  # fmt: skip


def main() -> None:
    from tests.storage.databases import new_database, postgresql_server

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000])
    parser.add_argument("--db", help="an empty database")
    given = parser.parse_args()
    prepare_threads()
    real = np.load(given.vectors).astype(np.float32)
    real /= np.linalg.norm(real, axis=1, keepdims=True)
    queries, real = real[-QUERIES:], real[:-QUERIES]
    for size in given.sizes:
        vectors = augmented(real, size)
        store = ArrayStore(vectors)
        true = exact(queries, store)
        in_faiss(store, size, queries, true)
        in_pgvector(
            given.db or new_database(postgresql_server(durable=True)), vectors, queries, true
        )


if __name__ == "__main__":
    main()
