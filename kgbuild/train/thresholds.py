"""Thresholds chosen on held-out training documents, never on what is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kgbuild.extract.batch import RELATION_INDEX, TYPE_INDEX
from kgbuild.extract.decode import decode_mentions, decode_relations
from kgbuild.extract.joint import JointExtractor
from kgbuild.train.nerel import GoldDocument
from kgbuild.train.scores import Score, compare, micro
from kgbuild.types import Mention, Relation

GRID = tuple(round(0.1 + 0.025 * step, 3) for step in range(29))
"""Candidate thresholds, 0.1 to 0.8."""


def best_span_threshold(
    extractor: JointExtractor, documents: Sequence[GoldDocument]
) -> tuple[float, Score]:
    """The single threshold with the best strict micro F1, and that score."""
    scored = extractor.score_spans([d.text for d in documents])

    def predict(threshold: float) -> list[tuple[str, Mention]]:
        level = np.full(len(TYPE_INDEX), threshold, np.float32)
        return [
            (document.name, mention)
            for document, (table, windows) in zip(documents, scored, strict=True)
            for mention in decode_mentions(table, windows, level)
        ]

    gold = [(d.name, m) for d in documents for m in d.mentions]
    return _best(lambda t: micro(compare(gold, predict(t), lambda item: item[1].type)))


def best_pair_threshold(
    extractor: JointExtractor, documents: Sequence[GoldDocument]
) -> tuple[float, Score]:
    """The single threshold with the best document-level micro F1, gold mentions given."""
    scored = extractor.score_pairs([d.text for d in documents], [d.mentions for d in documents])

    def predict(threshold: float) -> list[tuple[str, Relation]]:
        level = np.full(len(RELATION_INDEX), threshold, np.float32)
        return [
            (document.name, relation)
            for document, windows in zip(documents, scored, strict=True)
            for relation in decode_relations(document.mentions, windows, level)
        ]

    gold = [(d.name, r) for d in documents for r in d.relations]
    return _best(lambda t: micro(compare(gold, predict(t), lambda item: item[1].relation)))


def _best(score: Callable[[float], Score]) -> tuple[float, Score]:
    found = [(score(threshold), threshold) for threshold in GRID]
    best, threshold = max(found, key=lambda item: item[0].f1)
    return threshold, best
