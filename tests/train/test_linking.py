"""The scorer of people's names, trained on documents with entity links."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.errors import InputError
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.scorer import FEATURES, Scorer
from kgbuild.train.linking import THRESHOLDS, fit, train_scorer
from kgbuild.train.resolution import LinkedDocument
from tests.train.gold import document

NORMALIZER = RussianNormalizer()


def linked(name: str, notation: str, *entities: str) -> LinkedDocument:
    gold = document(name, notation)
    return LinkedDocument(
        name, gold.text, gold.mentions, dict(zip(gold.mentions, entities, strict=True))
    )


DOCUMENTS = [
    linked("a", "[Пётр Орлов|PERSON] живёт в [Туле|CITY].", "Q1", "Q9"),
    linked("b", "[Орлов|PERSON] приехал из [Тулы|CITY].", "Q1", "Q9"),
    linked("c", "[Антон Зубов|PERSON] живёт в [Пскове|CITY].", "Q2", "Q8"),
    linked("d", "[Зубов|PERSON] живёт в [Омске|CITY].", "Q3", "Q7"),
]


def test_a_neighbour_in_common_speaks_for_one_person() -> None:
    trained = train_scorer([DOCUMENTS], NORMALIZER)
    assert (trained.pairs, trained.right) == (2, 1)
    weights = dict(zip(FEATURES, trained.scorer.weights, strict=True))
    assert weights["shares a neighbour"] > 0
    assert (trained.precision, trained.recall) == (1.0, 1.0)
    assert train_scorer([DOCUMENTS], NORMALIZER) == trained


@pytest.mark.parametrize("some", [DOCUMENTS[:2], DOCUMENTS[2:], []])
def test_pairs_of_both_kinds_are_needed(some: list[LinkedDocument]) -> None:
    with pytest.raises(InputError, match="no pairs of names"):
        train_scorer([some], NORMALIZER)


def test_fitted_weights_are_where_the_penalised_slope_is_zero() -> None:
    chance = np.random.default_rng(3)
    inputs = np.hstack([np.ones((200, 1)), chance.normal(size=(200, 2))])
    right = (chance.random(200) < 1 / (1 + np.exp(-inputs @ [0.5, 2.0, -1.0]))).astype(float)
    weights = fit(inputs, right)
    slope = inputs.T @ (1 / (1 + np.exp(-inputs @ weights)) - right) + weights
    assert np.abs(slope).max() < 1e-6
    assert weights[1] > 1
    assert weights[2] < 0


def test_the_threshold_is_the_best_on_collections_held_out() -> None:
    trained = train_scorer([DOCUMENTS, DOCUMENTS[2:], DOCUMENTS[:2]], NORMALIZER)
    assert trained.scorer.threshold in THRESHOLDS
    best = max(trained.tried.values())
    assert trained.tried[trained.scorer.threshold] == best
    held_out = "the pair of Зубов, who are two, is held out: what never joins is best"
    assert trained.tried[THRESHOLDS[-1]] == best, held_out


def test_an_untrained_scorer_joins_nothing() -> None:
    scorer = Scorer.empty()
    assert scorer.score((1.0,) * len(FEATURES)) < scorer.threshold
