"""What held-out documents got, before any threshold: the material of calibration and thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract import calibration
from kgbuild.extract.batch import REFERENCES, RELATION_INDEX, TYPE_INDEX, Ints
from kgbuild.extract.calibration import calibrate, table_of
from kgbuild.extract.decode import (
    DecodingConfig,
    SpanScores,
    best_labels,
    decode_mentions,
)
from kgbuild.extract.references import Floats, PairScores
from kgbuild.extract.windows import WordTable
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import with_references
from kgbuild.train.scoring.protocols import standing_for
from kgbuild.types import Mention

FOLDS = 5
"""Parts of the held-out documents that are in turn read with what the others fitted."""

ScoredSpans = Sequence[tuple[WordTable, list[SpanScores]]]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions in no order: score, whether right, kind and document of each [n].

    ``gold`` [documents, kinds] counts what there was to find; ``names`` are the kinds'.
    """

    scores: Floats
    right: NDArray[np.bool_]
    kinds: Ints
    documents: Ints
    gold: Ints
    names: tuple[str, ...]

    @property
    def folds(self) -> Ints:
        """The fold of each document."""
        return np.arange(len(self.gold)) % FOLDS

    def fit(self, chosen: NDArray[np.bool_] | None = None) -> dict[str, tuple[float, float]]:
        """Platt's (a, b) by kind, fitted on all documents or on the ``chosen`` [documents]."""
        mine = np.ones(len(self.kinds), bool) if chosen is None else chosen[self.documents]
        return calibration.fit(
            self.scores[mine], self.right[mine], self.kinds[mine], list(self.names)
        )


def confidences(predictions: Predictions, fitted_on: Predictions) -> Floats:
    """Each prediction's confidence under a calibration that hasn't seen its document.

    Cross-validated as Platt (1999) advises: in-sample confidences would look too good to
    choose a threshold by. ``fitted_on`` are predictions over the same documents. One
    document alone is calibrated on itself.
    """
    index = {name: number for number, name in enumerate(predictions.names)}
    result = np.zeros(len(predictions.scores), np.float32)
    for fold in range(FOLDS):
        mine = predictions.folds[predictions.documents] == fold
        others = fitted_on.folds != fold
        table = table_of(fitted_on.fit(others if others.any() else None), index)
        result[mine] = calibrate(predictions.scores[mine], predictions.kinds[mine], table)
    return result


def of_spans(documents: Sequence[GoldDocument], scored: ScoredSpans) -> Predictions:
    """Every span worth keeping, uncalibrated, against gold mentions."""
    raw = DecodingConfig(table_of({}, TYPE_INDEX), np.zeros(len(TYPE_INDEX), np.float32))
    known = [set(with_references(document)[0]) for document in documents]
    rows = [
        (m.score, m in gold, TYPE_INDEX[m.type], number)
        for number, (gold, (words, windows)) in enumerate(zip(known, scored, strict=True))
        for m in decode_mentions(words, windows, raw)
        if documents[number].by_entities or m.type not in REFERENCES
    ]
    gold = [[TYPE_INDEX[m.type] for m in some] for some in known]
    return _gathered(rows, gold, TYPE_INDEX)


def of_pairs(
    documents: Sequence[GoldDocument],
    mentions: Sequence[Sequence[Mention]],
    averaged: Sequence[PairScores],
) -> Predictions:
    """The best relation of every pair of mentions, uncalibrated, against gold relations.

    A mention stands for the gold one of its type that it overlaps most; a gold mention for
    itself. Where facts are annotated between entities, a fact counts once, as its best pair.
    """
    rows: list[tuple[float, bool, int, int]] = []
    for number, (document, found, pairs) in enumerate(
        zip(documents, mentions, averaged, strict=True)
    ):
        stands = [standing_for(m, document.mentions) for m in found]
        best, strength = best_labels(found, pairs)
        columns = [
            (s, o, label, score)
            for (s, o), label, score in zip(
                pairs.pairs.tolist(), best.tolist(), strength.tolist(), strict=True
            )
            if score >= 0
        ]
        if document.by_entities:
            rows += _facts(document, stands, columns, number)
            continue
        gold = {(r.subject, r.object, r.relation) for r in document.relations}
        rows += [
            (score, (stands[s], stands[o], RELATIONS[label]) in gold, label, number)
            for s, o, label, score in columns
        ]
    known = [
        [f.relation for f in d.facts] if d.by_entities else [r.relation for r in set(d.relations)]
        for d in documents
    ]
    kinds = [[RELATION_INDEX[name] for name in names if name in RELATION_INDEX] for names in known]
    return _gathered(rows, kinds, RELATION_INDEX)


def _facts(
    document: GoldDocument,
    stands: Sequence[Mention],
    columns: Sequence[tuple[int, int, int, float]],
    number: int,
) -> list[tuple[float, bool, int, int]]:
    """A row a predicted fact between entities; a mention of none is an entity of its own."""
    gold = {either_way(f.subject, f.relation, f.object) for f in document.facts}
    best: dict[tuple[str, str, str], tuple[float, int]] = {}
    for s, o, label, score in columns:
        ends = [
            document.entities.get(stands[end], f"{stands[end].start}-{stands[end].end}")
            for end in (s, o)
        ]
        if ends[0] == ends[1]:
            continue  # two names of one entity
        key = either_way(ends[0], RELATIONS[label], ends[1])
        best[key] = max(best.get(key, (0.0, label)), (score, label))
    return [(score, key in gold, label, number) for key, (score, label) in best.items()]


def either_way(subject: str, relation: str, object: str) -> tuple[str, str, str]:
    """A fact's key: one for both directions of a symmetric relation."""
    if relation_type(relation).symmetric and object < subject:
        return object, relation, subject
    return subject, relation, object


def _gathered(
    rows: Sequence[tuple[float, bool, int, int]],
    gold: Sequence[Sequence[int]],
    index: dict[str, int],
) -> Predictions:
    counts = [np.bincount(np.array(kinds, np.int64), minlength=len(index)) for kinds in gold]
    score, right, kind, document = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Predictions(
        np.array(score, np.float32),
        np.array(right, bool),
        np.array(kind, np.int64),
        np.array(document, np.int64),
        np.stack(counts),
        tuple(index),
    )
