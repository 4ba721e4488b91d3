"""What every vector index must do: exact search by inner product over store row ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.ports import Store, VectorIndex
from storage.index.exact import ExactIndex
from storage.index.faiss import build_index, open_index, open_or_rebuild
from storage.index.pgvector import open_pgvector
from tests.storage.databases import drop_store, open_store
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


def pgvector_exact(store: Store, folder: Path) -> VectorIndex:
    return open_pgvector(store, "sentence", EMBEDDER)


def pgvector_hnsw(store: Store, folder: Path) -> VectorIndex:
    return open_pgvector(store, "sentence", EMBEDDER)


MAKERS = (exact, faiss_built, faiss_opened, faiss_rebuilt, pgvector_exact, pgvector_hnsw)


@pytest.fixture(params=MAKERS, ids=lambda f: f.__name__)
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Maker:
    maker: Maker = request.param
    if maker is pgvector_hnsw:
        monkeypatch.setattr("storage.index.pgvector.HNSW_FROM", 1)
    return maker


@pytest.fixture
def held(make: Maker, store: Store, tmp_path: Path) -> Iterator[Store]:
    """An empty store of a kind that the index is made of."""
    opened = open_store("postgresql" if "pgvector" in make.__name__ else "memory", tmp_path)
    yield opened
    drop_store(opened)


def filled(store: Store, sentences: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    store.add_document(record("gone", "[Иван|PERSON] тут. И там."))
    store.delete_document("gone")
    store.add_document(record("a", "Раз. " * sentences, vectors=True))
    batch = next(iter(store.vectors("sentence", EMBEDDER)))
    return batch.ids, batch.vectors.astype(np.float32)


def test_finds_the_nearest_rows_in_order(make: Maker, held: Store, tmp_path: Path) -> None:
    ids, vectors = filled(held, 200)
    index = make(held, tmp_path)
    queries = some_vectors(7, "queries").astype(np.float32)
    hits = index.search(queries, 5)
    order = np.argsort(-(queries @ vectors.T), axis=1)[:, :5]
    assert index.count == 200
    assert (hits.ids.dtype, hits.scores.dtype) == (np.int64, np.float32)
    np.testing.assert_array_equal(hits.ids, ids[order])
    expected = np.take_along_axis(queries @ vectors.T, order, axis=1)
    np.testing.assert_allclose(hits.scores, expected, atol=1e-5)


def test_a_row_finds_itself(make: Maker, held: Store, tmp_path: Path) -> None:
    ids, vectors = filled(held, 30)
    hits = make(held, tmp_path).search(vectors, 1)
    np.testing.assert_array_equal(hits.ids[:, 0], ids)
    passages = held.passages(hits.ids[:, 0].tolist())
    assert all(passage is not None and passage.document == "a" for passage in passages)


def test_pads_where_there_are_fewer(make: Maker, held: Store, tmp_path: Path) -> None:
    ids, vectors = filled(held, 2)
    hits = make(held, tmp_path).search(vectors[:1], 4)
    assert sorted(hits.ids[0, :2].tolist()) == ids.tolist()
    assert hits.ids[0, 2:].tolist() == [-1, -1]
    assert hits.scores[0, 2:].tolist() == [-np.inf, -np.inf]


def test_an_empty_store_gives_an_empty_index(make: Maker, held: Store, tmp_path: Path) -> None:
    index = make(held, tmp_path)
    hits = index.search(some_vectors(2).astype(np.float32), 3)
    assert index.count == 0
    assert hits.ids.tolist() == [[-1] * 3] * 2


def test_no_queries_no_hits(make: Maker, held: Store, tmp_path: Path) -> None:
    filled(held, 3)
    hits = make(held, tmp_path).search(np.empty((0, DIMENSION), dtype=np.float32), 2)
    assert hits.ids.shape == hits.scores.shape == (0, 2)


def test_refuses_what_it_cannot_answer(make: Maker, held: Store, tmp_path: Path) -> None:
    _, vectors = filled(held, 3)
    index = make(held, tmp_path)
    with pytest.raises(InputError, match="dimension"):
        index.search(np.ones((1, DIMENSION + 1), dtype=np.float32), 1)
    with pytest.raises(InputError, match="at least 1"):
        index.search(vectors, 0)


def test_follows_what_comes_changes_and_goes(make: Maker, held: Store, tmp_path: Path) -> None:
    filled(held, 30)
    make(held, tmp_path)
    held.add_document(record("b", "Два. " * 5, vectors=True))
    [*_, last] = [int(row) for row, _ in _rows(held)]
    changed = some_vectors(1, "changed")
    held.add_vectors("sentence", EMBEDDER, [last], changed)
    held.delete_document("a")
    index = make(held, tmp_path)
    hits = index.search(changed.astype(np.float32), 6)
    assert index.count == 5
    assert hits.ids[0, 0] == last
    assert sorted(hits.ids[0, :5].tolist()) == [row for row, _ in _rows(held)]
    assert hits.ids[0, 5] == -1


def _rows(store: Store) -> list[tuple[int, NDArray[np.float16]]]:
    return [
        (int(row), vector)
        for batch in store.vectors("sentence", EMBEDDER)
        for row, vector in zip(batch.ids, batch.vectors, strict=True)
    ]
