"""Rows of relation mentions, and of the facts and evidence made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, tuple_

from kgbuild.types import DocumentRecord, Mention, Relation

from .bulk import chunked, insert_all
from .rules import supports
from .schema import EvidenceRow, FactRow, RelationMentionRow

FactKey = tuple[int, str, int]
"""A fact's subject row, relation and object row."""


def insert_relations(
    connection: Connection,
    document_id: int,
    record: DocumentRecord,
    mentions: Mapping[Mention, int],
) -> dict[Relation, int]:
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
    found = connection.execute(
        select(
            RelationMentionRow.relation,
            RelationMentionRow.subject_id,
            RelationMentionRow.object_id,
            RelationMentionRow.id,
        ).where(RelationMentionRow.document_id == document_id)
    )
    rows = {(row.relation, row.subject_id, row.object_id): row.id for row in found}
    return {relation: rows[key] for relation, key in ends.items()}


def insert_evidence(
    connection: Connection,
    document_id: int,
    record: DocumentRecord,
    entities: Mapping[str, int],
    relations: Mapping[Relation, int],
) -> set[int]:
    """Insert the record's evidence and the facts that are new; gives the facts it supports.

    A new fact has no confidence yet: it is settled afterwards.
    """
    found = list(supports(record))
    keys = [(entities[s.subject], s.relation.relation, entities[s.object]) for s in found]
    facts = _fact_rows(connection, keys)
    text = record.document.text
    insert_all(
        connection,
        EvidenceRow,
        [
            {
                "fact_id": facts[key],
                "relation_mention_id": relations[support.relation],
                "document_id": document_id,
                "start": support.passage.start,
                "stop": support.passage.end,
                "passage": text[support.passage.start : support.passage.end],
                "confidence": support.relation.confidence,
            }
            for support, key in zip(found, keys, strict=True)
        ],
    )
    return {facts[key] for key in keys}


def _fact_rows(connection: Connection, keys: Iterable[FactKey]) -> dict[FactKey, int]:
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
