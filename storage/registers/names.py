"""Names that registers give one bearer, in the database, and the nodes that have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, delete, select, tuple_

from kgbuild.ports import AliasClusterer, EntityClusterer
from kgbuild.types import NodeFeature, RegistryName

from ..database import chunked, insert_all
from ..documents.versions import read_linker, write_linker
from ..schema import FeatureRow, NodeRow, RegistryNameRow

NameKey = tuple[str, str]
"""A type and a folded name."""
_ROW = (RegistryNameRow.entry, RegistryNameRow.type, RegistryNameRow.name_key, RegistryNameRow.block,
        RegistryNameRow.born, RegistryNameRow.died)  # fmt: skip


def read_known(connection: Connection, source: str | None = None) -> list[RegistryName]:
    """The names of a source [of all], by source, entry, type and name."""
    query = select(RegistryNameRow.source, *_ROW)
    if source is not None:
        query = query.where(RegistryNameRow.source == source)
    return sorted(_known_name(*row) for row in connection.execute(query))


def write_known(connection: Connection, source: str, names: Iterable[RegistryName]) -> None:
    """Put names in the place of a source's."""
    connection.execute(delete(RegistryNameRow).where(RegistryNameRow.source == source))
    rows = [
        {"source": source, "entry": n.entry, "type": n.type, "name_key": n.key, "block": n.block,
         "born": " ".join(n.born), "died": " ".join(n.died)}
        for n in names
    ]  # fmt: skip
    insert_all(connection, RegistryNameRow, rows)


def any_known(connection: Connection) -> bool:
    """Whether the linker has names of registers to join by."""
    return connection.scalar(select(RegistryNameRow.id).limit(1)) is not None


def linker_now(connection: Connection, linker: EntityClusterer) -> str:
    """The fingerprint of what computes the entities: the linker's, and that of its rule for
    known names where there are any."""
    if isinstance(linker, AliasClusterer) and any_known(connection):
        return f"{linker.fingerprint}:{linker.alias_rule}"
    return linker.fingerprint


def keep_linker(connection: Connection, before: str, linker: EntityClusterer) -> None:
    """Note that names came or went, and all entities are still computed by what is now;
    nothing where they weren't ``before``."""
    now = linker_now(connection, linker)
    if now != before and read_linker(connection) == before:
        write_linker(connection, now)


def nodes_of_names(connection: Connection, names: Collection[RegistryName]) -> dict[int, NameKey]:
    """The rows of the nodes that have these names."""
    wanted = {(n.type, n.key) for n in names}
    found: dict[int, NameKey] = {}
    for some in chunked(sorted({n.block for n in names})):
        rows = connection.execute(
            select(NodeRow.id, NodeRow.type, NodeRow.name_key)
            .join(FeatureRow, FeatureRow.node_id == NodeRow.id)
            .where(FeatureRow.kind == "block", FeatureRow.value.in_(some))
        )
        found.update((id, (type, key)) for id, type, key in rows if (type, key) in wanted)
    return found


def alias_neighbours(
    connection: Connection, nodes: Collection[int], blocks: Collection[str]
) -> set[int]:
    """The nodes that registers' entries give other names of these nodes, which stand in these
    blocks."""
    near = _registry_names(connection, RegistryNameRow.block, sorted(blocks))
    here = nodes_of_names(connection, near) if near else {}
    keys = {key for row, key in here.items() if row in nodes}
    entries = {(n.source, n.entry) for n in near if (n.type, n.key) in keys}
    if not entries:
        return set()
    named = _registry_names(
        connection, tuple_(RegistryNameRow.source, RegistryNameRow.entry), sorted(entries)
    )
    return set(nodes_of_names(connection, named))


def registry_features(connection: Connection, nodes: Sequence[int]) -> dict[int, list[NodeFeature]]:
    """What registers say of nodes, as features."""
    rows = connection.execute(
        select(NodeRow.id, RegistryNameRow.source, *_ROW)
        .join(FeatureRow, FeatureRow.node_id == NodeRow.id)
        .join(
            RegistryNameRow,
            (RegistryNameRow.block == FeatureRow.value)
            & (RegistryNameRow.type == NodeRow.type)
            & (RegistryNameRow.name_key == NodeRow.name_key),
        )
        .where(FeatureRow.kind == "block", NodeRow.id.in_(nodes))
    )
    found: dict[int, list[NodeFeature]] = defaultdict(list)
    for id, *row in rows:
        found[id].append(_known_name(*row).feature)
    return {id: sorted(set(features)) for id, features in found.items()}


def _registry_names(
    connection: Connection, column: object, values: Sequence[object]
) -> list[RegistryName]:
    found: list[RegistryName] = []
    for some in chunked(values):
        query = select(RegistryNameRow.source, *_ROW).where(column.in_(some))  # type: ignore[attr-defined]
        found += (_known_name(*row) for row in connection.execute(query))
    return found


def _known_name(*row: str) -> RegistryName:
    source, entry, type, key, block, born, died = row
    return RegistryName(source, entry, type, key, block, tuple(born.split()), tuple(died.split()))
