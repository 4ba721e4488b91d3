"""Ids of other registers in the database, and the relations that were seen in a document."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, tuple_
from sqlalchemy.orm import aliased

from kgbuild.types import ExternalId, Mention, Relation

from .bulk import chunked, insert_all
from .mention_rows import mention_columns
from .schema import (
    CandidateRow,
    DocumentRow,
    EntityRow,
    ExternalIdRow,
    MentionRow,
    NodeRow,
    RelationMentionRow,
)

_KEY = tuple_(ExternalIdRow.node, ExternalIdRow.scheme, ExternalIdRow.value)


def write_external(connection: Connection, ids: Sequence[ExternalId]) -> int:
    """Save checked ids in place of equal ones; gives how many are new."""
    keys = {(one.entity, one.scheme, one.value): one for one in ids}
    known = 0
    for some in chunked(keys):
        known += connection.execute(delete(ExternalIdRow).where(_KEY.in_(some))).rowcount
    insert_all(
        connection,
        ExternalIdRow,
        [
            {
                "node": node,
                "scheme": scheme,
                "value": value,
                "label": one.label,
                "source": one.source,
            }
            for (node, scheme, value), one in keys.items()
        ],
    )
    return len(keys) - known


def remove_external(connection: Connection, entity: str, scheme: str, value: str | None) -> int:
    """Remove the ids of an entity's nodes; gives how many there were."""
    nodes = select(NodeRow.key).join(EntityRow, EntityRow.id == NodeRow.entity_id)
    wanted = delete(ExternalIdRow).where(
        ExternalIdRow.node.in_(nodes.where(EntityRow.key == entity)),
        ExternalIdRow.scheme == scheme,
    )
    if value is not None:
        wanted = wanted.where(ExternalIdRow.value == value)
    return connection.execute(wanted).rowcount


def read_external(
    connection: Connection, entity: str | None, value: str | None
) -> list[ExternalId]:
    """The ids of the entities that are there, each once."""
    query = (
        select(
            EntityRow.key,
            ExternalIdRow.scheme,
            ExternalIdRow.value,
            ExternalIdRow.label,
            ExternalIdRow.source,
        )
        .join(NodeRow, NodeRow.key == ExternalIdRow.node)
        .join(EntityRow, EntityRow.id == NodeRow.entity_id)
        .order_by(EntityRow.key, ExternalIdRow.scheme, ExternalIdRow.value, ExternalIdRow.node)
    )
    if entity is not None:
        query = query.where(EntityRow.key == entity)
    if value is not None:
        query = query.where(ExternalIdRow.value == value)
    return list(dict.fromkeys(ExternalId(*row) for row in connection.execute(query).all()))


def read_relations(connection: Connection, source: str, candidates: bool = False) -> list[Relation]:
    """The relation mentions of a document or its candidates, by their mentions' positions."""
    table = CandidateRow if candidates else RelationMentionRow
    subject, object = aliased(MentionRow), aliased(MentionRow)
    rows = connection.execute(
        select(
            table.relation,
            *mention_columns(subject),
            *mention_columns(object),
            table.confidence,
        )
        .join(DocumentRow, DocumentRow.id == table.document_id)
        .join(subject, subject.id == table.subject_id)
        .join(object, object.id == table.object_id)
        .where(DocumentRow.source == source)
    ).all()
    found = [Relation(r[0], Mention(*r[1:5]), Mention(*r[5:9]), r[9]) for r in rows]
    return sorted(found, key=lambda r: (r.subject, r.object, r.relation))
