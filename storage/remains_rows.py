"""What a deletion leaves of the facts and entities that its document spoke of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Subquery, func, select
from sqlalchemy.orm import aliased

from kgbuild.types import Remains

from .bulk import chunked
from .rules import EXAMPLES
from .schema import AliasRow, DocumentRow, EntityRow, EvidenceRow, FactRow, MentionRow

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
