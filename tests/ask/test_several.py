"""Several names in one question, a question that goes on about an entity, and «за что»."""

from __future__ import annotations

import pytest
from ask.graphs import graph

from kgbuild.ask.about import asked_about
from kgbuild.ask.answer import ask, plan
from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.candidates import Surroundings
from kgbuild.ask.connect import paths
from kgbuild.ask.rules.plan import describe
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker
from tests.oracle import MemoryStore

ID = "E0123456789abcdef"


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return graph(
        "[Иван Орлов|PERSON] работает в [Музее льда|ORGANIZATION] и родился в [Клину|CITY]. "
        "Жену его зовут [Нина Орлова|PERSON]. => 1 WORKPLACE 2, 1 PLACE_OF_BIRTH 3, 1 SPOUSE 4",
        "[Лев Зубов|PERSON] работает в [Музее льда|ORGANIZATION] и родился в [Твери|CITY]. "
        "Ему дали [орден Снега|AWARD]. => 1 WORKPLACE 2, 1 PLACE_OF_BIRTH 3, 1 AWARDED_WITH 4",
        "[Фильм|PROFESSION] «[Пурга|WORK_OF_ART]» снял [Глеб Кротов|PERSON]. => 3 PRODUCES 2",
        "Роман «[Пурга|WORK_OF_ART]» написал [Яков Лисин|PERSON]. => 2 PRODUCES 1",
    )


def answer(store: MemoryStore, question: str) -> Answer:
    return ask(store, question, RussianNormalizer())


def texts(store: MemoryStore, question: str) -> list[str]:
    return [item.text for item in answer(store, question).answers]


def test_a_path_over_a_fact_that_is_gone_by_now_is_none(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name = {fact.subject.name: fact.subject for fact in store.facts(relation="WORKPLACE")}
    one, other = by_name["Иван Орлов"], by_name["Лев Зубов"]
    known = Surroundings(store)
    assert [len(path.facts) for path in paths(known, one, other)] == [2]
    monkeypatch.setattr(store, "linked", lambda facts: [None] * len(facts))
    assert paths(Surroundings(store), one, other) == []


def test_several_names_get_what_they_share(store: MemoryStore) -> None:
    found = answer(store, "Где работают Иван Орлов и Лев Зубов?")
    assert [item.text for item in found.answers] == ["Музей льда"]
    assert {e.document for e in found.answers[0].evidence} == {"0.txt", "1.txt"}


def test_several_names_get_each_its_own(store: MemoryStore) -> None:
    found = texts(store, "Где родились Иван Орлов и Лев Зубов?")
    assert found == ["Иван Орлов: Клин", "Лев Зубов: Тверь"]


def test_several_names_are_explained_one_by_one(store: MemoryStore) -> None:
    shown = describe(plan(store, "Где работают Иван Орлов и Лев Зубов?", RussianNormalizer()))
    assert shown.index("«Иван Орлов»:") < shown.index("«Лев Зубов»:")
    assert shown.count("WORKPLACE: объект") == 2


def test_an_unknown_one_of_several_leaves_no_answer(store: MemoryStore) -> None:
    found = answer(store, "Где родились Иван Орлов и Савва Ложкин?")
    assert found.abstention is Abstention.UNKNOWN_ENTITY
    assert "Савва Ложкин" in found.reason


def test_the_last_hop_must_answer(store: MemoryStore) -> None:
    assert texts(store, "Кто жена Ивана Орлова?") == ["Нина Орлова"]
    found = answer(store, "Где родилась жена Ивана Орлова?")
    assert found.abstention is Abstention.NO_FACT


def test_an_award_is_no_reason(store: MemoryStore) -> None:
    assert texts(store, "Чем наградили Льва Зубова?") == ["орден Снега"]
    assert answer(store, "За что наградили Льва Зубова?").abstained


def test_the_asked_verb_decides(store: MemoryStore) -> None:
    assert texts(store, "Кто снял «Пургу»?")[0] == "Глеб Кротов"
    assert texts(store, "Кто написал «Пургу»?")[0] == "Яков Лисин"


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Где он родился?", f"Где {ID} родился?"),
        ("Кто её муж?", f"Кто муж {ID}?"),
        ("Где родилась его жена?", f"Где родилась жена {ID}?"),
        ("Когда умер?", f"Когда умер {ID}?"),
        (f"Где родился {ID}?", f"Где родился {ID}?"),
    ],
)
def test_a_question_goes_on_about_an_entity(question: str, about: str) -> None:
    assert asked_about(question, ID) == about


def test_who_is_meant_is_answered(store: MemoryStore) -> None:
    who = answer(store, "Кто родился в Клину?").answers[0].entity
    assert texts(store, asked_about("Кто его жена?", who)) == ["Нина Орлова"]


def test_which_of_two_namesakes_is_meant() -> None:
    store = graph(
        "[Иван Орлов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2",
        "[Пётр Орлов|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2",
    )
    question = "Где родился Орлов?"
    found = answer(store, question)
    assert found.abstention is Abstention.AMBIGUOUS
    asker = Asker(
        store, Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)
    )
    places = {"Иван Орлов": "Клин", "Пётр Орлов": "Тверь"}
    assert {entity.name for entity in found.choices} == set(places)
    for entity in found.choices:
        meant = asker.meant(question, entity.id)
        assert meant == f"Где родился {entity.id}?"
        assert texts(store, meant) == [places[entity.name]]
    assert asker.meant(question, ID) == f"Где родился Орлов {ID}?"
