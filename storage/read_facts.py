"""Reading facts with their entities and evidence, a page of them at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from kgbuild.types import Evidence, Fact, Mention

from .bulk import chunked
from .engine import Database
from .read import entities_by_row, row_ids
from .rules import strongest
from .schema import (
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    RelationMentionRow,
)


@dataclass(frozen=True, slots=True)
class FactFilter:
    """What facts are wanted; ``subject`` and ``object`` are entity keys, None is any."""

    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    document: str | None = None


def read_facts(database: Database, wanted: FactFilter) -> Iterator[Fact]:
    """Facts, most confident first, equals by relation and keys; each with all its evidence."""
    for some in chunked(_fact_ids(database, wanted)):
        with database.reading() as connection:
            page = _facts(connection, some)
        yield from (page[id] for id in some if id in page)


def _fact_ids(database: Database, wanted: FactFilter) -> Sequence[int]:
    subject, object = aliased(EntityRow), aliased(EntityRow)
    query = (
        select(FactRow.id)
        .join(subject, subject.id == FactRow.subject_id)
        .join(object, object.id == FactRow.object_id)
        .where(FactRow.verdict.is_distinct_from("reject"))
        .order_by(FactRow.confidence.desc(), FactRow.relation, subject.key, object.key)
    )
    if wanted.subject is not None:
        query = query.where(subject.key == wanted.subject)
    if wanted.relation is not None:
        query = query.where(FactRow.relation == wanted.relation)
    if wanted.object is not None:
        query = query.where(object.key == wanted.object)
    if wanted.document is not None:
        stated = (
            select(EvidenceRow.fact_id)
            .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
            .where(DocumentRow.source == wanted.document)
        )
        query = query.where(FactRow.id.in_(stated))
    return row_ids(database, query)


def _facts(connection: Connection, ids: Sequence[int]) -> dict[int, Fact]:
    rows = connection.execute(
        select(
            FactRow.id,
            FactRow.relation,
            FactRow.subject_id,
            FactRow.object_id,
            FactRow.confidence,
        ).where(FactRow.id.in_(ids))
    ).all()
    entities = entities_by_row(
        connection, list({id for row in rows for id in (row.subject_id, row.object_id)})
    )
    evidence = _evidence(connection, ids)
    return {
        row.id: Fact(
            relation=row.relation,
            subject=entities[row.subject_id],
            object=entities[row.object_id],
            confidence=row.confidence,
            evidence=strongest(evidence[row.id]),
        )
        for row in rows
    }


def _evidence(connection: Connection, facts: Sequence[int]) -> dict[int, list[Evidence]]:
    subject, object = aliased(MentionRow), aliased(MentionRow)
    rows = connection.execute(
        select(
            EvidenceRow.fact_id,
            DocumentRow.source,
            EvidenceRow.start,
            EvidenceRow.stop,
            EvidenceRow.passage,
            EvidenceRow.confidence,
            subject.start,
            subject.stop,
            subject.type,
            subject.score,
            object.start,
            object.stop,
            object.type,
            object.score,
        )
        .select_from(EvidenceRow)
        .join(RelationMentionRow, RelationMentionRow.id == EvidenceRow.relation_mention_id)
        .join(subject, subject.id == RelationMentionRow.subject_id)
        .join(object, object.id == RelationMentionRow.object_id)
        .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
        .where(EvidenceRow.fact_id.in_(facts))
    )
    found: dict[int, list[Evidence]] = defaultdict(list)
    for fact, source, start, stop, passage, confidence, *ends in rows.all():
        pair = Mention(*ends[:4]), Mention(*ends[4:])
        found[fact].append(Evidence(source, start, stop, passage, *pair, confidence))
    return found
