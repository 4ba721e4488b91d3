"""Precision, recall and F1 by hand."""

from __future__ import annotations

import pytest

from kgbuild.train.scoring.scores import Score, compare, macro, micro


def test_ratios_by_hand() -> None:
    score = Score(tp=6, fp=2, fn=4)
    assert score.precision == 0.75
    assert score.recall == 0.6
    assert score.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert score.to_dict() == {
        "precision": 0.75, "recall": 0.6, "f1": 0.6667, "tp": 6, "fp": 2, "fn": 4, "gold": 10,
    }  # fmt: skip


def test_nothing_at_all_is_zero() -> None:
    assert (Score().precision, Score().recall, Score().f1) == (0.0, 0.0, 0.0)
    assert Score(fp=3).to_dict()["f1"] == 0.0
    assert Score(fn=3).recall == 0.0


def test_gold_that_was_never_predicted_is_a_false_negative() -> None:
    gold = ["A1", "A2", "B1", "B2", "B3"]
    predicted = ["A1", "A3", "C1"]
    scores = compare(gold, predicted, lambda item: item[0])
    assert scores == {"A": Score(1, 1, 1), "B": Score(0, 0, 3), "C": Score(0, 1, 0)}
    assert micro(scores) == Score(1, 2, 4)


def test_items_count_once_on_each_side() -> None:
    scores = compare(["A1", "A1"], ["A1", "A1", "A2", "A2"], lambda item: item[0])
    assert scores == {"A": Score(1, 1, 0)}


def test_macro_averages_over_labels_that_gold_holds() -> None:
    scores = {"A": Score(1, 1, 0), "B": Score(0, 0, 2), "C": Score(0, 5, 0)}
    assert macro(scores) == {"precision": 0.25, "recall": 0.5, "f1": 0.3333}
    assert macro({"C": Score(0, 5, 0)}) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_scores_add_up() -> None:
    assert Score(1, 2, 3) + Score(10, 20, 30) == Score(11, 22, 33)
    assert micro({}) == Score()
