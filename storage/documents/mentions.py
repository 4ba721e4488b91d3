"""What was seen in a document: mentions and their aliases, relation mentions, candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    not_,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from kgbuild.types import DocumentRecord, Mention, Relation

from ..database import chunked, insert_all
from ..rules import fold, passage
from ..schema import (
    AliasRow,
    CandidateRow,
    DocumentRow,
    MentionRow,
    NodeRow,
    RelationMentionRow,
)


def insert_seen(connection: Connection, records: Mapping[int, DocumentRecord]) -> None:
    """Insert what was seen in new documents (by row id): mentions, relation mentions and
    candidates; nothing says yet whom they name."""
    insert_all(
        connection,
        MentionRow,
        [
            {
                "document_id": document,
                "start": resolved.mention.start,
                "stop": resolved.mention.end,
                "type": resolved.mention.type,
                "score": resolved.mention.score,
            }
            for document, record in records.items()
            for resolved in record.mentions
        ],
    )
    rows = {row[:4]: row[4] for row in read_spans(connection, records)}

    def ends(document: int, relation: Relation) -> dict[str, int]:
        one, other = (rows[document, m.start, m.end, m.type] for m in _pair(relation))
        return {"subject_id": one, "object_id": other}

    relations, candidates = [], []
    for document, record in records.items():
        for relation in record.relations:
            seen = {"document_id": document, "relation": relation.relation}
            seen["confidence"] = relation.confidence
            relations.append(seen | ends(document, relation))
        for relation in record.candidates:
            span = passage(record.sentences, relation.subject, relation.object)
            seen = {"document_id": document, "relation": relation.relation}
            seen |= {"start": span.start, "stop": span.end, "confidence": relation.confidence}
            seen["denied"] = relation.denied
            candidates.append(seen | ends(document, relation))
    insert_all(connection, RelationMentionRow, relations)
    insert_all(connection, CandidateRow, candidates)


def _pair(relation: Relation) -> tuple[Mention, Mention]:
    return relation.subject, relation.object


def read_spans(
    connection: Connection, documents: Collection[int]
) -> Iterator[tuple[int, int, int, str, int]]:
    """Document's row, start, end, type and own row of documents' mentions, as they were inserted."""
    for some in chunked(documents):
        rows = connection.execute(
            select(
                MentionRow.document_id,
                MentionRow.start,
                MentionRow.stop,
                MentionRow.type,
                MentionRow.id,
            )
            .where(MentionRow.document_id.in_(some))
            .order_by(MentionRow.id)
        )
        yield from ((row[0], row[1], row[2], row[3], row[4]) for row in rows.all())


def read_relations(
    connection: Connection, source: str, candidates: bool = False, stated: bool = False
) -> list[Relation]:
    """The relation mentions of a document or its candidates, by their mentions' positions;
    with those that people ``stated`` only if asked for."""
    table = CandidateRow if candidates else RelationMentionRow
    theirs = not_(RelationMentionRow.stated) if not (candidates or stated) else true()
    subject, object = aliased(MentionRow), aliased(MentionRow)
    rows = connection.execute(
        select(
            table.relation,
            *mention_columns(subject),
            *mention_columns(object),
            table.confidence,
            *((CandidateRow.denied,) if candidates else ()),
        )
        .join(DocumentRow, DocumentRow.id == table.document_id)
        .join(subject, subject.id == table.subject_id)
        .join(object, object.id == table.object_id)
        .where(DocumentRow.source == source, theirs)
    ).all()
    found = [Relation(r[0], Mention(*r[1:5]), Mention(*r[5:9]), *r[9:]) for r in rows]
    return sorted(found, key=lambda r: (r.subject, r.object, r.relation))


AliasKey = tuple[int, str, str, str]
"""An alias's node row, type, canonical name and surface."""


def mention_columns(row: type[MentionRow]) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns that a ``Mention`` is made from, in its fields' order."""
    return row.start, row.stop, row.type, row.score


def count_aliases(connection: Connection, seen: Counter[AliasKey]) -> dict[AliasKey, int]:
    """Add to the aliases' counts; gives their row ids."""
    rows = _known_aliases(connection, {key[0] for key in seen})
    known = [{"row": rows[key], "more": n} for key, n in seen.items() if key in rows]
    if known:
        connection.execute(
            update(AliasRow)
            .where(AliasRow.id == bindparam("row"))
            .values(count=AliasRow.count + bindparam("more")),
            known,
        )
    new = {key: n for key, n in seen.items() if key not in rows}
    entities = _entities_of_nodes(connection, {key[0] for key in new})
    insert_all(
        connection,
        AliasRow,
        [
            {
                "entity_id": entities[node],
                "node_id": node,
                "type": type,
                "name": name,
                "surface": surface,
                "surface_folded": fold(surface),
                "count": n,
            }
            for (node, type, name, surface), n in new.items()
        ],
    )
    return rows | _known_aliases(connection, {key[0] for key in new})


def _entities_of_nodes(connection: Connection, nodes: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in chunked(nodes):
        rows = connection.execute(select(NodeRow.id, NodeRow.entity_id).where(NodeRow.id.in_(some)))
        found.update((node, entity) for node, entity in rows.all() if entity is not None)
    return found


def _known_aliases(connection: Connection, nodes: Collection[int]) -> dict[AliasKey, int]:
    rows: dict[AliasKey, int] = {}
    for some in chunked(nodes):
        found = select(
            AliasRow.node_id, AliasRow.type, AliasRow.name, AliasRow.surface, AliasRow.id
        ).where(AliasRow.node_id.in_(some))
        rows.update(
            ((node, type, name, surface), id)
            for node, type, name, surface, id in connection.execute(found).all()
        )
    return rows


def forget_mentions(connection: Connection, aliases: Mapping[int, int]) -> set[int]:
    """Take mentions off the aliases' counts; gives the entities they belong to."""
    entities: set[int] = set()
    for some in chunked(aliases):
        mine = AliasRow.id.in_(some)
        entities.update(connection.scalars(select(AliasRow.entity_id).where(mine)))
        connection.execute(
            update(AliasRow)
            .where(AliasRow.id == bindparam("row"))
            .values(count=AliasRow.count - bindparam("fewer")),
            [{"row": alias, "fewer": aliases[alias]} for alias in some],
        )
        connection.execute(delete(AliasRow).where(mine, AliasRow.count == 0))
    return entities
