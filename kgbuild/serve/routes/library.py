"""Ways in: suggestions as one types, collections of documents, counts to narrow by."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kgbuild import ontology
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
