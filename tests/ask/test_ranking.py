"""Link, expand, rank, decide: on small graphs, with the shipped weights where it says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ask.graphs import graph

from kgbuild.ask.asked import read_question
from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.candidates import STEPS, Surroundings, propose
from kgbuild.ask.names import NameIndex
from kgbuild.ask.ranker import Member, Ranker
from kgbuild.ask.shown import shown_name
from kgbuild.ask.spans import SpanLinker
from kgbuild.errors import WeightsError
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer, Entity
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker

ORLOV = "[Иван Орлов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2"
CHIEF = (
    "[Ольга Нагорная|PERSON], [директор|PROFESSION] фирмы «[Телеграм|ORGANIZATION]», замужем"
    " за [Иваном Орловым|PERSON]. => 1 WORKS_AS 2, 1 WORKPLACE 3, 1 SPOUSE 4"
)


def asker(*texts: str) -> Asker:
    return Asker(
        graph(*texts), Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)
    )


def asked(question: str, *texts: str) -> Answer:
    return asker(*texts).ask(question)


def linked(question: str, *texts: str) -> list[str]:
    return [
        link.name for link in SpanLinker(NameIndex.of(graph(*texts))).links(read_question(question))
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Где родился Иван Орлов?",
        "где родился иван орлов",
        "У Ивана Орлова где родина?",
        "Ivan Orlov: место рождения",
        "Откуда родом Иван Oрлов?",  # a Latin O
    ],
)
def test_a_name_is_found_in_any_spelling(question: str) -> None:
    assert linked(question, ORLOV, CHIEF)[0] == "Иван Орлов"


def test_a_name_with_a_typing_error_is_found() -> None:
    assert linked("Где работает Ольга Нагрная?", ORLOV, CHIEF)[0] == "Ольга Нагорная"


def test_a_latin_name_is_found_by_a_russian_one() -> None:
    text = "[Павел|PERSON] основал [Telegram|ORGANIZATION]. => 2 FOUNDED_BY 1"
    assert linked("Кто основатель Телеграма?", text)[0] == "Telegram"


def test_a_name_that_contradicts_is_a_worse_reading() -> None:
    [link] = SpanLinker(NameIndex.of(graph(ORLOV))).links(read_question("Где родился Пётр Орлов?"))
    assert (link.name, link.stray) == ("Иван Орлов", 1)
    assert link.cover < 1


def test_candidates_are_the_paths_of_one_and_two_facts() -> None:
    store = graph(ORLOV, CHIEF)
    links = SpanLinker(NameIndex.of(store)).links(read_question("Нагорная"))
    proposed = propose(links, Surroundings(store))
    c, entities = proposed.candidates, proposed.entities
    paths = {
        (STEPS[first], None if second < 0 else STEPS[second], entities[end].name)
        for first, second, end in zip(
            c.first.tolist(), c.second.tolist(), c.end.tolist(), strict=True
        )
    }
    assert paths == {
        (("WORKS_AS", False), None, "директор"),
        (("WORKPLACE", False), None, "Телеграм"),
        (("SPOUSE", False), None, "Иван Орлов"),
        (("SPOUSE", False), ("PLACE_OF_BIRTH", False), "Клин"),
    }


def test_a_hub_is_followed_no_further_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgbuild.ask.candidates.MOST_FACTS", 3)
    texts = [
        f"[Имя{n} Иванов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2" for n in range(9)
    ]
    store = graph(*texts)
    links = SpanLinker(NameIndex.of(store)).links(read_question("Клин"))
    assert len(propose(links, Surroundings(store)).candidates) == 3


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Где родился Иван Орлов?", "Клин"),
        ("Из какого города родом Иван Орлов?", "Клин"),
        ("иван орлов место рождения", "Клин"),
        ("На ком женат Иван Орлов?", "Ольга Нагорная"),
        ("В каком городе родился муж Ольги Нагорной?", "Клин"),
        ("Какую должность занимает Ольга Нагорная?", "директор"),
        ("В какой компании трудится Ольга Нагорная?", "Телеграм"),
    ],
)
def test_the_shipped_ranker_reads_what_is_asked(question: str, answer: str) -> None:
    found = asked(question, ORLOV, CHIEF)
    assert [item.text for item in found.answers][:1] == [answer]
    assert found.answers[0].evidence


def test_two_names_are_joined_by_the_facts_between_them() -> None:
    [first, *_] = asked("Что общего между Ольгой Нагорной и Клином?", ORLOV, CHIEF).answers
    assert "Иван Орлов" in first.text
    assert len(first.evidence) == 2


def test_an_answer_says_of_whom_it_is() -> None:
    ask = asker(ORLOV, CHIEF)
    found = ask.ask("Откуда родом Орлов?")
    assert [(i.text, i.about) for i in found.answers] == [("Клин", "Иван Орлов")]
    assert "PLACE_OF_BIRTH" in ask.explain("Откуда родом Орлов?")


def test_copies_of_one_source_are_one_evidence() -> None:
    found = asked("Из какого города родом Иван Орлов?", ORLOV, ORLOV, ORLOV)
    assert len(found.answers[0].evidence) == 1


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("Где родилась Серафима Ложкина?", Abstention.UNKNOWN_ENTITY),
        ("Какого цвета галстук у Ивана Орлова?", None),
        ("?", Abstention.UNKNOWN_RELATION),
    ],
)
def test_what_the_graph_lacks_is_not_guessed(question: str, why: Abstention | None) -> None:
    found = asked(question, ORLOV, CHIEF)
    assert found.abstained
    assert why is None or found.abstention is why
    assert found.reason


def test_another_relation_is_no_answer() -> None:
    lives = "[Иван Петров|PERSON] живёт в [Москве|CITY]. => 1 PLACE_RESIDES_IN 2"
    assert asked("Где работает Иван Петров?", lives).abstained


def test_what_documents_deny_is_a_no_with_its_sentence() -> None:
    text = "[Иван Орлов|PERSON] не муж [Ольги Нагорной|PERSON]. => 1 SPOUSE 2"
    tools = Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)
    ask = Asker(graph(text, denied=frozenset({"SPOUSE"})), tools)
    [item] = ask.ask("Правда ли, что Иван Орлов — муж Ольги Нагорной?").answers
    assert (item.text, item.denied, item.relation) == ("нет", True, "SPOUSE")
    assert [e.text for e in item.evidence] == ["Иван Орлов не муж Ольги Нагорной."]
    assert ask.ask("Правда ли, что Иван Орлов — начальник Ольги Нагорной?").abstained


def test_an_id_names_its_entity() -> None:
    ask = asker(ORLOV, CHIEF)
    [person] = [e for e in ask._store.entities(type="PERSON") if e.name == "Иван Орлов"]
    assert ask.meant("Откуда родом Орлов?", person.id) == f"Откуда родом {person.id}?"
    assert [i.text for i in ask.ask(f"Откуда родом {person.id}?").answers] == ["Клин"]


@pytest.mark.parametrize(
    ("entity", "shown"),
    [
        (Entity("E", "PERSON", "О. Т. Гнатюк", ("ГНАТЮК", "Олеся Гнатюк", "Гнатюк О. Т.")), "Олеся Гнатюк"),
        (Entity("E", "PERSON", "Иван Орлов", ("Ивану Орлову", "Орлов")), "Иван Орлов"),
        (Entity("E", "ORGANIZATION", "Кузовок", ("Верста", "Версты", "Кузовок")), "Верста"),
        (Entity("E", "DATE", "1998 год", ("в 1998 году",)), "1998"),
        (Entity("E", "DATE", "02.10.2014", ()), "2 октября 2014 года"),
        (Entity("E", "DATE", "май 2014 г.", ()), "май 2014 года"),
        (Entity("E", "DATE", "май 17", ()), "май 17"),
        (Entity("E", "DATE", "до 1994 года", ()), "до 1994 года"),
        (Entity("E", "DATE", "427 год до н. э.", ()), "427 год до н. э."),
    ],
)  # fmt: skip
def test_what_documents_call_an_entity_most_is_shown(entity: Entity, shown: str) -> None:
    assert shown_name(entity) == shown


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = make_ranker()
    made.save(tmp_path / "r.safetensors")
    read = Ranker.load(tmp_path / "r.safetensors")
    assert len(read.members) == len(made.members) > 1
    for one, other in zip(read.members, made.members, strict=True):
        assert all(np.array_equal(one.weights[n], other.weights[n]) for n in other.weights)
    with pytest.raises(WeightsError, match=r"none\.safetensors"):
        Ranker.load(tmp_path / "none.safetensors")
    spoilt = Member(made.members[0].weights | {"b": made.members[0].weights["b"][:3]})
    Ranker((spoilt,)).save(tmp_path / "cut.safetensors")
    with pytest.raises(WeightsError, match="b don't fit"):
        Ranker.load(tmp_path / "cut.safetensors")
