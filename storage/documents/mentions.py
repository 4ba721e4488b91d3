"""What was seen in a document: mentions and their aliases, relation mentions, candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    select,
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


def insert_candidates(
    connection: Connection,
    document_id: int,
    record: DocumentRecord,
    mentions: Mapping[Mention, int],
) -> None:
    """Insert the record's candidates."""
    rows = []
    for relation in record.candidates:
        span = passage(record.sentences, relation.subject, relation.object)
        rows.append(
            {
                "document_id": document_id,
                "relation": relation.relation,
                "subject_id": mentions[relation.subject],
                "object_id": mentions[relation.object],
                "start": span.start,
                "stop": span.end,
                "confidence": relation.confidence,
            }
        )
    insert_all(connection, CandidateRow, rows)


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


AliasKey = tuple[int, str, str, str]
"""An alias's node row, type, canonical name and surface."""


@dataclass(frozen=True, slots=True)
class MentionNodes:
    """The node row that each mention's document gives it, and the one it has after splits."""

    seen: Mapping[Mention, int]
    now: Mapping[Mention, int]


def mention_columns(row: type[MentionRow]) -> tuple[InstrumentedAttribute[Any], ...]:
    """The columns that a ``Mention`` is made from, in its fields' order."""
    return row.start, row.stop, row.type, row.score


def insert_mentions(
    connection: Connection,
    document_id: int,
    record: DocumentRecord,
    places: MentionNodes,
) -> dict[Mention, int]:
    """Insert the record's mentions and count their aliases; gives their row ids."""
    text = record.document.text
    alias_of: dict[Mention, AliasKey] = {}
    for resolved in record.mentions:
        mention = resolved.mention
        surface = text[mention.start : mention.end]
        alias_of[mention] = (places.now[mention], mention.type, resolved.name, surface)
    aliases = count_aliases(connection, Counter(alias_of.values()))
    insert_all(
        connection,
        MentionRow,
        [
            {
                "document_id": document_id,
                "start": resolved.mention.start,
                "stop": resolved.mention.end,
                "type": resolved.mention.type,
                "score": resolved.mention.score,
                "alias_id": aliases[alias_of[resolved.mention]],
                "node_id": places.seen[resolved.mention],
            }
            for resolved in record.mentions
        ],
    )
    rows = connection.execute(
        select(MentionRow.start, MentionRow.stop, MentionRow.type, MentionRow.id).where(
            MentionRow.document_id == document_id
        )
    )
    return {Mention(start, stop, type): id for start, stop, type, id in rows.all()}


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
