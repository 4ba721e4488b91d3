"""Sentences by what they mention, state or belong to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from kgbuild.types import Entity, PassageFilter, TextSpan

from .bulk import among, chunked
from .engine import Database
from .read import entities_by_row
from .rules import fold
from .schema import (
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
        named = _named(within.document, database.is_sqlite)
        held.append(SentenceRow.document_id.in_(select(DocumentRow.id).where(named)))
    if within.entity is not None:
        held.append(_mentions(EntityRow.key == within.entity))
    if within.any_of is not None:
        held.append(_mentions(among(EntityRow.key, within.any_of, database.is_sqlite)))
    if within.type is not None:
        held.append(_mentions(MentionRow.type == within.type))
    if within.relation is not None:
        held.append(_states(within.relation))
    return held


def _named(pattern: str, sqlite: bool) -> ColumnElement[bool]:
    """A source as given, or any that fits where ``*`` is in it; case counts."""
    if "*" not in pattern:
        return DocumentRow.source == pattern
    if sqlite:
        for special in ("[", "?"):
            pattern = pattern.replace(special, f"[{special}]")
        return DocumentRow.source.op("GLOB")(pattern)
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return DocumentRow.source.like(pattern.replace("*", "%"), escape="\\")


def _mentions(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    sentence = aliased(SentenceRow)
    touching = (
        select(sentence.id)
        .join(MentionRow, MentionRow.document_id == sentence.document_id)
        .join(AliasRow, AliasRow.id == MentionRow.alias_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(MentionRow.start < sentence.stop, MentionRow.stop > sentence.start, wanted)
    )
    return SentenceRow.id.in_(touching)


def _states(relation: str) -> ColumnElement[bool]:
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


def read_named(
    database: Database, names: Sequence[str], most: int
) -> dict[str, tuple[Entity, ...]]:
    """For each known name at most so many of its entities, the most mentioned first."""
    rows: set[tuple[str, int, str, int]] = set()
    with database.reading() as connection:
        for some in chunked({fold(name) for name in names}):
            what = (EntityRow.mention_count, EntityRow.key, EntityRow.id)
            called = select(EntityRow.name_folded, *what).where(EntityRow.name_folded.in_(some))
            written = (
                select(AliasRow.surface_folded, *what)
                .join(EntityRow, EntityRow.id == AliasRow.entity_id)
                .where(AliasRow.surface_folded.in_(some))
            )
            for query in (called, written):
                rows.update((row[0], -row[1], row[2], row[3]) for row in connection.execute(query))
        ids: dict[str, list[int]] = defaultdict(list)
        for folded, _, _, id in sorted(rows):
            if len(ids[folded]) < most:
                ids[folded].append(id)
        found = entities_by_row(connection, list({id for some in ids.values() for id in some}))
    return {name: tuple(found[id] for id in ids[fold(name)]) for name in names if fold(name) in ids}


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
