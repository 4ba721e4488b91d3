"""Adding, moving and removing documents, inside the writer's open transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Subquery, delete, func, select, update
from sqlalchemy.orm import aliased

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import split_node
from kgbuild.ports import EntityClusterer
from kgbuild.types import AddResult, DeletionImpact, DeletionReport, DocumentRecord

from ..database import ContestedError, chunked, insert_all
from ..graph.judgements import (
    linked_documents,
    move_mentions,
    read_judgements,
    recompute_aggregates,
    state_mentions,
)
from ..graph.linking import Touched, relink
from ..graph.nodes import (
    component,
    features_of_document,
    forget_features,
    nodes_of_features,
    still_there,
)
from ..graph.unlinked import wait, wait_again
from ..log import raise_generation
from ..rules import EXAMPLES
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
    UnlinkedNodeRow,
)
from ..search.words import drop_words, insert_words
from ..vectors import drop_sentence_vectors, insert_vectors, model_row
from .copies import forget_copies, wait_to_be_compared
from .mentions import forget_mentions, insert_seen
from .read import insert_origins

Versions = tuple[str, str, str]
"""A document's content and what read it: SHA-256, extractor, normalizer ("": unknown)."""


def record_all(
    connection: Connection, records: Sequence[DocumentRecord], alone: bool = True
) -> list[AddResult]:
    """Write checked records, in a few statements for all of them; they wait to be linked.

    A document that had other content, or was read by others, is replaced.

    Raises:
        ContestedError: one has to be replaced, and this is no writer who is ``alone``.
    """
    stored = _stored(connection, [record.document.source for record in records])
    results: list[AddResult] = []
    new: dict[str, DocumentRecord] = {}
    for record in records:
        source = record.document.source
        versions = (record.document.sha256, record.extractor, record.normalizer)
        if stored.get(source) == versions:
            results.append(AddResult.UNCHANGED)
            continue
        results.append(AddResult.REPLACED if source in stored else AddResult.ADDED)
        if source in stored and not alone:
            raise ContestedError
        if source in new:
            _insert(connection, list(new.values()))
            new.clear()
        if source in stored:
            _take_out(connection, source)
        stored[source] = versions
        new[source] = record
    _insert(connection, list(new.values()))
    if written := sum(result is not AddResult.UNCHANGED for result in results):
        raise_generation(connection, written)
    return results


def _stored(connection: Connection, sources: Collection[str]) -> dict[str, Versions]:
    """What there is of documents, by source."""
    named = aliased(ModelRow)
    found: dict[str, Versions] = {}
    for some in chunked(dict.fromkeys(sources)):
        rows = connection.execute(
            select(DocumentRow.source, DocumentRow.sha256, ModelRow.fingerprint, named.fingerprint)
            .join(ModelRow, ModelRow.id == DocumentRow.extractor_id)
            .outerjoin(NormalizerRow, NormalizerRow.document_id == DocumentRow.id)
            .outerjoin(named, named.id == NormalizerRow.model_id)
            .where(DocumentRow.source.in_(some))
        )
        found.update((row[0], (row[1], row[2], row[3] or "")) for row in rows)
    return found


def _insert(connection: Connection, records: Sequence[DocumentRecord]) -> None:
    """Write records of sources that aren't there."""
    if not records:
        return
    models = {
        name: model_row(connection, name)
        for name in sorted({name for r in records for name in (r.extractor, r.normalizer) if name})
    }
    insert_all(
        connection,
        DocumentRow,
        [
            {
                "source": record.document.source,
                "sha256": record.document.sha256,
                "media_type": record.document.media_type,
                "extractor_id": models[record.extractor],
                "text": record.document.text,
            }
            for record in records
        ],
    )
    by_source = {record.document.source: record for record in records}
    documents: dict[int, DocumentRecord] = {}
    for some in chunked(by_source):
        rows = select(DocumentRow.id, DocumentRow.source).where(DocumentRow.source.in_(some))
        documents.update((id, by_source[source]) for id, source in connection.execute(rows))
    insert_origins(connection, {id: record.document for id, record in documents.items()})
    named = [
        {"document_id": id, "model_id": models[record.normalizer]}
        for id, record in documents.items()
        if record.normalizer
    ]
    insert_all(connection, NormalizerRow, named)
    _insert_sentences(connection, documents)
    insert_seen(connection, documents)
    wait(connection, documents)
    wait_to_be_compared(connection, documents)


def remove_reported(connection: Connection, source: str, linker: EntityClusterer) -> DeletionReport:
    """Remove a document and tell what went with it and what stays.

    Raises:
        NotFoundError: no document has this source.
    """
    document_id = _document_id(connection, source)
    facts = named_facts(connection, _shown_facts(connection, document_id))
    entities = named_entities(connection, _entities_of_document(connection, document_id))
    mentions = remove(connection, source, linker)
    left = impact_on_facts(connection, facts)
    still = impact_on_entities(connection, entities)
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


def remove(connection: Connection, source: str, linker: EntityClusterer) -> int:
    """Remove a document with exactly what only it supported, and link what was around it;
    gives the number of its mentions.

    Raises:
        NotFoundError: no document has this source.
    """
    mentions, around = _take_out(connection, source)
    judgements = read_judgements(connection)
    recompute_aggregates(connection, relink(connection, linker, around, judgements), judgements)
    connection.execute(delete(UnlinkedNodeRow).where(UnlinkedNodeRow.node_id.in_(around)))
    raise_generation(connection)
    return mentions


def _take_out(connection: Connection, source: str) -> tuple[int, set[int]]:
    """Remove a document and what only it supported; gives the number of its mentions, and the
    nodes around it, which wait to be linked again."""
    document_id = _document_id(connection, source)
    judgements = read_judgements(connection)
    touched = Touched(_entities_of_document(connection, document_id))
    mine = MentionRow.document_id == document_id
    aliases = Counter(connection.scalars(select(MentionRow.alias_id).where(mine)).all())
    features = features_of_document(connection, document_id)
    around = component(connection, nodes_of_features(connection, features), judgements)
    evidence = select(EvidenceRow.fact_id).where(EvidenceRow.document_id == document_id)
    touched.facts |= set(connection.scalars(evidence))
    drop_sentence_vectors(connection, document_id)
    drop_words(connection, document_id)
    touched.facts |= forget_copies(connection, document_id)
    connection.execute(delete(DocumentRow).where(DocumentRow.id == document_id))
    forget_mentions(connection, {alias: n for alias, n in aliases.items() if alias is not None})
    forget_features(connection, features)
    recompute_aggregates(connection, touched, judgements)
    left = still_there(connection, around)
    wait_again(connection, left)
    return aliases.total(), left


def _shown_facts(connection: Connection, document_id: int) -> list[int]:
    """The facts that a document supports, without those that a person rejected, or stated:
    these stand without it."""
    found = connection.scalars(
        select(EvidenceRow.fact_id)
        .join(FactRow, FactRow.id == EvidenceRow.fact_id)
        .where(
            EvidenceRow.document_id == document_id,
            FactRow.verdict.is_distinct_from("reject"),
            FactRow.stated_by.is_(None),
        )
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


def _insert_sentences(connection: Connection, records: Mapping[int, DocumentRecord]) -> None:
    """The sentences of new documents, their words and their vectors."""
    insert_all(
        connection,
        SentenceRow,
        [
            {"document_id": id, "position": i, "start": s.start, "stop": s.end}
            for id, record in records.items()
            for i, s in enumerate(record.sentences)
        ],
    )
    rows: dict[int, list[int]] = {id: [] for id in records}
    for some in chunked(records):
        found = connection.execute(
            select(SentenceRow.document_id, SentenceRow.id)
            .where(SentenceRow.document_id.in_(some))
            .order_by(SentenceRow.document_id, SentenceRow.position)
        )
        for document, row in found:
            rows[document].append(row)
    texts = [
        (row, record.document.text[s.start : s.end])
        for id, record in records.items()
        for row, s in zip(rows[id], record.sentences, strict=True)
    ]
    insert_words(connection, texts)
    vectors: dict[str, list[tuple[list[int], NDArray[np.float16]]]] = defaultdict(list)
    for id, record in records.items():
        if record.sentence_vectors is not None and record.embedder is not None and rows[id]:
            vectors[record.embedder].append((rows[id], record.sentence_vectors))
    for embedder, made in vectors.items():
        insert_vectors(connection, "sentence", embedder, made)


def move(connection: Connection, old: str, new: str, linker: EntityClusterer) -> None:
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
    for split in (j for j in speaking if j.verdict == "split"):
        touched.add(move_mentions(connection, split, (before, after), linker))
    if speaking:
        linked = linked_documents(connection, [new])
        touched.add(state_mentions(connection, linked, (before, after), linker))
        recompute_aggregates(connection, touched, after)


def _carry_places(connection: Connection, old: str, new: str) -> None:
    place = JudgementPlaceRow
    splits = (j for j in read_judgements(connection, undone=True) if j.verdict == "split")
    for split in splits:
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


def impact_on_facts(connection: Connection, named: Named) -> tuple[DeletionImpact, ...]:
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


def impact_on_entities(connection: Connection, named: Named) -> tuple[DeletionImpact, ...]:
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
) -> tuple[DeletionImpact, ...]:
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
        DeletionImpact(id, name, *left.get(row, (0, 0)), tuple(examples[row]))
        for row, (id, name) in sorted(named.items(), key=lambda item: item[1])
    )
