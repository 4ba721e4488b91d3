"""Whether something is so: with the shipped weights, over graphs that a person can read."""

from __future__ import annotations

import pytest
from ask.graphs import graph

from kgbuild.ask.asked import read_question
from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.rules.shapes import least_to_ask_whether
from kgbuild.ask.rules.verdict import LIKELY
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker

TEXTS = (
    "[Ася Лунина|PERSON] — жена [Петра Гусева|PERSON], [адвоката|PROFESSION]."
    " => 1 SPOUSE 2, 2 WORKS_AS 3",
    "[Пётр Гусев|PERSON] родился в [Клину|CITY] и работает в «[Рассвете|ORGANIZATION]»."
    " => 1 PLACE_OF_BIRTH 2, 1 WORKPLACE 3",
    "[Роберт Вейгель|PERSON] — брат [Густава Вейгеля|PERSON], живёт в [Твери|CITY]."
    " => 1 SIBLING 2, 1 PLACE_RESIDES_IN 3",
)


def asker(*texts: str, denied: str = "") -> Asker:
    tools = Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)
    return Asker(graph(*texts, denied=frozenset({denied})), tools)


@pytest.mark.parametrize(
    ("question", "said", "relation"),
    [
        ("Правда, что Ася замужем за Гусевым?", "да", "SPOUSE"),
        ("Пётр Гусев ведь адвокат, верно?", "да", "WORKS_AS"),
        ("Роберт и Густав — родные братья, так ли?", "да", "SIBLING"),
        ("Уроженец ли Клина Пётр Гусев?", "да", "PLACE_OF_BIRTH"),
        ("Замужем ли Ася за Робертом?", "нет", "SPOUSE"),
    ],
)
def test_yes_and_no_have_their_sentence(question: str, said: str, relation: str) -> None:
    [item] = asker(*TEXTS).ask(question).answers
    assert (item.text, item.relation, item.denied) == (said, relation, False)
    assert item.evidence


def test_a_yes_is_as_sure_as_its_reading() -> None:
    for question in ("Правда, что Ася замужем за Гусевым?", "Пётр Гусев ведь адвокат, верно?"):
        [item] = asker(*TEXTS).ask(question).answers
        assert LIKELY <= item.confidence < 1  # its fact's is 1


@pytest.mark.parametrize(
    "question",
    [
        "Правда ли, что Ася — дочь Роберта?",  # nothing is known of her parents
        "Верно ли, что Густав судил Гусева?",
        "Правда ли, что Ася знает Демьяна?",  # whom the graph lacks
    ],
)
def test_what_nothing_says_is_neither(question: str) -> None:
    assert asker(*TEXTS).ask(question).abstained


def test_another_of_several_denies_nothing() -> None:
    both = "[Ася Лунина|PERSON] была женой [Льва Зубова|PERSON]. => 1 SPOUSE 2"
    question = "Замужем ли Ася за Робертом?"
    assert asker(*TEXTS).ask(question).answers[0].text == "нет"
    assert asker(*TEXTS, both).ask(question).abstained


def test_a_denial_is_told_as_one() -> None:
    text = "[Ася Лунина|PERSON] не замужем за [Робертом Вейгелем|PERSON]. => 1 SPOUSE 2"
    [item] = asker(text, denied="SPOUSE").ask("Ася замужем за Робертом, правда?").answers
    assert (item.text, item.denied) == ("нет", True)


@pytest.mark.parametrize(
    ("question", "least"),
    [
        ("Замужем ли Ася?", 0.0),
        ("Правда, что Ася замужем?", 0.05),
        ("Ася живёт в Твери?", 0.1),
        ("Где работает Ли?", 1.0),
        ("За кого вышла Ли?", 1.0),
        ("Сколько выплатили за верно угаданный счёт?", 1.0),
        ("Кто основал группу «Правда»?", 1.0),
        ("Родители Аси?", 1.0),
        ("Назови детей Аси", 1.0),
        ("Скажите, кто живёт в Твери?", 1.0),
    ],
)
def test_the_form_of_a_question_whether(question: str, least: float) -> None:
    assert least_to_ask_whether(read_question(question)) == least
