"""Facts between entities, each once a document: what dossiers annotate.

What is counted is said in :mod:`kgbuild.train.scoring.definitions`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kgbuild.extract.joint import JointExtractor
from kgbuild.read.sentences import split_sentences
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.train.examples import with_references
from kgbuild.train.predictions import either_way
from kgbuild.train.scoring.definitions import (
    DENIED_SAID,
    NAMED_TOGETHER,
    OTHERWISE,
    REFERRED,
    SURE,
    Protocol,
)
from kgbuild.train.scoring.evaluate import Report, Row, batches_of, calibration_error
from kgbuild.train.scoring.protocols import standing_for
from kgbuild.train.scoring.scores import Score, compare, micro
from kgbuild.types import Mention

SAID = 0.5
"""From which confidence on a fact counts as said outright."""

Key = tuple[str, str, str, str]
"""Document, subject, relation, object."""


def relate_given(extractor: JointExtractor, documents: Sequence[GoldDocument]) -> list[Row]:
    """Relations found between gold mentions; gold references are given to weights that know
    them."""
    predicted: list[Row] = []
    for batch in batches_of(documents):
        given = [
            with_references(d)[0] if extractor.follows_references else d.mentions for d in batch
        ]
        answers = extractor.relate([d.text for d in batch], given)
        for document, relations in zip(batch, answers, strict=True):
            predicted += [(document.name, relation) for relation in relations]
    return predicted


def report_entity_facts(
    protocol: Protocol, documents: Sequence[GoldDocument], predicted: Iterable[Row]
) -> Report:
    """Predicted relations of documents, as facts between their entities, against gold."""
    evidence = {document.name: _Evidence(document) for document in documents}
    gold = [k for d in documents for k in _keys(d, d.facts)]
    denied = {k for d in documents for k in _keys(d, d.denied)} - set(gold)
    found: dict[Key, float] = {}
    for name, relation in predicted:
        subject, obj = (evidence[name].entity(m) for m in (relation.subject, relation.object))
        if subject != obj:
            key = (name, *either_way(subject, relation.relation, obj))
            found[key] = max(found.get(key, 0.0), relation.confidence)
    known = set(gold)
    error = calibration_error(list(found.values()), [key in known for key in found])
    said = [key for key, confidence in found.items() if confidence >= SAID]
    kinds = {key: evidence[key[0]].kind(key[1], key[3]) for key in (*gold, *found)}
    rows = {
        kind: micro(compare(_of(kind, gold, kinds), _of(kind, found, kinds), _relation))
        for kind in (NAMED_TOGETHER, REFERRED, OTHERWISE)
    }
    rows[SURE] = micro(compare(gold, said, _relation))
    rows[DENIED_SAID] = Score(len(denied & set(said)), 0, len(denied - set(said)))
    return Report(protocol, len(documents), compare(gold, found, _relation), rows, error)


def _keys(document: GoldDocument, facts: Iterable[Fact]) -> list[Key]:
    return [
        (document.name, *either_way(f.subject, f.relation, f.object))
        for f in facts
        if f.subject != f.object
    ]


def _relation(key: Key) -> str:
    return key[2]


def _of(kind: str, facts: Iterable[Key], kinds: Mapping[Key, str]) -> list[Key]:
    return [key for key in facts if kinds[key] == kind]


class _Evidence:
    """Which sentences of a document name an entity, and which refer to it."""

    def __init__(self, document: GoldDocument) -> None:
        self.document = document
        self.starts = [s.start for s in split_sentences(document.text)]
        self.named: defaultdict[str, set[int]] = defaultdict(set)
        self.referred: defaultdict[str, set[int]] = defaultdict(set)
        for mention, entity in document.entities.items():
            self.named[entity].add(self._sentence(mention.start))
        for reference in document.references:
            self.referred[reference.entity].add(self._sentence(reference.start))

    def _sentence(self, at: int) -> int:
        return bisect_right(self.starts, at)

    def entity(self, mention: Mention) -> str:
        """The entity that a found mention is of, or one of its own."""
        gold = standing_for(mention, self.document.mentions)
        if (entity := self.document.entities.get(gold)) is not None:
            return entity
        own = f"{mention.type} {mention.start}-{mention.end}"
        self.named[own].add(self._sentence(mention.start))
        return own

    def kind(self, one: str, other: str) -> str:
        """How a sentence can state a fact between two entities."""
        if self.named[one] & self.named[other]:
            return NAMED_TOGETHER
        a, b = (self.named[e] | self.referred[e] for e in (one, other))
        return REFERRED if a & b else OTHERWISE
