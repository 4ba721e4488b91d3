"""Adding, moving and removing documents, inside the writer's open transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Subquery, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import split_node, split_places
from kgbuild.ports import Linker
from kgbuild.types import AddResult, DeletionReport, DocumentRecord, Remains

from ..database import chunked, insert_all
from ..graph.judgements import move_mentions, read_judgements, settle
from ..graph.linking import Touched, relink, renew_evidence
from ..graph.nodes import (
    component,
    forget_traits,
    insert_nodes,
    nodes_of_traits,
    still_there,
    traits_of_document,
)
from ..log import raise_generation
from ..registers.names import linker_now
from ..rules import EXAMPLES, all_nodes, nodes_after
from ..schema import (
    AliasRow,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    JudgementPlaceRow,
    JudgementRow,
    MentionRow,
    ModelRow,
    NormalizerRow,
    SentenceRow,
)
from ..search.words import drop_words, insert_words
from ..vectors import drop_sentence_vectors, model_row, write_vectors
from .mentions import (
    MentionNodes,
    forget_mentions,
    insert_candidates,
    insert_mentions,
    insert_relations,
)
from .read import insert_origins
from .versions import begin_linker, insert_normalizer


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


def move(connection: Connection, old: str, new: str, linker: Linker) -> None:
    """Give a document another source, and the splits of its mentions too.

    Raises:
        NotFoundError: no document is called ``old``.
        InputError: one is called ``new`` already.
    """
    rows = select(DocumentRow.id)
    if connection.scalar(rows.where(DocumentRow.source == old)) is None:
        raise NotFoundError(f"no document {old!r} in the graph")
    if connection.scalar(rows.where(DocumentRow.source == new)) is not None:
        raise InputError(f"a document {new!r} is in the graph already")
    before = read_judgements(connection)
    connection.execute(update(DocumentRow).where(DocumentRow.source == old).values(source=new))
    _carry_places(connection, old, new)
    after = read_judgements(connection)
    # A split that spoke of an earlier document of the new name speaks of this one now.
    speaking = [j for j in after if any(place.document == new for place in j.places)]
    touched = Touched()
    for split in speaking:
        touched.add(move_mentions(connection, split, (before, after), linker))
    if speaking:
        settle(connection, touched, after)


def _carry_places(connection: Connection, old: str, new: str) -> None:
    place = JudgementPlaceRow
    for split in read_judgements(connection, undone=True):
        spans = {(p.start, p.end) for p in split.places if p.document == old}
        if not spans:
            continue
        mine = update(JudgementRow).where(JudgementRow.id == split.id)
        connection.execute(mine.values(node=split_node(split)))
        for start, stop in spans:
            same = (place.source == new) & (place.start == start) & (place.stop == stop)
            connection.execute(delete(place).where(place.judgement_id == split.id, same))
    connection.execute(update(place).where(place.source == old).values(source=new))


Named = dict[int, tuple[str, str]]
"""Rows with their id and what they are called."""


def named_facts(connection: Connection, rows: Collection[int]) -> Named:
    """Facts in words."""
    subject, object = aliased(EntityRow), aliased(EntityRow)
    found: Named = {}
    for some in chunked(sorted(rows)):
        facts = connection.execute(
            select(FactRow.id, subject.key, subject.name, FactRow.relation, object.key, object.name)
            .join(subject, subject.id == FactRow.subject_id)
            .join(object, object.id == FactRow.object_id)
            .where(FactRow.id.in_(some))
        )
        for row, one, name, relation, other, what in facts:
            found[row] = (f"{one}:{relation}:{other}", f"{name} {relation} {what}")
    return found


def named_entities(connection: Connection, rows: Collection[int]) -> Named:
    """Entities with their types."""
    found: Named = {}
    for some in chunked(sorted(rows)):
        entities = select(EntityRow.id, EntityRow.key, EntityRow.name, EntityRow.type)
        for row, key, name, type in connection.execute(entities.where(EntityRow.id.in_(some))):
            found[row] = (key, f"{name} ({type})")
    return found


def remains_of_facts(connection: Connection, named: Named) -> tuple[Remains, ...]:
    """What is left of facts: sentences in other documents."""
    queries: list[Subquery] = []
    for some in chunked(sorted(named)):
        passages = (
            select(
                EvidenceRow.fact_id.label("row"),
                DocumentRow.source,
                EvidenceRow.start,
                EvidenceRow.stop,
            )
            .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
            .where(EvidenceRow.fact_id.in_(some))
            .distinct()
        )
        queries.append(passages.subquery())
    return _remains(connection, named, queries)


def remains_of_entities(connection: Connection, named: Named) -> tuple[Remains, ...]:
    """What is left of entities: mentions in other documents."""
    queries: list[Subquery] = []
    for some in chunked(sorted(named)):
        mentions = (
            select(AliasRow.entity_id.label("row"), DocumentRow.source)
            .join(MentionRow, MentionRow.alias_id == AliasRow.id)
            .join(DocumentRow, DocumentRow.id == MentionRow.document_id)
            .where(AliasRow.entity_id.in_(some))
        )
        queries.append(mentions.subquery())
    return _remains(connection, named, queries)


def _remains(
    connection: Connection, named: Named, queries: Sequence[Subquery]
) -> tuple[Remains, ...]:
    """Counts by row and document; of each row's documents no more are read than are shown."""
    left: dict[int, tuple[int, int]] = {}
    examples: dict[int, list[str]] = defaultdict(list)
    for each in queries:
        by_row: dict[str, Any] = {"partition_by": each.c.row}
        counted = (
            select(
                each.c.row,
                each.c.source,
                func.sum(func.count()).over(**by_row).label("left"),
                func.count().over(**by_row).label("documents"),
                func.row_number().over(order_by=each.c.source, **by_row).label("place"),
            )
            .group_by(each.c.row, each.c.source)
            .subquery()
        )
        shown = select(counted).where(counted.c.place <= EXAMPLES)
        for row, source, count, documents, _ in connection.execute(
            shown.order_by(counted.c.row, counted.c.place)
        ):
            left[row] = (int(count), documents)
            examples[row].append(source)
    return tuple(
        Remains(id, name, *left.get(row, (0, 0)), tuple(examples[row]))
        for row, (id, name) in sorted(named.items(), key=lambda item: item[1])
    )
