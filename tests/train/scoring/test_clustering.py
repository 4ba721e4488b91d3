"""Clustering measures, against values worked out by hand and by exhaustion."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.errors import InputError
from kgbuild.train.scoring.clustering import Ratio, best_matching, score_clusters

# Bagga and Baldwin's example: entities of 5, 2 and 5 mentions; the system joins two of them
GOLD = dict(enumerate("aaaaabbccccc"))
JOINED_SMALL = dict(enumerate("xxxxxyyyyyyy"))
JOINED_LARGE = dict(enumerate("xxxxxyyxxxxx"))


def test_b_cubed_of_the_published_example() -> None:
    assert score_clusters(GOLD, JOINED_SMALL).b_cubed.precision == pytest.approx(16 / 21)
    assert score_clusters(GOLD, JOINED_LARGE).b_cubed.precision == pytest.approx(7 / 12)
    assert score_clusters(GOLD, JOINED_LARGE).b_cubed.recall == 1.0


def test_pairwise_counts_pairs() -> None:
    scores = score_clusters(GOLD, JOINED_LARGE)
    assert scores.pairwise == Ratio(21 / 46, 1.0)
    assert scores.pairwise.f1 == pytest.approx(2 * (21 / 46) / (21 / 46 + 1))


def test_ceaf_matches_clusters_one_to_one() -> None:
    scores = score_clusters(GOLD, JOINED_LARGE)
    best = 2 * 5 / (5 + 10) + 1.0
    assert scores.ceaf_e == Ratio(best / 2, best / 3)


def test_the_same_clustering_is_perfect_whatever_its_names() -> None:
    scores = score_clusters(GOLD, {item: name.upper() for item, name in GOLD.items()})
    assert scores.pairwise == scores.b_cubed == scores.ceaf_e == Ratio(1.0, 1.0)
    assert (scores.items, scores.clusters, scores.gold_clusters) == (12, 3, 3)


def test_singletons_hold_no_pair() -> None:
    scores = score_clusters(GOLD, {item: item for item in GOLD})
    assert scores.pairwise == Ratio(0.0, 0.0)
    assert scores.pairwise.f1 == 0.0
    assert scores.b_cubed == Ratio(1.0, pytest.approx(3 / 12))  # type: ignore[arg-type]


def test_other_items_are_refused() -> None:
    with pytest.raises(InputError, match="different items"):
        score_clusters({1: "a"}, {2: "a"})


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=10))
@settings(max_examples=60)
def test_measures_agree_with_their_definitions(pairs: list[tuple[int, int]]) -> None:
    gold = {i: g for i, (g, _) in enumerate(pairs)}
    system = {i: s for i, (_, s) in enumerate(pairs)}
    scores = score_clusters(gold, system)
    both = sum(gold[i] == gold[j] and system[i] == system[j] for i, j in combinations(gold, 2))
    ours = sum(system[i] == system[j] for i, j in combinations(gold, 2))
    assert scores.pairwise.precision == pytest.approx(both / ours if ours else 0.0)
    precision = [
        sum(gold[i] == gold[j] and system[i] == system[j] for j in gold)
        / sum(system[i] == system[j] for j in gold)
        for i in gold
    ]
    assert scores.b_cubed.precision == pytest.approx(sum(precision) / len(precision))
    turned = score_clusters(system, gold)
    assert turned.ceaf_e.precision == pytest.approx(scores.ceaf_e.recall)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 1000))
@settings(max_examples=60)
def test_matching_is_the_best_of_all(rows: int, columns: int, seed: int) -> None:
    likeness = np.random.default_rng(seed).random((rows, columns)).round(2)
    wide = likeness if rows <= columns else likeness.T
    best = max(
        sum(wide[row, column] for row, column in enumerate(order))
        for order in permutations(range(wide.shape[1]), wide.shape[0])
    )
    assert best_matching(likeness) == pytest.approx(best)
