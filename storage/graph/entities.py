"""Entities with their names, and the names inside their names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from kgbuild.types import (
    Entity,
    EntityName,
)

from ..database import Database, chunked, row_ids
from ..rules import fold, ranked
from ..schema import (
    AliasRow,
    EntityRow,
    MentionRow,
)


def read_entity_rows(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Row ids by entity id."""
    found: dict[str, int] = {}
    for some in chunked(dict.fromkeys(ids)):
        wanted = select(EntityRow.key, EntityRow.id).where(EntityRow.key.in_(some))
        found.update((key, row) for key, row in connection.execute(wanted))
    return found


def known_entities(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Row ids of the entities that are there."""
    rows: dict[str, int] = {}
    for some in chunked(keys):
        found = select(EntityRow.key, EntityRow.id).where(EntityRow.key.in_(some))
        rows.update((key, id) for key, id in connection.execute(found).all())
    return rows


def read_nested(connection: Connection, entity: str, inside: bool) -> list[str]:
    """Ids of the entities named inside an entity's names, or with ``inside`` False around
    them; the most often so first."""
    mine, other = aliased(MentionRow), aliased(MentionRow)
    my_alias, other_alias = aliased(AliasRow), aliased(AliasRow)
    my_entity, found = aliased(EntityRow), aliased(EntityRow)
    outer, inner = (mine, other) if inside else (other, mine)
    query = (
        select(found.key)
        .select_from(mine)
        .join(my_alias, my_alias.id == mine.alias_id)
        .join(my_entity, my_entity.id == my_alias.entity_id)
        .join(other, other.document_id == mine.document_id)
        .join(other_alias, other_alias.id == other.alias_id)
        .join(found, found.id == other_alias.entity_id)
        .where(my_entity.key == entity, found.key != entity, _within(inner, outer))
        .group_by(found.key)
        .order_by(func.count().desc(), found.key)
    )
    return list(connection.scalars(query))


def _within(inner: type[MentionRow], outer: type[MentionRow]) -> ColumnElement[bool]:
    return (
        (inner.start >= outer.start)
        & (inner.stop <= outer.stop)
        & (inner.stop - inner.start < outer.stop - outer.start)
    )


def read_named(
    database: Database, names: Sequence[str], most: int
) -> dict[str, tuple[Entity, ...]]:
    """For each known name at most so many of its entities, the most mentioned first."""
    rows: set[tuple[str, int, str, int]] = set()
    with database.reading() as connection:
        for some in chunked({fold(name) for name in names}):
            what = (EntityRow.mention_count, EntityRow.key, EntityRow.id)
            called = select(EntityRow.name_folded, *what).where(EntityRow.name_folded.in_(some))
            written = (
                select(AliasRow.surface_folded, *what)
                .join(EntityRow, EntityRow.id == AliasRow.entity_id)
                .where(AliasRow.surface_folded.in_(some))
            )
            for query in (called, written):
                rows.update((row[0], -row[1], row[2], row[3]) for row in connection.execute(query))
        ids: dict[str, list[int]] = defaultdict(list)
        for folded, _, _, id in sorted(rows):
            if len(ids[folded]) < most:
                ids[folded].append(id)
        found = entities_by_row(connection, list({id for some in ids.values() for id in some}))
    return {name: tuple(found[id] for id in ids[fold(name)]) for name in names if fold(name) in ids}


def read_entities(database: Database, type: str | None, name: str | None) -> Iterator[Entity]:
    """Entities, most mentioned first, equals by their key."""
    wanted = select(EntityRow.id).order_by(EntityRow.mention_count.desc(), EntityRow.key)
    if type is not None:
        wanted = wanted.where(EntityRow.type == type)
    if name is not None:
        folded = fold(name)
        named = select(AliasRow.entity_id).where(AliasRow.surface_folded == folded)
        wanted = wanted.where(or_(EntityRow.name_folded == folded, EntityRow.id.in_(named)))
    for some in chunked(row_ids(database, wanted)):
        with database.reading() as connection:
            page = entities_by_row(connection, some)
        yield from (page[id] for id in some if id in page)


@cache
def _aliases_of_rows() -> Select[int, str, int]:
    return select(AliasRow.entity_id, AliasRow.surface, AliasRow.count).where(
        AliasRow.entity_id.in_(bindparam("ids", expanding=True))
    )


@cache
def _entities_of_rows() -> Select[int, str, str, str, int]:
    return select(
        EntityRow.id, EntityRow.key, EntityRow.type, EntityRow.name, EntityRow.mention_count
    ).where(EntityRow.id.in_(bindparam("ids", expanding=True)))


@cache
def _row_of_key() -> Select[int]:
    return select(EntityRow.id).where(EntityRow.key == bindparam("key"))


def entity_of_key(connection: Connection, key: str) -> Entity | None:
    """One entity by its key."""
    row = connection.scalar(_row_of_key(), {"key": key})
    return None if row is None else entities_by_row(connection, [row]).get(row)


def entities_by_row(connection: Connection, ids: Sequence[int]) -> dict[int, Entity]:
    """The entities among these rows, with their aliases."""
    surfaces: dict[int, Counter[str]] = defaultdict(Counter)
    entities: dict[int, Entity] = {}
    for some in chunked(ids):
        aliases = connection.execute(_aliases_of_rows(), {"ids": list(some)})
        for entity, surface, count in aliases.all():
            surfaces[entity][surface] += count
        rows = connection.execute(_entities_of_rows(), {"ids": list(some)})
        for id, key, type, name, mentions in rows.all():
            entities[id] = Entity(key, type, name, ranked(surfaces[id]), mentions)
    return entities


PAGE = 20_000
"""Entities whose names are read at once."""


def read_names(database: Database) -> Iterator[EntityName]:
    """Canonical names and the surface forms that differ from them, by entity row."""
    canonical = select(EntityRow.id, EntityRow.key, EntityRow.type, EntityRow.name)
    surfaces = (
        select(AliasRow.entity_id, AliasRow.surface)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(AliasRow.surface != EntityRow.name)
        .distinct()
    )
    last = 0
    while True:
        with database.reading() as connection:
            page = canonical.where(EntityRow.id > last).order_by(EntityRow.id).limit(PAGE)
            rows = connection.execute(page).all()
            if not rows:
                return
            some = AliasRow.entity_id.between(rows[0].id, rows[-1].id)
            written: dict[int, list[str]] = {}
            for entity, surface in connection.execute(surfaces.where(some)):
                written.setdefault(entity, []).append(surface)
        for last, key, type, name in rows:
            yield EntityName(key, type, name, True)
            for surface in sorted(written.get(last, ())):
                yield EntityName(key, type, surface, False)


_LAST = "\U0010ffff"
"""The last code point: what begins with a prefix lies between it and it with this behind."""


def _beginning(beginning: str) -> ColumnElement[bool]:
    surface, name = AliasRow.surface_folded, EntityRow.name_folded
    end = beginning + _LAST
    aliases = select(AliasRow.entity_id).where(surface >= beginning, surface < end)
    return or_(and_(name >= beginning, name < end), EntityRow.id.in_(aliases))
