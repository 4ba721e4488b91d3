from __future__ import annotations

import pytest
from ask.graphs import graph

from kgbuild.ask.answer import LONGEST, ask, likely, plan
from kgbuild.ask.rules.plan import Unanswerable
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer, AnswerItem, Passage
from tests.oracle import MemoryStore

TEXTS = (
    "[Дмитрий Иванович Менделеев|PERSON], [химик|PROFESSION], родился в [Тобольске|CITY], "
    "а [Любовь Менделеева|PERSON] родилась в [Петербурге|CITY]. "
    "=> 1 PLACE_OF_BIRTH 3, 1 WORKS_AS 2, 1 PARENT_OF 4, 4 PLACE_OF_BIRTH 5",
    "[Пьер Кюри|PERSON] женился на [Марии Склодовской-Кюри|PERSON]. => 1 SPOUSE 2",
    "[Лев Толстой|PERSON] написал «[Войну и мир|WORK_OF_ART]». => 1 PRODUCES 2",
    "[Казань|CITY] и [Казанский музей|FACILITY] находятся в [России|COUNTRY]. "
    "=> 1 LOCATED_IN 3, 2 LOCATED_IN 3",
    "[Анна Седова|PERSON] возглавляла [Институт льда|ORGANIZATION]. => 1 WORKPLACE 2",
    "Потом [Анна Седова|PERSON] трудилась в [Музее снега|ORGANIZATION]. => 1 WORKPLACE 2",
    "[Зубов|PERSON] умер в [1901 году|DATE]. => 1 DATE_OF_DEATH 2",
)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return graph(*TEXTS)


def answer(store: MemoryStore, question: str) -> Answer:
    return ask(store, question, RussianNormalizer())


def texts(store: MemoryStore, question: str) -> list[str]:
    return [item.text for item in answer(store, question).answers]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Где родился Дмитрий Менделеев?", ["Тобольск"]),
        ("Где родился Дмитрий Иванович Менделеев?", ["Тобольск"]),
        ("Где родился Д. И. Менделеев?", ["Тобольск"]),
        ("где родился менделеев", ["Тобольск"]),
        ("Где родилась Менделеева?", ["Петербург"]),
        ("В каком городе родился великий химик Менделеев?", ["Тобольск"]),
        ("Кто родился в Тобольске?", ["Дмитрий Иванович Менделеев"]),
        ("Кто такой Дмитрий Менделеев?", ["химик"]),
        ("Кто дочь Дмитрия Менделеева?", ["Любовь Менделеева"]),
        ("Кто отец Любови Менделеевой?", ["Дмитрий Иванович Менделеев"]),
        ("Чья дочь Любовь Менделеева?", ["Дмитрий Иванович Менделеев"]),
        ("Кто супруг Марии Кюри?", ["Пьер Кюри"]),
        ("Кто был женой Пьера Кюри?", ["Мария Склодовская-Кюри"]),
        ("Кто написал «Войну и мир»?", ["Лев Толстой"]),
        ("Кто автор романа «Война и мир»?", ["Лев Толстой"]),
        ("Что написал Толстой?", ["Война и мир"]),
        ("Какие города находятся в России?", ["Казань"]),
        ("Какие музеи находятся в России?", ["Казанский музей"]),
        ("В какой стране находится Казань?", ["Россия"]),
        ("Какую организацию возглавляла Анна Седова?", ["Институт льда"]),
        ("Где работала Анна Седова?", ["Институт льда", "Музей снега"]),
        ("Когда умер Пётр Зубов?", ["1901"]),
    ],
)
def test_answers(store: MemoryStore, question: str, expected: list[str]) -> None:
    assert texts(store, question) == expected


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Где родился Иван Менделеев?", "нет сущности «Иван Менделеев»"),
        ("Кто супруг Ирен Кюри?", "нет сущности"),
        ("Где родился Афанасий Фет?", "нет сущности «Афанасий Фет»"),
        ("Где умер Дмитрий Менделеев?", "нет такого факта"),
        ("В какой стране родился Дмитрий Менделеев?", "нет такого факта"),
        ("Кто мать Любови Менделеевой?", "нет такого факта"),
        ("Кто жена Марии Склодовской-Кюри?", "нет такого факта"),
        ("Где родился Тобольск?", "нет такого факта"),
        ("Какие театры находятся в России?", "нет такого факта"),
        ("Кто родился в Тобольске в 1834 году?", "нет такого факта"),
        ("Кто жена брата Пьера Кюри?", "нет такого факта о «Пьера Кюри»"),
        ("Какая погода в Тобольске?", "не понят"),
        ("", "не понят"),
    ],
)
def test_abstains_and_says_why(store: MemoryStore, question: str, reason: str) -> None:
    found = answer(store, question)
    assert found.abstained
    assert reason in found.reason


def test_an_answer_brings_its_evidence(store: MemoryStore) -> None:
    item = answer(store, "Где родился Дмитрий Менделеев?").answers[0]
    assert item.relation == "PLACE_OF_BIRTH"
    assert item.evidence[0].document == "0.txt"
    assert "Тобольске" in item.evidence[0].text


def test_an_abstention_brings_passages(store: MemoryStore) -> None:
    def passages(question: str, k: int) -> tuple[Passage, ...]:
        return (Passage("0.txt", 0, 1, question, 0.5),) * k

    found = ask(store, "Где умер Менделеев?", RussianNormalizer(), passages)
    assert len(found.passages) == 5
    assert not ask(store, "Где родился Менделеев?", RussianNormalizer(), passages).passages


def test_a_surname_alone_is_nobody_where_others_bear_it() -> None:
    known = graph(
        "[Зубов|PERSON] умер в [1901 году|DATE]. => 1 DATE_OF_DEATH 2",
        "[Олег Зубов|PERSON] живёт в [Казани|CITY]. => 1 PLACE_RESIDES_IN 2",
    )
    assert ask(known, "Когда умер Пётр Зубов?", RussianNormalizer()).abstained


def test_a_name_of_two_people_asks_which_one() -> None:
    known = graph(
        "[Александр|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2",
        "[Александр|PERSON] родился в [Пскове|CITY]. => 1 PLACE_OF_BIRTH 2",
    )
    found = ask(known, "Где родился Александр?", RussianNormalizer())
    assert found.abstention is Abstention.AMBIGUOUS
    assert len(found.choices) == 2
    assert all(choice.id in found.reason for choice in found.choices)
    by_id = [ask(known, f"Где родился {c.id}?", RussianNormalizer()) for c in found.choices]
    assert sorted(a.answers[0].text for a in by_id) == ["Псков", "Тверь"]


def test_a_text_is_no_question(store: MemoryStore) -> None:
    """A megabyte pasted as a question is declined at once, with the passages nearest to its
    beginning."""
    asked: list[str] = []

    def passages(text: str, count: int) -> list[Passage]:
        asked.append(text)
        return [Passage("a", 0, 1, "А", 0.5)]

    text = "кто где родился Дмитрий Менделеев " * 30_000
    found = ask(store, text, RussianNormalizer(), passages)
    assert found.abstention is Abstention.UNKNOWN_RELATION
    assert len(found.passages) == 1
    assert [len(one) for one in asked] == [LONGEST]
    assert plan(store, text, RussianNormalizer()) == Unanswerable(Abstention.UNKNOWN_RELATION)


def test_a_guess_isn_t_given_beside_a_likely_answer() -> None:
    sure, guess, weaker = (
        AnswerItem(name, "", confidence, "SPOUSE", ())
        for name, confidence in (("Анна", 0.9), ("Ольга", 0.49), ("Вера", 0.3))
    )
    assert likely((sure, guess, weaker)) == (sure,)
    assert likely((guess, weaker)) == (guess, weaker)
    assert likely(()) == ()
