"""Entities, their neighbourhoods, and the paths between them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from kgbuild.serve import models, pages
from kgbuild.serve.around import around, between, known_entity
from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.serve.routes.documents import mention
from kgbuild.types import EntitiesWanted, StoredMention

router = APIRouter(
    prefix="/v1",
    tags=["entities"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 404, 422)},
)

EntityId = Annotated[models.Id, Path(description="An entity's id.")]
Named = Annotated[models.Id, Query(description="An entity, by its id or a name.")]


@router.get("/entities")
def entities(
    graph: TheGraph,
    type: Annotated[list[models.EntityType], Query(max_length=29)] = [],  # noqa: B006
    prefix: Annotated[
        models.Id | None, Query(description="How one of the entity's names begins.")
    ] = None,
    document: models.Within = None,
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> models.Page[models.Entity]:
    """Entities of these types, or of all, the most mentioned first."""
    after = pages.decode("entities", cursor, int, str)
    kinds = tuple(kind.value for kind in type) or None
    wanted = EntitiesWanted(kinds, prefix, document)
    found = graph.store.entities_page(after, limit + 1, wanted)
    items, following = pages.page(
        found, limit, lambda e: pages.encode("entities", e.mention_count, e.id)
    )
    return models.Page(items=[models.Entity.model_validate(e) for e in items], next=following)


@router.get("/entities/{id:path}/mentions")
def mentions(
    graph: TheGraph, id: EntityId, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> models.Page[models.StoredMention]:
    """Where an entity is mentioned, by document and position."""
    entity = known_entity(graph.store, id)
    after = pages.decode("mentions", cursor, str, int, int, str)
    found: list[StoredMention] = []
    for stored in graph.mentions(entity=entity.id):
        if after is None or _place(stored) > (after[0], after[1], -after[2], after[3]):
            found.append(stored)
        if len(found) > limit:
            break
    items, following = pages.page(
        found,
        limit,
        lambda m: pages.encode(
            "mentions", m.document, m.mention.start, m.mention.end, m.mention.type
        ),
    )
    return models.Page(items=[mention(m) for m in items], next=following)


def _place(stored: StoredMention) -> tuple[str, int, int, str]:
    m = stored.mention
    return stored.document, m.start, -m.end, m.type


@router.get("/entities/{id:path}/neighbourhood")
def neighbourhood(
    graph: TheGraph,
    id: EntityId,
    depth: Annotated[int, Query(ge=1, le=3)] = 1,
    limit: Annotated[int, Query(ge=1, le=500, description="Most entities.")] = 100,
) -> models.Neighbourhood:
    """The entities around one and the facts between them."""
    centre = known_entity(graph.store, id)
    found = around(graph.store, centre, depth, limit)
    return models.Neighbourhood(
        centre=centre.id,
        depth=depth,
        entities=[models.Entity.model_validate(e) for e in found.entities],
        facts=[models.Fact.model_validate(f) for f in found.facts],
        truncated=found.truncated,
    )


@router.get("/entities/{id:path}")
def entity(graph: TheGraph, id: EntityId) -> models.Entity:
    """An entity by its id, or by the id of one of its names."""
    return models.Entity.model_validate(known_entity(graph.store, id))


@router.get("/paths")
def paths(
    graph: TheGraph,
    source: Named,
    target: Named,
    limit: Annotated[int, Query(ge=1, le=10)] = 3,
) -> models.Paths:
    """The shortest paths of facts between two entities: at most four facts long."""
    ends = graph.entity(source), graph.entity(target)
    return models.Paths(
        source=models.Entity.model_validate(ends[0]),
        target=models.Entity.model_validate(ends[1]),
        paths=[
            models.Path(
                facts=[models.Fact.model_validate(fact) for fact in path.facts],
                confidence=path.confidence,
                words=path.in_words(),
            )
            for path in between(graph, *ends, limit)
        ],
    )
