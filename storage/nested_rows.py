"""Names inside names: the mentions that lie within another mention of their document."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.orm import aliased

from .schema import AliasRow, EntityRow, MentionRow


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
