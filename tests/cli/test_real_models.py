"""A few commands over the real embedded models, from documents to answers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.model


def test_the_demo_s_question_is_answered(bare_run: Run, sample_store: Path) -> None:
    question, relation, answer = "Кто супруга Дмитрия Менделеева?", "SPOUSE", "Лещева"
    value = bare_run("query", question, "--json", "--store", sample_store).json
    assert value["abstained"] is False
    first = value["answers"][0]
    assert answer in first["text"]
    assert first["relation"] == relation
    assert first["evidence"]
    for evidence in first["evidence"]:
        text = Path(evidence["document"]).read_text("utf-8")
        assert text[evidence["start"] : evidence["end"]] == evidence["text"]
        assert answer[:-1] in evidence["text"]


def test_an_unknown_person_gets_no_answer(bare_run: Run, sample_store: Path) -> None:
    value = bare_run(
        "query", "Где родился Пафнутий Иголкин?", "--json", "--store", sample_store
    ).json
    assert value["abstained"] is True
    assert value["passages"]


def test_search_is_by_meaning(bare_run: Run, sample_store: Path) -> None:
    rows = bare_run("search", "химические элементы", "--json", "--store", sample_store).jsons
    assert Path(rows[0]["document"]).name == "01-mendeleev.txt"


def test_mentions_nest_and_point_into_their_documents(bare_run: Run, sample_store: Path) -> None:
    rows = bare_run("export", "mentions", "--store", sample_store).jsons
    assert len(rows) > 100
    spans: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        text = Path(row["document"]).read_text("utf-8")
        assert text[row["start"] : row["end"]] == row["text"]
        spans.setdefault(row["document"], []).append((row["start"], row["end"]))
    assert any(
        a != b and a[0] <= b[0] and b[1] <= a[1]
        for found in spans.values()
        for a in found
        for b in found
    )


def test_embed_gives_unit_vectors_of_the_real_model(bare_run: Run) -> None:
    rows = bare_run(
        "embed", "--prompt", "search_query", stdin="кошка\nкот\nналоговый кодекс\n"
    ).jsons
    cat, tom, tax = (row["vector"] for row in rows)
    assert len(cat) == 384
    assert math.isclose(sum(x * x for x in cat), 1, abs_tol=1e-2)

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert cosine(cat, tom) > cosine(cat, tax)


def test_the_graph_is_sound(bare_run: Run, sample_store: Path) -> None:
    assert bare_run("db", "check", "--store", sample_store).code == 0
    assert bare_run("index", "verify", "--store", sample_store).code == 0
