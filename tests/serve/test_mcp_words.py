"""What the answers of small graphs say, without the protocol and without the models that read."""

from __future__ import annotations

import pytest
from fakes import FakeEmbedder, FakeExtractor

from kgbuild import wiring
from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.serve.mcp import shapes, tools, words
from kgbuild.types import Document, DocumentRecord, Origin, Sentence
from tests.ask.graphs import graph

WIFE = "[Пётр Кузин|PERSON] женат на [Анне Лариной|PERSON] => 1 SPOUSE 2"
WORK = "[Пётр Кузин|PERSON] работает в [Газпроме|ORGANIZATION] => 1 WORKPLACE 2"
BORN = "[Пётр Кузин|PERSON] родился в [Твери|CITY] => 1 PLACE_OF_BIRTH 2"
EARLY = "[Пётр Кузин|PERSON] родился в [1900 году|DATE] => 1 DATE_OF_BIRTH 2"
LATE = "[Пётр Кузин|PERSON] родился в [1910 году|DATE] => 1 DATE_OF_BIRTH 2"


def held(*texts: str, weak: str = "") -> KnowledgeGraph:
    store = graph(*texts, weak=frozenset({weak}))
    return KnowledgeGraph(
        store,
        Makers(
            extractor=FakeExtractor,
            embedder=FakeEmbedder,
            normalizer=RussianNormalizer,
            index=lambda store, kind, model: wiring.exact_index(store, model),
            ranker=wiring.make_ranker,
            decision=wiring.make_decision,
            vectors=wiring.make_question_vectors,
        ),
    )


def test_a_tentative_answer_says_so_first() -> None:
    made = held(WIFE, WORK, weak="WORKPLACE")
    wanted = shapes.AskArguments(question="Где работает Пётр Кузин?")
    answer = tools.ask(made, wanted)
    assert answer.tentative
    assert words.asked(answer).startswith("Не точно: модели в этом не уверены")
    assert "Газпром" in words.asked(answer)
    sure = tools.ask(made, wanted.model_copy(update={"sure": True}))
    assert sure.abstained
    assert words.asked(sure).startswith("Ответа в графе нет.")


def test_documents_that_disagree_are_named() -> None:
    wanted = shapes.AskArguments(question="Когда родился Пётр Кузин?")
    answer = tools.ask(held(EARLY, LATE), wanted)
    assert answer.conflicting
    assert words.asked(answer).startswith("Источники расходятся:")
    assert {c.document for item in answer.answers for c in item.citations} == {"0.txt", "1.txt"}


@pytest.mark.parametrize(("kind", "shown"), [("page", "стр. 3"), ("row", "строка 3")])
def test_a_citation_names_its_place_in_the_file(kind: str, shown: str) -> None:
    made = held(BORN)
    text = "Заглавие.\nОб этом\u202e ничего."
    document = Document("b.pdf", text, "0" * 64, origins=(Origin(0, len(text), kind, "3"),))
    made.store.add_document(DocumentRecord(document, (Sentence(0, len(text)),), (), (), "x"))
    citation = tools._citation(made, "b.pdf", 0, len(text), text)
    assert citation.place == shown
    answer = shapes.SearchAnswer(text="?", mode="lexical", passages=[citation], corrections=[])
    [line] = words.found(answer).splitlines()
    assert line.strip().startswith(f"b.pdf, {shown}, знаки 0–{len(text)}: «Заглавие. Об")
    assert "\\u202e" in line
    assert citation.text == text


def test_one_is_not_led_from_itself() -> None:
    wanted = shapes.PathArguments(source="Пётр Кузин", target="Петра Кузина")
    answer = tools.path(held(BORN), wanted)
    assert answer.paths == []
    assert words.paths(answer).startswith("Это одна и та же сущность: Пётр Кузин")


def test_nothing_found_is_said() -> None:
    answer = shapes.SearchAnswer(text="?", mode="lexical", passages=[], corrections=[])
    assert words.found(answer) == "Ничего не найдено."
