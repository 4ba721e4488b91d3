"""Evaluation against gold annotations: each protocol is one function.

What a protocol counts is said in :mod:`kgbuild.train.scoring.definitions`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kgbuild.extract.calibration import expected_error
from kgbuild.ports import Extractor, MentionFinder, RelationExtractor
from kgbuild.read.sentences import split_sentences
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.definitions import (
    CROSS_SENTENCE,
    DOCUMENT,
    END_TO_END,
    IN_SENTENCE,
    INNER,
    NER,
    NESTED,
    ROWS,
    Protocol,
)
from kgbuild.train.scoring.scores import Score, compare, macro, micro
from kgbuild.types import Mention, Relation

BATCH = 16
"""Documents given to a model at once."""

Row = tuple[str, Relation]


@dataclass(frozen=True, slots=True)
class Report:
    """Scores by label under one protocol; ``rows`` are restrictions of it (``ROWS``).

    ``calibration_error`` is the expected calibration error of the predictions'
    confidences over ten bins of equal count, where the protocol has confidences.
    """

    protocol: Protocol
    documents: int
    by_label: dict[str, Score]
    rows: dict[str, Score]
    calibration_error: float | None = None

    @property
    def micro(self) -> Score:
        """All labels together."""
        return micro(self.by_label)

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "protocol": self.protocol.name,
            "definition": self.protocol.definition,
            "documents": self.documents,
            "micro": self.micro.to_dict(),
            "macro": macro(self.by_label),
            "calibration_error": self.calibration_error,
            "rows": {name: score.to_dict() for name, score in self.rows.items()},
            "row_definitions": {name: ROWS[name] for name in self.rows},
            "by_label": {name: self.by_label[name].to_dict() for name in sorted(self.by_label)},
        }


def evaluate_ner(finder: MentionFinder, documents: Sequence[GoldDocument]) -> Report:
    """Mentions found in raw text against gold."""
    gold: list[tuple[str, Mention]] = []
    found: list[tuple[str, Mention]] = []
    for batch in batches_of(documents):
        for document, mentions in zip(batch, finder.find([d.text for d in batch]), strict=True):
            gold += [(document.name, m) for m in document.mentions]
            found += [(document.name, m) for m in mentions]
    scores = compare(gold, found, lambda item: item[1].type)
    nested = _nested_mentions(gold), _nested_mentions(found)
    known = set(gold)
    rows = {INNER: micro(compare(*nested, lambda item: item[1].type))}
    error = calibration_error([m.score for _, m in found], [item in known for item in found])
    return Report(NER, len(documents), scores, rows, error)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over ten bins of equal count, to four places."""
    error = expected_error(np.array(confidences, np.float32), np.array(right, bool))
    return round(error, 4)


def _nested_mentions(items: Sequence[tuple[str, Mention]]) -> list[tuple[str, Mention]]:
    """Mentions that lie inside a longer one of the same list."""
    by_document: dict[str, list[Mention]] = {}
    for name, mention in items:
        by_document.setdefault(name, []).append(mention)
    return [
        (name, m)
        for name, m in items
        if any(
            o.start <= m.start and m.end <= o.end and (o.start, o.end) != (m.start, m.end)
            for o in by_document[name]
        )
    ]


def evaluate_relations(extractor: RelationExtractor, documents: Sequence[GoldDocument]) -> Report:
    """Relations between gold mentions against gold relations."""
    predicted = predict_relations(extractor, documents)
    return report_relations(DOCUMENT, documents, predicted)


def predict_relations(extractor: RelationExtractor, documents: Sequence[GoldDocument]) -> list[Row]:
    """Relations found between gold mentions."""
    predicted: list[Row] = []
    for batch in batches_of(documents):
        answers = extractor.relate([d.text for d in batch], [d.mentions for d in batch])
        for document, relations in zip(batch, answers, strict=True):
            predicted += [(document.name, relation) for relation in relations]
    return predicted


def evaluate_end_to_end(extractor: Extractor, documents: Sequence[GoldDocument]) -> Report:
    """Relations found in raw text against gold relations, strict."""
    predicted = predict_end_to_end(extractor, documents)
    return report_relations(END_TO_END, documents, predicted)


def predict_end_to_end(extractor: Extractor, documents: Sequence[GoldDocument]) -> list[Row]:
    """Relations found in raw text, between mentions found there."""
    predicted: list[Row] = []
    for batch in batches_of(documents):
        for document, extraction in zip(
            batch, extractor.extract([d.text for d in batch]), strict=True
        ):
            predicted += [(document.name, relation) for relation in extraction.relations]
    return predicted


def report_relations(
    protocol: Protocol, documents: Sequence[GoldDocument], predicted: Sequence[Row]
) -> Report:
    """Score predicted relations of documents, with the rows of the protocol."""
    gold: list[Row] = [(d.name, r) for d in documents for r in d.relations]
    rows = restricted(documents, gold, predicted)
    known = set(gold)
    error = calibration_error([r.confidence for _, r in predicted], [p in known for p in predicted])
    scores = compare(gold, predicted, _label)
    return Report(protocol, len(documents), scores, rows, error)


def restricted(
    documents: Sequence[GoldDocument], gold: Sequence[Row], predicted: Sequence[Row]
) -> dict[str, Score]:
    """Relations of pairs in one sentence, across sentences, and nested in each other."""
    sentence = {d.name: _SentenceIndex(d.text) for d in documents}
    tests: dict[str, Callable[[Row], bool]] = {
        IN_SENTENCE: lambda row: sentence[row[0]].together(row[1]),
        CROSS_SENTENCE: lambda row: not sentence[row[0]].together(row[1]),
        NESTED: lambda row: _nested(row[1]),
    }
    return {
        name: micro(compare(filter(test, gold), filter(test, predicted), _label))
        for name, test in tests.items()
    }


def _label(row: Row) -> str:
    return row[1].relation


def _nested(relation: Relation) -> bool:
    a, b = relation.subject, relation.object
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


class _SentenceIndex:
    """Which sentence a mention begins in."""

    def __init__(self, text: str) -> None:
        self.starts = [s.start for s in split_sentences(text)]

    def together(self, relation: Relation) -> bool:
        return self._of(relation.subject) == self._of(relation.object)

    def _of(self, mention: Mention) -> int:
        from bisect import bisect_right

        return bisect_right(self.starts, mention.start)


def batches_of(documents: Sequence[GoldDocument]) -> list[Sequence[GoldDocument]]:
    """Documents in runs that a model is given at once."""
    return [documents[i : i + BATCH] for i in range(0, len(documents), BATCH)]
