"""What is known of an entity besides facts: dates in order, names in names, other registers; and
of two of them side by side."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from kgbuild.analytics.pair import MOST_FACTS, Moment, compared
from kgbuild.analytics.pair import timeline as moments_of
from kgbuild.ask.conflicts import conflicts
from kgbuild.serve import models
from kgbuild.serve.around import known_entity
from kgbuild.serve.depends import Tagged, TheGraph, TheService
from kgbuild.serve.library import name_of
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.serve.routes.entities import EntityId, Named
from kgbuild.types import FactsWanted

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


class DatedOf(Dated):
    """A dated fact of one of two entities: ``of`` is its id."""

    of: str


class Common(models.Answered):
    """What two entities both have facts with, and each one's facts with it."""

    entity: models.Entity
    one: list[models.Fact]
    other: list[models.Fact]


class SharedDocument(BaseModel):
    """A document that names two entities, and how often it names each."""

    source: str
    title: str
    one: int
    other: int


class Comparison(BaseModel):
    """Two entities side by side."""

    one: models.Entity
    other: models.Entity
    facts: list[models.Fact]
    common: list[Common]
    documents: list[SharedDocument]
    timeline: list[DatedOf]


class Nested(models.Answered):
    """Entities named inside an entity's names, and those in whose names it is named."""

    parts: list[models.Entity]
    wholes: list[models.Entity]


class ExternalId(models.Answered):
    """What another register calls an entity; ``label`` is the register's name of it."""

    scheme: str
    value: str
    label: str


@router.get("/entities/{id:path}/timeline")
def timeline(graph: TheGraph, id: EntityId) -> list[Dated]:
    """The dated facts of an entity in the order of time.

    A fact leads to the date itself, or ``through`` another to an event that has the date.
    Dates without a definite value («недавно») are left out.
    """
    return [_dated(m) for m in moments_of(graph.store, known_entity(graph.store, id))]


def _dated(moment: Moment) -> Dated:
    through = moment.through
    return Dated(
        date=moment.value.iso,
        fact=models.Fact.model_validate(moment.fact),
        through=None if through is None else models.Fact.model_validate(through),
    )


@router.get("/compare")
def compare(service: TheService, one: Named, other: Named) -> Comparison:
    """Two entities side by side: facts between them, what both have facts with, documents that
    name both, and the dates of either in the order of time."""
    graph = service.graph
    ends = graph.entity(one), graph.entity(other)
    pair = compared(graph.store, *ends)
    titles = {source: _title(service, source) for source, _, _ in pair.documents}
    return Comparison(
        one=models.Entity.model_validate(ends[0]),
        other=models.Entity.model_validate(ends[1]),
        facts=[models.Fact.model_validate(fact) for fact in pair.facts],
        common=[Common.model_validate(common) for common in pair.common],
        documents=[
            SharedDocument(source=source, title=titles[source], one=here, other=there)
            for source, here, there in pair.documents
        ],
        timeline=[DatedOf(of=id, **dict(_dated(moment))) for id, moment in pair.moments],
    )


def _title(service: TheService, source: str) -> str:
    """What a document is called."""
    found = service.library.one(service.graph.store, source)
    return name_of(source) if found is None else service.library.title(service.graph.store, found)


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
