"""Training the scorer of people's names: which shorter name means whom.

Documents whose mentions have entity links are resolved one by one; the pairs that the
linker would ask the scorer about are the examples, and a pair is right where most linked
mentions of both names have one link. Small collections drawn from the documents are added to
the whole one, because how many bearers a surname has depends on how much was read.
Logistic regression, fitted by Newton's method with an L2 penalty. The probability from which
names join is the highest whose B-cubed, on collections held out for it, is next to the best.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.ports import Normalizer
from kgbuild.resolve.corpus import link_documents, seen_nodes
from kgbuild.resolve.link import Pair, RussianLinker
from kgbuild.resolve.resolver import Resolution
from kgbuild.resolve.scorer import FEATURES, SPEAKS_FOR, Features, Scorer
from kgbuild.train.resolution import LinkedDocument, resolutions_of
from kgbuild.train.scoring.clustering import score_clusters

SAMPLES, SAMPLE_SIZE, SEED = 12, 100, 7
PENALTY, STEPS = 1.0, 30
HELD_OUT = 4
"""Every fourth collection chooses the threshold: it teaches a scorer of the others nothing."""
THRESHOLDS = tuple(hundredths / 100 for hundredths in range(40, 85, 5))
COST = 0.004
"""B-cubed F1 that the threshold may cost for the sake of precision: two nodes of one person are
joined by a word of the reader's, two people in one node tell lies."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A scorer, its examples (right ones among them), how it does on them, and the B-cubed F1 of
    each threshold on the collections held out to choose it."""

    scorer: Scorer
    pairs: int
    right: int
    precision: float
    recall: float
    tried: dict[float, float]


def train_scorer(
    collections: Sequence[Sequence[LinkedDocument]], normalizer: Normalizer
) -> Trained:
    """Fit the scorer on collections of linked documents, each linked by itself.

    Raises:
        InputError: they hold no pair of names that is one person's, or none that isn't.
    """
    made = [_examples_of(documents, normalizer) for documents in collections]
    inputs, right = _arrays([example for some in made for example in some])
    if not right.size or right.all() or not right.any():
        raise InputError("these documents hold no pairs of names to learn from")
    weights = fit_evidence(inputs, right)
    probabilities = _sigmoid(inputs @ weights)
    tried = _tried(collections, made, normalizer)
    threshold = max(one for one in tried if tried[one] >= max(tried.values()) - COST)
    joined = probabilities >= threshold
    hits = float((joined * right).sum())
    return Trained(
        Scorer(tuple(map(float, weights)), threshold),
        len(right),
        int(right.sum()),
        hits / max(float(joined.sum()), 1.0),
        hits / float(right.sum()),
        tried,
    )


def _arrays(
    examples: Sequence[tuple[Features, bool]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inputs = np.array([values for values, _ in examples], float).reshape(-1, len(FEATURES))
    return inputs, np.array([label for _, label in examples], float)


def _tried(
    collections: Sequence[Sequence[LinkedDocument]],
    made: Sequence[Sequence[tuple[Features, bool]]],
    normalizer: Normalizer,
) -> dict[float, float]:
    """The B-cubed F1 of each threshold on every fourth collection, by a scorer of the others; on
    all of them, by a scorer of all, where they are fewer."""
    held = [place for place in range(len(collections)) if place % HELD_OUT == 1]
    rest = [example for place, some in enumerate(made) if place not in held for example in some]
    if not held or not (label := [right for _, right in rest]) or all(label) or not any(label):
        held, rest = list(range(len(collections))), [one for some in made for one in some]
    weights = tuple(map(float, fit_evidence(*_arrays(rest))))
    resolved = [(collections[p], resolutions_of(collections[p], normalizer)) for p in held]
    return {one: _b_cubed(resolved, Scorer(weights, one)) for one in THRESHOLDS}


def _b_cubed(
    resolved: Sequence[tuple[Sequence[LinkedDocument], Sequence[Resolution]]], scorer: Scorer
) -> float:
    """The B-cubed F1 of collections that are linked with a scorer, each by itself."""
    gold: dict[Hashable, Hashable] = {}
    system: dict[Hashable, Hashable] = {}
    for number, (documents, resolutions) in enumerate(resolved):
        linked = link_documents(resolutions, RussianLinker(scorer))
        for document, found, entities in zip(documents, resolutions, linked, strict=True):
            for item, entity in zip(found.mentions, entities, strict=True):
                if item.mention in document.entities:
                    place = (number, document.name, item.mention)
                    gold[place] = (number, document.entities[item.mention])
                    system[place] = (number, entity)
    return score_clusters(gold, system).b_cubed.f1


def _examples_of(
    documents: Sequence[LinkedDocument], normalizer: Normalizer
) -> list[tuple[Features, bool]]:
    resolutions = resolutions_of(documents, normalizer)
    links = [
        _links(document, found) for document, found in zip(documents, resolutions, strict=True)
    ]
    chance = random.Random(SEED)
    numbers = range(len(documents))
    samples = [list(numbers)]
    if len(documents) > SAMPLE_SIZE:
        samples += [chance.sample(numbers, SAMPLE_SIZE) for _ in range(SAMPLES)]
    examples: list[tuple[Features, bool]] = []
    for chosen in samples:
        examples += _examples([resolutions[i] for i in chosen], [links[i] for i in chosen])
    return examples


def _links(document: LinkedDocument, found: Resolution) -> dict[str, Counter[str]]:
    """The links of each node's mentions."""
    links: dict[str, Counter[str]] = defaultdict(Counter)
    for item in found.mentions:
        if item.mention in document.entities:
            links[item.entity][document.entities[item.mention]] += 1
    return links


def _examples(
    resolutions: Sequence[Resolution], links: Sequence[dict[str, Counter[str]]]
) -> list[tuple[Features, bool]]:
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for of_document in links:
        for node, counts in of_document.items():
            total[node].update(counts)
    main = {node: min(c, key=lambda link: (-c[link], link)) for node, c in total.items()}

    def right(pair: Pair) -> float:
        counts: Counter[str] = Counter()
        for node in pair.nodes:
            counts.update(total.get(node, {}))
        if pair.shorter not in main or not counts:
            return 0.0
        meant = min(counts, key=lambda link: (-counts[link], link))
        return float(meant == main[pair.shorter])

    teacher = RussianLinker(Scorer((0.0,) * len(FEATURES), 0.5))
    pairs = teacher.pairs(seen_nodes(r.nodes for r in resolutions), right)
    return [
        (pair.features, bool(right(pair)))
        for pair in pairs
        if pair.shorter in main and any(node in main for node in pair.nodes)
    ]


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def fit(inputs: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights [features] of a logistic regression for inputs [examples, features]."""
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chances = _sigmoid(inputs @ weights)
        slope = inputs.T @ (chances - right) + PENALTY * weights
        curve = (inputs * (chances * (1 - chances))[:, None]).T @ inputs
        weights = weights - np.linalg.solve(curve + PENALTY * np.eye(len(weights)), slope)
    return weights


def fit_evidence(inputs: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """As :func:`fit`, without the features that may only speak for a pair and would speak against
    one: they get no weight."""
    kept = list(range(inputs.shape[1]))
    while True:
        weights = np.zeros(inputs.shape[1])
        weights[kept] = fit(inputs[:, kept], right)
        wrong = [i for i in kept if FEATURES[i] in SPEAKS_FOR and weights[i] < 0]
        if not wrong:
            return weights
        kept.remove(min(wrong, key=lambda i: weights[i]))
