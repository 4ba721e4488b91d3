"""Looking for damage: the file's integrity, broken references, counts that don't add up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select
from sqlalchemy.orm import aliased

from kgbuild.evidence import combined
from kgbuild.ports import VectorKind

from .database import Database
from .documents.copies import SOURCE
from .migrate import SchemaState, schema_version
from .schema import (
    AliasRow,
    Base,
    CopyRow,
    DocumentFeatureRow,
    DocumentRow,
    EntityRow,
    EvidenceRow,
    FactRow,
    FeatureRow,
    IndexGenerationRow,
    MentionRow,
    MetaRow,
    NodeRow,
    RelationMentionRow,
    SentenceRow,
    VectorRow,
)
from .search.words import unindexed


def problems(database: Database) -> list[str]:
    """Every problem found, in words; empty for a sound database."""
    with database.reading() as connection:
        version = schema_version(connection)
        if version.state is not SchemaState.CURRENT:
            return [f"the schema is at {version.revision}, this kgbuild needs {version.head}"]
        found = list(_file_problems(connection)) if database.is_sqlite else []
        found.extend(_orphans(connection))
        found.extend(_miscounts(connection))
        found.extend(_lost_writes(connection))
        if count := unindexed(connection):
            found.append(f"{count} sentences without their words, or words without a sentence")
        found.extend(_wrong_confidences(connection))
        return found


def _file_problems(connection: Connection) -> Iterator[str]:
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check").all():
        if line != "ok":
            yield f"integrity: {line}"
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        yield f"{table} row {row} refers to a row of {parent} that isn't there"


def _orphans(connection: Connection) -> Iterator[str]:
    unmentioned = ~exists().where(AliasRow.entity_id == EntityRow.id)
    yield from _counted(connection, EntityRow, unmentioned, "entities without a mention")
    unsupported = ~exists().where(EvidenceRow.fact_id == FactRow.id) & FactRow.stated_by.is_(None)
    yield from _counted(connection, FactRow, unsupported, "facts without evidence")
    original = aliased(CopyRow)
    chained = exists().where(original.document_id == CopyRow.original_id)
    yield from _counted(connection, CopyRow, chained, "copies of what is a copy itself")
    for kind in get_args(VectorKind):
        row_id = EntityRow.id if kind == "entity" else SentenceRow.id
        lost = (VectorRow.kind == kind) & ~exists().where(row_id == VectorRow.row_id)
        yield from _counted(connection, VectorRow, lost, f"vectors of {kind} rows that are gone")


def _miscounts(connection: Connection) -> Iterator[str]:
    mentions = _number(select(func.count()).where(MentionRow.alias_id == AliasRow.id))
    yield from _counted(connection, AliasRow, AliasRow.count != mentions, "aliases miscounted")
    total = _number(select(func.sum(AliasRow.count)).where(AliasRow.entity_id == EntityRow.id))
    wrong = EntityRow.mention_count != func.coalesce(total, 0)
    yield from _counted(connection, EntityRow, wrong, "entities whose mentions are miscounted")
    of_node = _number(select(NodeRow.entity_id).where(NodeRow.id == AliasRow.node_id))
    strange = of_node.is_distinct_from(AliasRow.entity_id)
    yield from _counted(connection, AliasRow, strange, "aliases of another entity than their node")
    holders = _number(select(func.count()).where(DocumentFeatureRow.feature_id == FeatureRow.id))
    yield from _counted(connection, FeatureRow, FeatureRow.count != holders, "features miscounted")
    said = _number(
        select(RelationMentionRow.confidence).where(
            RelationMentionRow.id == EvidenceRow.relation_mention_id
        )
    )
    other = EvidenceRow.confidence != said
    yield from _counted(connection, EvidenceRow, other, "evidence of another confidence")
    cut = _number(
        select(
            func.substr(
                DocumentRow.text, EvidenceRow.start + 1, EvidenceRow.stop - EvidenceRow.start
            )
        ).where(DocumentRow.id == EvidenceRow.document_id)
    )
    altered = EvidenceRow.passage != cut
    yield from _counted(connection, EvidenceRow, altered, "passages that aren't their document's")


def _lost_writes(connection: Connection) -> Iterator[str]:
    reached = _number(select(MetaRow.value).where(MetaRow.name == "generation"))
    ahead = IndexGenerationRow.generation > func.coalesce(reached, 0)
    what = "indexes recorded from a generation that the store hasn't reached"
    yield from _counted(connection, IndexGenerationRow, ahead, what)


def _wrong_confidences(connection: Connection) -> Iterator[str]:
    rows = connection.execution_options(yield_per=10_000).execute(
        select(FactRow.id, FactRow.confidence, func.max(EvidenceRow.confidence))
        .join(EvidenceRow, EvidenceRow.fact_id == FactRow.id)
        .outerjoin(CopyRow, CopyRow.document_id == EvidenceRow.document_id)
        .where(FactRow.verdict.is_distinct_from("accept"))
        .group_by(FactRow.id, FactRow.confidence, SOURCE)
        .order_by(FactRow.id)
    )
    for (fact, stored), evidence in groupby(rows, key=lambda row: (row[0], row[1])):
        computed = combined(row[2] for row in evidence)
        if abs(computed - stored) > 1e-9:
            yield f"fact {fact} has confidence {stored}, its evidence gives {computed}"


def _counted(
    connection: Connection, table: type[Base], wrong: ColumnElement[bool], what: str
) -> Iterator[str]:
    count = connection.scalar(select(func.count()).select_from(table).where(wrong))
    if count:
        yield f"{count} {what}"


def _number(query: Select[Any]) -> ColumnElement[Any]:
    return query.scalar_subquery()
