"""From references to what they mean: a fact of a pronoun is a fact of its antecedent.

A reference (pronoun, description, verb whose subject is left out) is linked to the mention
that the network scores highest as its antecedent (mention ranking, Denis and Baldridge
2008). What the network read of the reference is then handed on to that mention, weaker by
the doubt in the link. What is denied of a pair isn't stated of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.batch import COREFERENCE, DENIED, REFERENCES, Ints, symmetric_labels
from kgbuild.ontology import RELATIONS
from kgbuild.types import Mention

Floats = NDArray[np.float32]

LINKED = 0.4
"""The least probability of a link between a reference and its antecedent."""

DENIAL = 0.4
"""The least probability with which a pair counts as denied (held-out dossiers, gold mentions: 7
of 60 denied pairs, of 2,974 stated none)."""


@dataclass(frozen=True, slots=True)
class PairScores:
    """Pairs of mentions: their numbers in the text's list [P, 2], probabilities [P, labels]."""

    pairs: Ints
    scores: Floats


@dataclass(frozen=True, slots=True)
class Link:
    """A reference and its antecedent, by number, and the probability of the link."""

    reference: int
    antecedent: int
    probability: float


@dataclass(frozen=True, slots=True)
class Resolved:
    """Pairs of mentions that name something: what is stated of them, [P, 49] probabilities,
    and what is denied, likewise; the links that references were followed by."""

    stated: PairScores
    denied: PairScores
    links: tuple[Link, ...] = ()


def is_reference(mention: Mention) -> bool:
    """Whether a span refers to an entity without naming it."""
    return mention.type in REFERENCES


def links_of(mentions: Sequence[Mention], averaged: PairScores) -> tuple[Link, ...]:
    """The antecedent of each reference that has a likely one."""
    if averaged.scores.shape[1] <= COREFERENCE:
        return ()
    references = np.array([is_reference(m) for m in mentions], np.bool_)
    if not references.any():
        return ()
    s, o = averaged.pairs.T
    kinds = [REFERENCES.get(m.type, m.type) for m in mentions]
    fits = np.array([kinds[a] == kinds[b] for a, b in averaged.pairs.tolist()], np.bool_)
    rows = np.flatnonzero(references[s] & ~references[o] & fits)
    best: dict[int, Link] = {}
    for row in rows[np.argsort(averaged.scores[rows, COREFERENCE])].tolist():
        link = Link(int(s[row]), int(o[row]), float(averaged.scores[row, COREFERENCE]))
        if link.probability >= LINKED:
            best[link.reference] = link
    return tuple(best[number] for number in sorted(best))


def resolve_references(mentions: Sequence[Mention], averaged: PairScores) -> Resolved:
    """Scores of pairs of which some are references → scores of pairs of names."""
    count = len(RELATIONS)
    links = links_of(mentions, averaged)
    target = np.array([-1 if is_reference(m) else i for i, m in enumerate(mentions)], np.int64)
    weight = np.ones(len(mentions), np.float32)
    for link in links:
        target[link.reference], weight[link.reference] = link.antecedent, link.probability
    pairs = target[averaged.pairs] if len(averaged.pairs) else averaged.pairs
    kept = (pairs >= 0).all(1) & (pairs[:, 0] != pairs[:, 1])
    scores = averaged.scores[kept, :count] * weight[averaged.pairs[kept]].prod(1, keepdims=True)
    if averaged.scores.shape[1] > DENIED:
        denied = averaged.scores[kept, DENIED] >= DENIAL
    else:
        denied = np.zeros(len(scores), np.bool_)
    against = _highest(pairs[kept][denied], scores[denied])
    if denied.any():
        silent = np.repeat(denied[:, None], count, 1)
        silent[:, symmetric_labels()] |= _turned(averaged.pairs[kept], denied)[:, None]
        scores = np.where(silent, 0.0, scores)
    return Resolved(_highest(pairs[kept], scores), against, links)


def _turned(pairs: Ints, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[P]: of which pairs the same two the other way round are chosen."""
    width = int(pairs.max(initial=0)) + 1
    subject, obj = pairs.T
    return np.isin(obj * width + subject, (subject * width + obj)[chosen])


def _highest(pairs: Ints, scores: Floats) -> PairScores:
    """One row a pair: of several the highest probabilities."""
    if len(pairs) == 0:
        return PairScores(pairs, scores)
    code = pairs[:, 0] * (int(pairs.max()) + 1) + pairs[:, 1]
    order = np.argsort(code, kind="stable")
    first = np.flatnonzero(np.diff(code[order], prepend=-1))
    return PairScores(pairs[order[first]], np.maximum.reduceat(scores[order], first))
