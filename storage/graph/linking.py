"""Which entity each node belongs to, kept up to date as nodes come and go.

The linker's answer depends only on the nodes that can reach each other through blocks and
judgements, so a document or a judgement recomputes those and moves the nodes whose entity
changed, with their aliases and the evidence of their mentions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import aliased

from kgbuild.ports import EntityClusterer
from kgbuild.types import Judgement, Mention, Sentence

from ..database import chunked, insert_all
from ..rules import passage
from ..schema import (
    AliasRow,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    MentionRow,
    NodeRow,
    RelationMentionRow,
    SentenceRow,
)
from .entities import known_entities
from .facts import FactEnds, fact_rows
from .nodes import component, seen_nodes
from .pairs import keep_pairs


@dataclass(slots=True)
class Touched:
    """Rows that have to be settled."""

    entities: set[int] = field(default_factory=set)
    facts: set[int] = field(default_factory=set)

    def add(self, more: Touched) -> None:
        """Take in what else was touched."""
        self.entities |= more.entities
        self.facts |= more.facts


def relink(
    connection: Connection,
    linker: EntityClusterer,
    nodes: Collection[int],
    judgements: Sequence[Judgement],
) -> Touched:
    """Ask the linker about nodes and all that they may be one with; move what changed, keep the
    pairs that it weighed."""
    rows = dict(seen_nodes(connection, component(connection, nodes, judgements)))
    clusters = linker.link(list(rows.values()), judgements)
    keep_pairs(connection, rows, clusters.weighed, judgements)
    wanted = clusters.entity_of
    now = _entity_keys(connection, rows)
    moved = {row: wanted[n.id] for row, n in rows.items() if wanted[n.id] != now[row][1]}
    touched = Touched()
    if not moved:
        return touched
    entities = _entity_rows(connection, list(dict.fromkeys(moved.values())))
    touched.entities |= {id for row in moved if (id := now[row][0]) is not None}
    touched.entities |= set(entities.values())
    changes = [{"row": row, "entity": entities[key]} for row, key in moved.items()]
    named: dict[str, Any] = {"entity_id": bindparam("entity")}
    connection.execute(update(NodeRow).where(NodeRow.id == bindparam("row")).values(named), changes)
    connection.execute(
        update(AliasRow).where(AliasRow.node_id == bindparam("row")).values(named), changes
    )
    touched.facts |= renew_evidence(connection, _relations_of_nodes(connection, list(moved)))
    return touched


def entities_of_nodes(connection: Connection) -> dict[int, int | None]:
    """The entity's row of every node; None where nothing mentions it."""
    rows = connection.execute(select(NodeRow.id, NodeRow.entity_id)).all()
    return {row.id: row.entity_id for row in rows}


def _entity_keys(
    connection: Connection, nodes: Collection[int]
) -> dict[int, tuple[int | None, str | None]]:
    """Each node's entity now: its row and key."""
    found: dict[int, tuple[int | None, str | None]] = {}
    for some in chunked(nodes):
        rows = connection.execute(
            select(NodeRow.id, NodeRow.entity_id, EntityRow.key)
            .outerjoin(EntityRow, EntityRow.id == NodeRow.entity_id)
            .where(NodeRow.id.in_(some))
        )
        found.update((id, (entity, key)) for id, entity, key in rows.all())
    return found


def _entity_rows(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """Rows of entities; new ones are settled later."""
    rows = known_entities(connection, keys)
    blank = {"type": "", "name": "", "name_folded": "", "mention_count": 0}
    insert_all(connection, EntityRow, [{"key": key} | blank for key in keys if key not in rows])
    return rows | known_entities(connection, [key for key in keys if key not in rows])


def _relations_of_nodes(connection: Connection, nodes: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for some in chunked(nodes):
        mentions = (
            select(MentionRow.id)
            .join(AliasRow, AliasRow.id == MentionRow.alias_id)
            .where(AliasRow.node_id.in_(some))
            .scalar_subquery()
        )
        for end in (RelationMentionRow.subject_id, RelationMentionRow.object_id):
            found.update(connection.scalars(select(RelationMentionRow.id).where(end.in_(mentions))))
    return found


def relations_of_mentions(connection: Connection, mentions: Collection[int]) -> set[int]:
    """Relation mentions with one of these mentions at either end."""
    found: set[int] = set()
    for some in chunked(mentions):
        for end in (RelationMentionRow.subject_id, RelationMentionRow.object_id):
            found.update(connection.scalars(select(RelationMentionRow.id).where(end.in_(some))))
    return found


def renew_evidence(connection: Connection, relations: Collection[int]) -> set[int]:
    """Make relation mentions support the facts of their entities; gives the facts they left or
    support.

    A relation of an entity to itself gives no evidence. New facts have no confidence yet.
    """
    facts: set[int] = set()
    for some in chunked(sorted(relations)):
        mine = EvidenceRow.relation_mention_id.in_(some)
        evidence = select(EvidenceRow.relation_mention_id, EvidenceRow.fact_id).where(mine)
        before = {row[0]: row[1] for row in connection.execute(evidence)}
        ends = _ends(connection, some)
        keys: dict[int, FactEnds] = {id: (row[4], row[2], row[5]) for id, row in ends.items()}
        rows = fact_rows(connection, keys.values())
        gone = [id for id in before if id not in keys]
        if gone:
            lost = EvidenceRow.relation_mention_id.in_(gone)
            connection.execute(delete(EvidenceRow).where(lost))
        changed = [
            {"relation": id, "fact": rows[keys[id]]}
            for id, fact in before.items()
            if id in keys and rows[keys[id]] != fact
        ]
        if changed:
            moved = update(EvidenceRow).where(
                EvidenceRow.relation_mention_id == bindparam("relation")
            )
            connection.execute(moved.values(fact_id=bindparam("fact")), changed)
        new = {id: rows[key] for id, key in keys.items() if id not in before}
        _insert_evidence(connection, new, ends)
        facts |= {*before.values(), *rows.values()}
    return facts


def _ends(connection: Connection, relations: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Relation mentions between two entities: id, document, relation, confidence, subject's and
    object's entity, and the spans of both."""
    subject, object = aliased(MentionRow), aliased(MentionRow)
    of_subject, of_object = aliased(AliasRow), aliased(AliasRow)
    rows = connection.execute(
        select(
            RelationMentionRow.id,
            RelationMentionRow.document_id,
            RelationMentionRow.relation,
            RelationMentionRow.confidence,
            of_subject.entity_id,
            of_object.entity_id,
            *(subject.start, subject.stop, object.start, object.stop),
        )
        .join(subject, subject.id == RelationMentionRow.subject_id)
        .join(object, object.id == RelationMentionRow.object_id)
        .join(of_subject, of_subject.id == subject.alias_id)
        .join(of_object, of_object.id == object.alias_id)
        .where(RelationMentionRow.id.in_(relations), of_subject.entity_id != of_object.entity_id)
        .order_by(RelationMentionRow.id)
    )
    return {row[0]: tuple(row) for row in rows}


def _insert_evidence(
    connection: Connection, facts: Mapping[int, int], ends: Mapping[int, tuple[Any, ...]]
) -> None:
    """Evidence of relation mentions that had none, each with its fact's row."""
    texts, sentences = _documents(connection, {ends[id][1] for id in facts})
    evidence = []
    for id, fact in facts.items():
        _, document, _, confidence, _, _, *spans = ends[id]
        first, second = Mention(spans[0], spans[1], ""), Mention(spans[2], spans[3], "")
        span = passage(sentences[document], first, second)
        evidence.append(
            {
                "fact_id": fact,
                "relation_mention_id": id,
                "document_id": document,
                "start": span.start,
                "stop": span.end,
                "passage": texts[document][span.start : span.end],
                "confidence": confidence,
            }
        )
    insert_all(connection, EvidenceRow, evidence)


def _documents(
    connection: Connection, ids: Collection[int]
) -> tuple[dict[int, str], Mapping[int, list[Sentence]]]:
    """Texts and sentences of documents."""
    texts: dict[int, str] = {}
    sentences: dict[int, list[Sentence]] = defaultdict(list)
    for some in chunked(sorted(ids)):
        found = select(DocumentRow.id, DocumentRow.text).where(DocumentRow.id.in_(some))
        texts.update((id, text) for id, text in connection.execute(found).all())
        rows = connection.execute(
            select(SentenceRow.document_id, SentenceRow.start, SentenceRow.stop)
            .where(SentenceRow.document_id.in_(some))
            .order_by(SentenceRow.document_id, SentenceRow.position)
        )
        for document, start, stop in rows.all():
            sentences[document].append(Sentence(start, stop))
    return texts, sentences
