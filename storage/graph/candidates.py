"""What relations too weak to be facts would state, and what is denied: kept beside the graph,
never in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from kgbuild.evidence import confidence_of, strongest
from kgbuild.types import Evidence, Fact, Mention

from ..database import chunked
from ..documents.mentions import mention_columns
from ..rules import by_confidence
from ..schema import (
    AliasRow,
    CandidateRow,
    CopyRow,
    DocumentRow,
    EntityRow,
    FactRow,
    MentionRow,
)
from .entities import entities_by_row
from .facts import FactEnds
from .judgements import judged_rows, read_judgements


@cache
def _candidates_around() -> Select[*tuple[Any, ...]]:
    subject, object = aliased(MentionRow), aliased(MentionRow)
    subjects, objects = aliased(AliasRow), aliased(AliasRow)
    original = aliased(DocumentRow)
    mine = (
        select(MentionRow.id)
        .join(AliasRow, AliasRow.id == MentionRow.alias_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(EntityRow.key == bindparam("entity"))
    )
    row = CandidateRow
    return (
        select(
            subjects.entity_id,
            row.relation,
            objects.entity_id,
            DocumentRow.source,
            original.source,
            row.start,
            row.stop,
            func.substr(DocumentRow.text, row.start + 1, row.stop - row.start),
            row.confidence,
            *mention_columns(subject),
            *mention_columns(object),
        )
        .select_from(row)
        .join(subject, subject.id == row.subject_id)
        .join(object, object.id == row.object_id)
        .join(subjects, subjects.id == subject.alias_id)
        .join(objects, objects.id == object.alias_id)
        .join(DocumentRow, DocumentRow.id == row.document_id)
        .outerjoin(CopyRow, CopyRow.document_id == row.document_id)
        .outerjoin(original, original.id == CopyRow.original_id)
        .where(
            or_(row.subject_id.in_(mine), row.object_id.in_(mine)),
            subjects.entity_id != objects.entity_id,
            row.denied == bindparam("denied"),
        )
    )


def read_candidates(connection: Connection, entity: str, denied: bool = False) -> list[Fact]:
    """What candidates with this entity (an id) at an end would state, most confident first;
    neither what a fact states nor what a person judged. Or what they deny, whatever else is
    stated."""
    found: dict[FactEnds, list[Evidence]] = defaultdict(list)
    for (
        subject,
        relation,
        object,
        source,
        original,
        start,
        stop,
        text,
        confidence,
        *ends,
    ) in connection.execute(_candidates_around(), {"entity": entity, "denied": denied}).all():
        pair = Mention(*ends[:4]), Mention(*ends[4:])
        evidence = Evidence(source, start, stop, text, *pair, confidence, original or "")
        found[subject, relation, object].append(evidence)
    known = set() if denied else _stated_already(connection, list(found))
    open = {key: evidence for key, evidence in found.items() if key not in known}
    if not open:
        return []
    rows = {id for subject, _, object in open for id in (subject, object)}
    entities = entities_by_row(connection, sorted(rows))
    return by_confidence(
        Fact(
            relation,
            entities[subject],
            entities[object],
            confidence_of(evidence),
            strongest(evidence),
        )
        for (subject, relation, object), evidence in open.items()
    )


def _stated_already(connection: Connection, keys: Sequence[FactEnds]) -> set[FactEnds]:
    """Those of the keys that a fact has already, or a person's verdict."""
    columns = FactRow.subject_id, FactRow.relation, FactRow.object_id
    known = set(judged_rows(connection, read_judgements(connection))) if keys else set()
    for some in chunked(keys):
        rows = connection.execute(select(*columns).where(tuple_(*columns).in_(some)))
        known.update((subject, relation, object) for subject, relation, object in rows.all())
    return known
