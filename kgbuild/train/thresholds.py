"""Calibration, thresholds and precision curves, fitted on held-out training documents.

Never on what is evaluated. Thresholds and curves are read off confidences that are
cross-validated over those documents; the calibration that is kept is fitted on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgbuild.extract.batch import REFERENCES, RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.calibration import table_of
from kgbuild.extract.decode import (
    DecodingConfig,
    decode_mentions,
    decode_relations,
)
from kgbuild.extract.decoding import vector
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.precision import curve_of
from kgbuild.extract.references import Floats, PairScores
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.levels import Levels, choose_levels
from kgbuild.train.predictions import Predictions, confidences, of_pairs, of_spans
from kgbuild.train.scoring.scores import Score, compare, micro
from kgbuild.types import Mention

Curves = dict[str, list[list[int]]]

SLACK = 0.002
"""Of mentions' F1, spent on a lower threshold: a mention too many seldom makes a fact, without
one too few there is none (held-out dossiers: facts F1 0.589 at the best threshold of mentions,
0.597 at one that costs mentions nothing, 0.599 at one that costs them 0.0035)."""


@dataclass(frozen=True, slots=True)
class SpanChoice:
    """A calibration by type, thresholds, the strict score under them, and the mentions found."""

    calibration: dict[str, tuple[float, float]]
    levels: Levels
    score: Score
    found: tuple[tuple[Mention, ...], ...]


@dataclass(frozen=True, slots=True)
class PairChoice:
    """How to read relations between gold mentions and between found ones, whose confidence
    allows for wrong mentions: a calibration by relation, thresholds and curves of each;
    the document score with gold mentions."""

    calibration: dict[str, tuple[float, float]]
    levels: Levels
    score: Score
    found_calibration: dict[str, tuple[float, float]]
    found_levels: Levels
    given_curves: Curves
    found_curves: Curves


def choose_for_spans(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> SpanChoice:
    """Calibrate mention scores by type, then choose thresholds for strict F1."""
    scored = extractor.score_spans([d.text for d in documents])
    predictions = of_spans(documents, scored)
    fitted = predictions.fit()
    levels = choose_levels(predictions, confidences(predictions, predictions), SLACK)
    config = _config(fitted, levels, TYPE_INDEX)
    found = tuple(decode_mentions(words, windows, config) for words, windows in scored)
    gold = [(d.name, m) for d in documents for m in d.mentions]
    predicted = [
        (d.name, m)
        for d, some in zip(documents, found, strict=True)
        for m in some
        if m.type not in REFERENCES
    ]
    score = micro(compare(gold, predicted, lambda item: item[1].type))
    return SpanChoice(fitted, levels, score, found)


def choose_for_pairs(
    extractor: JointExtractor,
    documents: Sequence[GoldDocument],
    found: Sequence[Sequence[Mention]],
) -> PairChoice:
    """Calibrate relation scores by label between gold mentions, then choose thresholds for F1;
    the same for raw text.

    ``found`` are the mentions that the same weights find: in raw text a mention counts for
    the gold one it overlaps.
    """
    mentions = [d.mentions for d in documents]
    averaged = _averaged(extractor, documents, mentions)
    predictions = of_pairs(documents, mentions, averaged)
    fitted = predictions.fit()
    held = confidences(predictions, predictions)
    levels = choose_levels(predictions, held)
    config = _config(fitted, levels, RELATION_INDEX)
    predicted = [
        (document.name, relation)
        for document, pairs in zip(documents, averaged, strict=True)
        for relation in decode_relations(document.mentions, pairs, config)
    ]
    gold = [(d.name, r) for d in documents for r in d.relations]
    score = micro(compare(gold, predicted, lambda item: item[1].relation))
    raw = of_pairs(documents, found, _averaged(extractor, documents, found))
    raw_held = confidences(raw, raw)
    raw_levels = choose_levels(raw, raw_held)
    curves = _curves(predictions, held), _curves(raw, raw_held)
    return PairChoice(fitted, levels, score, raw.fit(), raw_levels, *curves)


def _averaged(
    extractor: JointExtractor,
    documents: Sequence[GoldDocument],
    mentions: Sequence[Sequence[Mention]],
) -> list[PairScores]:
    return extractor.score_pairs([d.text for d in documents], mentions)


def _config(
    fitted: dict[str, tuple[float, float]], levels: Levels, index: dict[str, int]
) -> DecodingConfig:
    return DecodingConfig(table_of(fitted, index), vector(levels.own, levels.common, index))


def _curves(predictions: Predictions, held: Floats) -> Curves:
    """The curve of each relation that was predicted at all."""
    curves = {}
    for kind, name in enumerate(predictions.names):
        mine = np.flatnonzero(predictions.kinds == kind)
        if curve := curve_of(held[mine], predictions.right[mine]):
            curves[name] = curve
    return curves
