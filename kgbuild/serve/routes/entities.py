"""Entities, their neighbourhoods, and the paths between them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from kgbuild.ask.connect import paths as shortest_paths
from kgbuild.errors import NotFoundError
from kgbuild.graph import KnowledgeGraph
from kgbuild.serve import models, pages
from kgbuild.serve.depends import Tagged, TheGraph
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.serve.routes.documents import mention
from kgbuild.types import Entity, Fact, FactsWanted, StoredMention

router = APIRouter(
    prefix="/v1",
    tags=["entities"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 404, 422)},
)

EntityId = Annotated[models.Id, Path(description="An entity's id.")]
Named = Annotated[models.Id, Query(description="An entity, by its id or a name.")]
MOST_OF_ONE = 60
"""Facts of one entity that a neighbourhood follows, the most confident first."""


@router.get("/entities")
def entities(
    graph: TheGraph,
    type: models.EntityType | None = None,
    prefix: Annotated[
        models.Id | None, Query(description="How one of the entity's names begins.")
    ] = None,
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> models.Page[models.Entity]:
    """Entities, the most mentioned first."""
    after = pages.decode("entities", cursor, int, str)
    kind = None if type is None else type.value
    found = graph.store.entities_page(after, limit + 1, kind, prefix)
    items, following = pages.page(
        found, limit, lambda e: pages.encode("entities", e.mention_count, e.id)
    )
    return models.Page(items=[models.Entity.model_validate(e) for e in items], next=following)


@router.get("/entities/{id:path}/mentions")
def mentions(
    graph: TheGraph, id: EntityId, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> models.Page[models.StoredMention]:
    """Where an entity is mentioned, by document and position."""
    entity = known_entity(graph, id)
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
    centre = known_entity(graph, id)
    found: dict[str, Entity] = {centre.id: centre}
    facts: dict[str, Fact] = {}
    truncated = False
    edge = [centre]
    for _ in range(depth):
        wider: list[Entity] = []
        for entity in edge:
            wanted = FactsWanted(entity=entity.id)
            near = graph.store.facts_page(None, MOST_OF_ONE + 1, wanted)
            truncated |= len(near) > MOST_OF_ONE
            for fact in near[:MOST_OF_ONE]:
                other = fact.object if fact.subject.id == entity.id else fact.subject
                if other.id not in found:
                    if len(found) >= limit:
                        truncated = True
                        continue
                    found[other.id] = other
                    wider.append(other)
                facts[fact.id] = fact
        edge = wider
    return models.Neighbourhood(
        centre=centre.id,
        depth=depth,
        entities=[models.Entity.model_validate(e) for e in found.values()],
        facts=[models.Fact.model_validate(f) for f in facts.values()],
        truncated=truncated,
    )


@router.get("/entities/{id:path}")
def entity(graph: TheGraph, id: EntityId) -> models.Entity:
    """An entity by its id, or by the id of one of its names."""
    return models.Entity.model_validate(known_entity(graph, id))


def known_entity(graph: KnowledgeGraph, id: str) -> Entity:
    """The entity of an id; a name's id that went into another entity leads there."""
    found = graph.store.entity(id)
    if found is None:
        moved = graph.store.node_entity(id)
        found = None if moved is None else graph.store.entity(moved)
    if found is None:
        raise NotFoundError(f"no entity {id!r}")
    return found


@router.get("/paths")
def paths(
    graph: TheGraph,
    source: Named,
    target: Named,
    limit: Annotated[int, Query(ge=1, le=10)] = 3,
) -> models.Paths:
    """The shortest paths of facts between two entities: at most four facts long."""
    ends = graph.entity(source), graph.entity(target)
    found = shortest_paths(graph.store, *ends, limit) if ends[0].id != ends[1].id else []
    return models.Paths(
        source=models.Entity.model_validate(ends[0]),
        target=models.Entity.model_validate(ends[1]),
        paths=[
            models.Path(
                facts=[models.Fact.model_validate(fact) for fact in path.facts],
                confidence=path.confidence,
                words=path.in_words(),
            )
            for path in found
        ],
    )
