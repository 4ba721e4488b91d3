"""Calibration: numbers by hand, and that it does what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.extract.calibration import (
    IDENTITY,
    calibrate,
    expected_error,
    fit,
    log_odds,
    table_of,
)


def test_the_identity_changes_nothing() -> None:
    scores = np.array([0.0, 0.001, 0.3, 0.5, 0.999, 1.0], np.float32)
    table = table_of({}, {"a": 0, "b": 1})
    assert table.tolist() == [list(IDENTITY)] * 2
    calibrated = calibrate(scores, np.array([0, 1, 0, 1, 0, 1]), table)
    assert calibrated == pytest.approx(scores, abs=2e-6)


def test_slope_and_shift_act_on_the_log_odds() -> None:
    table = table_of({"b": (2.0, 1.0)}, {"a": 0, "b": 1})
    calibrated = calibrate(np.array([0.8, 0.8], np.float32), np.array([0, 1]), table)
    assert calibrated == pytest.approx([0.8, 1 / (1 + np.exp(-(2 * np.log(4) + 1)))])


def test_log_odds_stay_finite() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert log_odds(np.array([0.5, 0.8])) == pytest.approx([0.0, np.log(4)])


def test_overconfident_scores_are_made_true() -> None:
    generator = np.random.default_rng(3)
    truth = generator.uniform(0.02, 0.98, 6000)
    right = generator.random(6000) < truth
    shown = calibrate(truth.astype(np.float32), np.zeros(6000, np.int64), np.array([[3.0, 1.0]]))
    kinds = np.zeros(6000, np.int64)
    table = table_of(fit(shown, right, kinds, ["a"]), {"a": 0})
    assert table[0] == pytest.approx([1 / 3, -1 / 3], abs=0.1)
    assert expected_error(shown, right) > 0.1
    assert expected_error(calibrate(shown, kinds, table), right) < 0.03


def test_order_is_kept_even_where_scores_are_worse_than_chance() -> None:
    scores = np.linspace(0.1, 0.9, 200).astype(np.float32)
    right = scores < 0.5
    fitted = fit(scores, right, np.zeros(200, np.int64), ["a", "unseen"])
    assert fitted["a"][0] > 0
    assert fitted["unseen"][0] > 0


def test_a_kind_with_few_examples_follows_the_others() -> None:
    generator = np.random.default_rng(4)
    scores = generator.uniform(0.05, 0.95, 2001).astype(np.float32)
    right = generator.random(2001) < scores
    kinds = np.zeros(2001, np.int64)
    kinds[0], scores[0], right[0] = 1, 0.6, False
    fitted = fit(scores, right, kinds, ["many", "one"])
    assert fitted["one"] == pytest.approx(fitted["many"], abs=0.15)


def test_nothing_to_fit_leaves_scores_as_they_are() -> None:
    none = np.zeros(0)
    fitted = fit(none.astype(np.float32), none.astype(bool), none.astype(np.int64), ["a"])
    assert fitted == {"a": IDENTITY}
    assert expected_error(none.astype(np.float32), none.astype(bool)) == 0.0


def test_the_expected_error_by_hand() -> None:
    scores = np.array([0.2, 0.2, 0.9, 0.9], np.float32)
    right = np.array([False, True, True, True])
    assert expected_error(scores, right, bins=2) == pytest.approx((0.3 * 2 + 0.1 * 2) / 4)
