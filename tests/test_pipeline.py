"""The line over the reference store: what fails stays alone, what is done stays done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FAILS, FakeEmbedder, FakeExtractor
from numpy.typing import NDArray

from kgbuild import pipeline
from kgbuild.errors import InputError, ReadError, StoreError
from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.pipeline import STAGES, BuildReport, Parts, build
from kgbuild.ports import PromptName, Store, VectorIndex, VectorKind
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import AddResult, DocumentRecord, Mention, Name
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker
from storage.index.exact import ExactIndex
from tests.oracle import MemoryStore

ADDED, UNCHANGED, REPLACED = AddResult.ADDED, AddResult.UNCHANGED, AddResult.REPLACED

TEXTS = {
    "a.txt": "Иван Петров работает в Газпроме. Мария живёт в Москве.",
    "b.txt": "Мария Иванова работает в Лукойле.",
    "c.txt": "Олег живёт в Твери.\nИван Петров живёт в Москве.",
}


class CountingStore(MemoryStore):
    """Remembers the sources of each writing call: one is one transaction."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[list[str]] = []

    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        self.added.append([record.document.source for record in records])
        return super().add_documents(records)


@pytest.fixture
def parts() -> Parts:
    return Parts(FakeExtractor(), RussianNormalizer(), FakeEmbedder(), CountingStore())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return write(tmp_path, TEXTS)


def write(folder: Path, texts: dict[str, str]) -> list[Path]:
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    results = report.results
    return results[ADDED], results[UNCHANGED], results[REPLACED], len(report.failures)


def test_documents_go_in_with_all_that_was_seen(parts: Parts, files: list[Path]) -> None:
    report = build(files, parts)
    assert counts(report) == (3, 0, 0, 0)
    assert report.done == 3
    stats = parts.store.stats()
    assert (stats.documents, stats.sentences) == (3, 5)
    assert (stats.mentions, stats.relation_mentions) == (10, 5)
    documents = list(parts.store.documents())
    assert [d.text for d in documents] == list(TEXTS.values())
    for stored in parts.store.mentions():
        [text] = [d.text for d in documents if d.source == stored.document]
        assert text[stored.mention.start : stored.mention.end] == stored.text


def test_each_batch_is_one_transaction(
    parts: Parts, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 2)
    build(files, parts)
    one, two, three = map(str, files)
    assert parts.store.added == [[one, two], [three]]  # type: ignore[attr-defined]


def test_stages_are_timed_by_name(parts: Parts, files: list[Path]) -> None:
    report = build(files, parts)
    assert tuple(report.seconds) == STAGES
    assert all(seconds >= 0 for seconds in report.seconds.values())
    assert report.seconds["extract"] > 0
    with pytest.raises(KeyError), BuildReport().stage("no such stage"):
        pass


def test_running_again_does_nothing(parts: Parts, files: list[Path]) -> None:
    build(files, parts)
    extractor, embedder, generation = (
        list(parts.extractor.calls), parts.embedder.texts, parts.store.generation(),
    )  # type: ignore[attr-defined]  # fmt: skip
    report = build(files, parts)
    assert counts(report) == (0, 3, 0, 0)
    assert parts.extractor.calls == extractor  # type: ignore[attr-defined]
    assert parts.embedder.texts == embedder  # type: ignore[attr-defined]
    assert parts.store.generation() == generation


def test_a_changed_document_is_replaced(parts: Parts, files: list[Path]) -> None:
    build(files, parts)
    files[1].write_text("Пётр работает в Газпроме.", "utf-8")
    assert counts(build(files, parts)) == (0, 2, 1, 0)
    names = {entity.name for entity in parts.store.entities()}
    assert "Лукойл" not in names
    assert any(name.startswith("П") for name in names)


def test_unreadable_documents_are_told_and_left_out(
    parts: Parts, files: list[Path], tmp_path: Path
) -> None:
    bad = write(tmp_path, {"x.txt": "  ", "y.pdf": "x"})
    (tmp_path / "z.txt").write_bytes("кот".encode("cp1251"))
    report = build([bad[0], files[0], bad[1], files[1], tmp_path / "z.txt"], parts)
    assert counts(report) == (2, 0, 0, 3)
    assert report.done == 5
    for (source, reason), name in zip(report.failures, ("x.txt", "y.pdf", "z.txt"), strict=True):
        assert source == str(tmp_path / name)
        assert source in reason


def test_a_document_that_the_models_cannot_read_leaves_its_batch_alone(
    parts: Parts, files: list[Path], tmp_path: Path
) -> None:
    bad = write(tmp_path, {"bad.txt": f"Иван {FAILS}."})
    report = build([files[0], *bad, *files[1:]], parts)
    assert counts(report) == (3, 0, 0, 1)
    assert report.failures[0][0] == str(bad[0])
    assert "the extractor can't read this" in report.failures[0][1]
    assert parts.store.stats().documents == 3
    assert parts.store.document(str(bad[0])) is None


class PickyNormalizer(RussianNormalizer):
    def names(self, text: str, mentions: Sequence[Mention]) -> list[Name]:
        if "Олег" in text:
            raise InputError("the names of this text can't be resolved")
        return super().names(text, mentions)


class PickyEmbedder(FakeEmbedder):
    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        if any("Олег" in text for text in texts):
            raise InputError("this text can't be embedded")
        return super().embed(texts, prompt)


class PickyStore(MemoryStore):
    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        if any("Олег" in record.document.text for record in records):
            raise InputError("this record contradicts itself")
        return super().add_documents(records)


@pytest.mark.parametrize("stage", ["resolve", "embed", "store"])
def test_a_document_that_fails_later_is_left_out_too(files: list[Path], stage: str) -> None:
    parts = Parts(
        FakeExtractor(),
        PickyNormalizer() if stage == "resolve" else RussianNormalizer(),
        PickyEmbedder() if stage == "embed" else FakeEmbedder(),
        PickyStore() if stage == "store" else MemoryStore(),
    )
    report = build(files, parts)
    assert counts(report) == (2, 0, 0, 1)
    assert report.failures[0][0] == str(files[2])
    assert "this" in report.failures[0][1]
    assert [d.source for d in parts.store.documents()] == [str(p) for p in files[:2]]


class FullStore(MemoryStore):
    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        if self.stats().documents == 1:
            raise StoreError("the disk is full")
        return super().add_documents(records)


def test_a_store_that_fails_stops_the_build(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 1)
    parts = Parts(FakeExtractor(), RussianNormalizer(), FakeEmbedder(), FullStore())
    with pytest.raises(StoreError, match="the disk is full"):
        build(files, parts)
    assert parts.store.stats().documents == 1


def test_an_interruption_leaves_whole_documents(
    parts: Parts, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 1)

    def stop(report: BuildReport) -> None:
        if report.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(files, parts, stop)
    assert parts.store.stats().documents == 2
    assert counts(build(files, parts)) == (1, 2, 0, 0)
    whole = Parts(FakeExtractor(), RussianNormalizer(), FakeEmbedder(), MemoryStore())
    build(files, whole)
    assert list(whole.store.facts()) == list(parts.store.facts())
    assert not list(parts.store.missing_vectors("entity", "fake-embedder-1"))


def test_progress_is_told_after_each_document(parts: Parts, files: list[Path]) -> None:
    seen: list[int] = []
    build(
        [files[0], files[0].with_name("gone.txt"), *files[1:]], parts, lambda r: seen.append(r.done)
    )
    assert sorted(seen) == [1, 2, 3, 4]


def test_batches_are_bounded(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCH_DOCUMENTS", 3)
    monkeypatch.setattr(pipeline, "BATCH_CHARACTERS", 40)
    texts = {f"{i}.txt": f"Иван {i}" for i in range(7)} | {"8.txt": "да " * 50, "9.txt": "Иван"}
    build(write(tmp_path, texts), parts)
    assert parts.extractor.calls == [3, 3, 2, 1]  # type: ignore[attr-defined]


def test_every_sentence_and_entity_gets_a_vector(parts: Parts, files: list[Path]) -> None:
    build(files, parts)
    model = parts.embedder.fingerprint
    stats = parts.store.stats()
    for kind, count in (("sentence", stats.sentences), ("entity", stats.entities)):
        batches = list(parts.store.vectors(kind, model))  # type: ignore[arg-type]
        vectors = np.concatenate([b.vectors for b in batches])
        assert vectors.shape == (count, 16)
        assert np.linalg.norm(vectors.astype(float), axis=1) == pytest.approx(1, abs=1e-2)


def test_another_embedder_fills_in_what_it_has_not_seen(parts: Parts, files: list[Path]) -> None:
    build(files, parts)
    other = FakeEmbedder()
    other.fingerprint = "fake-embedder-2"
    report = build(files, Parts(parts.extractor, parts.normalizer, other, parts.store))
    assert counts(report) == (0, 3, 0, 0)
    assert not list(parts.store.missing_vectors("sentence", "fake-embedder-2"))
    assert not list(parts.store.missing_vectors("entity", "fake-embedder-2"))


# the graph over the same parts


class Indexes:
    """Counts how often each index is made."""

    def __init__(self) -> None:
        self.made: list[VectorKind] = []

    def __call__(self, store: Store, kind: VectorKind, model: str) -> VectorIndex:
        self.made.append(kind)
        return ExactIndex.from_store(store, kind, model)


def graph_of(parts: Parts, indexes: Indexes) -> KnowledgeGraph:
    makers = Makers(
        lambda: parts.extractor,
        lambda: parts.embedder,
        lambda: parts.normalizer,
        indexes,
        make_ranker,
        make_decision,
        make_question_vectors,
    )
    return KnowledgeGraph(parts.store, makers)


def test_an_index_is_made_again_only_when_stale(parts: Parts, files: list[Path]) -> None:
    indexes = Indexes()
    graph = graph_of(parts, indexes)
    graph.ingest(files[:2])
    assert indexes.made == ["sentence", "entity"]
    graph.search("работает")
    graph.search("живёт")
    graph.ingest(files[:2])
    assert indexes.made == ["sentence", "entity"]
    graph.ingest(files)
    assert indexes.made == ["sentence", "entity"] * 2


def test_search_finds_sentences_best_first(parts: Parts, files: list[Path]) -> None:
    graph = graph_of(parts, Indexes())
    graph.ingest(files)
    found = graph.search("Мария живёт в Москве", limit=3)
    assert len(found) == 3
    assert found[0].text == "Мария живёт в Москве."
    assert found[0].document == str(files[0])
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert len(graph.search("Мария", limit=100)) == 5


def test_an_empty_graph_finds_nothing(parts: Parts) -> None:
    graph = graph_of(parts, Indexes())
    assert graph.search("что-нибудь").passages == ()
    answer = graph.ask("Где работает Иван Петров?")
    assert answer.abstained
    assert answer.passages == ()


def test_a_question_is_answered_with_its_sentence(parts: Parts, files: list[Path]) -> None:
    graph = graph_of(parts, Indexes())
    graph.ingest(files)
    answer = graph.ask("Где работает Иван Петров?")
    [item] = answer.answers
    assert item.relation == "WORKPLACE"
    assert item.evidence[0].text == "Иван Петров работает в Газпроме."
    graph.delete(str(files[0]))
    after = graph.ask("Где работает Иван Петров?")
    assert after.abstained
    assert after.passages


def test_ingesting_a_missing_path_adds_nothing(parts: Parts, files: list[Path]) -> None:
    graph = graph_of(parts, Indexes())
    with pytest.raises(ReadError, match="no such file"):
        graph.ingest([*files, files[0].with_name("gone.txt")])
    assert parts.store.stats().documents == 0


def test_entities_are_embedded_as_they_are_read(parts: Parts, files: list[Path]) -> None:
    """No more of a large graph's names are in memory than are embedded at once."""
    build(files, Parts(parts.extractor, parts.normalizer, None, parts.store))
    waiting = most = 0
    missing, embedder = parts.store.missing_vectors, FakeEmbedder()

    def counted(kind: VectorKind, model: str) -> Iterator[tuple[int, str]]:
        nonlocal waiting, most
        for row in missing(kind, model):
            waiting += 1
            most = max(most, waiting)
            yield row

    class Telling(FakeEmbedder):
        def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
            nonlocal waiting
            waiting = 0
            return super().embed(texts, prompt)

    parts.store.missing_vectors = counted  # type: ignore[method-assign]
    pipeline.embed_entities(parts.store, Telling(), batch=2)
    assert most == 2
    assert not list(missing("entity", embedder.fingerprint))
    assert not list(missing("sentence", embedder.fingerprint))
