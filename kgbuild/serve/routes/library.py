"""Ways in: suggestions as one types, collections of documents, counts to narrow by."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kgbuild import ontology
from kgbuild.analytics.news import news
from kgbuild.graph import KnowledgeGraph
from kgbuild.serve import models
from kgbuild.serve.depends import Tagged, TheGraph, TheService
from kgbuild.serve.library import name_of
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.types import Entity, FactsWanted

router = APIRouter(
    prefix="/v1",
    tags=["entities"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 422)},
)

_TELLING, _DOCUMENTS = 2, 3
"""Facts that tell namesakes apart, and documents that are suggested."""


class Suggestion(BaseModel):
    """An entity that the text can mean: by which of its names, by what it is described as, and
    what tells it from its namesakes."""

    entity: models.Entity
    name: str
    described: str
    detail: str


class Titled(BaseModel):
    """A document and its title."""

    source: str
    title: str


class Suggestions(BaseModel):
    """What a text that is being typed can mean."""

    entities: list[Suggestion]
    documents: list[Titled]


class WatchHit(BaseModel):
    """An entry of a watch list that an entity is, or (not ``certain``) may be, and how often new
    documents name it."""

    list: str
    listed: str
    certain: bool
    entity: models.Entity
    mentions: int


class News(BaseModel):
    """What came ``since``, at most ``limit`` of each kind; ``counts`` are all of them. Where very
    many documents came, ``since`` is later than what was asked for."""

    since: datetime
    documents: list[Titled]
    entities: list[models.Entity]
    facts: list[models.Fact]
    watched: list[WatchHit]
    counts: list[models.Count]


class Collection(models.Answered):
    """A folder of documents; ``pattern`` is what filters take as ``document``."""

    name: str
    pattern: str
    documents: int


class Counts(BaseModel):
    """How many entities there are of each type, and facts of each relation."""

    types: list[models.Count]
    relations: list[models.Count]


@router.get("/suggest")
def suggest(
    service: TheService,
    text: models.Question,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> Suggestions:
    """Entities and documents that a text can mean: its words in any order and case, the last
    one maybe unfinished, from five letters on with a typing error; or a description."""
    graph = service.fresh()
    found = service.suggester().suggest(graph.store, text, limit)
    names = [one.entity.name for one in found]
    listed = service.library.find(graph.store, text)[:_DOCUMENTS]
    return Suggestions(
        entities=[
            Suggestion(
                entity=models.Entity.model_validate(one.entity),
                name=one.name,
                described=one.described,
                detail=_detail(graph, one.entity, names.count(one.entity.name) > 1),
            )
            for one in found
        ],
        documents=[
            Titled(source=one.summary.source, title=service.library.title(graph.store, one))
            for one in listed
        ],
    )


def _detail(graph: KnowledgeGraph, entity: Entity, namesake: bool) -> str:
    """A fact or two in words; without facts a namesake is told by where it is named first."""
    wanted = FactsWanted(subject=entity.id)
    facts = graph.store.facts_page(None, _TELLING, wanted)
    told = [f"{ontology.relation_type(f.relation).label_ru}: {f.object.name}" for f in facts]
    if not told and namesake:
        told = [name_of(m.document) for m in islice(graph.mentions(entity=entity.id), 1)]
    return "; ".join(told)


@router.get("/news")
def whats_new(
    service: TheService,
    since: Annotated[datetime, Query(description="A day, or a time; without a zone in UTC.")],
    limit: Annotated[int, Query(ge=1, le=200, description="Most of each kind.")] = 50,
) -> News:
    """What came since: documents, entities and facts that no older document has, and whom of
    the watch lists the new documents name."""
    graph, library = service.fresh(), service.library
    came = {s.summary.source: s.added for s in library.all(graph.store) if s.added is not None}
    found = news(graph.store, came, since if since.tzinfo else since.replace(tzinfo=UTC))
    settled = graph.watched().settled
    return News(
        since=found.since,
        documents=[_new(service, source) for source in found.documents[:limit]],
        entities=[models.Entity.model_validate(e) for e in found.entities[:limit]],
        facts=[models.Fact.model_validate(f) for f in found.facts[:limit]],
        watched=[
            WatchHit(
                list=match.known.scheme,
                listed=match.known.name,
                certain=certain,
                entity=models.Entity.model_validate(match.entity),
                mentions=found.named[match.entity.id],
            )
            for certain, matches in ((True, settled.certain), (False, settled.possible))
            for match in matches
            if found.named.get(match.entity.id)
        ][:limit],
        counts=[
            models.Count(name="documents", count=len(found.documents)),
            models.Count(name="entities", count=len(found.entities)),
            models.Count(name="facts", count=len(found.facts)),
        ],
    )


def _new(service: TheService, source: str) -> Titled:
    one = service.library.one(service.graph.store, source)
    title = source if one is None else service.library.title(service.graph.store, one)
    return Titled(source=source, title=title)


@router.get("/collections")
def collections(service: TheService) -> list[Collection]:
    """The folders that documents lie in, the fullest first; none where there is but one."""
    found = service.library.collections(service.graph.store)
    return [Collection.model_validate(one) for one in found]


@router.get("/counts")
def counts(graph: TheGraph, document: models.Within = None) -> Counts:
    """Entities by type and facts by relation, in all documents or in some."""
    found = graph.store.counts(document)
    return Counts(
        types=[models.Count(name=name, count=count) for name, count in found.types],
        relations=[models.Count(name=name, count=count) for name, count in found.relations],
    )
