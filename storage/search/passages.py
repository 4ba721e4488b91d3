"""Sentences by their rows, by what they mention, state or belong to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from kgbuild.types import (
    Passage,
    PassageFilter,
    TextSpan,
)

from ..database import Database, among, chunked
from ..documents.read import source_is
from ..schema import (
    AliasRow,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    SentenceRow,
)


def conditions(database: Database, within: PassageFilter) -> list[ColumnElement[bool]]:
    """What has to hold of a ``SentenceRow`` for the filter to let it pass."""
    held: list[ColumnElement[bool]] = []
    if within.document is not None:
        named = source_is(within.document, database.is_sqlite)
        held.append(SentenceRow.document_id.in_(select(DocumentRow.id).where(named)))
    if within.entity is not None:
        held.append(_mentioning(EntityRow.key == within.entity))
    if within.any_of is not None:
        held.append(_mentioning(among(EntityRow.key, within.any_of, database.is_sqlite)))
    if within.type is not None:
        held.append(_mentioning(MentionRow.type == within.type))
    if within.relation is not None:
        held.append(_stating(within.relation))
    return held


def _mentioning(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    sentence = aliased(SentenceRow)
    touching = (
        select(sentence.id)
        .join(MentionRow, MentionRow.document_id == sentence.document_id)
        .join(AliasRow, AliasRow.id == MentionRow.alias_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(MentionRow.start < sentence.stop, MentionRow.stop > sentence.start, wanted)
    )
    return SentenceRow.id.in_(touching)


def _stating(relation: str) -> ColumnElement[bool]:
    return exists().where(
        EvidenceRow.document_id == SentenceRow.document_id,
        EvidenceRow.start < SentenceRow.stop,
        EvidenceRow.stop > SentenceRow.start,
        FactRow.id == EvidenceRow.fact_id,
        FactRow.relation == relation,
    )


def read_sentence_rows(database: Database, within: PassageFilter) -> NDArray[np.int64]:
    """Row ids of the sentences that the filter lets pass, ascending."""
    wanted = select(SentenceRow.id).where(*conditions(database, within)).order_by(SentenceRow.id)
    with database.reading() as connection:
        return np.array(connection.scalars(wanted).all(), dtype=np.int64)


def read_located(database: Database, spans: Sequence[TextSpan]) -> list[tuple[int, ...]]:
    """Row ids of the sentences that each span touches, in reading order."""
    sentences: dict[str, list[tuple[int, int, int]]] = {}
    with database.reading() as connection:
        for some in chunked({span.document for span in spans}):
            rows = connection.execute(
                select(DocumentRow.source, SentenceRow.start, SentenceRow.stop, SentenceRow.id)
                .join(SentenceRow, SentenceRow.document_id == DocumentRow.id)
                .where(DocumentRow.source.in_(some))
                .order_by(SentenceRow.document_id, SentenceRow.position)
            )
            for source, start, stop, id in rows.all():
                sentences.setdefault(source, []).append((start, stop, id))
    return [touched(sentences.get(span.document, []), span) for span in spans]


def touched(sentences: Sequence[tuple[int, int, int]], span: TextSpan) -> tuple[int, ...]:
    """Ids of the sentences (start, end, id; in reading order) that a span touches."""
    first = bisect_right(sentences, span.start, key=lambda sentence: sentence[1])
    last = bisect_left(sentences, span.end, key=lambda sentence: sentence[0])
    return tuple(id for _, _, id in sentences[first:last])


def read_passages(database: Database, ids: Sequence[int]) -> list[Passage | None]:
    """Sentences by row id, in the order asked for."""
    found: dict[int, Passage] = {}
    with database.reading() as connection:
        for some in chunked(int(id) for id in ids):
            text = func.substr(
                DocumentRow.text, SentenceRow.start + 1, SentenceRow.stop - SentenceRow.start
            )
            rows = connection.execute(
                select(
                    SentenceRow.id, DocumentRow.source, SentenceRow.start, SentenceRow.stop, text
                )
                .join(DocumentRow, DocumentRow.id == SentenceRow.document_id)
                .where(SentenceRow.id.in_(some))
            )
            found.update((row[0], Passage(*row[1:])) for row in rows)
    return [found.get(int(id)) for id in ids]
