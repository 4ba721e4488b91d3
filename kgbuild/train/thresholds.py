"""Calibration and thresholds, fitted on held-out training documents, never on what is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kgbuild.extract import calibration
from kgbuild.extract.batch import RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.calibration import table_of
from kgbuild.extract.decode import (
    Floats,
    PairScores,
    Reading,
    SpanScores,
    average_pairs,
    best_labels,
    decode_mentions,
    decode_relations,
)
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.windows import WordTable
from kgbuild.ontology import ENTITY_TYPES, RELATIONS
from kgbuild.train.nerel import GoldDocument
from kgbuild.train.scores import Score, compare, micro
from kgbuild.types import Mention

GRID = tuple(round(0.1 + 0.025 * step, 3) for step in range(29))
"""Candidate thresholds, 0.1 to 0.8."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A calibration by name, the threshold with the best micro F1 under it, and that score."""

    calibration: dict[str, tuple[float, float]]
    threshold: float
    score: Score


def choose_for_spans(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> Choice:
    """Calibrate mention scores by type, then choose the threshold for strict micro F1."""
    scored = extractor.score_spans([d.text for d in documents])
    fitted = _fit_spans(documents, scored)
    table = table_of(fitted, TYPE_INDEX)

    def score(threshold: float) -> Score:
        reading = Reading(table, np.full(len(TYPE_INDEX), threshold, np.float32))
        found = [
            (document.name, mention)
            for document, (words, windows) in zip(documents, scored, strict=True)
            for mention in decode_mentions(words, windows, reading)
        ]
        return micro(compare(gold, found, lambda item: item[1].type))

    gold = [(d.name, m) for d in documents for m in d.mentions]
    return Choice(fitted, *_best(score))


def _fit_spans(
    documents: Sequence[GoldDocument], scored: Sequence[tuple[WordTable, list[SpanScores]]]
) -> dict[str, tuple[float, float]]:
    raw = Reading(table_of({}, TYPE_INDEX), np.zeros(len(TYPE_INDEX), np.float32))
    found: list[tuple[Mention, bool]] = []
    for document, (words, windows) in zip(documents, scored, strict=True):
        gold = set(document.mentions)
        found += [(m, m in gold) for m in decode_mentions(words, windows, raw)]
    return calibration.fit(
        np.array([m.score for m, _ in found], np.float32),
        np.array([right for _, right in found], bool),
        np.array([TYPE_INDEX[m.type] for m, _ in found], np.int64),
        ENTITY_TYPES,
    )


def choose_for_pairs(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> Choice:
    """Calibrate relation scores by label, then choose the threshold for document micro F1."""
    scored = extractor.score_pairs([d.text for d in documents], [d.mentions for d in documents])
    averaged = [[average_pairs(windows)] for windows in scored]
    fitted = _fit_pairs(documents, averaged)
    table = table_of(fitted, RELATION_INDEX)

    def score(threshold: float) -> Score:
        reading = Reading(table, np.full(len(RELATION_INDEX), threshold, np.float32))
        found = [
            (document.name, relation)
            for document, windows in zip(documents, averaged, strict=True)
            for relation in decode_relations(document.mentions, windows, reading)
        ]
        return micro(compare(gold, found, lambda item: item[1].relation))

    gold = [(d.name, r) for d in documents for r in d.relations]
    return Choice(fitted, *_best(score))


def _fit_pairs(
    documents: Sequence[GoldDocument], averaged: Sequence[list[PairScores]]
) -> dict[str, tuple[float, float]]:
    scores: list[Floats] = [np.zeros(0, np.float32)]
    right: list[bool] = []
    labels: list[int] = []
    for document, [pairs] in zip(documents, averaged, strict=True):
        gold = {(r.subject, r.object, r.relation) for r in document.relations}
        best, strength = best_labels(document.mentions, pairs)
        scores.append(strength)
        labels += best.tolist()
        right += [
            (document.mentions[s], document.mentions[o], RELATIONS[label]) in gold
            for (s, o), label in zip(pairs.pairs.tolist(), best.tolist(), strict=True)
        ]
    return calibration.fit(
        np.concatenate(scores), np.array(right, bool), np.array(labels, np.int64), RELATIONS
    )


def _best(score: Callable[[float], Score]) -> tuple[float, Score]:
    found = [(score(threshold), threshold) for threshold in GRID]
    best, threshold = max(found, key=lambda item: item[0].f1)
    return threshold, best
