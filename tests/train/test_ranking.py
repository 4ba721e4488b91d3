"""Lessons of a graph, and a ranker that learns from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ask.graphs import graph
from train.asked import ROWS, TEXT, vectors

from kgbuild.ask.candidates import STEPS
from kgbuild.errors import FormatError
from kgbuild.train.ranking import Lesson, fit, hints, lessons, read_askings


@pytest.fixture
def learnt(tmp_path: Path) -> list[Lesson]:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8")
    return lessons(graph(TEXT), read_askings(path), vectors, seed=0)


def test_the_other_candidates_are_wrong(learnt: list[Lesson]) -> None:
    born, lives, died = learnt
    for lesson, relation in ((born, "PLACE_OF_BIRTH"), (lives, "PLACE_RESIDES_IN")):
        right = np.flatnonzero(lesson.right > 0.5)
        assert [STEPS[step] for step in lesson.view.paths[right, 1]] == [(relation, False)]
    assert len(died.right)
    assert not died.right.any()


def test_a_ranker_learns_its_lessons(learnt: list[Lesson], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgbuild.train.ranking.MEMBERS", 1)
    ranker = fit(learnt * 16, [], epochs=20, seed=1)
    for lesson in learnt:
        query = ranker.query(lesson.seen)
        scores, none = ranker.scores(query, lesson.view), ranker.none(query, lesson.view)
        if lesson.asking.forms:
            assert lesson.right[scores.argmax()] > 0.5
        else:
            assert none > scores.max()


def test_hints_ask_for_their_step() -> None:
    found = hints(None, vectors, seed=0)
    assert len(found) > 1000
    assert all(hint.steps.sum() == 1 for hint in found)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Кто?"}\n', "utf-8")
    with pytest.raises(FormatError, match="line 1"):
        read_askings(path)
    with pytest.raises(FormatError, match="no candidate"):
        fit([], [])
