"""The real embedded models over the sample documents: facts, answers, abstentions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.matching import FoundFacts, same_name

import kgbuild
from kgbuild.graph import KnowledgeGraph

pytestmark = pytest.mark.model

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "examples" / "docs"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((HERE / "expected.json").read_text("utf-8"))


def marked(kind: str) -> list[dict[str, Any]]:
    """The entries that the shipped models must get right."""
    return [entry for entry in EXPECTED[kind] if entry.get("must")]


@pytest.fixture(scope="module")
def graph(
    samples_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KnowledgeGraph]:
    own = tmp_path_factory.mktemp("own") / "kg"
    shutil.copytree(samples_store, own)
    with kgbuild.open(own) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(graph: KnowledgeGraph) -> FoundFacts:
    return FoundFacts(graph)


def test_enough_is_asked() -> None:
    assert len(marked("facts")) >= 30
    assert len(marked("questions")) >= 10
    assert len(EXPECTED["abstain"]) >= 3


@pytest.mark.parametrize(
    "fact",
    marked("facts"),
    ids=lambda f: f"{f['document']}-{f['relation']}-{f['subject']}-{f['object']}",
)
def test_a_fact_is_found_in_its_sentence(found: FoundFacts, fact: dict[str, Any]) -> None:
    assert found.has(fact)


@pytest.mark.parametrize("entry", marked("questions"), ids=lambda e: e["question"])
def test_a_question_is_answered_with_evidence(graph: KnowledgeGraph, entry: dict[str, Any]) -> None:
    answer = graph.ask(entry["question"])
    assert answer.answers, answer.reason
    first = answer.answers[0]
    assert any(same_name(wanted, first.text) for wanted in entry["answers"]), first.text
    assert first.evidence
    for evidence in first.evidence:
        document = graph.store.document(evidence.document)
        assert document is not None
        assert document.text[evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize("entry", EXPECTED["abstain"], ids=lambda e: e["question"])
def test_what_is_not_there_gets_no_answer(graph: KnowledgeGraph, entry: dict[str, Any]) -> None:
    answer = graph.ask(entry["question"])
    assert answer.abstained, [item.text for item in answer.answers]
    assert answer.reason
    assert answer.passages


def test_one_person_in_many_cases_is_one_node(graph: KnowledgeGraph) -> None:
    names = {
        m.entity: m.name
        for m in graph.mentions(document=str(SAMPLES / "01-mendeleev.txt"))
        if m.mention.type == "PERSON" and m.text in ("Менделеев", "Менделеева", "Менделееву")
    }
    assert len(names) == 1, names
    assert next(iter(names.values())).endswith("Менделеев")


def test_fathers_and_sons_stay_apart(graph: KnowledgeGraph) -> None:
    people = {
        Path(m.document).name: m.entity
        for m in graph.mentions()
        if m.text.startswith(("Лев Николаевич Толст", "Лев Львович Толст"))
    }
    assert people["05-lev-tolstoy.txt"] != people["06-lev-lvovich-tolstoy.txt"]


def test_search_finds_the_sentence_in_other_words(graph: KnowledgeGraph) -> None:
    question = "город, где появился на свет создатель периодической таблицы"
    best = graph.search(question, 5, mode="semantic")
    assert any("Тобольск" in passage.text for passage in best)


def test_ingesting_again_changes_nothing(graph: KnowledgeGraph) -> None:
    before = graph.stats()
    report = graph.ingest([SAMPLES])
    assert {r.value: n for r, n in report.results.items()} == {
        "added": 0,
        "unchanged": before.documents,
        "replaced": 0,
    }
    assert graph.stats() == before


def test_a_fact_of_several_documents_outlives_one(graph: KnowledgeGraph) -> None:
    """Born in Тобольск stands in three documents: it falls with the last one only."""

    def birthplaces() -> set[str]:
        return {
            Path(e.document).name
            for fact in graph.facts(relation="PLACE_OF_BIRTH")
            if fact.object.name == "Тобольск" and "Менделеев" in fact.subject.name
            for e in fact.evidence
        }

    sources = birthplaces()
    assert len(sources) >= 2
    gone = sorted(sources)[0]
    graph.delete(str(SAMPLES / gone))
    assert birthplaces() == sources - {gone}
    graph.ingest([SAMPLES / gone])
    assert birthplaces() == sources
