"""Rows of nodes and of what documents say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, Select, delete, exists, func, select, update
from sqlalchemy.orm import aliased

from kgbuild.judging import judged_pairs
from kgbuild.types import BEARS, CROWD, LONE, NEAR_SEEN, Judgement, NameNode, NodeFeature, NodeStats

from ..database import chunked, insert_all, run_many
from ..registers.names import alias_neighbours, any_known, registry_features
from ..rules import DOCUMENT
from ..schema import AliasRow, DocumentFeatureRow, FeatureRow, MentionRow, NodeRow

_FEW = 8
"""Documents whose neighbours of a node are read all at once; of others the first few."""

_COUNT_FEATURE = (
    "INSERT INTO traits (node_id, kind, value, count) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (node_id, kind, value) DO UPDATE SET count = traits.count + excluded.count"
)
_SAY_FEATURE = (
    "INSERT INTO document_traits (document_id, trait_id) SELECT CAST(? AS BIGINT), id"
    " FROM traits WHERE node_id = ? AND kind = ? AND value = ?"
)
_CALLS = (BEARS, LONE)


def insert_nodes(connection: Connection, said: Mapping[int, Sequence[NameNode]]) -> dict[str, int]:
    """Rows of the nodes of documents (by row id), new ones without an entity yet; counts their
    features."""
    nodes: dict[str, NameNode] = {}
    for node in (node for some in said.values() for node in some):
        if node.id not in nodes or (node.type and not nodes[node.id].type):
            nodes[node.id] = node
    rows = known_nodes(connection, nodes)
    _describe(connection, {rows[n.id]: n for n in nodes.values() if n.type and n.id in rows})
    new = [node for node in nodes.values() if node.id not in rows]
    fresh = [{"key": n.id, "type": n.type, "name_key": n.key, "entity_id": None} for n in new]
    insert_all(connection, NodeRow, fresh)
    rows |= known_nodes(connection, [node.id for node in new])
    sayers: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for document, some in said.items():
        for node in some:
            row = rows[node.id]
            for feature in (DOCUMENT, *node.features):
                sayers[row, feature.kind, feature.value].append(document)
    _say(connection, sayers)
    return rows


def _say(connection: Connection, sayers: Mapping[tuple[int, str, str], list[int]]) -> None:
    """Note which documents say features, given by node's row, kind and value."""
    said = [(key, dict.fromkeys(documents)) for key, documents in sorted(sayers.items())]
    run_many(connection, _COUNT_FEATURE, ((*key, len(documents)) for key, documents in said))
    rows = ((document, *key) for key, documents in said for document in documents)
    run_many(connection, _SAY_FEATURE, rows)


def _describe(connection: Connection, known: Mapping[int, NameNode]) -> None:
    """Tell the names of nodes that were known by their ids alone."""
    for some in chunked(known):
        bare = select(NodeRow.id).where(NodeRow.id.in_(some), NodeRow.type == "")
        for row in connection.scalars(bare).all():
            named = {"type": known[row].type, "name_key": known[row].key}
            connection.execute(update(NodeRow).where(NodeRow.id == row).values(named))


def known_nodes(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """Row ids of the nodes that are there."""
    rows: dict[str, int] = {}
    for some in chunked(keys):
        found = select(NodeRow.key, NodeRow.id).where(NodeRow.key.in_(some))
        rows.update((key, id) for key, id in connection.execute(found).all())
    return rows


def features_of_document(connection: Connection, document_id: int) -> list[int]:
    """Rows of the features that a document says."""
    said = select(DocumentFeatureRow.feature_id).where(
        DocumentFeatureRow.document_id == document_id
    )
    return list(connection.scalars(said))


def nodes_of_features(connection: Connection, features: Collection[int]) -> set[int]:
    """The nodes that features belong to."""
    found: set[int] = set()
    for some in chunked(features):
        found.update(connection.scalars(select(FeatureRow.node_id).where(FeatureRow.id.in_(some))))
    return found


def forget_features(connection: Connection, features: Collection[int]) -> None:
    """Count one document less; a node that no document says anything of goes."""
    nodes = nodes_of_features(connection, features)
    for some in chunked(features):
        mine = FeatureRow.id.in_(some)
        connection.execute(update(FeatureRow).where(mine).values(count=FeatureRow.count - 1))
        connection.execute(delete(FeatureRow).where(mine, FeatureRow.count == 0))
    used = exists().where(AliasRow.node_id == NodeRow.id)
    seen = exists().where(MentionRow.node_id == NodeRow.id)
    said = exists().where(FeatureRow.node_id == NodeRow.id)
    for some in chunked(nodes):
        gone = NodeRow.id.in_(some) & ~said & ~used & ~seen
        connection.execute(delete(NodeRow).where(gone))


def component(
    connection: Connection, nodes: Collection[int], judgements: Iterable[Judgement]
) -> set[int]:
    """The nodes that these may be one with, through any number of shared blocks, judgements
    and registers' entries."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in judged_pairs(judgements):
        neighbours[one].add(other)
        neighbours[other].add(one)
    aliased = any_known(connection)
    found: set[int] = set()
    seen_blocks: set[str] = set()
    seen_calls: set[str] = set()
    frontier = set(nodes)
    while frontier:
        found |= frontier
        all_blocks = _values(connection, frontier, ("block",))
        calls = _values(connection, frontier, _CALLS) - seen_calls
        seen_calls |= calls
        blocks = all_blocks - seen_blocks
        seen_blocks |= blocks
        reached = _in_blocks(connection, blocks)
        reached |= _called_alike(connection, calls, nodes)
        if aliased:
            reached |= alias_neighbours(connection, frontier, all_blocks)
        if neighbours:
            reached |= _judged_neighbours(connection, frontier, neighbours)
        frontier = reached - found
    return found


def _values(connection: Connection, nodes: Collection[int], kinds: Collection[str]) -> set[str]:
    """The values of nodes' features of some kinds."""
    found: set[str] = set()
    for some in chunked(nodes):
        mine = select(FeatureRow.value).where(
            FeatureRow.node_id.in_(some), FeatureRow.kind.in_(kinds)
        )
        found.update(connection.scalars(mine))
    return found


def _called_alike(
    connection: Connection, calls: Collection[str], seeds: Collection[int]
) -> set[int]:
    """The nodes that seek or offer one of these first names or patronymics, where some name seeks
    it and no crowd bears it; the seeds may be what makes it a crowd, or made it one."""
    sought: set[str] = set()
    for some in chunked(sorted(calls)):
        lone = select(FeatureRow.value).where(FeatureRow.kind == LONE, FeatureRow.value.in_(some))
        sought.update(connection.scalars(lone.distinct()))
    crowded = _crowded(connection, sought, set(seeds))
    found: set[int] = set()
    for some in chunked(sorted(sought - crowded)):
        alike = select(FeatureRow.node_id).where(
            FeatureRow.kind.in_(_CALLS), FeatureRow.value.in_(some)
        )
        found.update(connection.scalars(alike))
    return found


def _crowded(connection: Connection, calls: Collection[str], but: Collection[int] = ()) -> set[str]:
    """The first names and patronymics that more than ``CROWD`` nodes bear, not counting some."""
    found: set[str] = set()
    for some in chunked(sorted(calls)):
        bearers = (
            select(FeatureRow.value, func.count())
            .where(FeatureRow.kind == BEARS, FeatureRow.value.in_(some))
            .group_by(FeatureRow.value)
            .having(func.count() > CROWD)
        )
        many = {row[0]: row[1] for row in connection.execute(bearers).all()}
        for seeds in chunked(sorted(but)) if many else ():
            mine = select(FeatureRow.value, func.count()).where(
                FeatureRow.kind == BEARS, FeatureRow.value.in_(many), FeatureRow.node_id.in_(seeds)
            )
            for value, count in connection.execute(mine.group_by(FeatureRow.value)):
                many[value] -= count
        found |= {value for value, count in many.items() if count > CROWD}
    return found


def _in_blocks(connection: Connection, blocks: Collection[str]) -> set[int]:
    found: set[int] = set()
    for some in chunked(blocks):
        inside = select(FeatureRow.node_id).where(
            FeatureRow.kind == "block", FeatureRow.value.in_(some)
        )
        found.update(connection.scalars(inside))
    return found


def _judged_neighbours(
    connection: Connection, nodes: Collection[int], neighbours: Mapping[str, set[str]]
) -> set[int]:
    keys: set[str] = set()
    for some in chunked(nodes):
        mine = connection.scalars(select(NodeRow.key).where(NodeRow.id.in_(some)))
        keys.update(far for key in mine for far in neighbours.get(key, ()))
    return set(known_nodes(connection, keys).values())


def seen_nodes(connection: Connection, nodes: Collection[int]) -> Iterator[tuple[int, NodeStats]]:
    """Nodes with their row ids and what all documents say of them."""
    aliased = any_known(connection)
    for some in chunked(sorted(nodes)):
        features = _features(connection, some)
        known = registry_features(connection, some) if aliased else {}
        rows = connection.execute(
            select(NodeRow.id, NodeRow.key, NodeRow.type, NodeRow.name_key)
            .where(NodeRow.id.in_(some))
            .order_by(NodeRow.id)
        )
        for id, key, type, name_key in rows.all():
            mine = sorted(features[id], key=_order)
            documents = sum(count for feature, count in mine if feature.kind == DOCUMENT.kind)
            rest = tuple(
                (feature, count) for feature, count in mine if feature.kind != DOCUMENT.kind
            )
            rest += tuple((feature, 1) for feature in known.get(id, ()))
            yield id, NodeStats(key, type, name_key, documents, rest)


def _order(said: tuple[NodeFeature, int]) -> tuple[str, str, int]:
    """As features compare, several times as fast: there are many."""
    feature, count = said
    return feature.kind, feature.value, count


def _features(
    connection: Connection, nodes: Sequence[int]
) -> dict[int, list[tuple[NodeFeature, int]]]:
    """What is said of nodes; of the neighbours no more than the linker looks at."""
    said = select(FeatureRow.node_id, FeatureRow.kind, FeatureRow.value, FeatureRow.count)
    mine = FeatureRow.node_id.in_(nodes)
    found: dict[int, list[tuple[NodeFeature, int]]] = defaultdict(list)
    documents: dict[int, int] = defaultdict(int)
    plain = said.where(mine, FeatureRow.kind != "near")
    for node, kind, value, count in connection.execute(plain).all():
        found[node].append((NodeFeature(kind, value), count))
        documents[node] = max(documents[node], count)
    rare = [node for node in nodes if documents[node] <= _FEW]
    near = said.where(FeatureRow.kind == "near")
    rows = list(connection.execute(near.where(FeatureRow.node_id.in_(rare))).all())
    often = sorted(set(nodes) - set(rare))
    if often:
        rows += connection.execute(_most_near().where(NodeRow.id.in_(often))).all()
    for node, kind, value, count in rows:
        found[node].append((NodeFeature(kind, value), count))
    borne = {t.value for said in found.values() for t, _ in said if t.kind == BEARS}
    crowded = _crowded(connection, borne)
    if crowded:
        for node, said_of in found.items():
            kept = [s for s in said_of if s[0].kind != BEARS or s[0].value not in crowded]
            found[node] = kept
    return found


@cache
def _most_near() -> Select[int, str, str, int]:
    """The most frequent neighbours of nodes, found along an index: a node may have thousands."""
    other = aliased(FeatureRow)
    most = (
        select(other.id)
        .where(other.node_id == NodeRow.id, other.kind == "near")
        .order_by(other.count.desc(), other.value.desc())
        .limit(NEAR_SEEN)
        .correlate(NodeRow)
    )
    said = select(FeatureRow.node_id, FeatureRow.kind, FeatureRow.value, FeatureRow.count)
    return said.select_from(NodeRow).join(FeatureRow, FeatureRow.id.in_(most.scalar_subquery()))


def still_there(connection: Connection, nodes: Collection[int]) -> set[int]:
    """The nodes among these rows that were not removed."""
    found: set[int] = set()
    for some in chunked(nodes):
        found.update(connection.scalars(select(NodeRow.id).where(NodeRow.id.in_(some))))
    return found
