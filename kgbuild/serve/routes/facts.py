"""Facts with their evidence, and counts and labels."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from kgbuild import ontology
from kgbuild.serve import models, pages
from kgbuild.serve.around import known_fact
from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.types import FactsWanted

router = APIRouter(
    prefix="/v1",
    tags=["facts"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 404, 422)},
)

_FactId = Annotated[models.Id, Path(description="SUBJECT:RELATION:OBJECT, by entity ids.")]


class FactsQuery(BaseModel):
    """Which facts are wanted; what isn't given is a wildcard."""

    entity: Annotated[models.Id | None, Field(description="An entity id on either side.")] = None
    subject: Annotated[models.Id | None, Field(description="An entity id.")] = None
    relation: models.RelationName | None = None
    object: Annotated[models.Id | None, Field(description="An entity id.")] = None
    document: Annotated[
        models.Id | None,
        Field(description="It states the fact; `*` in its name stands for anything."),
    ] = None
    weakest: Annotated[bool, Field(description="The least confident first.")] = False
    cursor: Annotated[str | None, Field(max_length=8000)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/facts")
def facts(graph: TheGraph, wanted: Annotated[FactsQuery, Query()]) -> models.Page[models.Fact]:
    """Facts, the most confident first unless told otherwise, each with all its evidence."""
    kind = "weakest" if wanted.weakest else "facts"
    after = pages.decode(kind, wanted.cursor, float, str, str, str)
    named = FactsWanted(
        wanted.entity,
        wanted.subject,
        None if wanted.relation is None else wanted.relation.value,
        wanted.object,
        wanted.document,
        wanted.weakest,
    )
    found = graph.store.facts_page(after, wanted.limit + 1, named)
    items, following = pages.page(
        found,
        wanted.limit,
        lambda f: pages.encode(kind, f.confidence, f.relation, f.subject.id, f.object.id),
    )
    return models.Page(items=[models.Fact.model_validate(f) for f in items], next=following)


@router.get("/facts/{id:path}")
def fact(graph: TheGraph, id: _FactId) -> models.Fact:
    """One fact with all its evidence."""
    return models.Fact.model_validate(known_fact(graph, id))


@router.get("/stats")
def stats(graph: TheGraph) -> models.Stats:
    """Counts of the graph."""
    generation = graph.store.generation()
    counts = asdict(graph.stats())
    for name in ("entities_by_type", "facts_by_relation"):
        counts[name] = [models.Count(name=key, count=count) for key, count in counts[name]]
    return models.Stats(generation=generation, **counts)


@router.get("/ontology")
def labels() -> models.Ontology:
    """Entity types and relations with their labels in Russian and English."""
    types = [
        models.TypeLabel(
            name=name,
            label_ru=ontology.entity_label(name),
            label_en=ontology.entity_label(name, "en"),
        )
        for name in ontology.ENTITY_TYPES
    ]
    relations = []
    for name in ontology.RELATIONS:
        relation = ontology.relation_type(name)
        relations.append(
            models.RelationLabel(
                name=name,
                label_ru=relation.label_ru,
                label_en=relation.label_en,
                inverse_ru=relation.inverse_ru,
                inverse_en=relation.inverse_en,
                symmetric=relation.symmetric,
            )
        )
    return models.Ontology(types=types, relations=relations)
