"""Documents with their mentions as weights find them.

Relations are read between mentions that were found, of which some are wrong and some missing,
and learnt between mentions that people marked. Learning them between found ones too, errors
and all, is how stages of a pipeline are fitted to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgbuild.extract.batch import REFERENCES
from kgbuild.extract.decode import DecodingConfig, decode_mentions
from kgbuild.extract.joint import JointExtractor
from kgbuild.train.corpora.dossiers import nearest
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.protocols import standing_for
from kgbuild.types import Mention

LOOSE = 0.2
"""The probability from which a mention counts as found in documents that the weights have
learnt: there they make fewer errors than elsewhere."""


def with_found(
    documents: Sequence[GoldDocument], extractor: JointExtractor, least: float | None = None
) -> tuple[GoldDocument, ...]:
    """The documents; those with facts between entities with themselves ``as_found``, by
    mentions of a probability of at least ``least`` in place of the extractor's thresholds.

    A found mention is of the entity of the one that it stands for, else of one of its own
    that has no facts. Of the facts of what the annotation says nothing of nothing is known.
    """
    config = extractor.span_config
    if least is not None:
        config = replace(config, thresholds=np.full_like(config.thresholds, least))
    return tuple(
        replace(document, as_found=as_found(document, _found(document.text, extractor, config)))
        if document.by_entities
        else document
        for document in documents
    )


def _found(text: str, extractor: JointExtractor, config: DecodingConfig) -> list[Mention]:
    [(table, windows)] = extractor.score_spans([text])
    return [m for m in decode_mentions(table, windows, config) if m.type not in REFERENCES]


def as_found(document: GoldDocument, found: Sequence[Mention]) -> GoldDocument:
    """A document with found mentions in place of its own."""
    entities = {
        m: document.entities.get(standing_for(m, document.mentions), f"{m.type} {m.start}-{m.end}")
        for m in found
    }
    strangers = {entities[m] for m in found if m in set(document.unsure)}
    changed = replace(
        document,
        mentions=tuple(found),
        entities=entities,
        links={},
        strangers=frozenset(strangers - set(document.entities.values())),
    )
    return changed.with_relations(nearest(changed))
