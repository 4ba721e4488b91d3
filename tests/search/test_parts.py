"""Fusion, BM25, spelling and dates, each alone."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder

from kgbuild.errors import FormatError
from kgbuild.russian.lemmas import is_dictionary_word, lemma_text, words
from kgbuild.search.bm25 import DOCUMENT, SENTENCE, affordable, lexical
from kgbuild.search.cache import BATCH, cached_vectors
from kgbuild.search.dates import days
from kgbuild.search.evaluate import evaluate_search, read_articles
from kgbuild.search.fuse import Ranking, fuse, ranks, sources
from kgbuild.search.query import Term
from kgbuild.search.spelling import Speller, sound
from kgbuild.types import PassageFilter
from storage.index.exact import ExactIndex
from tests.oracle import MemoryStore
from tests.storage.samples import record


def ranking(name: str, weight: float, scores: dict[int, float]) -> Ranking:
    return Ranking(name, weight, np.array(list(scores)), np.array(list(scores.values())))


def test_fusion_by_hand() -> None:
    one = ranking("a", 1.0, {7: 9.0, 8: 5.0, 9: 5.0})
    two = ranking("b", 0.5, {8: 0.2})
    best = 1.5 / 61
    got = dict(fuse([one, two], k=60))
    assert got == pytest.approx({7: 1 / 61 / best, 8: (1 / 62 + 0.5 / 61) / best, 9: 1 / 62 / best})
    assert [row for row, _ in fuse([one, two], k=60)] == [8, 7, 9]
    assert sources([one, two]) == {7: ("a",), 8: ("a", "b"), 9: ("a",)}
    assert fuse([]) == []


def test_first_everywhere_is_one() -> None:
    lists = [ranking("a", 0.3, {1: 4.0, 2: 3.0}), ranking("b", 2.0, {1: -1.0})]
    assert fuse(lists)[0] == (1, pytest.approx(1.0))


def test_equal_scores_share_a_rank() -> None:
    assert ranks(np.array([3.0, 9.0, 3.0, 1.0])).tolist() == [2, 1, 2, 3]


def bm25(
    count: float, length: float, holding: int, all: int, constants: tuple[float, float]
) -> float:
    k1, b = constants
    idf = math.log(1 + (all - holding + 0.5) / (holding + 0.5))
    return idf * count * (k1 + 1) / (count + k1 * (1 - b + b * length))


def test_bm25_by_hand() -> None:
    store = MemoryStore()
    store.add_document(record("a", "Кот ест кота. Пёс."))  # 13 and 4 characters
    store.add_document(record("b", "Дом."))
    found = lexical(store, [Term(("кот",), 1)], store.extent(), PassageFilter())
    assert found.own.tolist() == pytest.approx([bm25(2, 13 / 7, 1, 3, SENTENCE)])
    assert found.whole.tolist() == pytest.approx([bm25(2, 17 / 10.5, 1, 2, DOCUMENT)])


def test_lemmas_of_one_word_count_together() -> None:
    store = MemoryStore()
    store.add_document(record("a", "Кот и пёс."))
    together = lexical(store, [Term(("кот", "пес"), 2)], store.extent(), PassageFilter())
    assert together.own.tolist() == pytest.approx([bm25(2, 1, 1, 1, SENTENCE)])


def test_common_words_are_left_out_first() -> None:
    terms = [Term(("год",), 90), Term(("закон",), 30), Term(("рыба",), 5)]
    assert [t.sentences for t in affordable(terms, 1000)] == [5, 30, 90]
    assert [t.sentences for t in affordable(terms, 40)] == [5, 30]
    assert [t.sentences for t in affordable(terms, 1)] == [5]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("менделеев", "mendeleev"),
        ("менделеев", "mendeleyev"),
        ("чайковский", "tchaikovsky"),
        ("чайковский", "chaikovskii"),
        ("яндекс", "yandex"),
        ("хрущев", "khrushchev"),
        ("щукин", "shchukin"),
        ("царицын", "tsaritsyn"),
        ("юрий", "yuri"),
        ("максим", "maxim"),
    ],
)
def test_both_alphabets_sound_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_the_nearest_and_commonest_is_meant() -> None:
    speller = Speller([("кошка", 5), ("мошка", 9), ("кошечка", 99), ("2024", 1)])
    assert speller.meant(["сошка"]) == ("мошка", "кошка")
    assert speller.meant(["кошк"]) == ("кошка",)
    assert speller.meant(["202"]) == speller.meant(["2023"]) == speller.meant(["ко"]) == ()
    assert Speller([]).meant(["кошка"]) == ()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("8 февраля 1834 года", date(1834, 2, 8), date(1834, 2, 8)),
        ("май 1945", date(1945, 5, 1), date(1945, 5, 31)),
        ("в марте 2015 г.", date(2015, 3, 1), date(2015, 3, 31)),
        ("1903 год", date(1903, 1, 1), date(1903, 12, 31)),
        ("1941—1945 годы", date(1941, 1, 1), date(1945, 12, 31)),
        ("12.04.1961", date(1961, 4, 12), date(1961, 4, 12)),
        ("1961-04-12", date(1961, 4, 12), date(1961, 4, 12)),
        ("1990-е годы", date(1990, 1, 1), date(1999, 12, 31)),
        ("XIX век", date(1801, 1, 1), date(1900, 12, 31)),
        ("16 век", date(1501, 1, 1), date(1600, 12, 31)),
    ],
)
def test_dates(text: str, first: date, last: date) -> None:
    assert days(text) == (first, last)


@pytest.mark.parametrize("text", ["вчера", "8 марта", "30 февраля 2001 года", "45.13.2001", ""])
def test_days_of_no_year_are_none(text: str) -> None:
    assert days(text) is None


def test_words_have_spans_and_lemmas() -> None:
    text = "Санкт-Петербу\u0301рг, «Ёлки»; COVID-19 naïve"
    found = list(words(text))
    assert [text[w.start : w.end] for w in found] == [
        "Санкт", "Петербу\u0301рг", "Ёлки", "COVID", "19", "naïve",
    ]  # fmt: skip
    assert lemma_text(text) == "санкт петербург елка covid 19 naïve"


def test_vectors_are_embedded_once(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    texts = [f"текст {i}" for i in range(BATCH + 3)]
    told: list[int] = []
    first = cached_vectors(embedder, texts, "search_document", tmp_path, told.append)
    assert told == [BATCH, BATCH + 3]
    assert embedder.texts == len(texts)
    again = cached_vectors(embedder, texts, "search_document", tmp_path)
    assert embedder.texts == len(texts)
    assert (first == again).all()
    assert len(cached_vectors(embedder, [], "search_document", tmp_path)) == 0
    cached_vectors(embedder, texts[:1], "search_query", tmp_path)
    assert embedder.texts == len(texts) + 1


def test_the_measurement_counts_places(tmp_path: Path) -> None:
    lines = [
        '{"title": "Кот учёный", "text": "Кот учёный ходит по цепи кругом. Кот поёт."}',
        '{"title": "Пёс дома", "text": "Собака сторожит дом и двор."}',
        '{"title": "Рыба в реке", "text": "Щука живёт в реке."}',
        '{"title": "Пусто", "text": ""}',
    ]
    file = tmp_path / "news.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    articles = read_articles(file)
    assert len(articles) == 3
    assert "учёный" not in articles[0].text

    def index(store: object, model: str) -> ExactIndex:
        return ExactIndex.from_store(store, "sentence", model)  # type: ignore[arg-type]

    report = evaluate_search(articles, MemoryStore(), FakeEmbedder(), index, titles=3)
    assert (report.documents, report.passages) == (3, 3)
    assert (report.chosen_on.titles, report.reported_on.titles) == (2, 1)
    assert report.reported_on.lexical == report.reported_on.hybrid == 1.0  # «дом» is in its text
    file.write_text('{"title": 1}', "utf-8")
    with pytest.raises(FormatError, match="line 1"):
        read_articles(file)


def test_a_dictionary_word_is_only_sought_in_the_other_alphabet() -> None:
    assert is_dictionary_word("свет")
    assert is_dictionary_word("елка")
    assert not is_dictionary_word("менделеив")
    assert not is_dictionary_word("yandex")
    speller = Speller([("совет", 5), ("svet", 2)])
    assert speller.meant(["свет"]) == ("svet",)
    assert speller.sounding(["свет"]) == ("svet",)
    assert Speller([("совет", 5)]).sounding(["свет"]) == ()
