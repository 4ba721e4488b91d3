"""Who is first, oldest, dearest, has most: over a graph and over a group, with shipped weights."""

from __future__ import annotations

import numpy as np
import pytest
from ask.graphs import graph

from kgbuild.ask.asked import read_question
from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.candidates import STEPS
from kgbuild.ask.rules.foremost import relation_asked
from kgbuild.ask.rules.superlative import read_superlative
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker

TEXTS = (
    "[Иван Орлов|PERSON] родился [3 мая 1901 года|DATE], работает на заводе"
    " «[Рассвет|ORGANIZATION]». => 1 DATE_OF_BIRTH 2, 1 WORKPLACE 3",
    "[Пётр Гусев|PERSON] родился в [1890 году|DATE] в [Клину|CITY]."
    " => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3",
    "[Вера Гусева|PERSON], дочь [Петра Гусева|PERSON], родилась в [1920 году|DATE] в"
    " [Клину|CITY] и работает на заводе «[Рассвет|ORGANIZATION]»."
    " => 1 DATE_OF_BIRTH 3, 2 PARENT_OF 1, 1 PLACE_OF_BIRTH 4, 1 WORKPLACE 5",
    "[Олег Гусев|PERSON], сын [Петра Гусева|PERSON], родился [2 мая 1915 года|DATE] и умер в"
    " [1950 году|DATE]. => 1 DATE_OF_BIRTH 3, 2 PARENT_OF 1, 1 DATE_OF_DEATH 4",
    "[Марк Сухов|PERSON], [врач|PROFESSION], родился в [1915 году|DATE] и работает на заводе"
    " «[Рассвет|ORGANIZATION]». => 1 DATE_OF_BIRTH 3, 1 WORKS_AS 2, 1 WORKPLACE 4",
    "[Инна Кротова|PERSON], [врач|PROFESSION], родилась в [1930 году|DATE]."
    " => 1 DATE_OF_BIRTH 3, 1 WORKS_AS 2",
    "[Лев Зубов|PERSON] родился до [1800 года|DATE] и живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 3",
    "Фирма «[Рассвет|ORGANIZATION]» основана в [1931 году|DATE]. => 1 DATE_FOUNDED_IN 2",
    "Фирма «[Закат|ORGANIZATION]» основана в [1945 году|DATE]. => 1 DATE_FOUNDED_IN 2",
    "Фирма «[Восход|ORGANIZATION]» основана в [мае 1945 года|DATE]. => 1 DATE_FOUNDED_IN 2",
    "[Контракт № 5|LAW] на [5 миллионов рублей|MONEY]. => 1 PRICE_OF 2",
    "[Контракт № 6|LAW] на [7 миллионов рублей|MONEY]. => 1 PRICE_OF 2",
    "[Контракт № 8|LAW] на [700 тысяч рублей|MONEY]. => 1 PRICE_OF 2",
    "[Дворец|FACILITY] стоил [90 миллионов рублей|MONEY]. => 1 PRICE_OF 2",
    "[Ивана Орлова|PERSON] наградили [орденом Снега|AWARD] и [медалью Льда|AWARD]."
    " => 1 AWARDED_WITH 2, 1 AWARDED_WITH 3",
    "[Вера Гусева|PERSON] получила [медаль Льда|AWARD]. => 1 AWARDED_WITH 2",
    "[Марк Сухов|PERSON] получил [медаль Льда|AWARD]. => 1 AWARDED_WITH 2",
)
TOOLS = Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(graph(*TEXTS), TOOLS)


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Кто родился раньше всех?", ["Пётр Гусев: 1890"]),
        ("Кто родился первым?", ["Пётр Гусев: 1890"]),
        ("Кто старше всех?", ["Пётр Гусев: 1890"]),
        ("Кто самый молодой?", ["Инна Кротова: 1930"]),
        ("Какая фирма самая старая?", ["Рассвет: 1931"]),
        ("Самый дорогой контракт", ["Контракт № 6: 7 миллионов рублей"]),
        ("Назови самый дешёвый контракт", ["Контракт № 8: 700 тысяч рублей"]),
        ("Кто получил больше всего наград?", ["Иван Орлов: 2"]),
    ],
)
def test_the_first_of_all(asker: Asker, question: str, answers: list[str]) -> None:
    found = asker.ask(question)
    assert [item.text for item in found.answers] == answers
    assert found.answers[0].evidence
    assert found.answers[0].facts


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("Кто из сотрудников завода «Рассвет» старше всех?", ["Иван Орлов: 3 мая 1901 года"]),
        ("Кто из сотрудников завода «Рассвет» моложе всех?", ["Вера Гусева: 1920"]),
        ("Кто из детей Петра Гусева родился раньше всех?", ["Олег Гусев: 2 мая 1915 года"]),
        ("Кто из врачей старше всех?", ["Марк Сухов: 1915"]),
        ("Кто родился в Клину позже всех?", ["Вера Гусева: 1920"]),
        ("Кто из сотрудников завода «Рассвет» получил больше всего наград?", ["Иван Орлов: 2"]),
    ],
)
def test_the_first_of_a_group(asker: Asker, question: str, answers: list[str]) -> None:
    assert [item.text for item in asker.ask(question).answers] == answers


def test_whoever_was_the_first_to_do_something_is_looked_up() -> None:
    text = "Первой в [бой|EVENT] вступила [Инна Кротова|PERSON]. => 2 PARTICIPANT_IN 1"
    found = Asker(graph(text, *TEXTS), TOOLS).ask("Кто первым вступил в бой?")
    assert [item.text for item in found.answers] == ["Инна Кротова"]
    died = "[Пётр Гусев|PERSON] [умер|EVENT]. => 1 PARTICIPANT_IN 2"
    assert Asker(graph(died, *TEXTS), TOOLS).ask("Кто умер последним?").abstained


def test_values_that_overlap_stand_side_by_side(asker: Asker) -> None:
    found = asker.ask("Какая фирма основана позже всех?")
    assert {item.text for item in found.answers} == {"Восход: май 1945 года", "Закат: 1945"}


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Кто умер раньше всех?", "о немногих (1)"),
        ("Кто из жителей Твери старше всех?", "о немногих (0 из 1)"),
        ("Кто из сотрудников завода «Заря» старше всех?", "завода «Заря»"),
        ("Кто из сотрудников завода «Рассвет» выше всех?", "не понят"),
    ],
)
def test_no_extreme_of_what_is_hardly_known(asker: Asker, question: str, reason: str) -> None:
    found = asker.ask(question)
    assert found.abstained
    assert reason in found.reason


def test_the_surest_value_of_somebody_counts() -> None:
    born = "[Инна Кротова|PERSON] родилась в [1930 году|DATE]. => 1 DATE_OF_BIRTH 2"
    again = (
        "По её словам, [Инна Кротова|PERSON] родилась в [1930 году|DATE]. => 1 DATE_OF_BIRTH 2 0.9"
    )
    wrong = "[Инна Кротова|PERSON] родилась в [1830 году|DATE]. => 1 DATE_OF_BIRTH 2 0.6"
    others = (
        "[Пётр Гусев|PERSON] родился в [1890 году|DATE]. => 1 DATE_OF_BIRTH 2",
        "[Олег Гусев|PERSON] родился в [1915 году|DATE]. => 1 DATE_OF_BIRTH 2",
        "[Глеб Кротов|PERSON] родился в [1700 году|DATE]. => 1 DATE_OF_BIRTH 2 0.3",
    )
    found = Asker(graph(born, again, wrong, *others), TOOLS).ask("Кто родился раньше всех?")
    assert [item.text for item in found.answers] == ["Пётр Гусев: 1890"]


def test_sums_in_several_currencies_stand_side_by_side() -> None:
    sums = ("5 миллионов рублей", "900 рублей", "3 миллиона долларов", "20 долларов")
    texts = [f"[Договор № {n}|LAW] на [{s}|MONEY]. => 1 PRICE_OF 2" for n, s in enumerate(sums)]
    found = Asker(graph(*texts), TOOLS).ask("Какой договор самый дорогой?")
    assert {item.text for item in found.answers} == {
        "Договор № 0: 5 миллионов рублей",
        "Договор № 2: 3 миллиона долларов",
    }


@pytest.mark.parametrize(
    ("question", "value", "group"),
    [
        ("Кто раньше всех родился?", "Когда родился N?", ""),
        ("У кого больше всего детей?", "Какие детей у N?", ""),
        ("Старейший житель Твери", "Когда родился житель N?", "житель Твери?"),
        ("Какая из фирм Орлова старше всех?", "Когда создана фирм N?", "Кто из фирм Орлова?"),
    ],
)
def test_a_superlative_is_a_question_for_a_value(question: str, value: str, group: str) -> None:
    read = read_superlative(read_question(question))
    assert read is not None
    assert (read.question, read.group, read.firm) == (value, group, True)


@pytest.mark.parametrize(
    "question",
    [
        "Где учится самый младший сын Орлова?",  # asks for a school
        "Кто подписал самый дорогой контракт?",  # asks for somebody else
        "Сколько он заработал в самый жирный год?",  # no scale of ours
        "Кто старше, Орлов или Гусев?",
        "Кто больше не работает на заводе?",
        "Кто был первым директором завода?",
        "Кто, скорее всего, строил завод?",
        "Кто из всех сотрудников родился в Клину?",
    ],
)
def test_other_questions_ask_for_no_extreme(question: str) -> None:
    assert read_superlative(read_question(question)) is None


def test_an_unclear_relation_is_not_compared() -> None:
    read = read_superlative(read_question("Кто родился раньше всех?"))
    assert read is not None
    born, died = STEPS.index(("DATE_OF_BIRTH", False)), STEPS.index(("DATE_OF_DEATH", False))
    steps = np.zeros(len(STEPS))
    steps[[born, died]] = 0.5, 0.3
    over = relation_asked(read, steps)
    assert over is not None
    assert over.relation == "DATE_OF_BIRTH"
    steps[[born, died]] = 0.4, 0.4  # one as likely as the other
    assert relation_asked(read, steps) is None
    steps[[born, died]] = 0.05, 0.0  # nearly all of it elsewhere
    assert relation_asked(read, steps) is None


def test_it_is_explained(asker: Asker) -> None:
    told = asker.explain("Кто из врачей старше всех?")
    assert "DATE_OF_BIRTH" in told
    assert "среди ответов на «Кто из врачей?»: Марк Сухов, Инна Кротова" in told
    assert "неясно" in asker.explain("Кто больше всех похож на врача?")


def test_whose_relation_is_unclear_gets_no_answer(asker: Asker) -> None:
    found = asker.ask("Кто больше всех похож на врача?")
    assert found.abstention is Abstention.UNKNOWN_RELATION
