"""Thresholds for F1: one for all kinds, or one a kind where that is no worse on other documents.

A kind's own threshold is the best for its F1 and is drawn to the common one, the more the
fewer gold examples it has. Whether own thresholds are taken at all is decided by
cross-validation over documents: chosen on four folds and counted on the fifth, they must
lose no micro F1 and gain macro F1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.batch import Ints
from kgbuild.extract.references import Floats
from kgbuild.train.predictions import FOLDS, Predictions

GRID = tuple(round(0.1 + 0.025 * step, 3) for step in range(29))
"""Candidate thresholds, 0.1 to 0.8."""

DRAW = 30.0
"""Gold examples that the common threshold counts for beside a kind's own."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Cross-validated F1 of one threshold for all kinds and of own ones."""

    common_micro: float
    common_macro: float
    own_micro: float
    own_macro: float

    @property
    def own_taken(self) -> bool:
        """Whether own thresholds lose nothing in micro F1 and gain in macro F1."""
        return self.own_micro >= self.common_micro and self.own_macro > self.common_macro

    def to_dict(self) -> dict[str, float | bool]:
        """As JSON."""
        numbers = {name: round(getattr(self, name), 4) for name in self.__slots__}
        return numbers | {"own_taken": self.own_taken}


@dataclass(frozen=True, slots=True)
class Levels:
    """The common threshold, the kinds' own where taken, and the trial that decided."""

    common: float
    own: dict[str, float]
    trial: Trial


@dataclass(frozen=True, slots=True)
class _Counts:
    """By kind and threshold of the grid [K, T]: shown and right predictions; gold [K]."""

    shown: Ints
    right: Ints
    gold: Ints

    def f1(self) -> Doubles:
        """F1 of each kind at each threshold."""
        return _f1(self.right, self.shown, self.gold[:, None])

    def best(self, slack: float = 0.0) -> tuple[int, Ints]:
        """Grid positions: of the lowest threshold whose micro F1 is the best but for ``slack``,
        and of each kind's drawn best."""
        every = _f1(self.right.sum(0), self.shown.sum(0), self.gold.sum())
        common = int((every >= every.max() - slack).argmax())
        kinds = self.f1()
        at_common = kinds[:, common]
        own = np.where(kinds.max(1) > at_common, kinds.argmax(1), common)
        drawn = (self.gold * own + DRAW * common) / (self.gold + DRAW)
        return common, np.rint(drawn).astype(np.int64)


def _f1(right: Ints, shown: Ints, gold: Ints) -> Doubles:
    return np.asarray(2 * right / np.maximum(shown + gold, 1), np.float64)


def choose_levels(predictions: Predictions, confidences: Floats, slack: float = 0.0) -> Levels:
    """Thresholds for predictions with these (cross-validated) confidences [n]; ``slack`` is
    the micro F1 that a lower common threshold may cost."""
    every = np.ones(len(predictions.gold), bool)
    common, own = _counts(predictions, confidences, every).best(slack)
    trial = _trial(predictions, confidences, slack)
    levels = {
        n: GRID[i] for n, i in zip(predictions.names, own.tolist(), strict=True) if i != common
    }
    return Levels(GRID[common], levels if trial.own_taken else {}, trial)


def _counts(predictions: Predictions, confidences: Floats, chosen: NDArray[np.bool_]) -> _Counts:
    """Counts over the chosen documents."""
    mine = chosen[predictions.documents]
    over = confidences[mine, None] >= np.array(GRID, np.float32)
    shown, right = np.zeros((2, len(predictions.names), len(GRID)), np.int64)
    np.add.at(shown, predictions.kinds[mine], over)
    np.add.at(right, predictions.kinds[mine], over & predictions.right[mine, None])
    return _Counts(shown, right, predictions.gold[chosen].sum(0))


def _trial(predictions: Predictions, confidences: Floats, slack: float) -> Trial:
    """Thresholds chosen without a fold, counted on it, for all folds."""
    kinds = np.arange(len(predictions.names))
    totals = np.zeros((2, 2, len(kinds)), np.int64)  # common or own; shown, right
    for fold in range(min(FOLDS, len(predictions.gold))):
        held = predictions.folds == fold
        common, own = _counts(predictions, confidences, ~held).best(slack)
        counted = _counts(predictions, confidences, held)
        for row, at in enumerate((np.full(len(kinds), common), own)):
            totals[row, 0] += counted.shown[kinds, at]
            totals[row, 1] += counted.right[kinds, at]
    gold = predictions.gold.sum(0)
    real = gold > 0
    scores: list[float] = []
    for shown, right in totals:
        scores.append(float(_f1(right.sum(), shown.sum(), gold.sum())))
        scores.append(float(_f1(right, shown, gold)[real].mean()) if real.any() else 0.0)
    return Trial(*scores)
