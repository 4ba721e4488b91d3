"""Pages by keyset: the rows after a place in the order, never an offset."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from kgbuild.ports import EntityKey, FactKey
from kgbuild.types import DocumentSummary, Entity, Fact, FactsWanted

from .engine import Database
from .read import entities_by_row
from .read_facts import facts_by_row
from .rules import fold
from .schema import AliasRow, DocumentRow, EntityRow, EvidenceRow, FactRow

_LAST = "\U0010ffff"
"""The last code point: what begins with a prefix lies between it and it with this behind."""


class SqlPages:
    """The ``PageStore`` port over SQLAlchemy."""

    _database: Database

    def documents_page(self, after: str | None, limit: int) -> list[DocumentSummary]:
        """Documents by source, those after a source."""
        query = (
            select(
                DocumentRow.source,
                DocumentRow.sha256,
                DocumentRow.media_type,
                func.length(DocumentRow.text),
            )
            .order_by(DocumentRow.source)
            .limit(limit)
        )
        if after is not None:
            query = query.where(DocumentRow.source > after)
        with self._database.reading() as connection:
            return [DocumentSummary(*row) for row in connection.execute(query)]

    def entities_page(
        self, after: EntityKey | None, limit: int, type: str | None, prefix: str | None
    ) -> list[Entity]:
        """Entities, most mentioned first, equals by id."""
        count, key = EntityRow.mention_count, EntityRow.key
        query = select(EntityRow.id).order_by(count.desc(), key).limit(limit)
        if type is not None:
            query = query.where(EntityRow.type == type)
        if prefix is not None:
            query = query.where(_named(fold(prefix)))
        if after is not None:
            query = query.where(or_(count < after[0], and_(count == after[0], key > after[1])))
        with self._database.reading() as connection:
            ids = connection.scalars(query).all()
            found = entities_by_row(connection, ids)
        return [found[id] for id in ids]

    def facts_page(self, after: FactKey | None, limit: int, wanted: FactsWanted) -> list[Fact]:
        """Facts, most confident first (or last), equals by relation and ids."""
        with self._database.reading() as connection:
            ids = connection.scalars(_fact_page(after, limit, wanted)).all()
            found = facts_by_row(connection, ids)
        return [found[id] for id in ids]


def _named(beginning: str) -> ColumnElement[bool]:
    surface, name = AliasRow.surface_folded, EntityRow.name_folded
    end = beginning + _LAST
    aliases = select(AliasRow.entity_id).where(surface >= beginning, surface < end)
    return or_(and_(name >= beginning, name < end), EntityRow.id.in_(aliases))


def _fact_page(after: FactKey | None, limit: int, wanted: FactsWanted) -> Select[Any]:
    subject, object = aliased(EntityRow), aliased(EntityRow)
    confidence = FactRow.confidence
    order = FactRow.relation, subject.key, object.key
    query = (
        select(FactRow.id)
        .join(subject, subject.id == FactRow.subject_id)
        .join(object, object.id == FactRow.object_id)
        .where(FactRow.verdict.is_distinct_from("reject"))
        .order_by(confidence.asc() if wanted.weakest else confidence.desc(), *order)
        .limit(limit)
    )
    for column, key in ((FactRow.subject_id, wanted.subject), (FactRow.object_id, wanted.object)):
        if key is not None:
            query = query.where(column == _row_of(key))
    if wanted.entity is not None:
        row = _row_of(wanted.entity)
        query = query.where(or_(FactRow.subject_id == row, FactRow.object_id == row))
    if wanted.relation is not None:
        query = query.where(FactRow.relation == wanted.relation)
    if wanted.document is not None:
        stated = (
            select(EvidenceRow.fact_id)
            .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
            .where(DocumentRow.source == wanted.document)
        )
        query = query.where(FactRow.id.in_(stated))
    if after is not None:
        behind = tuple_(*order) > tuple_(*after[1:])
        further = confidence > after[0] if wanted.weakest else confidence < after[0]
        query = query.where(or_(further, and_(confidence == after[0], behind)))
    return query


def _row_of(key: str) -> Any:
    return select(EntityRow.id).where(EntityRow.key == key).scalar_subquery()
