"""What other registers know: ids under the nodes, watch lists, and what may be stored of both."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, select, tuple_

from kgbuild.errors import InputError
from kgbuild.types import ExternalId, NamedNode, RegistryEntity, RegistryName

from ..database import chunked, insert_all
from ..rules import EXAMPLES, check_text
from ..schema import (
    EntityRow,
    ExternalIdRow,
    FeatureRow,
    NodeRow,
    WatchedRow,
)

_ID_KEY = tuple_(ExternalIdRow.node, ExternalIdRow.scheme, ExternalIdRow.value)


def write_external(connection: Connection, ids: Sequence[ExternalId]) -> int:
    """Save checked ids in place of equal ones; gives how many are new."""
    keys = {(one.entity, one.scheme, one.value): one for one in ids}
    known = 0
    for some in chunked(keys):
        known += connection.execute(delete(ExternalIdRow).where(_ID_KEY.in_(some))).rowcount
    insert_all(
        connection,
        ExternalIdRow,
        [
            {
                "node": node,
                "scheme": scheme,
                "value": value,
                "label": one.label,
                "source": one.source,
            }
            for (node, scheme, value), one in keys.items()
        ],
    )
    return len(keys) - known


def remove_external(connection: Connection, entity: str, scheme: str, value: str | None) -> int:
    """Remove the ids of an entity's nodes; gives how many there were."""
    nodes = select(NodeRow.key).join(EntityRow, EntityRow.id == NodeRow.entity_id)
    wanted = delete(ExternalIdRow).where(
        ExternalIdRow.node.in_(nodes.where(EntityRow.key == entity)),
        ExternalIdRow.scheme == scheme,
    )
    if value is not None:
        wanted = wanted.where(ExternalIdRow.value == value)
    return connection.execute(wanted).rowcount


def read_external(
    connection: Connection, entity: str | None, value: str | None
) -> list[ExternalId]:
    """The ids of the entities that are there, each once."""
    query = (
        select(
            EntityRow.key,
            ExternalIdRow.scheme,
            ExternalIdRow.value,
            ExternalIdRow.label,
            ExternalIdRow.source,
        )
        .join(NodeRow, NodeRow.key == ExternalIdRow.node)
        .join(EntityRow, EntityRow.id == NodeRow.entity_id)
        .order_by(EntityRow.key, ExternalIdRow.scheme, ExternalIdRow.value, ExternalIdRow.node)
    )
    if entity is not None:
        query = query.where(EntityRow.key == entity)
    if value is not None:
        query = query.where(ExternalIdRow.value == value)
    return list(dict.fromkeys(ExternalId(*row) for row in connection.execute(query).all()))


EXTERNAL_LENGTH = 256
"""The longest external id, so that every database can index it."""

SOURCE_LENGTH = EXTERNAL_LENGTH + 16
"""The longest name of a register: a list's or a file's, and its kind."""


def checked_external(ids: Iterable[ExternalId]) -> list[ExternalId]:
    """The ids, if they can be stored.

    Raises:
        InputError: a part is missing or too long, or can't be written.
    """
    found = list(ids)
    for one in found:
        where = f"external id {one.scheme}:{one.value}"
        for part in (one.entity, one.scheme, one.value):
            if not part.strip() or len(part) > EXTERNAL_LENGTH:
                raise InputError(f"{where}: needs 1 to {EXTERNAL_LENGTH} characters")
        for part in (one.entity, one.scheme, one.value, one.label, one.source):
            check_text(where, part)
    return found


def checked_watchlist(name: str, entries: Iterable[RegistryEntity]) -> list[RegistryEntity]:
    """The entries of a watch list, if they can be stored, of equal ids the last.

    Raises:
        InputError: a part is missing or too long, or can't be written.
    """
    found = {one.id: replace(one, scheme=name) for one in entries}
    for one in found.values():
        where = f"watch list {name}: entry {one.id}"
        for part in (name, one.id, one.name, *(x for pair in one.ids for x in pair)):
            if not part.strip() or len(part) > EXTERNAL_LENGTH:
                raise InputError(f"{where}: needs 1 to {EXTERNAL_LENGTH} characters")
        for part in (name, one.id, *one.names, *(x for pair in one.ids for x in pair)):
            check_text(where, part)
    return list(found.values())


def checked_registry_names(source: str, names: Iterable[RegistryName]) -> list[RegistryName]:
    """The names that a register gives, sorted, if they can be stored.

    Raises:
        InputError: a name is another source's, or a part is missing, too long or unwritable.
    """
    found = sorted(set(names))
    for one in found:
        where = f"names of {source}: entry {one.entry}"
        if one.source != source:
            raise InputError(f"{where}: is of {one.source!r}")
        for part, most in (
            (source, SOURCE_LENGTH),
            *((p, EXTERNAL_LENGTH) for p in (one.entry, one.type, one.block)),
        ):
            if not part.strip() or len(part) > most or "\x1f" in part:
                raise InputError(f"{where}: needs 1 to {most} characters, no separators")
        if not one.key:
            raise InputError(f"{where}: has an empty name")
        for part in (source, one.entry, one.type, one.block, one.key, *one.born, *one.died):
            check_text(where, part)
    return found


def external_words(ids: Sequence[ExternalId], new: int) -> tuple[str, str]:
    """Subject and detail of the log's entry of saved ids, the first of them named."""
    entities = {one.entity for one in ids}
    named = [f"{one.scheme}:{one.value}" for one in ids[:EXAMPLES]]
    more = ", …" if len(ids) > EXAMPLES else ""
    subject = entities.pop() if len(entities) == 1 else "graph"
    return subject, f"{len(ids)} ids, {new} new: {', '.join(named)}{more}"


_LISTS = ("types", "aliases", "born", "died", "ids")


def write_watchlist(connection: Connection, name: str, entries: Sequence[RegistryEntity]) -> None:
    """Put checked entries in the place of a list's."""
    connection.execute(delete(WatchedRow).where(WatchedRow.list == name))
    rows = [
        {"list": name, "entry": one.id, "name": one.name}
        | {column: json.dumps(getattr(one, column), ensure_ascii=False) for column in _LISTS}
        for one in entries
    ]
    insert_all(connection, WatchedRow, rows)


def read_watchlists(connection: Connection) -> list[RegistryEntity]:
    """Every entry, by list and id."""
    query = select(WatchedRow).order_by(WatchedRow.list, WatchedRow.entry)
    found = []
    for row in connection.execute(query.with_only_columns(*WatchedRow.__table__.columns)):
        types, aliases, born, died = (tuple(json.loads(getattr(row, c))) for c in _LISTS[:4])
        ids = tuple((scheme, value) for scheme, value in json.loads(row.ids))
        found.append(RegistryEntity(row.list, row.entry, row.name, types, aliases, born, died, ids))
    return found


def read_named_nodes(connection: Connection, blocks: Collection[str] | None) -> Iterator[NamedNode]:
    """The named nodes that something mentions, of some blocks or all; some come twice."""
    query = (
        select(NodeRow.type, NodeRow.name_key, NodeRow.key, EntityRow.key)
        .join(EntityRow, EntityRow.id == NodeRow.entity_id)
        .where(NodeRow.type != "")
    )
    if blocks is None:
        yield from (NamedNode(*row) for row in connection.execute(query))
        return
    in_block = query.join(FeatureRow, FeatureRow.node_id == NodeRow.id).where(
        FeatureRow.kind == "block"
    )
    for some in chunked(blocks):
        found = in_block.where(FeatureRow.value.in_(some))
        yield from (NamedNode(*row) for row in connection.execute(found))
