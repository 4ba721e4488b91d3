from __future__ import annotations

import json
from pathlib import Path

import pytest
from ask.graphs import graph

from kgbuild.ask.answer import ask
from kgbuild.ask.evaluate import GoldQuestion, mark, read_questions, scores
from kgbuild.ask.rubq import read_rubq, recognition, relations_asked
from kgbuild.errors import FormatError
from kgbuild.ontology import RELATIONS, wikidata_relations
from kgbuild.resolve.normalize import RussianNormalizer

QUESTIONS = Path(__file__).with_name("questions.jsonl")


def gold(question: str, kind: str, *answers: str, document: str = "0") -> GoldQuestion:
    return GoldQuestion(question, kind, "all", None, (document,), answers)


def test_what_is_counted() -> None:
    store = graph("[Иван Орлов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2")
    asked = [
        gold("Где родился Иван Орлов?", "one_hop", "клин"),
        gold("Где родился Иван Орлов?", "one_hop", "Тверь"),
        gold("Кто родился в Клину?", "list", "Иван Орлов", "Пётр Орлов"),
        gold("Где родился Иван Орлов?", "one_hop", "Клин", document="1"),
        gold("Когда умер Иван Орлов?", "no_fact"),
        gold("Кто родился в Клину?", "no_fact"),
    ]
    marked = mark(asked, lambda q: ask(store, q, RussianNormalizer()), store)
    found = scores(marked)
    assert found.answers_at_1 == pytest.approx(3 / 4)
    assert found.list_f1 == pytest.approx(2 / 3)
    assert (found.abstention_precision, found.abstention_recall) == (1.0, 0.5)
    assert found.reason == pytest.approx(1 / 2)
    assert found.evidence == pytest.approx(2 / 3)


def test_the_question_set_is_whole() -> None:
    questions = read_questions(QUESTIONS)
    answered = [q for q in questions if q.answers]
    assert len(answered) >= 200
    assert len(questions) - len(answered) >= 40
    relations = {q.relation for q in answered}
    assert len(relations) >= 25
    assert relations <= set(RELATIONS)
    assert len({q.question for q in questions}) == len(questions)
    unanswered = {q.kind for q in questions if not q.answers}
    assert unanswered == {"unknown_entity", "unknown_relation", "no_fact", "ambiguous"}
    assert {q.part for q in questions} == {"tune", "held"}


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Кто?"}\n', "utf-8")
    with pytest.raises(FormatError, match="line 1"):
        read_questions(path)


def test_rubq_counts_questions_whose_property_is_mapped(tmp_path: Path) -> None:
    rows = [
        {"question_text": "Где родился Иван Орлов?", "question_props": ["wdt:P19"]},
        {"question_text": "Какого цвета снег?", "question_props": ["wdt:P462"]},
        {"question_text": "Кто это?", "question_props": ["wdt:P26"]},
        {"question_text": "Почему?", "question_props": None},
    ]
    path = tmp_path / "rubq.json"
    path.write_text(json.dumps(rows), "utf-8")
    found = recognition(read_rubq(path), relations_asked)
    assert (found.questions, found.recognised, found.share) == (2, 1, 0.5)
    path.write_text("{}{}", "utf-8")
    with pytest.raises(FormatError):
        read_rubq(path)


def test_mapped_relations_exist() -> None:
    assert wikidata_relations("P19") == {"PLACE_OF_BIRTH"}
    assert not wikidata_relations("P1")
    table = {p: wikidata_relations(p) for p in (f"P{n}" for n in range(4000))}
    assert set().union(*table.values()) <= set(RELATIONS)
