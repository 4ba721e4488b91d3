"""Rows of relation mentions and of facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, tuple_

from kgbuild.types import DocumentRecord, Mention

from .bulk import chunked, insert_all
from .schema import FactRow, RelationMentionRow

FactKey = tuple[int, str, int]
"""A fact's subject row, relation and object row."""


def insert_relations(
    connection: Connection,
    document_id: int,
    record: DocumentRecord,
    mentions: Mapping[Mention, int],
) -> set[int]:
    """Insert the record's relation mentions; gives their row ids."""
    ends = {r: (r.relation, mentions[r.subject], mentions[r.object]) for r in record.relations}
    insert_all(
        connection,
        RelationMentionRow,
        [
            {
                "document_id": document_id,
                "relation": relation.relation,
                "subject_id": subject,
                "object_id": object,
                "confidence": relation.confidence,
            }
            for relation, (_, subject, object) in ends.items()
        ],
    )
    mine = RelationMentionRow.document_id == document_id
    return set(connection.scalars(select(RelationMentionRow.id).where(mine)))


def fact_rows(connection: Connection, keys: Iterable[FactKey]) -> dict[FactKey, int]:
    """Rows of facts; a new one has no confidence yet: it is settled afterwards."""
    wanted = dict.fromkeys(keys)
    rows = _known_facts(connection, wanted)
    new = [key for key in wanted if key not in rows]
    insert_all(
        connection,
        FactRow,
        [
            {"subject_id": subject, "relation": relation, "object_id": object, "confidence": 0.0}
            for subject, relation, object in new
        ],
    )
    return rows | _known_facts(connection, new)


def _known_facts(connection: Connection, keys: Iterable[FactKey]) -> dict[FactKey, int]:
    rows: dict[FactKey, int] = {}
    for some in chunked(keys):
        found = select(FactRow.subject_id, FactRow.relation, FactRow.object_id, FactRow.id).where(
            tuple_(FactRow.subject_id, FactRow.relation, FactRow.object_id).in_(some)
        )
        rows.update(
            ((subject, relation, object), id)
            for subject, relation, object, id in connection.execute(found).all()
        )
    return rows
