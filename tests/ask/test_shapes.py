"""Questions of every shape, over a graph that a person can read."""

from __future__ import annotations

import pytest
from ask.graphs import graph

from kgbuild.ask.answer import ask, plan
from kgbuild.ask.rules.plan import Compare, Connect, Count, Lookup, Unanswerable, Verify, describe
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer
from tests.oracle import MemoryStore

TEXTS = (
    "[Иван Орлов|PERSON], [лётчик|PROFESSION], родился в [Клину|CITY] [3 мая 1901 года|DATE]. "
    "=> 1 WORKS_AS 2, 1 PLACE_OF_BIRTH 3, 1 DATE_OF_BIRTH 4",
    "[Клин|CITY] стоит в [Озёрном крае|STATE_OR_PROVINCE]. => 1 LOCATED_IN 2",
    "Жена [Ивана Орлова|PERSON] — [Вера Гусева|PERSON], она служит в [Музее снега|ORGANIZATION]. "
    "=> 1 SPOUSE 2, 2 WORKPLACE 3",
    "[Пётр Гусев|PERSON], отец [Веры Гусевой|PERSON] и [Олега Гусева|PERSON], умер в [1940 году|DATE]. "
    "=> 1 PARENT_OF 2, 1 PARENT_OF 3, 1 DATE_OF_DEATH 4",
    "[Лев Зубов|PERSON] родился в [1895 году|DATE] и [основал|EVENT] [Музей снега|ORGANIZATION]. "
    "=> 1 DATE_OF_BIRTH 2, 4 FOUNDED_BY 1, 1 AGENT 3",
    "[Зимой 1930 года|DATE] [Лев Зубов|PERSON] [открыл выставку|EVENT] в [Клину|CITY]. "
    "=> 2 AGENT 3, 3 POINT_IN_TIME 1, 3 TAKES_PLACE_IN 4",
    "[Марк Сухов|PERSON] умер в [1950 году|DATE]. => 1 DATE_OF_DEATH 2",
    "[Марк Сухов|PERSON] умер в [1951 году|DATE]. => 1 DATE_OF_DEATH 2",
    "[Глеб Кротов|PERSON] живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Инна Кротова|PERSON] и [Яков Кротов|PERSON] живут в [Пскове|CITY]. "
    "=> 1 PLACE_RESIDES_IN 3, 2 PLACE_RESIDES_IN 3",
)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return graph(*TEXTS)


def answer(store: MemoryStore, question: str) -> Answer:
    return ask(store, question, RussianNormalizer())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Где работает жена Ивана Орлова?", ["Музей снега"]),
        ("Кто отец жены Ивана Орлова?", ["Пётр Гусев"]),
        ("Где работает жена лётчика Ивана Орлова?", ["Музей снега"]),
        ("Кто тесть Ивана Орлова?", ["Пётр Гусев"]),
        ("В каком регионе находится город, где родился Иван Орлов?", ["Озёрный край"]),
        ("В каком регионе родился Иван Орлов?", ["Озёрный край"]),
        ("Кто родился в Озёрном крае?", ["Иван Орлов"]),
        ("Сколько детей у Петра Гусева?", ["2"]),
        ("Правда ли, что Иван Орлов родился в Клину?", ["да"]),
        ("Родился ли Иван Орлов в Озёрном крае?", ["да"]),
        ("Вера Гусева — жена Ивана Орлова?", ["да"]),
        ("Правда ли, что Иван Орлов родился в Твери?", ["нет"]),
        ("Кто родился раньше: Лев Зубов или Иван Орлов?", ["Лев Зубов"]),
        ("Кто старше, Иван Орлов или Лев Зубов?", ["Лев Зубов"]),
        ("Кто младше, Иван Орлов или Лев Зубов?", ["Иван Орлов"]),
        ("Когда Лев Зубов открыл выставку?", ["Зима 1930 года"]),
        ("Где Лев Зубов открыл выставку?", ["Клин"]),
        ("Кто родился в Клину 3 мая 1901 года?", ["Иван Орлов"]),
        ("Где родился Иван Олов?", []),
        ("Где находится Музей снегга?", []),
        ("Кто основал Музей снега?", ["Лев Зубов"]),
    ],
)
def test_the_first_answers(store: MemoryStore, question: str, expected: list[str]) -> None:
    assert [item.text for item in answer(store, question).answers] == expected


def test_paths_are_told_in_words_with_evidence_of_each_hop(store: MemoryStore) -> None:
    first = answer(store, "Как связаны Иван Орлов и Олег Гусев?").answers[0]
    assert first.text.startswith("Иван Орлов: супруг — Вера Гусева")
    assert len(first.evidence) == 3
    assert first.entity == ""


def test_two_hops_bring_both_sentences(store: MemoryStore) -> None:
    evidence = answer(store, "Где работает жена Ивана Орлова?").answers[0].evidence
    assert {(e.subject.type, e.object.type) for e in evidence} == {
        ("PERSON", "ORGANIZATION"),
        ("PERSON", "PERSON"),
    }


def test_documents_that_disagree_are_shown_side_by_side(store: MemoryStore) -> None:
    found = answer(store, "Когда умер Марк Сухов?")
    assert sorted(item.text for item in found.answers) == ["1950", "1951"]
    assert found.conflicting
    assert not answer(store, "Когда родился Иван Орлов?").conflicting


@pytest.mark.parametrize(
    ("question", "abstention"),
    [
        ("Где работает мать Веры Гусевой?", Abstention.NO_FACT),
        ("Где работает жена Олега Гусева?", Abstention.NO_FACT),
        ("Где живёт Кротов?", Abstention.AMBIGUOUS),
        ("Какого роста Иван Орлов?", Abstention.UNKNOWN_RELATION),
        ("Где родился Савва Ложкин?", Abstention.UNKNOWN_ENTITY),
        ("Кто родился в Клину 4 июня 1900 года?", Abstention.NO_FACT),
        ("Правда ли, что Савва Ложкин родился в Клину?", Abstention.UNKNOWN_ENTITY),
        ("Правда ли, что Пётр Гусев родился в Клину?", Abstention.NO_FACT),
        ("Как связаны Иван Орлов и Савва Ложкин?", Abstention.UNKNOWN_ENTITY),
        ("Как связаны Глеб Кротов и Иван Орлов?", Abstention.NO_FACT),
    ],
)
def test_four_ways_to_have_no_answer(
    store: MemoryStore, question: str, abstention: Abstention
) -> None:
    found = answer(store, question)
    assert found.abstained
    assert found.abstention is abstention
    assert found.reason


def test_an_ambiguous_name_lists_whom_it_may_mean(store: MemoryStore) -> None:
    found = answer(store, "Где живёт Кротов?")
    assert sorted(choice.name for choice in found.choices) == ["Глеб Кротов", "Яков Кротов"]
    again = answer(store, f"Где живёт {found.choices[0].id}?")
    assert again.answers


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("Где родился Иван Орлов?", Lookup),
        ("Сколько детей у Петра Гусева?", Count),
        ("Правда ли, что Иван Орлов родился в Клину?", Verify),
        ("Как связаны Иван Орлов и Олег Гусев?", Connect),
        ("Кто старше, Иван Орлов или Лев Зубов?", Compare),
        ("Какого роста Иван Орлов?", Unanswerable),
    ],
)
def test_a_plan_says_what_is_looked_up(store: MemoryStore, question: str, shape: type) -> None:
    made = plan(store, question, RussianNormalizer())
    assert isinstance(made, shape)
    assert describe(made)


def test_names_of_one_entity_tell_its_abbreviation() -> None:
    store = graph(
        "[Союз новых садоводов|ORGANIZATION] ([СНС|ORGANIZATION]) открыл сад. => 2 ABBREVIATION 1",
        "[СНС|ORGANIZATION] закрыл сад.",
    )
    assert len(list(store.entities())) == 1, "the resolver joins them"
    full = answer(store, "Как расшифровывается СНС?").answers[0]
    short = answer(store, "Как сокращается Союз новых садоводов?").answers[0]
    assert (full.text, short.text) == ("Союз новых садоводов", "СНС")
    assert full.entity == short.entity
    assert [e.text for e in full.evidence] == ["Союз новых садоводов (СНС) открыл сад."]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Какой музыкант живёт в Клину?", ["Марфа Чижова"]),
        ("Какой учёный живёт в Клину?", []),
        ("Что случилось с Марфой Чижовой?", ["ангина"]),
        ("Что случилось с Глебом Лисиным?", ["наводнение"]),
    ],
)
def test_wider_professions_and_what_happened(question: str, expected: list[str]) -> None:
    store = graph(
        "[Марфа Чижова|PERSON], [скрипачка|PROFESSION] и [вокалистка|PROFESSION], живёт в "
        "[Клину|CITY]. У неё [ангина|DISEASE], а был [пожар|EVENT]. => 1 WORKS_AS 2, "
        "1 WORKS_AS 3, 1 PLACE_RESIDES_IN 4, 1 MEDICAL_CONDITION 5, 1 PARTICIPANT_IN 6",
        "[Глеб Лисин|PERSON] пережил [наводнение|EVENT]. => 1 PARTICIPANT_IN 2",
    )
    assert [item.text for item in answer(store, question).answers] == expected
