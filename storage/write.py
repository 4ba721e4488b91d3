"""Adding and removing documents, inside the writer's open transaction."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import aliased

from kgbuild.errors import NotFoundError
from kgbuild.judging import split_places
from kgbuild.ports import Linker
from kgbuild.types import AddResult, DeletionReport, DocumentRecord

from .bulk import insert_all
from .candidate_rows import insert_candidates
from .fact_rows import insert_relations
from .fingerprint_rows import begin_linker, insert_normalizer
from .fingerprint_tables import NormalizerRow
from .judgement_rows import read_judgements, settle
from .known_rows import linker_now
from .linking import relink, renew_evidence
from .mention_rows import MentionNodes, forget_mentions, insert_mentions
from .node_rows import (
    component,
    forget_traits,
    insert_nodes,
    nodes_of_traits,
    still_there,
    traits_of_document,
)
from .origin_rows import insert_origins
from .remains_rows import (
    named_entities,
    named_facts,
    remains_of_entities,
    remains_of_facts,
)
from .rules import all_nodes, nodes_after
from .schema import (
    AliasRow,
    DocumentRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    MetaRow,
    ModelRow,
    SentenceRow,
)
from .vectors import drop_sentence_vectors, model_row, write_vectors
from .words import drop_words, insert_words


def add(connection: Connection, record: DocumentRecord, linker: Linker) -> AddResult:
    """Add a checked record; a document that had other content is replaced."""
    document = record.document
    stored = _stored(connection, document.source)
    if stored == (document.sha256, record.extractor, record.normalizer):
        return AddResult.UNCHANGED
    if stored is not None:
        remove(connection, document.source, linker)
    begin_linker(connection, linker_now(connection, linker))
    judgements = read_judgements(connection)
    now = nodes_after(record, split_places(judgements))
    document_id = _insert_document(connection, record)
    insert_origins(connection, document_id, document)
    insert_normalizer(connection, document_id, record.normalizer)
    _insert_sentences(connection, document_id, record)
    nodes = insert_nodes(connection, document_id, all_nodes(record, now))
    touched = relink(connection, linker, nodes.values(), judgements)
    places = MentionNodes(
        {resolved.mention: nodes[resolved.entity] for resolved in record.mentions},
        {mention: nodes[id] for mention, id in now.items()},
    )
    mentions = insert_mentions(connection, document_id, record, places)
    relations = insert_relations(connection, document_id, record, mentions)
    insert_candidates(connection, document_id, record, mentions)
    touched.facts |= renew_evidence(connection, relations)
    touched.entities |= _entities_of_document(connection, document_id)
    settle(connection, touched, judgements)
    raise_generation(connection)
    return AddResult.ADDED if stored is None else AddResult.REPLACED


def _stored(connection: Connection, source: str) -> tuple[str, str, str] | None:
    """A document's content and what read it."""
    named = aliased(ModelRow)
    row = connection.execute(
        select(DocumentRow.sha256, ModelRow.fingerprint, named.fingerprint)
        .join(ModelRow, ModelRow.id == DocumentRow.extractor_id)
        .outerjoin(NormalizerRow, NormalizerRow.document_id == DocumentRow.id)
        .outerjoin(named, named.id == NormalizerRow.model_id)
        .where(DocumentRow.source == source)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2] or "")


def remove_reported(connection: Connection, source: str, linker: Linker) -> DeletionReport:
    """Remove a document and tell what went with it and what stays.

    Raises:
        NotFoundError: no document has this source.
    """
    document_id = _document_id(connection, source)
    facts = named_facts(connection, _shown_facts(connection, document_id))
    entities = named_entities(connection, _entities_of_document(connection, document_id))
    mentions = remove(connection, source, linker)
    left = remains_of_facts(connection, facts)
    still = remains_of_entities(connection, entities)
    facts_kept, entities_kept = (sum(one.left > 0 for one in some) for some in (left, still))
    return DeletionReport(
        document=source,
        mentions=mentions,
        facts_removed=len(left) - facts_kept,
        facts_kept=facts_kept,
        entities_removed=len(still) - entities_kept,
        entities_kept=entities_kept,
        facts=left,
        entities=still,
    )


def _document_id(connection: Connection, source: str) -> int:
    found = connection.scalar(select(DocumentRow.id).where(DocumentRow.source == source))
    if found is None:
        raise NotFoundError(f"no document {source!r} in the graph")
    return found


def remove(connection: Connection, source: str, linker: Linker) -> int:
    """Remove a document with exactly what only it supported; gives the number of its mentions.

    Raises:
        NotFoundError: no document has this source.
    """
    document_id = _document_id(connection, source)
    judgements = read_judgements(connection)
    entities = _entities_of_document(connection, document_id)
    aliases = Counter(
        connection.scalars(
            select(MentionRow.alias_id).where(MentionRow.document_id == document_id)
        ).all()
    )
    traits = traits_of_document(connection, document_id)
    around = component(connection, nodes_of_traits(connection, traits), judgements)
    all_facts = set(
        connection.scalars(
            select(EvidenceRow.fact_id).where(EvidenceRow.document_id == document_id)
        )
    )
    drop_sentence_vectors(connection, document_id)
    drop_words(connection, document_id)
    connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
    forget_mentions(connection, aliases)
    forget_traits(connection, traits)
    touched = relink(connection, linker, still_there(connection, around), judgements)
    touched.facts |= all_facts
    touched.entities |= entities
    settle(connection, touched, judgements)
    raise_generation(connection)
    return aliases.total()


def _shown_facts(connection: Connection, document_id: int) -> list[int]:
    """The facts that a document supports, without those that a person rejected."""
    found = connection.scalars(
        select(EvidenceRow.fact_id)
        .join(FactRow, FactRow.id == EvidenceRow.fact_id)
        .where(EvidenceRow.document_id == document_id, FactRow.verdict.is_distinct_from("reject"))
        .distinct()
    )
    return list(found)


def _entities_of_document(connection: Connection, document_id: int) -> set[int]:
    found = connection.scalars(
        select(AliasRow.entity_id)
        .join(MentionRow, MentionRow.alias_id == AliasRow.id)
        .where(MentionRow.document_id == document_id)
        .distinct()
    )
    return set(found)


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
