"""Thresholds come from the documents given, own ones only where others agree."""

from __future__ import annotations

import numpy as np

from kgbuild.extract.decode import average_pairs
from kgbuild.train.levels import GRID, choose_levels
from kgbuild.train.predictions import Predictions, confidences, of_pairs
from tests.train.gold import document

NO_PAIRS = average_pairs([])


def predictions(rows: list[tuple[float, bool, int, int]], gold: list[list[int]]) -> Predictions:
    score, right, kind, number = zip(*rows, strict=True)
    return Predictions(
        np.array(score, np.float32), np.array(right), np.array(kind), np.array(number),
        np.array(gold), ("a", "b"),
    )  # fmt: skip


def test_the_grid_is_inside_zero_and_one() -> None:
    assert list(GRID) == sorted(GRID)
    assert GRID[0] == 0.1
    assert GRID[-1] == 0.8


def test_the_common_threshold_has_the_best_micro_f1() -> None:
    rows = [(0.7, True, 0, d) for d in range(10)] + [(0.6, False, 0, d) for d in range(10)]
    found = predictions(rows, [[1, 0]] * 10)
    levels = choose_levels(found, found.scores)
    assert levels.common == min(t for t in GRID if t > 0.6)
    assert levels.own == {}


def two_kinds(documents: int, each: int) -> Predictions:
    """Kind a is right from 0.2 on, kind b only from 0.7 on, in every document alike."""
    rows: list[tuple[float, bool, int, int]] = []
    for number in range(documents):
        rows += [(0.25, True, 0, number), (0.75, True, 1, number)] * each
        rows += [(0.65, False, 1, number)] * each
    return predictions(rows, [[each, each]] * documents)


def test_own_thresholds_are_taken_where_they_hold_on_other_documents() -> None:
    found = two_kinds(10, 400)
    levels = choose_levels(found, found.scores)
    assert levels.trial.own_taken
    assert levels.trial.own_micro > levels.trial.common_micro
    level = {"a": levels.common, "b": levels.common} | levels.own
    assert level["a"] <= 0.25
    assert 0.65 < level["b"] <= 0.75


def test_of_few_examples_the_common_threshold_stays() -> None:
    found = two_kinds(5, 1)
    levels = choose_levels(found, found.scores)
    near = {"a": levels.common, "b": levels.common} | levels.own
    assert all(abs(level - levels.common) < 0.1 for level in near.values())


def test_own_thresholds_that_fail_elsewhere_are_left() -> None:
    """What would be best in one document is wrong in the next."""
    rows: list[tuple[float, bool, int, int]] = []
    for number in range(10):
        good = number % 5 < 2
        rows += [(0.3, good, 0, number)] * 30 + [(0.6, not good, 0, number)] * 30
        rows += [(0.5, True, 1, number)] * 30
    found = predictions(rows, [[30, 30]] * 10)
    trial = choose_levels(found, found.scores).trial
    assert trial.own_taken == (
        trial.own_micro >= trial.common_micro and trial.own_macro > trial.common_macro
    )
    assert not trial.own_taken


def test_a_confidence_has_not_seen_its_document() -> None:
    """One document is all wrong: its own confidences must not know that."""
    rows = [(0.8, number != 0, 0, number) for number in range(10) for _ in range(20)]
    found = predictions(rows, [[20, 0]] * 10)
    held = confidences(found, found)
    first, sixth, other = (held[found.documents == n].mean() for n in (0, 5, 1))
    assert first > 0.9
    assert first == sixth  # one fold
    assert other < first  # its calibration has seen document 0
    assert len(held) == len(rows)


def test_one_document_is_calibrated_on_itself() -> None:
    found = predictions([(0.9, True, 0, 0), (0.2, False, 1, 0)], [[1, 1]])
    assert np.isfinite(confidences(found, found)).all()
    assert choose_levels(found, found.scores).common in GRID


def test_no_predictions_are_borne() -> None:
    nothing = of_pairs([document("a", "Да"), document("b", "Нет")], [(), ()], [NO_PAIRS] * 2)
    assert len(nothing.scores) == 0
    assert choose_levels(nothing, confidences(nothing, nothing)).own == {}


def test_a_found_mention_counts_for_the_gold_one_it_overlaps() -> None:
    from kgbuild.extract.batch import RELATION_INDEX
    from kgbuild.extract.decode import PairScores
    from kgbuild.types import Mention

    gold = document("a", "[Иван Петров|PERSON] в [Газпроме|ORGANIZATION] => 1 WORKPLACE 2")
    found = (Mention(0, 4, "PERSON"), gold.mentions[1])
    scores = np.zeros((1, len(RELATION_INDEX)), np.float32)
    scores[0, RELATION_INDEX["WORKPLACE"]] = 0.7
    pairs = PairScores(np.array([[0, 1]]), scores)
    told = of_pairs([gold], [found], [pairs])
    assert told.right.tolist() == [True]
    assert told.kinds.tolist() == [RELATION_INDEX["WORKPLACE"]]
    assert told.gold.sum() == 1
    apart = (Mention(13, 14, "PERSON"), gold.mentions[1])
    assert of_pairs([gold], [apart], [pairs]).right.tolist() == [False]
