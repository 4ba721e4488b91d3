"""Reading documents, mentions, passages and entities.

Readers that give many rows first take the row ids in their order, then the rows
page by page: no transaction stays open between two values, so the caller may
write while it reads. What is removed meanwhile is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Select, func, or_, select

from kgbuild.types import Document, Entity, Mention, Passage, StoredMention, StoreStats

from .bulk import chunked
from .engine import Database
from .origin_rows import read_origins
from .rules import fold, ranked
from .schema import (
    AliasRow,
    Base,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    RelationMentionRow,
    SentenceRow,
)

DOCUMENTS = 16
"""Documents whose texts or mentions are read at once."""


def row_ids(database: Database, query: Select[int]) -> Sequence[int]:
    """Every row id that a query gives."""
    with database.reading() as connection:
        return connection.scalars(query).all()


def read_documents(database: Database, source: str | None = None) -> Iterator[Document]:
    """Documents by source; only the one with ``source`` if it is given."""
    wanted = select(DocumentRow.id).order_by(DocumentRow.source)
    if source is not None:
        wanted = wanted.where(DocumentRow.source == source)
    for some in chunked(row_ids(database, wanted), DOCUMENTS):
        with database.reading() as connection:
            rows = connection.execute(
                select(
                    DocumentRow.id,
                    DocumentRow.source,
                    DocumentRow.text,
                    DocumentRow.sha256,
                    DocumentRow.media_type,
                )
                .where(DocumentRow.id.in_(some))
                .order_by(DocumentRow.source)
            ).all()
            origins = read_origins(connection, some)
        for row in rows:
            yield Document(row.source, row.text, row.sha256, row.media_type, origins[row.id])


def read_mentions(
    database: Database, document: str | None, entity: str | None
) -> Iterator[StoredMention]:
    """Mentions by document and position, the longer first where two start together."""
    wanted = select(DocumentRow.id).order_by(DocumentRow.source)
    if document is not None:
        wanted = wanted.where(DocumentRow.source == document)
    if entity is not None:
        wanted = wanted.where(
            DocumentRow.id.in_(
                select(MentionRow.document_id)
                .join(AliasRow, AliasRow.id == MentionRow.alias_id)
                .join(EntityRow, EntityRow.id == AliasRow.entity_id)
                .where(EntityRow.key == entity)
            )
        )
    for some in chunked(row_ids(database, wanted), DOCUMENTS):
        with database.reading() as connection:
            page = _mentions(connection, some, entity)
        yield from page


def _mentions(
    connection: Connection, documents: Sequence[int], entity: str | None
) -> list[StoredMention]:
    query = (
        select(
            DocumentRow.source,
            AliasRow.surface,
            MentionRow.start,
            MentionRow.stop,
            MentionRow.type,
            MentionRow.score,
            EntityRow.key,
            EntityRow.name,
        )
        .select_from(MentionRow)
        .join(DocumentRow, DocumentRow.id == MentionRow.document_id)
        .join(AliasRow, AliasRow.id == MentionRow.alias_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(MentionRow.document_id.in_(documents))
        .order_by(DocumentRow.source, MentionRow.start, MentionRow.stop.desc(), MentionRow.type)
    )
    if entity is not None:
        query = query.where(EntityRow.key == entity)
    return [
        StoredMention(source, surface, Mention(start, stop, type, score), key, name)
        for source, surface, start, stop, type, score, key, name in connection.execute(query).all()
    ]


def read_passages(database: Database, ids: Sequence[int]) -> list[Passage | None]:
    """Sentences by row id, in the order asked for."""
    found: dict[int, Passage] = {}
    with database.reading() as connection:
        for some in chunked(int(id) for id in ids):
            text = func.substr(
                DocumentRow.text, SentenceRow.start + 1, SentenceRow.stop - SentenceRow.start
            )
            rows = connection.execute(
                select(
                    SentenceRow.id, DocumentRow.source, SentenceRow.start, SentenceRow.stop, text
                )
                .join(DocumentRow, DocumentRow.id == SentenceRow.document_id)
                .where(SentenceRow.id.in_(some))
            )
            found.update((row[0], Passage(*row[1:])) for row in rows)
    return [found.get(int(id)) for id in ids]


def read_entities(
    database: Database, type: str | None, name: str | None, key: str | None = None
) -> Iterator[Entity]:
    """Entities, most mentioned first, equals by their key."""
    wanted = select(EntityRow.id).order_by(EntityRow.mention_count.desc(), EntityRow.key)
    if type is not None:
        wanted = wanted.where(EntityRow.type == type)
    if name is not None:
        folded = fold(name)
        named = select(AliasRow.entity_id).where(AliasRow.surface_folded == folded)
        wanted = wanted.where(or_(EntityRow.name_folded == folded, EntityRow.id.in_(named)))
    if key is not None:
        wanted = wanted.where(EntityRow.key == key)
    for some in chunked(row_ids(database, wanted)):
        with database.reading() as connection:
            page = entities_by_row(connection, some)
        yield from (page[id] for id in some if id in page)


def entities_by_row(connection: Connection, ids: Sequence[int]) -> dict[int, Entity]:
    """The entities among these rows, with their aliases."""
    surfaces: dict[int, Counter[str]] = defaultdict(Counter)
    entities: dict[int, Entity] = {}
    for some in chunked(ids):
        aliases = connection.execute(
            select(AliasRow.entity_id, AliasRow.surface, AliasRow.count).where(
                AliasRow.entity_id.in_(some)
            )
        )
        for entity, surface, count in aliases.all():
            surfaces[entity][surface] += count
        rows = connection.execute(
            select(
                EntityRow.id,
                EntityRow.key,
                EntityRow.type,
                EntityRow.name,
                EntityRow.mention_count,
            ).where(EntityRow.id.in_(some))
        )
        for id, key, type, name, mentions in rows.all():
            entities[id] = Entity(key, type, name, ranked(surfaces[id]), mentions)
    return entities


def read_stats(database: Database) -> StoreStats:
    """Counts of every table, of entities by type and of facts by relation."""
    with database.reading() as connection:

        def count(table: type[Base]) -> int:
            return connection.scalar(select(func.count()).select_from(table)) or 0

        types = connection.execute(
            select(EntityRow.type, func.count())
            .group_by(EntityRow.type)
            .order_by(func.count().desc(), EntityRow.type)
        )
        shown = FactRow.verdict.is_distinct_from("reject")
        facts = select(func.count()).select_from(FactRow).where(shown)
        evidence = select(func.count()).select_from(EvidenceRow)
        evidence = evidence.join(FactRow, FactRow.id == EvidenceRow.fact_id).where(shown)
        relations = connection.execute(
            select(FactRow.relation, func.count())
            .where(shown)
            .group_by(FactRow.relation)
            .order_by(func.count().desc(), FactRow.relation)
        )
        return StoreStats(
            documents=count(DocumentRow),
            sentences=count(SentenceRow),
            mentions=count(MentionRow),
            relation_mentions=count(RelationMentionRow),
            entities=count(EntityRow),
            facts=connection.scalar(facts) or 0,
            evidence=connection.scalar(evidence) or 0,
            entities_by_type=tuple((type, n) for type, n in types),
            facts_by_relation=tuple((relation, n) for relation, n in relations),
        )
