"""Reciprocal rank fusion: Cormack, Clarke & Büttcher 2009 (SIGIR).

A list gives a row weight / (k + rank). Rows with one score share the rank of the first, so
that all sentences of a document profit alike from its rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K = 3
"""The constant of the fusion; see ``kgbuild eval search``."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list by one sign: its name, its weight, row ids int64 [n] and scores float64 [n]."""

    name: str
    weight: float
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


def ranks(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Dense ranks from 1, the highest score first; equal scores share one."""
    _, place = np.unique(-scores, return_inverse=True)
    found: NDArray[np.int64] = place.astype(np.int64) + 1
    return found


def fuse(rankings: Sequence[Ranking], k: float = K) -> list[tuple[int, float]]:
    """Row ids with their scores, best first, equals by row id.

    A score is a share of the best there could be: 1.0 is first in every list.
    """
    total: dict[int, float] = {}
    for ranking in rankings:
        gains = ranking.weight / (k + ranks(ranking.scores))
        for row, gain in zip(ranking.rows.tolist(), gains.tolist(), strict=True):
            total[row] = total.get(row, 0.0) + gain
    best = sum(ranking.weight for ranking in rankings) / (k + 1)
    return sorted(
        ((row, score / best) for row, score in total.items()), key=lambda pair: (-pair[1], pair[0])
    )


def sources(rankings: Sequence[Ranking]) -> Mapping[int, tuple[str, ...]]:
    """The names of the lists that each row is in."""
    names: dict[int, list[str]] = {}
    for ranking in rankings:
        for row in ranking.rows.tolist():
            if ranking.name not in names.setdefault(row, []):
                names[row].append(ranking.name)
    return {row: tuple(some) for row, some in names.items()}
