"""Computing entities and facts again from what is left below them.

The writer calls this for what a document touched, after adding or removing it:
one path for both, so the result can't depend on the order of the documents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, func, select, update

from kgbuild.evidence import combined

from ..database import chunked
from ..documents.copies import SOURCE
from ..rules import elect, fold
from ..schema import AliasRow, CopyRow, EntityRow, EvidenceRow, FactRow, NodeRow
from ..vectors import drop_vectors
from .facts import FactEnds


@dataclass(frozen=True, slots=True)
class Given:
    """What people called entities, and of which type they said that these are, by row."""

    names: Mapping[int, str]
    types: Mapping[int, str]


@dataclass(slots=True)
class _Tally:
    """The votes of an entity's mentions; for its name, of those of the node it goes by."""

    types: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)


def settle_entities(connection: Connection, ids: Collection[int], given: Given) -> int:
    """Elect names and types again, count mentions; remove entities without any.

    Where a person gave a name or a type, nothing is elected. An entity's vectors go with it, and with a name that is no longer its own.
    Gives the number of entities removed.
    """
    removed = 0
    for some in chunked(ids):
        tallies = _tallies(connection, some)
        gone = [entity for entity in some if entity not in tallies]
        names = {id: given.names.get(id) or elect(tally.names) for id, tally in tallies.items()}
        drop_vectors(connection, "entity", gone + _renamed(connection, names))
        if gone:
            left = update(NodeRow).where(NodeRow.entity_id.in_(gone))
            connection.execute(left.values(entity_id=None))
            connection.execute(delete(EntityRow).where(EntityRow.id.in_(gone)))
            removed += len(gone)
        _update_entities(connection, tallies, names, given)
    return removed


def settle_facts(
    connection: Connection,
    ids: Collection[int],
    judged: Mapping[FactEnds, str],
    stated: Mapping[FactEnds, str],
) -> int:
    """Combine evidence and judgements again; remove facts without evidence that nobody states.

    Args:
        connection: the writer's.
        ids: the facts' rows.
        judged: accept or reject by subject row, relation and object row.
        stated: who states a fact, likewise.

    Gives the number of facts removed.
    """
    removed = 0
    for some in chunked(ids):
        best: dict[int, list[float]] = defaultdict(list)
        rows = connection.execute(
            select(EvidenceRow.fact_id, func.max(EvidenceRow.confidence))
            .outerjoin(CopyRow, CopyRow.document_id == EvidenceRow.document_id)
            .where(EvidenceRow.fact_id.in_(some))
            .group_by(EvidenceRow.fact_id, SOURCE)
        )
        for fact, confidence in rows.all():
            best[fact].append(confidence)
        keys = _keys_of_facts(connection, some)
        authors = {fact: stated[key] for fact, key in keys.items() if key in stated}
        best |= {fact: [] for fact in authors if fact not in best}
        gone = [fact for fact in some if fact not in best]
        if gone:
            connection.execute(delete(FactRow).where(FactRow.id.in_(gone)))
            removed += len(gone)
        verdicts = {fact: judged.get(keys[fact]) for fact in best}
        _update_facts(connection, best, verdicts, authors)
    return removed


def _keys_of_facts(connection: Connection, ids: Sequence[int]) -> dict[int, FactEnds]:
    rows = connection.execute(
        select(FactRow.id, FactRow.subject_id, FactRow.relation, FactRow.object_id).where(
            FactRow.id.in_(ids)
        )
    )
    return {id: (subject, relation, object) for id, subject, relation, object in rows.all()}


def _update_facts(
    connection: Connection,
    best: Mapping[int, list[float]],
    verdicts: Mapping[int, str | None],
    authors: Mapping[int, str],
) -> None:
    if best:
        connection.execute(
            update(FactRow)
            .where(FactRow.id == bindparam("row"))
            .values(
                confidence=bindparam("combined"),
                verdict=bindparam("judged"),
                stated_by=bindparam("author"),
            ),
            [
                {
                    "row": fact,
                    "combined": 1.0 if verdicts[fact] == "accept" else combined(values),
                    "judged": verdicts[fact],
                    "author": authors.get(fact),
                }
                for fact, values in best.items()
            ],
        )


def _tallies(connection: Connection, ids: Sequence[int]) -> dict[int, _Tally]:
    tallies: dict[int, _Tally] = defaultdict(_Tally)
    main = NodeRow.key == EntityRow.key
    rows = connection.execute(
        select(AliasRow.entity_id, AliasRow.type, AliasRow.name, main, func.sum(AliasRow.count))
        .join(NodeRow, NodeRow.id == AliasRow.node_id)
        .join(EntityRow, EntityRow.id == AliasRow.entity_id)
        .where(AliasRow.entity_id.in_(ids))
        .group_by(AliasRow.entity_id, AliasRow.type, AliasRow.name, main)
    )
    others: dict[int, Counter[str]] = defaultdict(Counter)
    for entity, type, name, is_main, count in rows.all():
        tallies[entity].types[type] += count
        names = tallies[entity].names if is_main else others[entity]
        names[name] += count
    for entity, tally in tallies.items():
        tally.names = tally.names or others[entity]
    return dict(tallies)


def _renamed(connection: Connection, names: Mapping[int, str]) -> list[int]:
    rows = connection.execute(select(EntityRow.id, EntityRow.name).where(EntityRow.id.in_(names)))
    return [id for id, name in rows.all() if name != names[id]]


def _update_entities(
    connection: Connection, tallies: dict[int, _Tally], names: Mapping[int, str], given: Given
) -> None:
    changes = []
    for entity, tally in tallies.items():
        name = names[entity]
        changes.append(
            {
                "row": entity,
                "type_now": given.types.get(entity) or elect(tally.types),
                "name_now": name,
                "folded_now": fold(name),
                "mentions_now": tally.types.total(),
            }
        )
    if changes:
        connection.execute(
            update(EntityRow)
            .where(EntityRow.id == bindparam("row"))
            .values(
                type=bindparam("type_now"),
                name=bindparam("name_now"),
                name_folded=bindparam("folded_now"),
                mention_count=bindparam("mentions_now"),
            ),
            changes,
        )
