"""Scores → probabilities that mean what they say.

Platt scaling (Platt 1999): a score's log-odds x become a·x + b, with (a, b) by entity
type or relation. Fitted on held-out training documents; a group with few examples is
pulled towards the fit over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

IDENTITY = (1.0, 0.0)
PULL = 10.0
"""Weight of the overall fit in a group's, in examples of log-loss per squared unit."""


def log_odds(probabilities: NDArray[np.floating]) -> Doubles:
    """ln(p / (1 − p)), with p kept off 0 and 1 by a millionth."""
    p = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)))


def calibrate(probabilities: Floats, kinds: NDArray[np.int64], table: Floats) -> Floats:
    """Probabilities [n] of kinds [n] through a table [kinds, 2] of (a, b)."""
    slope, shift = table[kinds].T.astype(np.float64)
    result = 1 / (1 + np.exp(-(slope * log_odds(probabilities) + shift)))
    return np.asarray(result, np.float32)


def table_of(by_name: Mapping[str, Sequence[float]], index: Mapping[str, int]) -> Floats:
    """(a, b) by name → an array in the order of the network's outputs; others stay as they are."""
    table = np.tile(np.asarray(IDENTITY, np.float32), (len(index), 1))
    for name, pair in by_name.items():
        table[index[name]] = pair
    return table


def fit(
    probabilities: Floats, right: NDArray[np.bool_], kinds: NDArray[np.int64], names: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """(a, b) for every name: scores [n], whether each was right [n], its kind [n]."""
    x, y = log_odds(probabilities), right.astype(np.float64)
    overall = _platt(x, y, IDENTITY, 1.0)
    fitted = {}
    for kind, name in enumerate(names):
        mine = kinds == kind
        a, b = _platt(x[mine], y[mine], overall, PULL) if mine.any() else overall
        fitted[name] = (round(a, 4), round(b, 4))
    return fitted


def _platt(x: Doubles, y: Doubles, prior: tuple[float, float], pull: float) -> tuple[float, float]:
    """Newton's method on the log-loss plus pull/2 · |(a, b) − prior|²; the slope stays positive."""
    centre = np.array(prior)
    point = centre.copy()
    inputs = np.stack([x, np.ones_like(x)], 1)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(inputs @ point, -30, 30)))
        gradient = inputs.T @ (p - y) + pull * (point - centre)
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + pull * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        point = point - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return max(float(point[0]), 0.05), float(point[1])


def expected_error(probabilities: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal count (Naeini et al. 2015)."""
    if len(probabilities) == 0:
        return 0.0
    order = np.argsort(probabilities, kind="stable")
    gaps = [
        abs(float(probabilities[part].mean()) - float(right[part].mean())) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return sum(gaps) / len(probabilities)
