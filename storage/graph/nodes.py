"""Rows of nodes and of what documents say of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, Select, delete, exists, func, select, text, update
from sqlalchemy.orm import aliased

from kgbuild.judging import judged_pairs
from kgbuild.types import BEARS, CROWD, LONE, NEAR_SEEN, Judgement, Node, SeenNode, Trait

from ..database import chunked, insert_all
from ..registers.names import alias_neighbours, any_known, known_traits
from ..rules import DOCUMENT
from ..schema import AliasRow, DocumentTraitRow, MentionRow, NodeRow, TraitRow

_FEW = 8
"""Documents whose neighbours of a node are read all at once; of others the first few."""

_COUNT_TRAIT = text(
    "INSERT INTO traits (node_id, kind, value, count) VALUES (:node, :kind, :value, :more)"
    " ON CONFLICT (node_id, kind, value) DO UPDATE SET count = traits.count + excluded.count"
)
_SAY_TRAIT = text(
    "INSERT INTO document_traits (document_id, trait_id) SELECT CAST(:document AS BIGINT), id"
    " FROM traits WHERE node_id = :node AND kind = :kind AND value = :value"
)
_CALLS = (BEARS, LONE)


def insert_nodes(connection: Connection, said: Mapping[int, Sequence[Node]]) -> dict[str, int]:
    """Rows of the nodes of documents (by row id), new ones without an entity yet; counts their
    traits."""
    nodes: dict[str, Node] = {}
    for node in (node for some in said.values() for node in some):
        if node.id not in nodes or (node.type and not nodes[node.id].type):
            nodes[node.id] = node
    rows = known_nodes(connection, nodes)
    _describe(connection, {rows[n.id]: n for n in nodes.values() if n.type and n.id in rows})
    new = [node for node in nodes.values() if node.id not in rows]
    fresh = [{"key": n.id, "type": n.type, "name_key": n.key, "entity_id": None} for n in new]
    insert_all(connection, NodeRow, fresh)
    rows |= known_nodes(connection, [node.id for node in new])
    _say(
        connection,
        {
            (document, rows[node.id], trait.kind, trait.value)
            for document, some in said.items()
            for node in some
            for trait in (DOCUMENT, *node.traits)
        },
    )
    return rows


def _say(connection: Connection, said: Collection[tuple[int, int, str, str]]) -> None:
    """Note that documents say traits: document's row, node's row, kind, value."""
    counted = Counter(key[1:] for key in said)
    if not counted:
        return
    names = ("node", "kind", "value")
    counts = [dict(zip(names, key, strict=True), more=n) for key, n in sorted(counted.items())]
    connection.execute(_COUNT_TRAIT, counts)
    document = ("document", *names)
    connection.execute(_SAY_TRAIT, [dict(zip(document, one, strict=True)) for one in sorted(said)])


def _describe(connection: Connection, known: Mapping[int, Node]) -> None:
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


def traits_of_document(connection: Connection, document_id: int) -> list[int]:
    """Rows of the traits that a document says."""
    said = select(DocumentTraitRow.trait_id).where(DocumentTraitRow.document_id == document_id)
    return list(connection.scalars(said))


def nodes_of_traits(connection: Connection, traits: Collection[int]) -> set[int]:
    """The nodes that traits belong to."""
    found: set[int] = set()
    for some in chunked(traits):
        found.update(connection.scalars(select(TraitRow.node_id).where(TraitRow.id.in_(some))))
    return found


def forget_traits(connection: Connection, traits: Collection[int]) -> None:
    """Count one document less; a node that no document says anything of goes."""
    nodes = nodes_of_traits(connection, traits)
    for some in chunked(traits):
        mine = TraitRow.id.in_(some)
        connection.execute(update(TraitRow).where(mine).values(count=TraitRow.count - 1))
        connection.execute(delete(TraitRow).where(mine, TraitRow.count == 0))
    used = exists().where(AliasRow.node_id == NodeRow.id)
    seen = exists().where(MentionRow.node_id == NodeRow.id)
    said = exists().where(TraitRow.node_id == NodeRow.id)
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
    """The values of nodes' traits of some kinds."""
    found: set[str] = set()
    for some in chunked(nodes):
        mine = select(TraitRow.value).where(TraitRow.node_id.in_(some), TraitRow.kind.in_(kinds))
        found.update(connection.scalars(mine))
    return found


def _called_alike(
    connection: Connection, calls: Collection[str], seeds: Collection[int]
) -> set[int]:
    """The nodes that seek or offer one of these first names or patronymics, where some name seeks
    it and no crowd bears it; the seeds may be what makes it a crowd, or made it one."""
    sought: set[str] = set()
    for some in chunked(sorted(calls)):
        lone = select(TraitRow.value).where(TraitRow.kind == LONE, TraitRow.value.in_(some))
        sought.update(connection.scalars(lone.distinct()))
    crowded = _crowded(connection, sought, set(seeds))
    found: set[int] = set()
    for some in chunked(sorted(sought - crowded)):
        alike = select(TraitRow.node_id).where(TraitRow.kind.in_(_CALLS), TraitRow.value.in_(some))
        found.update(connection.scalars(alike))
    return found


def _crowded(connection: Connection, calls: Collection[str], but: Collection[int] = ()) -> set[str]:
    """The first names and patronymics that more than ``CROWD`` nodes bear, not counting some."""
    found: set[str] = set()
    for some in chunked(sorted(calls)):
        bearers = (
            select(TraitRow.value, func.count())
            .where(TraitRow.kind == BEARS, TraitRow.value.in_(some))
            .group_by(TraitRow.value)
            .having(func.count() > CROWD)
        )
        many = {row[0]: row[1] for row in connection.execute(bearers).all()}
        for seeds in chunked(sorted(but)) if many else ():
            mine = select(TraitRow.value, func.count()).where(
                TraitRow.kind == BEARS, TraitRow.value.in_(many), TraitRow.node_id.in_(seeds)
            )
            for value, count in connection.execute(mine.group_by(TraitRow.value)):
                many[value] -= count
        found |= {value for value, count in many.items() if count > CROWD}
    return found


def _in_blocks(connection: Connection, blocks: Collection[str]) -> set[int]:
    found: set[int] = set()
    for some in chunked(blocks):
        inside = select(TraitRow.node_id).where(TraitRow.kind == "block", TraitRow.value.in_(some))
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


def seen_nodes(connection: Connection, nodes: Collection[int]) -> Iterator[tuple[int, SeenNode]]:
    """Nodes with their row ids and what all documents say of them."""
    aliased = any_known(connection)
    for some in chunked(sorted(nodes)):
        traits = _traits(connection, some)
        known = known_traits(connection, some) if aliased else {}
        rows = connection.execute(
            select(NodeRow.id, NodeRow.key, NodeRow.type, NodeRow.name_key)
            .where(NodeRow.id.in_(some))
            .order_by(NodeRow.id)
        )
        for id, key, type, name_key in rows.all():
            mine = sorted(traits[id], key=_order)
            documents = sum(count for trait, count in mine if trait.kind == DOCUMENT.kind)
            rest = tuple((trait, count) for trait, count in mine if trait.kind != DOCUMENT.kind)
            rest += tuple((trait, 1) for trait in known.get(id, ()))
            yield id, SeenNode(key, type, name_key, documents, rest)


def _order(said: tuple[Trait, int]) -> tuple[str, str, int]:
    """As traits compare, several times as fast: there are many."""
    trait, count = said
    return trait.kind, trait.value, count


def _traits(connection: Connection, nodes: Sequence[int]) -> dict[int, list[tuple[Trait, int]]]:
    """What is said of nodes; of the neighbours no more than the linker looks at."""
    said = select(TraitRow.node_id, TraitRow.kind, TraitRow.value, TraitRow.count)
    mine = TraitRow.node_id.in_(nodes)
    found: dict[int, list[tuple[Trait, int]]] = defaultdict(list)
    documents: dict[int, int] = defaultdict(int)
    for node, kind, value, count in connection.execute(said.where(mine, TraitRow.kind != "near")):
        found[node].append((Trait(kind, value), count))
        documents[node] = max(documents[node], count)
    rare = [node for node in nodes if documents[node] <= _FEW]
    near = said.where(TraitRow.kind == "near")
    rows = list(connection.execute(near.where(TraitRow.node_id.in_(rare))).all())
    often = sorted(set(nodes) - set(rare))
    if often:
        rows += connection.execute(_most_near().where(NodeRow.id.in_(often))).all()
    for node, kind, value, count in rows:
        found[node].append((Trait(kind, value), count))
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
    other = aliased(TraitRow)
    most = (
        select(other.id)
        .where(other.node_id == NodeRow.id, other.kind == "near")
        .order_by(other.count.desc(), other.value.desc())
        .limit(NEAR_SEEN)
        .correlate(NodeRow)
    )
    said = select(TraitRow.node_id, TraitRow.kind, TraitRow.value, TraitRow.count)
    return said.select_from(NodeRow).join(TraitRow, TraitRow.id.in_(most.scalar_subquery()))


def still_there(connection: Connection, nodes: Collection[int]) -> set[int]:
    """The nodes among these rows that were not removed."""
    found: set[int] = set()
    for some in chunked(nodes):
        found.update(connection.scalars(select(NodeRow.id).where(NodeRow.id.in_(some))))
    return found
