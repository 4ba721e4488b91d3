"""Approximate indexes: chosen by size, close to exact search, brought up to date in place."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kgbuild.errors import FingerprintError, IndexFileError
from kgbuild.types import Document, DocumentRecord, Sentence
from storage.index import build
from storage.index import faiss as faiss_index
from storage.index.exact import ExactIndex
from storage.index.faiss import build_index, open_index, open_or_rebuild
from storage.index.manifest import manifest_path
from storage.index.places import digests_of
from storage.index.types import (
    FLAT_MOST,
    GPU_FLAT_MOST,
    HNSW_MOST,
    SQ8_MOST,
    IndexType,
    choose_type,
    widths,
)
from storage.sql import SqlStore
from tests.oracle import MemoryStore

MODEL, DIMENSION = "model-1", 32
APPROXIMATE = (IndexType.HNSW, IndexType.IVF_SQ8, IndexType.IVF_PQ)


def add(store: MemoryStore | SqlStore, source: str, count: int, seed: int) -> None:
    """A document of sentences whose vectors lie in clusters, as embeddings do."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(size=(12, DIMENSION))
    vectors = centres[chance.integers(0, 12, count)] + chance.normal(size=(count, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sentences = tuple(Sentence(2 * i, 2 * i + 1) for i in range(count))
    document = Document(source, "а " * count, f"{seed:064}")
    store.add_document(
        DocumentRecord(document, sentences, (), (), "x", vectors.astype(np.float16), MODEL)
    )


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for number in range(6):
        add(store, f"d{number}", 500, number)
    return store


@pytest.fixture(params=APPROXIMATE)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> IndexType:
    """Every store is large enough for this type."""
    monkeypatch.setattr(build, "choose_type", lambda count, gpu=False: request.param)
    chosen: IndexType = request.param
    return chosen


def queries() -> np.ndarray:
    chance = np.random.default_rng(5)
    centres = np.random.default_rng(9).normal(size=(12, DIMENSION))
    found = centres[chance.integers(0, 12, 40)] + chance.normal(size=(40, DIMENSION))
    found = found.astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def recall(index: Any, store: Any) -> float:
    exact = ExactIndex.from_store(store, "sentence", MODEL).search(queries(), 10)
    found = index.search(queries(), 10)
    assert (np.diff(found.scores) <= 0).all()
    return float(
        np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.ids, exact.ids, strict=True)])
    )


def ids_of(store: Any) -> list[int]:
    return [int(id) for batch in store.vectors("sentence", MODEL) for id in batch.ids]


@pytest.mark.parametrize(
    ("recalls", "chosen"),
    [((0.98, 0.9895, 0.991), 2), ((0.95, 0.975, 0.976, 0.9765), 1), ((0.995,), 0)],
)
def test_the_wanted_recall_is_reached_where_it_can_be(
    recalls: tuple[float, ...], chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list(range(1, len(recalls) + 1))
    monkeypatch.setattr(build, "widths", lambda index: tried)
    index, left = SimpleNamespace(nprobe=0), iter(recalls)
    nearest: Any = SimpleNamespace(recall=lambda index, fetch, digests: next(left))
    build._widen(index, IndexType.IVF_PQ, nearest, np.empty(0))
    assert index.nprobe == tried[chosen]


@pytest.mark.parametrize("wanted", [build.RECALL, 1.1])
def test_sentences_that_are_all_the_same_need_no_wide_search(
    kind: IndexType, wanted: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    import faiss

    monkeypatch.setattr(build, "RECALL", wanted)  # 1.1: never reached
    store = MemoryStore()
    vectors = np.full((3000, DIMENSION), DIMENSION**-0.5, dtype=np.float16)
    sentences = tuple(Sentence(2 * i, 2 * i + 1) for i in range(len(vectors)))
    document = Document("headers", "а " * len(vectors), "0" * 64)
    store.add_document(DocumentRecord(document, sentences, (), (), "x", vectors, MODEL))
    index = build.fill(faiss, store, "sentence", MODEL, gpu=False).index
    hnsw = kind is IndexType.HNSW
    width = index.hnsw.efSearch if hnsw else index.nprobe
    assert width == widths(index)[build.GRAPH_SPARE if hnsw else 0]


def test_size_chooses() -> None:
    sizes = (0, FLAT_MOST, FLAT_MOST + 1, HNSW_MOST + 1, SQ8_MOST + 1)
    assert [choose_type(n).value for n in sizes] == ["flat", "flat", "hnsw", "ivf_sq8", "ivf_pq"]
    on_gpu = [choose_type(n, gpu=True).value for n in (HNSW_MOST, GPU_FLAT_MOST + 1)]
    assert on_gpu == ["flat", "ivf_sq8"], "HNSW doesn't run there"


def test_close_to_exact_search_and_the_same_when_opened(
    kind: IndexType, store: MemoryStore, tmp_path: Path
) -> None:
    built = build_index(store, "sentence", MODEL, tmp_path)
    opened = open_index(store, "sentence", MODEL, tmp_path)
    assert opened.manifest.type == kind.value
    assert recall(opened, store) >= 0.97
    assert opened.ids().tolist() == ids_of(store)
    for one, other in zip(
        vars_of(built.search(queries(), 10)), vars_of(opened.search(queries(), 10)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def vars_of(hits: Any) -> tuple[np.ndarray, np.ndarray]:
    return hits.scores, hits.ids


def test_changes_are_taken_in_without_making_it_anew(
    kind: IndexType, store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(store, "sentence", MODEL, tmp_path)
    monkeypatch.setattr(faiss_index, "fill", None)  # an index made anew would call it
    store.delete_document("d3")
    add(store, "d3", 300, 33)  # other vectors
    add(store, "new", 100, 44)
    with pytest.raises(IndexFileError, match="has generation"):
        open_index(store, "sentence", MODEL, tmp_path)
    updated = open_or_rebuild(store, "sentence", MODEL, tmp_path)
    opened = open_index(store, "sentence", MODEL, tmp_path)
    for index in (updated, opened):
        assert index.count == len(ids_of(store)) == 2900
        assert index.ids().tolist() == ids_of(store)
        assert recall(index, store) >= 0.97
    assert set(opened.search(queries(), 50).ids.ravel()) <= set(ids_of(store))


def test_many_tombstones_make_it_anew(kind: IndexType, store: MemoryStore, tmp_path: Path) -> None:
    build_index(store, "sentence", MODEL, tmp_path)
    for number in range(5):
        store.delete_document(f"d{number}")
    index = open_or_rebuild(store, "sentence", MODEL, tmp_path)
    assert index._filled.places is not None
    assert (index.count, index._filled.places.dead) == (500, 0)


def test_a_row_with_another_vector_is_noticed(
    kind: IndexType, store: MemoryStore, tmp_path: Path
) -> None:
    build_index(store, "sentence", MODEL, tmp_path)
    ids = ids_of(store)[:200]
    other = np.roll(store.vectors_of("sentence", MODEL, ids).vectors, 1, axis=0)
    store.add_vectors("sentence", MODEL, ids, other)
    index = open_or_rebuild(store, "sentence", MODEL, tmp_path)
    assert index._filled.places is not None
    assert index._filled.places.dead == 200
    assert index.ids().tolist() == ids_of(store)
    assert recall(index, store) >= 0.97


def test_another_embedder_is_refused_by_name(store: MemoryStore, tmp_path: Path) -> None:
    open_or_rebuild(store, "sentence", MODEL, tmp_path)
    with pytest.raises(FingerprintError) as caught:
        open_or_rebuild(store, "sentence", "model-2", tmp_path)
    message = str(caught.value)
    assert "made with embedder model-1, this one is model-2" in message
    assert "kgbuild index rebuild --embed" in message


@pytest.mark.parametrize("sql", [False, True])
def test_vectors_of_rows_and_their_models(sql: bool, tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "graph.db") if sql else MemoryStore()
    assert store.embedders("sentence") == []
    add(store, "a", 5, 1)
    [batch] = store.vectors("sentence", MODEL)
    found = store.vectors_of("sentence", MODEL, [int(batch.ids[3]), 999, int(batch.ids[1])])
    assert found.ids.tolist() == batch.ids[[1, 3]].tolist()
    np.testing.assert_array_equal(found.vectors, batch.vectors[[1, 3]])
    assert len(store.vectors_of("sentence", "other", [1]).ids) == 0
    assert (store.embedders("sentence"), store.embedders("entity")) == ([MODEL], [])
    store.close()


def test_digests_differ_by_any_bit() -> None:
    vectors = np.random.default_rng(0).normal(size=(1, 384)).astype(np.float16)
    bits = np.unpackbits(vectors.view(np.uint8)).reshape(1, -1)
    flipped = np.repeat(bits, bits.shape[1], axis=0) ^ np.eye(bits.shape[1], dtype=np.uint8)
    changed = digests_of(np.packbits(flipped, axis=1).view(np.float16))
    assert len({*changed.tolist(), *digests_of(vectors).tolist()}) == bits.shape[1] + 1


# A GPU: none is at hand, so what is tested is which calls are made.


def test_a_gpu_is_used_where_faiss_has_one(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[Any] = []

    def to_gpu(resources: str, device: int, index: Any) -> Any:
        copied.append((resources, device))
        return index

    real = faiss_index.load_faiss()
    fake = SimpleNamespace(
        **{name: getattr(real, name) for name in ("IndexIDMap2", "IndexFlatIP", "write_index",
                                                  "METRIC_INNER_PRODUCT", "vector_to_array")},
        StandardGpuResources=lambda: "resources",
        get_num_gpus=lambda: 1,
        index_cpu_to_gpu=to_gpu,
    )  # fmt: skip
    monkeypatch.setattr(faiss_index, "load_faiss", lambda: fake)
    monkeypatch.setattr(faiss_index, "_resources", None)
    index = build_index(store, "sentence", MODEL, tmp_path)
    assert copied == [("resources", 0)]
    assert recall(index, store) == 1.0
    assert manifest_path(tmp_path, "sentence").exists(), "what is saved is the one on the CPU"


def test_a_gpu_that_refuses_leaves_the_search_on_the_cpu(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("out of memory\nat …")

    index = SimpleNamespace(ntotal=1)
    fake: Any = SimpleNamespace(
        StandardGpuResources=object, get_num_gpus=lambda: 1, index_cpu_to_gpu=refuse
    )
    assert faiss_index.to_search(fake, index) is index
    assert "searched on the CPU: out of memory" in caplog.text
    none: Any = SimpleNamespace(get_num_gpus=lambda: 0)
    assert not faiss_index.has_gpu(none)
