"""Reading every name of every entity, to search them in memory."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from kgbuild.types import EntityName

from .engine import Database
from .schema import AliasRow, EntityRow

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
