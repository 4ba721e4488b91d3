"""Names that registers give one bearer, in the database, and the nodes that have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, delete, select, tuple_

from kgbuild.ports import AliasLinker, Linker
from kgbuild.types import KnownName, Trait

from ..database import chunked, insert_all
from ..documents.versions import read_linker, write_linker
from ..schema import KnownNameRow, NodeRow, TraitRow

NameKey = tuple[str, str]
"""A type and a folded name."""
_ROW = (KnownNameRow.entry, KnownNameRow.type, KnownNameRow.name_key, KnownNameRow.block,
        KnownNameRow.born, KnownNameRow.died)  # fmt: skip


def read_known(connection: Connection, source: str | None = None) -> list[KnownName]:
    """The names of a source [of all], by source, entry, type and name."""
    query = select(KnownNameRow.source, *_ROW)
    if source is not None:
        query = query.where(KnownNameRow.source == source)
    return sorted(_known_name(*row) for row in connection.execute(query))


def write_known(connection: Connection, source: str, names: Iterable[KnownName]) -> None:
    """Put names in the place of a source's."""
    connection.execute(delete(KnownNameRow).where(KnownNameRow.source == source))
    rows = [
        {"source": source, "entry": n.entry, "type": n.type, "name_key": n.key, "block": n.block,
         "born": " ".join(n.born), "died": " ".join(n.died)}
        for n in names
    ]  # fmt: skip
    insert_all(connection, KnownNameRow, rows)


def any_known(connection: Connection) -> bool:
    """Whether the linker has names of registers to join by."""
    return connection.scalar(select(KnownNameRow.id).limit(1)) is not None


def linker_now(connection: Connection, linker: Linker) -> str:
    """The fingerprint of what computes the entities: the linker's, and that of its rule for
    known names where there are any."""
    if isinstance(linker, AliasLinker) and any_known(connection):
        return f"{linker.fingerprint}:{linker.alias_rule}"
    return linker.fingerprint


def keep_linker(connection: Connection, before: str, linker: Linker) -> None:
    """Note that names came or went, and all entities are still computed by what is now;
    nothing where they weren't ``before``."""
    now = linker_now(connection, linker)
    if now != before and read_linker(connection) == before:
        write_linker(connection, now)


def nodes_of_names(connection: Connection, names: Collection[KnownName]) -> dict[int, NameKey]:
    """The rows of the nodes that have these names."""
    wanted = {(n.type, n.key) for n in names}
    found: dict[int, NameKey] = {}
    for some in chunked(sorted({n.block for n in names})):
        rows = connection.execute(
            select(NodeRow.id, NodeRow.type, NodeRow.name_key)
            .join(TraitRow, TraitRow.node_id == NodeRow.id)
            .where(TraitRow.kind == "block", TraitRow.value.in_(some))
        )
        found.update((id, (type, key)) for id, type, key in rows if (type, key) in wanted)
    return found


def alias_neighbours(
    connection: Connection, nodes: Collection[int], blocks: Collection[str]
) -> set[int]:
    """The nodes that registers' entries give other names of these nodes, which stand in these
    blocks."""
    near = _known_names(connection, KnownNameRow.block, sorted(blocks))
    here = nodes_of_names(connection, near) if near else {}
    keys = {key for row, key in here.items() if row in nodes}
    entries = {(n.source, n.entry) for n in near if (n.type, n.key) in keys}
    if not entries:
        return set()
    named = _known_names(
        connection, tuple_(KnownNameRow.source, KnownNameRow.entry), sorted(entries)
    )
    return set(nodes_of_names(connection, named))


def known_traits(connection: Connection, nodes: Sequence[int]) -> dict[int, list[Trait]]:
    """What registers say of nodes, as traits."""
    rows = connection.execute(
        select(NodeRow.id, KnownNameRow.source, *_ROW)
        .join(TraitRow, TraitRow.node_id == NodeRow.id)
        .join(
            KnownNameRow,
            (KnownNameRow.block == TraitRow.value)
            & (KnownNameRow.type == NodeRow.type)
            & (KnownNameRow.name_key == NodeRow.name_key),
        )
        .where(TraitRow.kind == "block", NodeRow.id.in_(nodes))
    )
    found: dict[int, list[Trait]] = defaultdict(list)
    for id, *row in rows:
        found[id].append(_known_name(*row).trait)
    return {id: sorted(set(traits)) for id, traits in found.items()}


def _known_names(
    connection: Connection, column: object, values: Sequence[object]
) -> list[KnownName]:
    found: list[KnownName] = []
    for some in chunked(values):
        query = select(KnownNameRow.source, *_ROW).where(column.in_(some))  # type: ignore[attr-defined]
        found += (_known_name(*row) for row in connection.execute(query))
    return found


def _known_name(*row: str) -> KnownName:
    source, entry, type, key, block, born, died = row
    return KnownName(source, entry, type, key, block, tuple(born.split()), tuple(died.split()))
