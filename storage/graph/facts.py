"""Facts with their entities and evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from kgbuild.evidence import strongest
from kgbuild.ports import FactKey
from kgbuild.types import Evidence, Fact, FactsWanted, Mention

from ..database import Database, chunked, insert_all
from ..documents.mentions import mention_columns
from ..documents.read import source_is, stated_in
from ..schema import (
    CopyRow,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    MentionRow,
    RelationMentionRow,
)
from .entities import entities_by_row

FactEnds = tuple[int, str, int]
"""A fact's subject row, relation and object row."""


def fact_rows(connection: Connection, keys: Iterable[FactEnds]) -> dict[FactEnds, int]:
    """Rows of facts; a new one has no confidence yet: it is settled afterwards."""
    wanted = dict.fromkeys(keys)
    rows = _known_facts(connection, wanted)
    new = [key for key in wanted if key not in rows]
    insert_all(
        connection,
        FactRow,
        [
            {"subject_id": subject, "relation": relation, "object_id": object, "confidence": 0.0}
            for subject, relation, object in new
        ],
    )
    return rows | _known_facts(connection, new)


def _known_facts(connection: Connection, keys: Iterable[FactEnds]) -> dict[FactEnds, int]:
    rows: dict[FactEnds, int] = {}
    for some in chunked(keys):
        found = select(FactRow.subject_id, FactRow.relation, FactRow.object_id, FactRow.id).where(
            tuple_(FactRow.subject_id, FactRow.relation, FactRow.object_id).in_(some)
        )
        rows.update(
            ((subject, relation, object), id)
            for subject, relation, object, id in connection.execute(found).all()
        )
    return rows


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
            page = facts_by_row(connection, some)
        yield from (page[id] for id in some if id in page)


def _fact_ids(database: Database, wanted: FactFilter) -> Sequence[int]:
    named = tuple(
        (name, value)
        for name in ("subject", "relation", "object", "document")
        if (value := getattr(wanted, name)) is not None
    )
    with database.reading() as connection:
        rows = connection.execute(_ids_where(tuple(n for n, _ in named)), dict(named)).all()
    if wanted.subject is None and wanted.object is None:
        return [row[0] for row in rows]
    return [row[0] for row in sorted(rows, key=lambda row: (-row[1], *row[2:]))]


@cache
def _ids_where(named: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """Fact ids under the named conditions: statements take longer to build than to run.

    The facts of one entity are few and sorted by the reader: asked to sort them, SQLite
    reads all facts of the relation along an index that has the order.
    """
    subject, object = aliased(EntityRow), aliased(EntityRow)
    query: Select[*tuple[Any, ...]] = (
        select(FactRow.id, FactRow.confidence, FactRow.relation, subject.key, object.key)
        .join(subject, subject.id == FactRow.subject_id)
        .join(object, object.id == FactRow.object_id)
        .where(FactRow.verdict.is_distinct_from("reject"))
    )
    if "subject" not in named and "object" not in named:
        query = query.order_by(FactRow.confidence.desc(), FactRow.relation, subject.key, object.key)
    if "subject" in named:
        query = query.where(subject.key == bindparam("subject"))
    if "relation" in named:
        query = query.where(FactRow.relation == bindparam("relation"))
    if "object" in named:
        query = query.where(object.key == bindparam("object"))
    if "document" in named:
        stated = (
            select(EvidenceRow.fact_id)
            .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
            .where(DocumentRow.source == bindparam("document"))
        )
        query = query.where(FactRow.id.in_(stated))
    return query


@cache
def _rows_of_facts() -> Select[int, str, int, int, float, str | None]:
    return select(
        FactRow.id,
        FactRow.relation,
        FactRow.subject_id,
        FactRow.object_id,
        FactRow.confidence,
        FactRow.stated_by,
    ).where(FactRow.id.in_(bindparam("ids", expanding=True)))


def facts_by_row(connection: Connection, ids: Sequence[int]) -> dict[int, Fact]:
    """The facts among these rows, with their entities and evidence."""
    rows = [
        row
        for some in chunked(ids)
        for row in connection.execute(_rows_of_facts(), {"ids": list(some)})
    ]
    entities = entities_by_row(
        connection, list({id for row in rows for id in (row.subject_id, row.object_id)})
    )
    evidence = _evidence_of(connection, ids)
    return {
        row.id: Fact(
            relation=row.relation,
            subject=entities[row.subject_id],
            object=entities[row.object_id],
            confidence=row.confidence,
            evidence=strongest(evidence[row.id]),
            stated_by=row.stated_by or "",
        )
        for row in rows
    }


@cache
def _rows_of_evidence() -> Select[*tuple[Any, ...]]:
    subject, object = aliased(MentionRow), aliased(MentionRow)
    original = aliased(DocumentRow)
    return (
        select(
            EvidenceRow.fact_id,
            DocumentRow.source,
            original.source,
            EvidenceRow.start,
            EvidenceRow.stop,
            EvidenceRow.passage,
            EvidenceRow.confidence,
            *mention_columns(subject),
            *mention_columns(object),
        )
        .select_from(EvidenceRow)
        .join(RelationMentionRow, RelationMentionRow.id == EvidenceRow.relation_mention_id)
        .join(subject, subject.id == RelationMentionRow.subject_id)
        .join(object, object.id == RelationMentionRow.object_id)
        .join(DocumentRow, DocumentRow.id == EvidenceRow.document_id)
        .outerjoin(CopyRow, CopyRow.document_id == EvidenceRow.document_id)
        .outerjoin(original, original.id == CopyRow.original_id)
        .where(EvidenceRow.fact_id.in_(bindparam("ids", expanding=True)))
    )


def _evidence_of(connection: Connection, facts: Sequence[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    for some in chunked(facts):
        rows = connection.execute(_rows_of_evidence(), {"ids": list(some)})
        for fact, source, original, start, stop, passage, confidence, *ends in rows:
            pair = Mention(*ends[:4]), Mention(*ends[4:])
            found[fact].append(
                Evidence(source, start, stop, passage, *pair, confidence, original or "")
            )
    return found


def fact_page(after: FactKey | None, limit: int, wanted: FactsWanted, sqlite: bool) -> Select[Any]:
    """Rows of a page of facts, in its order."""
    subject, object = aliased(EntityRow), aliased(EntityRow)
    confidence = FactRow.confidence
    order = FactRow.relation, subject.key, object.key
    query = (
        select(FactRow.id)
        .join(subject, subject.id == FactRow.subject_id)
        .join(object, object.id == FactRow.object_id)
        .where(FactRow.verdict.is_distinct_from("reject"))
        .order_by(confidence.asc() if wanted.weakest else confidence.desc(), *order)
        .limit(limit)
    )
    for column, key in ((FactRow.subject_id, wanted.subject), (FactRow.object_id, wanted.object)):
        if key is not None:
            query = query.where(column == _row_of(key))
    if wanted.entity is not None:
        row = _row_of(wanted.entity)
        query = query.where(or_(FactRow.subject_id == row, FactRow.object_id == row))
    if wanted.relation is not None:
        query = query.where(FactRow.relation == wanted.relation)
    if wanted.document is not None:
        query = query.where(FactRow.id.in_(stated_in(source_is(wanted.document, sqlite))))
    if after is not None:
        behind = tuple_(*order) > tuple_(*after[1:])
        further = confidence > after[0] if wanted.weakest else confidence < after[0]
        query = query.where(or_(further, and_(confidence == after[0], behind)))
    return query


def _row_of(key: str) -> Any:
    return select(EntityRow.id).where(EntityRow.key == key).scalar_subquery()
