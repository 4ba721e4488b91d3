"""Annotations that leave things out: what earlier weights see there is no negative.

Annotators disagree over what is worth a mark («второй», «директор», a city within an
address). Learnt as negatives, such spans unlearn what another corpus teaches; this is the
unlabelled entity problem (Li, Liu and Shi 2021, "Empirical Analysis of Unlabeled Entity
Problem in Named Entity Recognition"). Here they don't count,
and neither do facts between two entities of which the annotation states none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgbuild.extract.batch import REFERENCES
from kgbuild.extract.decode import decode_mentions
from kgbuild.extract.joint import JointExtractor
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.train.examples import with_references

LIKELY = 0.4
"""The probability from which a span that isn't annotated doesn't count."""

STATED = 0.5
"""The probability from which a fact that isn't annotated doesn't count."""

_AT_ONCE = 8


def with_unsure(
    documents: Sequence[GoldDocument], extractor: JointExtractor
) -> tuple[GoldDocument, ...]:
    """The documents with what the extractor likely takes for a mention and they don't."""
    levels = np.full_like(extractor.span_config.thresholds, LIKELY)
    config = replace(extractor.span_config, thresholds=levels)
    made = []
    for at in range(0, len(documents), _AT_ONCE):
        some = documents[at : at + _AT_ONCE]
        scored = extractor.score_spans([document.text for document in some])
        for document, (table, windows) in zip(some, scored, strict=True):
            marked = {(m.start, m.end, m.type) for m in document.mentions}
            unsure = tuple(
                m for m in decode_mentions(table, windows, config)
                if m.type not in REFERENCES and (m.start, m.end, m.type) not in marked
            )  # fmt: skip
            made.append(replace(document, unsure=unsure))
    return tuple(made)


def with_unsaid(
    documents: Sequence[GoldDocument], extractor: JointExtractor
) -> tuple[GoldDocument, ...]:
    """The documents with the facts that the extractor likely reads between their entities
    where the annotation states and denies nothing of the two."""
    made = []
    for at in range(0, len(documents), _AT_ONCE):
        some = documents[at : at + _AT_ONCE]
        spans = [with_references(document) for document in some]
        read = extractor.label([d.text for d in some], [mentions for mentions, _ in spans])
        for document, (mentions, names), relations in zip(some, spans, read, strict=True):
            entity = dict(zip(mentions, names, strict=True))
            known = {frozenset((f.subject, f.object)) for f in (*document.facts, *document.denied)}
            facts = {
                Fact(entity[r.subject], r.relation, entity[r.object])
                for r in relations
                if r.confidence >= STATED
            }
            unsaid = {
                f for f in facts
                if f.subject != f.object and frozenset((f.subject, f.object)) not in known
            }  # fmt: skip
            made.append(replace(document, unsaid=tuple(sorted(unsaid))))
    return tuple(made)
