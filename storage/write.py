"""Adding and removing documents, inside the writer's open transaction."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, delete, insert, select, update

from kgbuild.errors import NotFoundError
from kgbuild.types import AddResult, DeletionReport, DocumentRecord

from .bulk import insert_all
from .fact_rows import insert_evidence, insert_relations
from .mention_rows import entity_rows, forget_mentions, insert_mentions
from .schema import DocumentRow, EvidenceRow, MentionRow, MetaRow, SentenceRow
from .settle import settle_entities, settle_facts
from .vectors import drop_sentence_vectors, model_row, write_vectors
from .words import drop_words, insert_words


def add(connection: Connection, record: DocumentRecord) -> AddResult:
    """Add a checked record; a document that had other content is replaced."""
    document = record.document
    stored = connection.execute(
        select(DocumentRow.id, DocumentRow.sha256).where(DocumentRow.source == document.source)
    ).one_or_none()
    if stored is not None and stored.sha256 == document.sha256:
        return AddResult.UNCHANGED
    if stored is not None:
        remove(connection, document.source)
    document_id = _insert_document(connection, record)
    _insert_sentences(connection, document_id, record)
    entities = entity_rows(connection, record)
    mentions = insert_mentions(connection, document_id, record, entities)
    relations = insert_relations(connection, document_id, record, mentions)
    facts = insert_evidence(connection, document_id, record, entities, relations)
    settle_entities(connection, entities.values())
    settle_facts(connection, facts)
    raise_generation(connection)
    return AddResult.ADDED if stored is None else AddResult.REPLACED


def remove(connection: Connection, source: str) -> DeletionReport:
    """Remove a document with exactly what only it supported.

    Raises:
        NotFoundError: no document has this source.
    """
    document_id = connection.scalar(select(DocumentRow.id).where(DocumentRow.source == source))
    if document_id is None:
        raise NotFoundError(f"no document {source!r} in the graph")
    facts = connection.scalars(
        select(EvidenceRow.fact_id).where(EvidenceRow.document_id == document_id).distinct()
    ).all()
    aliases = Counter(
        connection.scalars(
            select(MentionRow.alias_id).where(MentionRow.document_id == document_id)
        ).all()
    )
    drop_sentence_vectors(connection, document_id)
    drop_words(connection, document_id)
    connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
    removed_facts = settle_facts(connection, facts)
    entities = forget_mentions(connection, aliases)
    removed_entities = settle_entities(connection, entities)
    raise_generation(connection)
    return DeletionReport(
        document=source,
        mentions=aliases.total(),
        facts_removed=removed_facts,
        facts_kept=len(facts) - removed_facts,
        entities_removed=removed_entities,
        entities_kept=len(entities) - removed_entities,
    )


def raise_generation(connection: Connection) -> None:
    """Count a write: indexes built before it are stale."""
    counter = MetaRow.name == "generation"
    raised = connection.execute(update(MetaRow).where(counter).values(value=MetaRow.value + 1))
    if not raised.rowcount:
        connection.execute(insert(MetaRow).values(name="generation", value=1))


def _insert_document(connection: Connection, record: DocumentRecord) -> int:
    document = record.document
    inserted = connection.execute(
        insert(DocumentRow)
        .values(
            source=document.source,
            sha256=document.sha256,
            media_type=document.media_type,
            extractor_id=model_row(connection, record.extractor),
            text=document.text,
        )
        .returning(DocumentRow.id)
    )
    return inserted.scalar_one()


def _insert_sentences(connection: Connection, document_id: int, record: DocumentRecord) -> None:
    insert_all(
        connection,
        SentenceRow,
        [
            {"document_id": document_id, "position": i, "start": s.start, "stop": s.end}
            for i, s in enumerate(record.sentences)
        ],
    )
    rows = connection.scalars(
        select(SentenceRow.id)
        .where(SentenceRow.document_id == document_id)
        .order_by(SentenceRow.position)
    ).all()
    texts = [record.document.text[s.start : s.end] for s in record.sentences]
    insert_words(connection, list(zip(rows, texts, strict=True)))
    if record.sentence_vectors is not None and record.embedder is not None:
        write_vectors(connection, "sentence", record.embedder, rows, record.sentence_vectors)
