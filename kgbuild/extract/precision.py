"""A wanted precision → the least confidence of each relation that has shown it.

Held-out documents leave a curve a relation: how many predictions had which confidence,
and how many of those were right. Of few predictions the share of right ones says little,
so it is smoothed towards that of all relations at the same threshold: the m-estimate
(Cestnik 1990, "Estimating probabilities: a crucial task in machine learning"), as if
``WEIGHT`` more predictions had come out like the average. It is an estimate, not a bound:
on other documents a relation may fall somewhat short of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

STEPS = 100
"""Confidences are counted in hundredths, rounded down."""
LEAST = 10
"""Predictions below this many hundredths aren't counted."""
WEIGHT = 10.0
"""Predictions that the average of all relations counts for."""
SHOWN = 5
"""A relation with fewer held-out predictions at a confidence has shown nothing there."""
NEVER = 2.0
"""The threshold of a relation that isn't emitted."""

Curve = Sequence[Sequence[int]]
"""Rows (hundredths, predictions with that confidence, right ones among them)."""

Counts = NDArray[np.int64]


def curve_of(confidences: NDArray[np.floating], right: NDArray[np.bool_]) -> list[list[int]]:
    """The curve of predictions with these confidences [n], ``right`` [n] or not."""
    step = np.minimum((confidences.astype(np.float64) * STEPS + 1e-6).astype(np.int64), STEPS - 1)
    counts = np.bincount(step, minlength=STEPS), np.bincount(step[right], minlength=STEPS)
    rows = np.stack([np.arange(STEPS), *counts], 1)[LEAST:]
    return [[int(value) for value in row] for row in rows[rows[:, 1] > 0]]


def thresholds_for(
    wanted: float, curves: Mapping[str, Curve], index: Mapping[str, int]
) -> NDArray[np.float32]:
    """The thresholds of all relations, in the order of ``index``.

    A relation's is the least hundredth from which on its smoothed precision is ``wanted``
    or better over at least ``SHOWN`` predictions, else ``NEVER``.
    """
    shown, right = np.zeros((2, len(index), STEPS), np.int64)
    for name, rows in curves.items():
        for step, count, good in rows:
            shown[index[name], step], right[index[name], step] = count, good
    shown, right = _from_there_on(shown), _from_there_on(right)
    overall = right.sum(0) / np.maximum(shown.sum(0), 1)
    precision = (right + WEIGHT * overall) / (shown + WEIGHT)
    enough = (precision >= wanted) & (shown >= SHOWN)
    first = enough.argmax(1)
    return np.where(enough.any(1), first / STEPS, NEVER).astype(np.float32)


def _from_there_on(counts: Counts) -> Counts:
    return np.asarray(counts[:, ::-1].cumsum(1)[:, ::-1])
