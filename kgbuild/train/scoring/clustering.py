"""How alike two clusterings of the same items are.

* ``pairwise``: every unordered pair of items that one side puts together; precision is the
  share of the system's pairs that gold holds, recall the reverse.
* ``B-cubed`` (Bagga and Baldwin 1998): for each item, the share of its system cluster that
  lies in its gold cluster (precision) and the reverse (recall), averaged over items.
* ``CEAF-e`` (Luo 2005, the entity-based φ4): clusters are matched one to one so that the
  sum of ``2|K ∩ R| / (|K| + |R|)`` is greatest; divided by the number of system clusters it
  is precision, by the number of gold clusters recall.

A clustering maps each item to the name of its cluster. Both must hold the same items.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError

Item = TypeVar("Item", bound=Hashable)
Overlaps = Mapping[tuple[Hashable, Hashable], int]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Precision and recall, each in [0, 1]."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_dict(self) -> dict[str, float]:
        """As JSON."""
        return {name: round(getattr(self, name), 4) for name in ("precision", "recall", "f1")}


@dataclass(frozen=True, slots=True)
class ClusterScores:
    """All measures of one clustering, with how many clusters each side has."""

    pairwise: Ratio
    b_cubed: Ratio
    ceaf_e: Ratio
    items: int
    clusters: int
    gold_clusters: int

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "pairwise": self.pairwise.to_dict(),
            "b_cubed": self.b_cubed.to_dict(),
            "ceaf_e": self.ceaf_e.to_dict(),
            "items": self.items,
            "clusters": self.clusters,
            "gold_clusters": self.gold_clusters,
        }


def score_clusters(gold: Mapping[Item, Hashable], system: Mapping[Item, Hashable]) -> ClusterScores:
    """Compare a clustering with gold.

    Raises:
        InputError: they don't hold the same items.
    """
    if gold.keys() != system.keys():
        raise InputError("the two clusterings hold different items")
    overlaps = Counter((gold[item], system[item]) for item in gold)
    wanted, found = Counter(gold.values()), Counter(system.values())
    return ClusterScores(
        _pairwise(overlaps, wanted, found),
        _b_cubed(overlaps, wanted, found),
        _ceaf_e(overlaps, wanted, found),
        len(gold),
        len(found),
        len(wanted),
    )


def _ratio(part: float, of_system: float, of_gold: float) -> Ratio:
    return Ratio(part / of_system if of_system else 0.0, part / of_gold if of_gold else 0.0)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _pairwise(
    overlaps: Overlaps, wanted: Mapping[Hashable, int], found: Mapping[Hashable, int]
) -> Ratio:
    return _ratio(_pairs(overlaps.values()), _pairs(found.values()), _pairs(wanted.values()))


def _b_cubed(
    overlaps: Overlaps, wanted: Mapping[Hashable, int], found: Mapping[Hashable, int]
) -> Ratio:
    items = sum(overlaps.values()) or 1
    precision = sum(n * n / found[system] for (_, system), n in overlaps.items())
    recall = sum(n * n / wanted[gold] for (gold, _), n in overlaps.items())
    return Ratio(precision / items, recall / items)


def _ceaf_e(
    overlaps: Overlaps, wanted: Mapping[Hashable, int], found: Mapping[Hashable, int]
) -> Ratio:
    total = 0.0
    for component in _components(overlaps):
        rows = {gold: i for i, gold in enumerate(dict.fromkeys(g for g, _ in component))}
        columns = {system: i for i, system in enumerate(dict.fromkeys(s for _, s in component))}
        likeness = np.zeros((len(rows), len(columns)))
        for gold, system in component:
            alike = 2 * overlaps[gold, system] / (wanted[gold] + found[system])
            likeness[rows[gold], columns[system]] = alike
        total += best_matching(likeness)
    return _ratio(total, len(found), len(wanted))


def _components(overlaps: Overlaps) -> list[list[tuple[Hashable, Hashable]]]:
    """The pairs of clusters that share items, in groups that share no cluster."""
    of_gold: dict[Hashable, list[tuple[Hashable, Hashable]]] = defaultdict(list)
    of_system: dict[Hashable, list[tuple[Hashable, Hashable]]] = defaultdict(list)
    for pair in overlaps:
        of_gold[pair[0]].append(pair)
        of_system[pair[1]].append(pair)
    seen: set[tuple[Hashable, Hashable]] = set()
    components = []
    for first in overlaps:
        if first in seen:
            continue
        seen.add(first)
        component = [first]
        for gold, system in component:  # grows while it is walked
            fresh = [p for p in (*of_gold[gold], *of_system[system]) if p not in seen]
            new = list(dict.fromkeys(fresh))
            seen.update(new)
            component += new
        components.append(component)
    return components


def best_matching(likeness: NDArray[np.float64]) -> float:
    """The greatest sum of a one-to-one matching of rows and columns [rows, columns].

    Shortest augmenting paths (Jonker and Volgenant 1987), a row at a time.
    """
    cost = -likeness if likeness.shape[0] <= likeness.shape[1] else -likeness.T
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.full(columns + 1, rows)  # the last column stands for the row being placed
    for row in range(rows):
        row_of[columns] = row
        column = columns
        shortest = np.full(columns, np.inf)
        came_from = np.full(columns, columns)
        visited = np.zeros(columns + 1, bool)
        while row_of[column] != rows:
            visited[column] = True
            current = row_of[column]
            reduced = cost[current] - row_price[current] - column_price[:columns]
            nearer = ~visited[:columns] & (reduced < shortest)
            shortest[nearer], came_from[nearer] = reduced[nearer], column
            column = int(np.argmin(np.where(visited[:columns], np.inf, shortest)))
            step = shortest[column]
            row_price[row_of[visited]] += step
            column_price[visited] -= step
            shortest[~visited[:columns]] -= step
        while column != columns:
            row_of[column] = row_of[came_from[column]]
            column = int(came_from[column])
    taken = np.flatnonzero(row_of[:columns] != rows)
    return float(-cost[row_of[taken], taken].sum())
