"""Reading documents, where their stretches stood in their files, their mentions, and counts.

Readers that give many rows first take the row ids in their order, then the rows
page by page: no transaction stays open between two values, so the caller may
write while it reads. What is removed meanwhile is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import aliased

from kgbuild.types import Document, KindCounts, Mention, Origin, StoredMention, StoreStats

from ..database import Database, chunked, insert_all, row_ids
from ..schema import (
    AliasRow,
    Base,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    ModelRow,
    NormalizerRow,
    OriginRow,
    RelationMentionRow,
    SentenceRow,
    UnlinkedDocumentRow,
)


def source_is(pattern: str, sqlite: bool) -> ColumnElement[bool]:
    """A source as given, or any that fits where ``*`` is in it; case counts."""
    if "*" not in pattern:
        return DocumentRow.source == pattern
    if sqlite:
        for special in ("[", "?"):
            pattern = pattern.replace(special, f"[{special}]")
        return DocumentRow.source.op("GLOB")(pattern)
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return DocumentRow.source.like(pattern.replace("*", "%"), escape="\\")


def read_sources(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Source, SHA-256, extractor and normalizer ("": unknown) of every document, by source."""
    named = aliased(ModelRow)
    rows = connection.execute(
        select(DocumentRow.source, DocumentRow.sha256, ModelRow.fingerprint, named.fingerprint)
        .join(ModelRow, ModelRow.id == DocumentRow.extractor_id)
        .outerjoin(NormalizerRow, NormalizerRow.document_id == DocumentRow.id)
        .outerjoin(named, named.id == NormalizerRow.model_id)
        .order_by(DocumentRow.source)
    )
    return [(source, sha256, model, names or "") for source, sha256, model, names in rows]


def insert_origins(connection: Connection, documents: Mapping[int, Document]) -> None:
    """Write the origins of new documents (by row id)."""
    rows = [
        {"document_id": id, "start": o.start, "stop": o.end, "kind": o.kind, "value": o.value}
        for id, document in documents.items()
        for o in document.origins
    ]
    insert_all(connection, OriginRow, rows)


def read_origins(
    connection: Connection, documents: Collection[int]
) -> defaultdict[int, tuple[Origin, ...]]:
    """The origins of documents (row ids), in the order of their texts."""
    found: defaultdict[int, tuple[Origin, ...]] = defaultdict(tuple)
    rows = connection.execute(
        select(
            OriginRow.document_id, OriginRow.start, OriginRow.stop, OriginRow.kind, OriginRow.value
        )
        .where(OriginRow.document_id.in_(documents))
        .order_by(OriginRow.document_id, OriginRow.start)
    )
    for row in rows:
        found[row.document_id] += (Origin(row.start, row.stop, row.kind, row.value),)
    return found


DOCUMENTS = 16
"""Documents whose texts or mentions are read at once."""


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
            page = _mentions_of(connection, some, entity)
        yield from page


def _mentions_of(
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
            MentionRow.stated,
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
        StoredMention(source, surface, Mention(start, stop, type, score), key, name, stated)
        for source, surface, start, stop, type, score, key, name, stated in connection.execute(
            query
        ).all()
    ]


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
            unlinked=count(UnlinkedDocumentRow),
            facts_by_relation=tuple((relation, n) for relation, n in relations),
        )


def read_counts(database: Database, document: str | None) -> KindCounts:
    """Entities by type and facts by relation, of all documents or of those of a source."""
    entities = select(EntityRow.type, func.count()).group_by(EntityRow.type)
    facts = select(FactRow.relation, func.count()).group_by(FactRow.relation)
    facts = facts.where(FactRow.verdict.is_distinct_from("reject"))
    if document is not None:
        named = source_is(document, database.is_sqlite)
        entities = entities.where(EntityRow.id.in_(mentioned_in(named)))
        facts = facts.where(FactRow.id.in_(stated_in(named)))
    with database.reading() as connection:
        types, relations = (
            [(str(name), int(count)) for name, count in connection.execute(query)]
            for query in (entities, facts)
        )
    return KindCounts(_by_count(types), _by_count(relations))


def _by_count(rows: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


def mentioned_in(named: ColumnElement[bool]) -> Select[int]:
    """Rows of the entities that documents mention, those that a condition names."""
    return (
        select(AliasRow.entity_id)
        .join(MentionRow, MentionRow.alias_id == AliasRow.id)
        .join(DocumentRow, DocumentRow.id == MentionRow.document_id)
        .where(named)
    )


def stated_in(named: ColumnElement[bool]) -> Select[int]:
    """Rows of the facts that documents state, those that a condition names."""
    return (
        select(EvidenceRow.fact_id)
        .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
        .where(named)
    )
