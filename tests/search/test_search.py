"""Search over every store, with a deterministic embedder: modes, filters, spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder
from numpy.typing import NDArray

from kgbuild.errors import InputError, NotFoundError
from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.ports import PromptName, Store
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.search.engine import DEPTH, LONGEST, Searcher, Tools
from kgbuild.types import Passage
from storage.index.exact import ExactIndex
from tests.oracle import MemoryStore
from tests.storage.databases import STORES, open_store
from tests.storage.samples import record

TEXTS = {
    "chemist.txt": (
        "[Дмитрий Менделеев|PERSON] родился в [Тобольске|CITY|Тобольск] [8 февраля 1834 года|DATE]."
        " Учёный открыл периодический закон. Он не любил рыбу.",
        "0 PLACE_OF_BIRTH 1 0.9",
    ),
    "poet.txt": (
        "[Блок|PERSON|Александр Блок] женился на [Любови Менделеевой|PERSON|Любовь Менделеева] в"
        " [1903 году|DATE|1903 год]. Стихи о рыбе он не писал.",
        "0 SPOUSE 1 0.8",
    ),
    "town.txt": (
        "[Тобольск|CITY] стоит на [Иртыше|LOCATION|Иртыш]. В городе ловят рыбу, и рыбу солят."
        " Компания [Yandex|ORGANIZATION] там не работает.",
        "0 LOCATED 1 0.7",
    ),
}


def graph_over(store: Store) -> KnowledgeGraph:
    embedder = FakeEmbedder()
    for source, (text, *relations) in TEXTS.items():
        made = record(source, text, *relations)
        sentences = [made.document.text[s.start : s.end] for s in made.sentences]
        vectors = embedder.embed(sentences, "search_document").astype(np.float16)
        store.add_document(replace(made, sentence_vectors=vectors, embedder=embedder.fingerprint))
    return KnowledgeGraph(
        store,
        Makers(
            extractor=lambda: pytest.fail("search doesn't extract"),
            embedder=lambda: embedder,
            normalizer=RussianNormalizer,
            index=ExactIndex.from_store,
            ranker=lambda: pytest.fail("search asks nothing"),
            decision=lambda: pytest.fail("search asks nothing"),
            vectors=lambda: pytest.fail("search asks nothing"),
        ),
    )


@pytest.fixture(params=STORES)
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KnowledgeGraph]:
    with graph_over(open_store(request.param, tmp_path)) as opened:
        yield opened


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[KnowledgeGraph]:
    with graph_over(open_store("memory", tmp_path)) as opened:
        yield opened


def shown(passages: object) -> list[tuple[str, str]]:
    return [(p.document, p.text[:12]) for p in passages]  # type: ignore[attr-defined]


def test_words_are_found_in_any_form(graph: KnowledgeGraph) -> None:
    found = graph.search("рыба", mode="lexical")
    assert shown(found)[0] == ("town.txt", "В городе лов")
    assert {p.document for p in found} == {"chemist.txt", "poet.txt", "town.txt"}
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert all(p.found_by == ("lexical",) for p in found)


def test_highlights_are_the_words_that_matched(graph: KnowledgeGraph) -> None:
    for passage in graph.search("Рыбой закона", mode="lexical"):
        text = graph.store.document(passage.document)
        assert text is not None
        marked = [text.text[start:end] for start, end in passage.highlights]
        assert marked
        assert set(marked) <= {"рыбу", "рыбе", "закон"}
    (law,) = graph.search("закон", mode="lexical")
    assert len(law.highlights) == 1


def test_yo_case_and_stress_do_not_count(graph: KnowledgeGraph) -> None:
    for query in ("ученый", "УЧЁНЫЙ", "учёного", "уче\u0301ный"):
        assert shown(graph.search(query, mode="lexical")) == [("chemist.txt", "Учёный откры")]


def test_function_words_alone_are_searched_for(graph: KnowledgeGraph) -> None:
    assert len(graph.search("не он", mode="lexical")) == 3
    assert len(graph.search("не закон", mode="lexical")) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Менделев", "менделеев"),
        ("Менделвеев", "менделеев"),
        ("Тобольк", "тобольск"),
        ("преиодический", "периодический"),
        ("Mendeleev", "менделеев"),
        ("Mendeleyev", "менделеев"),
        ("Tobolsk", "тобольск"),
        ("Irtysh", "иртыш"),
        ("Яндекс", "yandex"),
        ("Yandeks", "yandex"),
    ],
)
def test_typing_and_alphabet_are_forgiven(memory: KnowledgeGraph, typed: str, meant: str) -> None:
    found = memory.search(typed, mode="lexical")
    assert [c.meant for c in found.corrections] == [meant]
    assert found.corrections[0].asked == typed
    assert found
    assert all(p.highlights for p in found)


def test_corrections_are_the_same_everywhere(graph: KnowledgeGraph) -> None:
    found = graph.search("Mendeleyev Яндекс закн", mode="lexical")
    assert {c.meant for c in found.corrections} >= {"менделеев", "yandex"}


@pytest.mark.parametrize("query", ["ыбл", "1835", "ъъъъъъъъъ", "", "?!", "xqzwv"])
def test_what_is_near_nothing_finds_nothing(memory: KnowledgeGraph, query: str) -> None:
    found = memory.search(query, mode="lexical")
    assert (len(found), found.corrections) == (0, ())


def test_the_graph_knows_what_the_words_do_not_say(graph: KnowledgeGraph) -> None:
    found = graph.search("Дмитрия Менделеева", mode="graph")
    assert shown(found)[0] == ("chemist.txt", "Дмитрий Менд")
    # Tobolsk is a neighbour: what is known of it comes after.
    assert ("town.txt", "Тобольск сто") in shown(found)
    assert graph.search("пафнутий", mode="graph").passages == ()


def test_hybrid_holds_what_each_list_holds(graph: KnowledgeGraph) -> None:
    found = graph.search("Дмитрий Менделеев", limit=50)
    assert len(found) == 8  # meaning leaves nothing out
    assert found[0].found_by == ("lexical", "semantic", "graph")
    assert 0 < found[-1].score < found[0].score <= 1
    alone = graph.search("Дмитрий Менделеев", limit=50, mode="semantic")
    assert {p.found_by for p in alone} == {("semantic",)}
    assert len(graph.search("Дмитрий Менделеев", limit=3)) == 3


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "semantic", "graph"])
@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        ({"document": "town.txt"}, {"town.txt"}),
        ({"document": "*e*.txt"}, {"chemist.txt", "poet.txt"}),
        ({"entity": "Тобольск"}, {"chemist.txt", "town.txt"}),
        ({"entity": "Тобольске"}, {"chemist.txt", "town.txt"}),
        ({"type": "DATE"}, {"chemist.txt", "poet.txt"}),
        ({"relation": "SPOUSE"}, {"poet.txt"}),
        ({"since": "1900"}, {"poet.txt"}),
        ({"until": "1834-02-08"}, {"chemist.txt"}),
        ({"since": "9 февраля 1834 года", "until": "1902"}, set()),
        ({"type": "DATE", "entity": "Тобольск"}, {"chemist.txt"}),
    ],
)
def test_filters_hold_in_every_mode(
    memory: KnowledgeGraph, mode: str, filters: dict[str, str], documents: set[str]
) -> None:
    query = "Менделеев, Блок и Тобольск на Иртыше"
    found = memory.search(query, 50, mode, **filters)  # type: ignore[arg-type]
    assert {p.document for p in found} <= documents
    if mode in ("hybrid", "semantic"):
        assert {p.document for p in found} == documents


def test_filters_hold_in_every_store(graph: KnowledgeGraph) -> None:
    found = graph.search("рыба", entity="Тобольск", since="1800", until="1850")
    assert shown(found) == [("chemist.txt", "Дмитрий Менд")]


def test_filters_that_name_nothing_are_refused(memory: KnowledgeGraph) -> None:
    with pytest.raises(NotFoundError, match="Пафнутий"):
        memory.search("рыба", entity="Пафнутий")
    with pytest.raises(InputError, match="no entity type 'X'"):
        memory.search("рыба", type="X")
    with pytest.raises(InputError, match="no relation 'X'"):
        memory.search("рыба", relation="X")
    with pytest.raises(InputError, match="not a date: 'вчера'"):
        memory.search("рыба", since="вчера")
    with pytest.raises(InputError, match="no search mode"):
        memory.search("рыба", mode="psychic")  # type: ignore[arg-type]


def test_a_written_store_is_searched_as_it_is_now(graph: KnowledgeGraph) -> None:
    assert not graph.search("снегопад", mode="lexical")
    graph.store.add_document(record("snow.txt", "Начался снегопад."))
    assert shown(graph.search("снегопад", mode="lexical")) == [("snow.txt", "Начался снег")]
    assert graph.search("сенгопад", mode="lexical").corrections[0].meant == "снегопад"
    graph.delete("snow.txt")
    assert not graph.search("снегопад", mode="lexical")


def test_stores_rank_alike(tmp_path: Path) -> None:
    found = []
    for kind in ("memory", "sqlite"):
        with graph_over(open_store(kind, tmp_path)) as graph:
            found.append(graph.search("рыба в Тобольске у Менделеева", limit=50).to_dict())
    for one, other in zip(*(result["passages"] for result in found), strict=True):
        assert one["score"] == pytest.approx(other["score"])
        assert (one["document"], one["start"]) == (other["document"], other["start"])


class Backwards:
    """Prefers the shortest."""

    def scores(self, query: str, passages: list[Passage]) -> list[float]:
        return [-float(len(p.text)) for p in passages]


def test_a_reranker_has_the_last_word(memory: KnowledgeGraph) -> None:
    embedder = memory.embedder
    tools = Tools(lambda: embedder, RussianNormalizer, lambda: memory.index("sentence"))
    found = Searcher(memory.store, replace(tools, reranker=Backwards)).search("рыба", limit=4)
    lengths = [len(p.text) for p in found]
    assert lengths == sorted(lengths)
    assert len(found) == 4


def test_long_queries_are_bounded(memory: KnowledgeGraph) -> None:
    found = memory.search("рыба " * 5000 + " ".join(f"слово{i}" for i in range(3000)))
    assert len(found) <= DEPTH
    assert found[0].found_by


def test_a_pasted_text_finds_by_its_beginning() -> None:
    store = MemoryStore()
    graph = graph_over(store)
    embedded: list[int] = []

    class Telling(FakeEmbedder):
        def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
            embedded.extend(map(len, texts))
            return super().embed(texts, prompt)

    telling = Telling()
    tools = Tools(lambda: telling, RussianNormalizer, lambda: graph.index("sentence"))
    text = "периодический закон " + "а" * 1_000_000
    found = Searcher(store, tools).search(text)
    assert "периодический закон" in found.passages[0].text
    assert embedded == [LONGEST]


SURNAMES = ("Внуков", "Мамонов", "Ипатов", "Симонов", "Верёвкин", "Щеглов", "Медников")
"""Also forms of common words or of names of places, as the dictionary has them."""


@pytest.mark.parametrize("surname", SURNAMES)
@pytest.mark.parametrize("end", ["а", "у", "ым", "е"])
def test_a_surname_is_found_in_every_case(surname: str, end: str) -> None:
    store = MemoryStore()
    store.add_document(
        record("a.txt", f"Вчера говорили о новом доме. [{surname}{end}|PERSON] ждут.")
    )
    found = graph_over(store).search(surname, mode="lexical", document="a.txt")
    assert [passage.text for passage in found] == [f"{surname}{end} ждут."]
