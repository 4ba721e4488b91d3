"""Linking what is new: a stage of its own after documents are recorded, in its own transaction.

A recorded document says, as JSON, what it names; linking makes nodes of that, asks the linker
about all that those may be one with, and lets aliases, evidence and entities follow. One
document, a batch and everything go the same way. Interrupted between two transactions,
what waits still waits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from kgbuild.judging import split_places
from kgbuild.ports import EntityClusterer
from kgbuild.types import (
    Copy,
    DocumentRecord,
    Judgement,
    NameNode,
    NodeFeature,
    Place,
    ResolvedMention,
)

from ..database import chunked, insert_all, run_many
from ..documents.copies import compare_new
from ..documents.mentions import AliasKey, count_aliases, read_spans
from ..documents.versions import begin_linker
from ..log import raise_generation
from ..registers.names import linker_now
from ..schema import (
    AliasRow,
    DocumentRow,
    RelationMentionRow,
    UncomparedRow,
    UnlinkedDocumentRow,
    UnlinkedNodeRow,
)
from .judgements import (
    insert_added,
    read_judgements,
    recompute_aggregates,
    state_relations,
)
from .linking import relink, renew_evidence
from .nodes import insert_nodes

_PLACE_MENTION = "UPDATE mentions SET alias_id = ?, node_id = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A mention that waits: its row, what its document names by it, and its node after splits."""

    row: int
    type: str
    surface: str
    name: str
    seen: str
    now: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that waits."""

    nodes: dict[str, NameNode]
    mentions: list[_Seen]

    @property
    def named(self) -> list[NameNode]:
        """Every node that it names, before and after splits."""
        ids = dict.fromkeys([*(m.seen for m in self.mentions), *(m.now for m in self.mentions)])
        return [self.nodes.get(id, NameNode(id)) for id in ids]


def wait(connection: Connection, records: Mapping[int, DocumentRecord]) -> None:
    """Keep what new documents (by row id) say, until they are linked."""
    rows = []
    for id, record in records.items():
        known = {node.id: node for node in record.nodes}
        place = {key: at for at, key in enumerate(dict.fromkeys(r.entity for r in record.mentions))}
        nodes = [known.get(key, NameNode(key)) for key in place]
        said = {
            "nodes": [
                [n.id, n.type, n.key, [[t.kind, t.value] for t in n.features]] for n in nodes
            ],
            "mentions": [[place[r.entity], r.name] for r in record.mentions],
        }
        rows.append({"document_id": id, "said": json.dumps(said, ensure_ascii=False)})
    insert_all(connection, UnlinkedDocumentRow, rows)


def wait_again(connection: Connection, nodes: Collection[int]) -> None:
    """Note that the entities of nodes have to be computed again."""
    known: set[int] = set()
    for some in chunked(nodes):
        mine = UnlinkedNodeRow.node_id.in_(some)
        known.update(connection.scalars(select(UnlinkedNodeRow.node_id).where(mine)))
    new = [{"node_id": node} for node in sorted(set(nodes) - known)]
    insert_all(connection, UnlinkedNodeRow, new)


def anything_waits(connection: Connection) -> bool:
    """Whether a document or a node does."""
    tables = (
        UnlinkedDocumentRow.document_id,
        UnlinkedNodeRow.node_id,
        UncomparedRow.document_id,
    )
    return any(connection.scalar(select(column).limit(1)) is not None for column in tables)


def link_new(
    connection: Connection, linker: EntityClusterer, most: int
) -> tuple[int, Sequence[Copy]]:
    """Link at most so many of the documents that wait, the oldest first, and every node that
    does; gives how many documents those were, and the copies among as many that were compared."""
    texts: dict[int, tuple[str, str]] = {}
    said: dict[int, str] = {}
    first = (
        select(DocumentRow.id, DocumentRow.source, DocumentRow.text, UnlinkedDocumentRow.said)
        .join(UnlinkedDocumentRow, UnlinkedDocumentRow.document_id == DocumentRow.id)
        .order_by(DocumentRow.id)
        .limit(most)
    )
    for id, source, whole, waiting in connection.execute(first):
        texts[id], said[id] = (source, whole), waiting
    again = set(connection.scalars(select(UnlinkedNodeRow.node_id)))
    compared = compare_new(connection, most)
    if not (said or again or compared.documents):
        return 0, ()  # another writer was faster
    begin_linker(connection, linker_now(connection, linker))
    judgements = read_judgements(connection)
    documents = _waiting(connection, texts, said, split_places(judgements))
    for id, (source, whole) in texts.items():
        for row, one in insert_added(connection, id, source, whole, judgements).items():
            documents[id].mentions.append(_added(row, one, source, whole, judgements))
    nodes = insert_nodes(connection, {id: one.named for id, one in documents.items()})
    touched = relink(connection, linker, again | set(nodes.values()), judgements)
    mentions = [mention for one in documents.values() for mention in one.mentions]
    touched.entities |= _place(connection, mentions, nodes)
    touched.facts |= state_relations(connection, documents, judgements)
    touched.facts |= renew_evidence(connection, _relations(connection, documents))
    touched.facts |= compared.facts
    recompute_aggregates(connection, touched, judgements)
    for some in chunked(documents):
        done = UnlinkedDocumentRow.document_id.in_(some)
        connection.execute(delete(UnlinkedDocumentRow).where(done))
    connection.execute(delete(UnlinkedNodeRow))
    raise_generation(connection, len(documents) or 1)
    return len(documents), compared.copies


def _waiting(
    connection: Connection,
    texts: Mapping[int, tuple[str, str]],
    said: Mapping[int, str],
    places: Mapping[Place, str],
) -> dict[int, _Waiting]:
    """What waits, by document; its mentions as they stand in the graph after splits."""
    found: dict[int, _Waiting] = {}
    named: dict[int, list[tuple[str, str]]] = {}
    for id, waiting in said.items():
        told = json.loads(waiting)
        nodes = [
            NameNode(key, type, name, tuple(NodeFeature(kind, value) for kind, value in features))
            for key, type, name, features in told["nodes"]
        ]
        found[id] = _Waiting({node.id: node for node in nodes}, [])
        named[id] = [(nodes[at].id, name) for at, name in told["mentions"]]
    for id, start, stop, type, row in read_spans(connection, texts):
        source, whole = texts[id]
        mentions = found[id].mentions
        key, name = named[id][len(mentions)]
        now = places.get(Place(source, start, stop), key)
        mentions.append(_Seen(row, type, whole[start:stop], name, key, now))
    return found


def _added(
    row: int, one: ResolvedMention, source: str, whole: str, judgements: Sequence[Judgement]
) -> _Seen:
    """A mention that a person added, as it stands in the graph after splits."""
    mention = one.mention
    place = Place(source, mention.start, mention.end)
    now = split_places(judgements).get(place, one.entity)
    surface = whole[mention.start : mention.end]
    return _Seen(row, mention.type, surface, one.name, one.entity, now)


def _place(
    connection: Connection, mentions: Collection[_Seen], nodes: Mapping[str, int]
) -> set[int]:
    """Give mentions their nodes and aliases; gives the rows of the entities they are of now."""
    alias_of: dict[int, AliasKey] = {
        m.row: (nodes[m.now], m.type, m.name, m.surface) for m in mentions
    }
    aliases = count_aliases(connection, Counter(alias_of.values()))
    placed = [(aliases[alias_of[m.row]], nodes[m.seen], m.row) for m in mentions]
    run_many(connection, _PLACE_MENTION, placed)
    entities: set[int] = set()
    for some in chunked({alias for alias, _, _ in placed}):
        mine = select(AliasRow.entity_id).where(AliasRow.id.in_(some))
        entities.update(connection.scalars(mine))
    return entities


def _relations(connection: Connection, documents: Collection[int]) -> set[int]:
    found: set[int] = set()
    for some in chunked(documents):
        mine = RelationMentionRow.document_id.in_(some)
        found.update(connection.scalars(select(RelationMentionRow.id).where(mine)))
    return found
