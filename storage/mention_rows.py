"""Rows of entities, their aliases and their mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, delete, select, update

from kgbuild.types import DocumentRecord, Mention

from .bulk import chunked, insert_all
from .rules import fold
from .schema import AliasRow, EntityRow, MentionRow

AliasKey = tuple[int, str, str, str]
"""An alias's entity row, type, canonical name and surface."""


def entity_rows(connection: Connection, record: DocumentRecord) -> dict[str, int]:
    """Row ids of the record's entities; new ones get a row, to be settled later."""
    first = {resolved.entity: resolved for resolved in record.mentions}
    rows = _known_entities(connection, first)
    new = [key for key in first if key not in rows]
    insert_all(
        connection,
        EntityRow,
        [
            {
                "key": key,
                "type": first[key].mention.type,
                "name": first[key].name,
                "name_folded": fold(first[key].name),
                "mention_count": 0,
            }
            for key in new
        ],
    )
    return rows | _known_entities(connection, new)


def _known_entities(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for some in chunked(keys):
        found = select(EntityRow.key, EntityRow.id).where(EntityRow.key.in_(some))
        rows.update((key, id) for key, id in connection.execute(found).all())
    return rows


def insert_mentions(
    connection: Connection, document_id: int, record: DocumentRecord, entities: Mapping[str, int]
) -> dict[Mention, int]:
    """Insert the record's mentions and count their aliases; gives their row ids."""
    text = record.document.text
    alias_of: dict[Mention, AliasKey] = {}
    for resolved in record.mentions:
        mention = resolved.mention
        surface = text[mention.start : mention.end]
        alias_of[mention] = (entities[resolved.entity], mention.type, resolved.name, surface)
    aliases = _count_aliases(connection, Counter(alias_of.values()))
    insert_all(
        connection,
        MentionRow,
        [
            {
                "document_id": document_id,
                "start": resolved.mention.start,
                "stop": resolved.mention.end,
                "type": resolved.mention.type,
                "score": resolved.mention.score,
                "alias_id": aliases[alias_of[resolved.mention]],
            }
            for resolved in record.mentions
        ],
    )
    rows = connection.execute(
        select(MentionRow.start, MentionRow.stop, MentionRow.type, MentionRow.id).where(
            MentionRow.document_id == document_id
        )
    )
    return {Mention(start, stop, type): id for start, stop, type, id in rows.all()}


def _count_aliases(connection: Connection, seen: Counter[AliasKey]) -> dict[AliasKey, int]:
    """Add to the aliases' counts; gives their row ids."""
    rows = _known_aliases(connection, {key[0] for key in seen})
    known = [{"row": rows[key], "more": n} for key, n in seen.items() if key in rows]
    if known:
        connection.execute(
            update(AliasRow)
            .where(AliasRow.id == bindparam("row"))
            .values(count=AliasRow.count + bindparam("more")),
            known,
        )
    new = {key: n for key, n in seen.items() if key not in rows}
    insert_all(
        connection,
        AliasRow,
        [
            {
                "entity_id": entity,
                "type": type,
                "name": name,
                "surface": surface,
                "surface_folded": fold(surface),
                "count": n,
            }
            for (entity, type, name, surface), n in new.items()
        ],
    )
    return rows | _known_aliases(connection, {key[0] for key in new})


def _known_aliases(connection: Connection, entities: Collection[int]) -> dict[AliasKey, int]:
    rows: dict[AliasKey, int] = {}
    for some in chunked(entities):
        found = select(
            AliasRow.entity_id, AliasRow.type, AliasRow.name, AliasRow.surface, AliasRow.id
        ).where(AliasRow.entity_id.in_(some))
        rows.update(
            ((entity, type, name, surface), id)
            for entity, type, name, surface, id in connection.execute(found).all()
        )
    return rows


def forget_mentions(connection: Connection, aliases: Mapping[int, int]) -> set[int]:
    """Take mentions off the aliases' counts; gives the entities they belong to."""
    entities: set[int] = set()
    for some in chunked(aliases):
        mine = AliasRow.id.in_(some)
        entities.update(connection.scalars(select(AliasRow.entity_id).where(mine)))
        connection.execute(
            update(AliasRow)
            .where(AliasRow.id == bindparam("row"))
            .values(count=AliasRow.count - bindparam("fewer")),
            [{"row": alias, "fewer": aliases[alias]} for alias in some],
        )
        connection.execute(delete(AliasRow).where(mine, AliasRow.count == 0))
    return entities
