"""Exercises of a graph, their folds, and a decision that learns from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ask.graphs import graph
from train.asked import ROWS, TEXT, vectors

from kgbuild.ask.options import NONE_FIGURES, OPTION_FIGURES, Option, Options
from kgbuild.errors import FormatError
from kgbuild.train.decisions import Exercise, exercises, fit_decision, folded
from kgbuild.train.ranking import Asking, Lesson, fit, lessons, read_askings


@pytest.fixture
def askings(tmp_path: Path) -> list[Asking]:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8")
    return read_askings(path)


def test_exercises_know_the_right_option(
    askings: list[Asking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgbuild.train.ranking.MEMBERS", 1)
    store = graph(TEXT)
    ranker = fit(lessons(store, askings, vectors, seed=0) * 16, [], epochs=20, seed=1)
    found = exercises(store, ranker, vectors, askings)
    assert [one.right.sum() for one in found] == [1, 1, 0]
    assert all(len(one.right) == len(one.options.all) for one in found)


def lesson(question: str) -> Lesson:
    asking = Asking(question, "one_hop", frozenset(), frozenset())
    none: np.ndarray = np.zeros(0)
    return Lesson(asking, None, None, none, none, none)  # type: ignore[arg-type]


def test_folds_part_graphs_and_divide_large_ones() -> None:
    small = [[lesson(f"{graph}-{at}") for at in range(2)] for graph in range(20)]
    learnt = [*small, [lesson(f"large-{at}") for at in range(10)]]
    every = {one.asking.question for some in learnt for one in some}
    asked: list[str] = []
    for learn, ask in folded(learnt, 4):
        own = [one.question for some in ask.values() for one in some]
        assert {one.asking.question for one in learn} == every - set(own)
        assert all(len(some) == 2 for at, some in ask.items() if at < len(small))
        assert 0 < len(ask[len(small)]) < 10
        asked += own
    assert sorted(asked) == sorted(every)


@pytest.mark.slow
def test_a_decision_learns_which_and_when() -> None:
    rng = np.random.default_rng(0)
    asking = Asking("", "one_hop", frozenset(), frozenset())
    given = []
    for number in range(200):
        figures = np.zeros((4, len(OPTION_FIGURES)), dtype=np.float32)
        none = np.zeros(len(NONE_FIGURES), dtype=np.float32)
        figures[:, :4] = rng.normal(size=(4, 4))
        right = np.zeros(4, dtype=bool)
        none[0] = -2.0
        if number % 4:
            right[figures[:, 0].argmax()] = True
        else:
            none[0] = 2.0
        options = Options(tuple(Option(at, at, False) for at in range(4)), figures, none)
        given.append(Exercise(asking, options, right))
    decision = fit_decision(given[:160], epochs=80)
    due = []
    for one in given[160:]:
        best = int(decision.shares(one.options).argmax())
        due.append(one.right[best] if best < 4 else not one.right.any())
    assert np.mean(due) > 0.8


def test_questions_without_an_option_teach_nothing() -> None:
    with pytest.raises(FormatError, match="no question has an option"):
        fit_decision([])
