"""What every vector index must do: exact search by inner product over store row ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.ports import Store, VectorIndex
from storage.index.exact import ExactIndex
from storage.index.faiss import build_index, open_index, open_or_rebuild
from tests.oracle import MemoryStore
from tests.storage.samples import DIMENSION, EMBEDDER, record, some_vectors

Maker = Callable[[Store, Path], VectorIndex]


def exact(store: Store, folder: Path) -> VectorIndex:
    return ExactIndex.from_store(store, "sentence", EMBEDDER)


def faiss_built(store: Store, folder: Path) -> VectorIndex:
    return build_index(store, "sentence", EMBEDDER, folder)


def faiss_opened(store: Store, folder: Path) -> VectorIndex:
    build_index(store, "sentence", EMBEDDER, folder)
    return open_index(store, "sentence", EMBEDDER, folder)


def faiss_rebuilt(store: Store, folder: Path) -> VectorIndex:
    return open_or_rebuild(store, "sentence", EMBEDDER, folder)


@pytest.fixture(params=(exact, faiss_built, faiss_opened, faiss_rebuilt), ids=lambda f: f.__name__)
def make(request: pytest.FixtureRequest) -> Maker:
    maker: Maker = request.param
    return maker


def filled(sentences: int) -> tuple[Store, NDArray[np.int64], NDArray[np.float32]]:
    store = MemoryStore()
    store.add_document(record("gone", "[Иван|PERSON] тут. И там."))
    store.delete_document("gone")
    store.add_document(record("a", "Раз. " * sentences, vectors=True))
    batch = next(iter(store.vectors("sentence", EMBEDDER)))
    return store, batch.ids, batch.vectors.astype(np.float32)


def test_finds_the_nearest_rows_in_order(make: Maker, tmp_path: Path) -> None:
    store, ids, vectors = filled(200)
    index = make(store, tmp_path)
    queries = some_vectors(7, "queries").astype(np.float32)
    hits = index.search(queries, 5)
    order = np.argsort(-(queries @ vectors.T), axis=1)[:, :5]
    assert index.count == 200
    assert (hits.ids.dtype, hits.scores.dtype) == (np.int64, np.float32)
    np.testing.assert_array_equal(hits.ids, ids[order])
    expected = np.take_along_axis(queries @ vectors.T, order, axis=1)
    np.testing.assert_allclose(hits.scores, expected, atol=1e-5)


def test_a_row_finds_itself(make: Maker, tmp_path: Path) -> None:
    store, ids, vectors = filled(30)
    hits = make(store, tmp_path).search(vectors, 1)
    np.testing.assert_array_equal(hits.ids[:, 0], ids)
    passages = store.passages(hits.ids[:, 0].tolist())
    assert all(passage is not None and passage.document == "a" for passage in passages)


def test_pads_where_there_are_fewer(make: Maker, tmp_path: Path) -> None:
    store, ids, vectors = filled(2)
    hits = make(store, tmp_path).search(vectors[:1], 4)
    assert sorted(hits.ids[0, :2].tolist()) == ids.tolist()
    assert hits.ids[0, 2:].tolist() == [-1, -1]
    assert hits.scores[0, 2:].tolist() == [-np.inf, -np.inf]


def test_an_empty_store_gives_an_empty_index(make: Maker, tmp_path: Path) -> None:
    index = make(MemoryStore(), tmp_path)
    hits = index.search(some_vectors(2).astype(np.float32), 3)
    assert index.count == 0
    assert hits.ids.tolist() == [[-1] * 3] * 2


def test_no_queries_no_hits(make: Maker, tmp_path: Path) -> None:
    store, _, _ = filled(3)
    hits = make(store, tmp_path).search(np.empty((0, DIMENSION), dtype=np.float32), 2)
    assert hits.ids.shape == hits.scores.shape == (0, 2)


def test_refuses_what_it_cannot_answer(make: Maker, tmp_path: Path) -> None:
    store, _, vectors = filled(3)
    index = make(store, tmp_path)
    with pytest.raises(InputError, match="dimension"):
        index.search(np.ones((1, DIMENSION + 1), dtype=np.float32), 1)
    with pytest.raises(InputError, match="at least 1"):
        index.search(vectors, 0)
