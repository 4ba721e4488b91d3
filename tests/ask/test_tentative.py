"""Answers of last resort: marked, never mixed with facts, never asked for in vain."""

from __future__ import annotations

from kgbuild.ask.answer import ask
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer
from tests.ask.graphs import graph
from tests.oracle import MemoryStore

WIFE = "[Пётр Кузин|PERSON] женат на [Анне Лариной|PERSON] => 1 SPOUSE 2"
WORK = "[Пётр Кузин|PERSON] работает в [Газпроме|ORGANIZATION] => 1 WORKPLACE 2"
OTHER = "[Пётр Кузин|PERSON] пришёл в [Роснефть|ORGANIZATION] => 1 WORKPLACE 2"


def asked(store: MemoryStore, question: str, sure: bool = False) -> Answer:
    return ask(store, question, RussianNormalizer(), tentative=not sure)


def test_a_weak_reading_answers_where_no_fact_does() -> None:
    store = graph(WIFE, WORK, weak=frozenset({"WORKPLACE"}))
    answer = asked(store, "Где работает Пётр Кузин?")
    assert ([i.text for i in answer.answers], answer.tentative) == (["Газпром"], True)
    assert answer.answers[0].evidence[0].document == "1.txt"
    answer = asked(store, "Где работает Пётр Кузин?", sure=True)
    assert (answer.answers, answer.abstention) == ((), Abstention.NO_FACT)


def test_a_fact_answers_alone() -> None:
    store = graph(WIFE, weak=frozenset({"WORKPLACE"}))
    answer = asked(store, "Кто жена Петра Кузина?")
    assert ([i.text for i in answer.answers], answer.tentative) == (["Анна Ларина"], False)


def test_two_hops_may_rest_on_one_weak_reading() -> None:
    store = graph(WIFE, WORK, weak=frozenset({"SPOUSE"}))
    answer = asked(store, "Где работает муж Анны Лариной?")
    assert ([i.text for i in answer.answers], answer.tentative) == (["Газпром"], True)


def test_nothing_is_counted_in_weak_readings() -> None:
    store = graph(WIFE, WORK, OTHER, weak=frozenset({"WORKPLACE"}))
    assert asked(store, "Сколько мест работы у Петра Кузина?").abstained


def test_an_unknown_name_stays_unknown() -> None:
    store = graph(WIFE, WORK, weak=frozenset({"WORKPLACE"}))
    answer = asked(store, "Где работает Игорь Дубов?")
    assert (answer.tentative, answer.abstention) == (False, Abstention.UNKNOWN_ENTITY)
