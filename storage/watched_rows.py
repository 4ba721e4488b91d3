"""Watch lists in the database, and nodes by their names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, delete, select

from kgbuild.types import KnownEntity, NamedNode

from .bulk import chunked, insert_all
from .schema import EntityRow, NodeRow, TraitRow, WatchedRow

_LISTS = ("types", "aliases", "born", "died", "ids")


def write_watchlist(connection: Connection, name: str, entries: Sequence[KnownEntity]) -> None:
    """Put checked entries in the place of a list's."""
    connection.execute(delete(WatchedRow).where(WatchedRow.list == name))
    rows = [
        {"list": name, "entry": one.id, "name": one.name}
        | {column: json.dumps(getattr(one, column), ensure_ascii=False) for column in _LISTS}
        for one in entries
    ]
    insert_all(connection, WatchedRow, rows)


def read_watchlists(connection: Connection) -> list[KnownEntity]:
    """Every entry, by list and id."""
    query = select(WatchedRow).order_by(WatchedRow.list, WatchedRow.entry)
    found = []
    for row in connection.execute(query.with_only_columns(*WatchedRow.__table__.columns)):
        types, aliases, born, died = (tuple(json.loads(getattr(row, c))) for c in _LISTS[:4])
        ids = tuple((scheme, value) for scheme, value in json.loads(row.ids))
        found.append(KnownEntity(row.list, row.entry, row.name, types, aliases, born, died, ids))
    return found


def read_named(connection: Connection, blocks: Collection[str] | None) -> Iterator[NamedNode]:
    """The named nodes that something mentions, of some blocks or all; some come twice."""
    query = (
        select(NodeRow.type, NodeRow.name_key, NodeRow.key, EntityRow.key)
        .join(EntityRow, EntityRow.id == NodeRow.entity_id)
        .where(NodeRow.type != "")
    )
    if blocks is None:
        yield from (NamedNode(*row) for row in connection.execute(query))
        return
    in_block = query.join(TraitRow, TraitRow.node_id == NodeRow.id).where(TraitRow.kind == "block")
    for some in chunked(blocks):
        found = in_block.where(TraitRow.value.in_(some))
        yield from (NamedNode(*row) for row in connection.execute(found))
