"""Rows of nodes and of what documents say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, exists, select, tuple_, update

from kgbuild.judging import judged_pairs
from kgbuild.types import NEAR_SEEN, Judgement, Node, SeenNode, Trait

from ..database import chunked, insert_all
from ..registers.names import alias_neighbours, any_known, known_traits
from ..rules import DOCUMENT
from ..schema import AliasRow, DocumentTraitRow, MentionRow, NodeRow, TraitRow

_FEW = 8
"""Documents whose neighbours of a node are read all at once; of others the first few."""

TraitKey = tuple[int, str, str]
"""A node's row, a trait's kind and its value."""


def insert_nodes(connection: Connection, document_id: int, nodes: Sequence[Node]) -> dict[str, int]:
    """Rows of a document's nodes, new ones without an entity yet; counts their traits."""
    rows = known_nodes(connection, [node.id for node in nodes])
    _describe(connection, {rows[n.id]: n for n in nodes if n.type and n.id in rows})
    new = [node for node in nodes if node.id not in rows]
    fresh = [{"key": n.id, "type": n.type, "name_key": n.key, "entity_id": None} for n in new]
    insert_all(connection, NodeRow, fresh)
    rows |= known_nodes(connection, [node.id for node in new])
    said = {
        (rows[node.id], trait.kind, trait.value)
        for node in nodes
        for trait in (DOCUMENT, *node.traits)
    }
    traits = _count_traits(connection, sorted(said))
    insert_all(
        connection,
        DocumentTraitRow,
        [{"document_id": document_id, "trait_id": traits[key]} for key in sorted(said)],
    )
    return rows


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


def _count_traits(connection: Connection, said: Sequence[TraitKey]) -> dict[TraitKey, int]:
    rows = _known_traits(connection, said)
    known = [{"row": rows[key]} for key in said if key in rows]
    if known:
        counted = update(TraitRow).where(TraitRow.id == bindparam("row"))
        connection.execute(counted.values(count=TraitRow.count + 1), known)
    new = [key for key in said if key not in rows]
    insert_all(
        connection,
        TraitRow,
        [{"node_id": node, "kind": kind, "value": value, "count": 1} for node, kind, value in new],
    )
    return rows | _known_traits(connection, new)


def _known_traits(connection: Connection, keys: Sequence[TraitKey]) -> dict[TraitKey, int]:
    """Rows of those traits; a node's others may be many."""
    rows: dict[TraitKey, int] = {}
    for some in chunked(keys):
        found = select(TraitRow.node_id, TraitRow.kind, TraitRow.value, TraitRow.id).where(
            tuple_(TraitRow.node_id, TraitRow.kind, TraitRow.value).in_(some)
        )
        rows.update(((n, kind, value), id) for n, kind, value, id in connection.execute(found))
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
    frontier = set(nodes)
    while frontier:
        found |= frontier
        all_blocks = _blocks(connection, frontier)
        blocks = all_blocks - seen_blocks
        seen_blocks |= blocks
        reached = _in_blocks(connection, blocks)
        if aliased:
            reached |= alias_neighbours(connection, frontier, all_blocks)
        if neighbours:
            reached |= _judged_neighbours(connection, frontier, neighbours)
        frontier = reached - found
    return found


def _blocks(connection: Connection, nodes: Collection[int]) -> set[str]:
    found: set[str] = set()
    for some in chunked(nodes):
        mine = select(TraitRow.value).where(TraitRow.node_id.in_(some), TraitRow.kind == "block")
        found.update(connection.scalars(mine))
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
    most = near.order_by(TraitRow.count.desc(), TraitRow.value.desc()).limit(NEAR_SEEN)
    for node in sorted(set(nodes) - set(rare)):
        rows += connection.execute(most.where(TraitRow.node_id == node)).all()
    for node, kind, value, count in rows:
        found[node].append((Trait(kind, value), count))
    return found


def still_there(connection: Connection, nodes: Collection[int]) -> set[int]:
    """The nodes among these rows that were not removed."""
    found: set[int] = set()
    for some in chunked(nodes):
        found.update(connection.scalars(select(NodeRow.id).where(NodeRow.id.in_(some))))
    return found
