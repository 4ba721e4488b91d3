"""Facts as bare numbers: reading many of them without their names and evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    CompoundSelect,
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from kgbuild.types import Edges, EdgeSources, EdgesWanted, Side, Tallied

from ..database import chunked
from ..documents.read import source_is, stated_in
from ..schema import AliasRow, EntityRow, EvidenceRow, FactRow, MentionRow

_Query = Select[*tuple[Any, ...]]

_MOST = bindparam("most", type_=Integer)

_NOBODY = -1
"""An entity that isn't there."""

TOGETHER = 40
"""Entities whose first facts one statement reads: a part of it for each and either side."""


def read_links(connection: Connection, wanted: EdgesWanted) -> Edges:
    """Facts, most confident first, equals by row id."""
    rows: dict[int, tuple[Any, ...]] = {}
    for query, values in _edge_queries(wanted, connection.dialect.name == "sqlite"):
        rows.update((row[0], row) for row in connection.execute(query, values).all())
    links = links_of(rows.values())
    if wanted.dates is not None:
        links = chosen(links, np.isin(links.fact, _dated(connection, wanted.dates)))
    if wanted.types is None:
        return links
    typed = connection.scalars(select(EntityRow.id).where(EntityRow.type.in_(wanted.types))).all()
    allowed = np.array([*typed, *(wanted.entities or ())], dtype=np.int64)
    return chosen(links, np.isin(links.subject, allowed) & np.isin(links.object, allowed))


def read_tally(
    connection: Connection,
    relation: str,
    side: Side,
    types: Sequence[str] | None,
    confidence: float,
    most: int | None,
) -> list[Tallied]:
    """Entities at a side of a relation's facts with their number, the most first."""
    ends = {"subject": (FactRow.subject_id,), "object": (FactRow.object_id,)}
    every = union_all(
        *(
            select(end.label("entity")).where(
                FactRow.relation == relation,
                FactRow.confidence >= confidence,
                FactRow.verdict.is_distinct_from("reject"),
            )
            for end in ends.get(side, (FactRow.subject_id, FactRow.object_id))
        )
    ).subquery()
    number = func.count().label("number")
    counted = select(every.c.entity, number).group_by(every.c.entity).subquery()
    query = select(EntityRow.id, EntityRow.name, counted.c.number).join(
        counted, counted.c.entity == EntityRow.id
    )
    if types is not None:
        query = query.where(EntityRow.type.in_(types))
    rows = connection.execute(query.order_by(counted.c.number.desc(), EntityRow.id).limit(most))
    return [Tallied(*row) for row in rows]


def links_of(rows: Iterable[Sequence[Any]]) -> Edges:
    """Edges of rows (fact, subject, object, relation, confidence) in any order."""
    ordered = sorted(rows, key=lambda row: (-row[4], row[0]))
    relations = tuple(sorted({row[3] for row in ordered}))
    number = {name: at for at, name in enumerate(relations)}
    ints = np.array(
        [(row[0], row[1], row[2], number[row[3]]) for row in ordered], dtype=np.int64
    ).reshape(-1, 4)
    confidence = np.array([row[4] for row in ordered], dtype=np.float64)
    fact, subject, object, relation = np.ascontiguousarray(ints.T)
    return Edges(fact, subject, object, relation, confidence, relations)


def chosen(links: Edges, which: NDArray[np.bool_]) -> Edges:
    """Those of the links that a mask [n] marks."""
    return Edges(
        links.fact[which],
        links.subject[which],
        links.object[which],
        links.relation[which],
        links.confidence[which],
        links.relations,
    )


def foremost(links: Edges, entities: Sequence[int], most: int) -> NDArray[np.bool_]:
    """A mask [n] of the links that are among the first ``most`` of one of the entities, on the
    side that it is on."""
    kept = np.zeros(len(links.fact), dtype=bool)
    for ends in (links.subject, links.object):
        for entity in entities:
            kept[np.flatnonzero(ends == entity)[:most]] = True
    return kept


def _edge_queries(
    wanted: EdgesWanted, sqlite: bool
) -> Iterator[tuple[_Query | CompoundSelect[*tuple[Any, ...]], dict[str, int]]]:
    """Statements and their values."""
    if wanted.entities is not None and wanted.most is not None:
        alike = replace(wanted, entities=None, most=None, types=None, dates=None)
        for some in chunked(wanted.entities, TOGETHER):
            whole = len(some) if len(some) == 1 else TOGETHER
            entities = [*some, *([_NOBODY] * (whole - len(some)))]
            values = {f"entity{at}": entity for at, entity in enumerate(entities)}
            yield _first_facts(alike, sqlite, whole), values | {"most": wanted.most}
        return
    query = _facts(wanted, sqlite)
    if wanted.entities is None:
        yield query, {}
        return
    for some in chunked(wanted.entities):
        yield query.where(FactRow.subject_id.in_(some)), {}
        yield query.where(FactRow.object_id.in_(some)), {}


def _facts(wanted: EdgesWanted, sqlite: bool) -> _Query:
    query: _Query = select(
        FactRow.id, FactRow.subject_id, FactRow.object_id, FactRow.relation, FactRow.confidence
    ).where(FactRow.verdict.is_distinct_from("reject"))
    if wanted.relations is not None:
        query = query.where(FactRow.relation.in_(wanted.relations))
    if wanted.document is not None:
        query = query.where(FactRow.id.in_(stated_in(source_is(wanted.document, sqlite))))
    if wanted.confidence > 0:
        query = query.where(FactRow.confidence >= wanted.confidence)
    return query


@lru_cache(maxsize=64)
def _first_facts(
    wanted: EdgesWanted, sqlite: bool, entities: int
) -> CompoundSelect[*tuple[Any, ...]]:
    """The first facts of several entities on either side; built once, as a question reads the
    surroundings of many and building costs more than reading."""
    query = _facts(wanted, sqlite)
    return union_all(
        *(
            select(query.where(end == bindparam(f"entity{at}")).limit(_MOST).subquery())
            for at in range(entities)
            for end in (FactRow.subject_id, FactRow.object_id)
        )
    )


def _dated(connection: Connection, dates: Sequence[str]) -> NDArray[np.int64]:
    """The facts that one of the dates is an end of, or is named beside; a graph may have more
    dates than a statement takes parameters."""
    found: set[int] = set()
    for some in chunked(dates):
        rows = select(EntityRow.id).where(EntityRow.key.in_(some))
        for end in (FactRow.subject_id, FactRow.object_id):
            found.update(connection.scalars(select(FactRow.id).where(end.in_(rows))))
        stated = _dates_in_passages(EvidenceRow.fact_id).where(EntityRow.key.in_(some))
        found.update(connection.scalars(stated))
    return np.array(sorted(found), dtype=np.int64)


def _dates_in_passages(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(EvidenceRow)
        .join(MentionRow, MentionRow.document_id == EvidenceRow.document_id)
        .join(AliasRow, AliasRow.id == MentionRow.alias_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(
            MentionRow.start >= EvidenceRow.start,
            MentionRow.stop <= EvidenceRow.stop,
            EntityRow.type == "DATE",
        )
    )


def read_link_sources(connection: Connection, facts: Sequence[int]) -> list[EdgeSources]:
    """What is said of facts, in order."""
    documents: dict[int, int] = {}
    dates: dict[int, set[str]] = defaultdict(set)
    subject, object = aliased(EntityRow), aliased(EntityRow)
    for some in chunked(int(fact) for fact in facts):
        counted = (
            select(EvidenceRow.fact_id, func.count(EvidenceRow.document_id.distinct()))
            .where(EvidenceRow.fact_id.in_(some))
            .group_by(EvidenceRow.fact_id)
        )
        documents.update((fact, count) for fact, count in connection.execute(counted))
        stated = _dates_in_passages(EvidenceRow.fact_id, EntityRow.name)
        ends = (
            select(FactRow.id, subject.type, subject.name, object.type, object.name)
            .join(subject, subject.id == FactRow.subject_id)
            .join(object, object.id == FactRow.object_id)
            .where(FactRow.id.in_(some))
        )
        for fact, name in connection.execute(stated.where(EvidenceRow.fact_id.in_(some))):
            dates[fact].add(name)
        for fact, *pair in connection.execute(ends):
            dates[fact].update(n for t, n in (pair[:2], pair[2:]) if t == "DATE")
    return [EdgeSources(documents.get(int(f), 0), tuple(sorted(dates[int(f)]))) for f in facts]
