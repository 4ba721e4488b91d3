"""The chosen threshold is the best of the grid, and comes from the documents given."""

from __future__ import annotations

import pytest

from kgbuild.train.scores import Score
from kgbuild.train.thresholds import GRID, _best


def test_the_grid_is_inside_zero_and_one() -> None:
    assert list(GRID) == sorted(GRID)
    assert GRID[0] == 0.1
    assert GRID[-1] == 0.8


@pytest.mark.parametrize("wanted", [0.1, 0.45, 0.8])
def test_the_best_score_decides(wanted: float) -> None:
    def score(threshold: float) -> Score:
        return Score(10, round(1000 * abs(threshold - wanted)), 0)

    assert _best(score) == (wanted, Score(10, 0, 0))
