"""What is known of an entity besides facts: its dates in order, names in names, other registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel

from kgbuild.ask.comparing import entity_value, order
from kgbuild.ask.conflicts import conflicts
from kgbuild.graph import KnowledgeGraph
from kgbuild.russian.values import DateValue
from kgbuild.serve import models
from kgbuild.serve.around import known_entity
from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.serve.routes.entities import EntityId
from kgbuild.types import Entity, Fact, FactsWanted

router = APIRouter(
    prefix="/v1",
    tags=["entities"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 404, 422)},
)


class Dated(BaseModel):
    """A dated fact; ``date`` is its EDTF (ISO 8601-2). ``through`` joins the entity to the
    event whose date the fact tells, null where the date is the entity's own."""

    date: str
    fact: models.Fact
    through: models.Fact | None


class Nested(models.Answered):
    """Entities named inside an entity's names, and those in whose names it is named."""

    parts: list[models.Entity]
    wholes: list[models.Entity]


class ExternalId(models.Answered):
    """What another register calls an entity; ``label`` is the register's name of it."""

    scheme: str
    value: str
    label: str


MOST_FACTS, MOST_EVENTS, MOST_OF_EVENT = 500, 60, 5
"""Facts of the entity and events beside it that are looked at, and dates of one event."""


@dataclass(frozen=True, slots=True)
class _Moment:
    value: DateValue
    fact: Fact
    through: Fact | None = None


@router.get("/entities/{id:path}/timeline")
def timeline(graph: TheGraph, id: EntityId) -> list[Dated]:
    """The dated facts of an entity in the order of time.

    A fact leads to the date itself, or ``through`` another to an event that has the date.
    Dates without a definite value («недавно») are left out.
    """
    entity = known_entity(graph.store, id)
    moments = sorted(_moments(graph, entity), key=lambda m: (order(m.value), m.fact.id))
    return [
        Dated(
            date=m.value.iso,
            fact=models.Fact.model_validate(m.fact),
            through=None if m.through is None else models.Fact.model_validate(m.through),
        )
        for m in moments
    ]


def _moments(graph: KnowledgeGraph, entity: Entity) -> Iterator[_Moment]:
    events: dict[str, Fact] = {}
    for fact in graph.store.facts_page(None, MOST_FACTS, FactsWanted(entity=entity.id)):
        other = fact.object if fact.subject.id == entity.id else fact.subject
        value = entity_value(other)
        if isinstance(value, DateValue):
            yield _Moment(value, fact)
        elif other.type == "EVENT" and len(events) < MOST_EVENTS:
            events.setdefault(other.id, fact)
    for event, through in events.items():
        for fact in graph.store.facts_page(None, MOST_OF_EVENT, FactsWanted(subject=event)):
            value = entity_value(fact.object)
            if isinstance(value, DateValue):
                yield _Moment(value, fact, through)


@router.get("/entities/{id:path}/conflicts")
def conflicting(graph: TheGraph, id: EntityId) -> list[list[models.Fact]]:
    """Facts of an entity of which only one can be true, a list a relation."""
    entity = known_entity(graph.store, id)
    facts = graph.store.facts_page(None, MOST_FACTS, FactsWanted(subject=entity.id))
    return [
        [models.Fact.model_validate(fact) for fact in group]
        for group in conflicts(graph.store, facts, entity.id)
    ]


@router.get("/entities/{id:path}/nested")
def nested(graph: TheGraph, id: EntityId) -> Nested:
    """What is named inside an entity's names, and in whose names it is named."""
    return Nested.model_validate(graph.store.nested(known_entity(graph.store, id).id))


@router.get("/entities/{id:path}/external")
def external(graph: TheGraph, id: EntityId) -> list[ExternalId]:
    """What other registers call an entity."""
    found = graph.store.external_ids(known_entity(graph.store, id).id)
    return [ExternalId.model_validate(e) for e in found]
