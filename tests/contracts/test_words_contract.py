"""What every store must know of the words of its sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from kgbuild.ports import Store
from kgbuild.russian.lemmas import lemma_text
from kgbuild.types import Document, PassageFilter, TextSpan
from tests.storage.samples import AGAIN, CITY, GAZPROM, MILLER, ORG, record

EVERYWHERE = PassageFilter()


def filled(store: Store) -> Store:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    return store


def texts(store: Store, within: PassageFilter) -> list[str]:
    passages = store.passages([int(row) for row in store.sentence_rows(within)])
    return sorted(passage.text for passage in passages if passage is not None)


def test_an_empty_store_has_no_words(store: Store) -> None:
    assert dict(store.vocabulary()) == store.lemma_counts(["дождь"]) == {}
    assert len(store.postings(["дождь"], EVERYWHERE).lemma) == 0
    assert len(store.sentence_rows(EVERYWHERE)) == 0
    assert store.extent().sentences == len(store.extent().documents) == 0
    assert store.locate([TextSpan("b.txt", 0, 5)]) == [()]


def test_the_vocabulary_counts_sentences(store: Store) -> None:
    filled(store)
    expected: Counter[str] = Counter()
    for row in store.sentence_rows(EVERYWHERE):
        (passage,) = store.passages([int(row)])
        assert passage is not None
        expected.update(set(lemma_text(passage.text).split()))
    assert dict(store.vocabulary()) == expected
    assert expected["газпром"] == 2
    asked = ["газпром", "нигде", "идти"]
    assert store.lemma_counts(asked) == {"газпром": 2, "идти": 1}


def test_postings_say_where_and_how_often(store: Store) -> None:
    text = "Кот и кот. Пёс! Кота нет."
    store.add_document(record("cats.txt", text))
    store.add_document(record("dogs.txt", "Пес."))
    found = store.postings(["кот", "пес", "нигде"], EVERYWHERE)
    rows = sorted(
        zip(found.lemma.tolist(), found.count.tolist(), found.length.tolist(), strict=True)
    )
    assert rows == [(0, 1.0, 14.0), (0, 2.0, 10.0), (1, 1.0, 4.0), (1, 1.0, 14.0)]
    documents = {int(d) for d in found.document}
    extent = store.extent()
    assert documents == set(extent.documents.tolist())
    assert sorted(extent.characters.tolist()) == [4.0, 24.0]
    assert extent.sentences == 3
    assert set(found.sentence.tolist()) == set(store.sentence_rows(EVERYWHERE).tolist())


def test_postings_keep_to_the_filter(store: Store) -> None:
    filled(store)
    found = store.postings(["газпром"], PassageFilter(document="a.txt"))
    assert found.sentence.tolist() == store.sentence_rows(PassageFilter(document="a.txt")).tolist()


def test_words_go_and_change_with_their_document(store: Store) -> None:
    filled(store)
    assert store.lemma_counts(["дождь"]) == {"дождь": 1}
    other = record("b.txt", "Идёт снег.")
    store.add_document(other)
    assert store.lemma_counts(["дождь", "снег"]) == {"снег": 1}
    store.delete_document("b.txt")
    assert store.lemma_counts(["снег", "газпром"]) == {"газпром": 1}
    store.delete_document("a.txt")
    assert dict(store.vocabulary()) == {}
    assert store.check() == []


def test_words_of_a_refused_document_leave_no_trace(store: Store) -> None:
    wrong = replace(GAZPROM, sentences=GAZPROM.sentences * 2)
    with pytest.raises(Exception, match="reading order"):
        store.add_document(wrong)
    assert dict(store.vocabulary()) == {}


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (PassageFilter(entity=ORG), ["Миллер руководит", "Он возглавляет"]),
        (PassageFilter(entity=MILLER), ["Алексей Миллер", "Миллер руководит"]),
        (PassageFilter(type="CITY"), ["Миллер руководит"]),
        (PassageFilter(relation="LOCATED"), ["Миллер руководит"]),
        (
            PassageFilter(relation="WORKPLACE"),
            ["Алексей Миллер", "Миллер руководит", "Он возглавляет"],
        ),
        (PassageFilter(relation="WORKPLACE", document="b.txt", entity=ORG), ["Он возглавляет"]),
        (PassageFilter(document="*.txt", type="CITY"), ["Миллер руководит"]),
        (PassageFilter(document="b*"), ["Алексей Миллер", "Идёт дождь", "Он возглавляет"]),
        (PassageFilter(document="B*"), []),
        (PassageFilter(document="?.txt*"), []),
        (PassageFilter(document="_.txt*"), []),
        (PassageFilter(document="b"), []),
        (PassageFilter(any_of=(CITY, "nobody")), ["Миллер руководит"]),
        (PassageFilter(any_of=()), []),
    ],
)
def test_filters(store: Store, within: PassageFilter, expected: list[str]) -> None:
    filled(store)
    found = texts(store, within)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


def test_any_of_more_ids_than_a_statement_takes_parameters(store: Store) -> None:
    filled(store)
    many = tuple(f'DATE:«{number}»\\"{{}}' for number in range(100_000))
    assert texts(store, PassageFilter(any_of=many)) == []
    [found] = texts(store, PassageFilter(any_of=(*many, CITY), relation="LOCATED"))
    assert found.startswith("Миллер руководит")
    assert len(store.postings(["газпром"], PassageFilter(any_of=(*many, ORG))).lemma) == 2


def test_entities_by_many_names(store: Store) -> None:
    filled(store)
    found = store.entities_named(["Газпром", "ГАЗПРОМОМ", "Миллер", "никто", "Петербург"], 5)
    assert {name: [e.id for e in some] for name, some in found.items()} == {
        "Газпром": [ORG],
        "ГАЗПРОМОМ": [ORG],
        "Миллер": [MILLER],
        "Петербург": [CITY],
    }
    assert found["Газпром"] == tuple(store.entities(name="Газпром"))
    assert store.entities_named([], 5) == {}


def test_namesakes_are_cut_by_mentions(store: Store) -> None:
    store.add_document(record("a", "[Клин|CITY] и [Клин|PERSON] и [Клин|CITY]."))
    both = store.entities_named(["клин"], 5)["клин"]
    assert [e.id for e in both] == ["CITY:клин", "PERSON:клин"]
    assert store.entities_named(["клин"], 1)["клин"] == both[:1]


def test_sentences_are_located(store: Store) -> None:
    filled(store)
    first, second, third = (
        int(row) for row in store.sentence_rows(PassageFilter(document="b.txt"))
    )
    end = len("Алексей Миллер пришёл.")
    spans = [
        TextSpan("b.txt", 0, 5),
        TextSpan("b.txt", 3, end + 3),
        TextSpan("b.txt", end, end + 1),
        TextSpan("b.txt", 0, 10_000),
        TextSpan("nowhere", 0, 5),
    ]
    assert store.locate(spans) == [
        (first,),
        (first, second),
        (),
        (first, second, third),
        (),
    ]


def test_strange_words_are_found_like_any_other(store: Store) -> None:
    text = "O'Брайен \\ 'кавычки' & | ! :* 日本 𝟘٣ naïve Ёж а" + "б" * 300
    store.add_document(
        replace(
            record("odd.txt", "Кот."),
            document=Document("odd.txt", text, "1" * 64),
            sentences=(replace(record("x", "а.").sentences[0], end=len(text)),),
        )
    )
    lemmas = list(dict.fromkeys(lemma_text(text).split()))
    assert store.lemma_counts(lemmas) == dict.fromkeys(lemmas, 1)
    assert len(store.postings(lemmas, EVERYWHERE).lemma) == len(lemmas)
    assert dict(store.vocabulary()) == dict.fromkeys(lemmas, 1)


def test_more_lemmas_than_a_statement_takes(store: Store) -> None:
    filled(store)
    lemmas = [f"слово{number}" for number in range(1200)]
    lemmas[3], lemmas[1100] = "газпром", "идти"
    assert store.lemma_counts(lemmas) == {"газпром": 2, "идти": 1}
    found = store.postings(lemmas, EVERYWHERE)
    assert sorted(found.lemma.tolist()) == [3, 3, 1100]


def test_a_lemma_is_counted_however_often_it_stands(store: Store) -> None:
    store.add_document(record("many.txt", "кот " * 40 + "пес" + " и кот пес" * 3))
    found = store.postings(["пес", "кот"], EVERYWHERE)
    assert sorted(zip(found.lemma.tolist(), found.count.tolist(), strict=True)) == [
        (0, 4.0),
        (1, 43.0),
    ]
