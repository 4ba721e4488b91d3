"""The graph as a picture: nodes with their places, and the facts between them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from kgbuild.errors import InputError
from kgbuild.graph import KnowledgeGraph
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.search.filters import resolve
from kgbuild.serve import models, picture
from kgbuild.serve.around import known_entity
from kgbuild.serve.depends import Tagged, TheService
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.types import EdgesWanted

router = APIRouter(
    prefix="/v1",
    tags=["entities"],
    dependencies=[Tagged],
    responses={**NOT_MODIFIED, **documented(401, 404, 422)},
)

DEFAULT_TOP = 150
_Day = Annotated[str, Field(max_length=100), AfterValidator(models.storable)]


class GraphQuery(BaseModel):
    """What the picture shows; without a centre and a step the entities with most facts."""

    centre: Annotated[
        list[models.Id], Field(max_length=20, description="Ids of entities to begin with.")
    ] = []
    depth: Annotated[int, Field(ge=1, le=3, description="Facts around a centre.")] = 1
    top: Annotated[
        int | None, Field(ge=1, le=picture.MOST_NODES, description="So many of the whole graph.")
    ] = None
    step: Annotated[
        list[models.Id],
        Field(
            max_length=50,
            description="What is added, in order: ID its neighbours, ID~ID the shortest paths"
            " between two. What was drawn before keeps its place.",
        ),
    ] = []
    type: Annotated[list[models.EntityType], Field(max_length=29)] = []
    relation: Annotated[list[models.RelationName], Field(max_length=49)] = []
    confidence: Annotated[float, Field(ge=0, le=1, description="The least.")] = 0.0
    since: Annotated[
        _Day | None, Field(description="A passage that states the fact names a day from then on.")
    ] = None
    until: Annotated[_Day | None, Field(description="The same, up to then.")] = None
    document: Annotated[
        models.Id | None,
        Field(description="It states what is drawn; `*` in its name stands for anything."),
    ] = None
    limit: Annotated[
        int, Field(ge=1, le=picture.MOST_NODES, description="Most nodes around centres.")
    ] = 300


class GraphNode(BaseModel):
    """An entity and where it is drawn; ``degree`` counts its facts, drawn or not; its
    ``community`` is a number, the largest 0, -1 where it is joined to nothing drawn; its
    ``centrality`` is PageRank among what is drawn, the highest as 1."""

    id: str
    name: str
    type: str
    x: float
    y: float
    size: float
    degree: int
    community: int
    centrality: float


class GraphEdge(BaseModel):
    """A fact; ``sources`` is the number of documents that state it, ``dates`` are at its ends
    or in the passages that state it."""

    id: str
    subject: str
    object: str
    relation: str
    label_ru: str
    label_en: str
    confidence: float
    sources: int
    dates: list[str]
    on_path: bool


class GraphPicture(BaseModel):
    """The picture; ``truncated`` says that more belongs to it than the limits let through."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    truncated: bool


@router.get("/graph")
def graph(service: TheService, query: Annotated[GraphQuery, Query()]) -> GraphPicture:
    """A part of the graph with the places to draw it at: the same request, the same places."""
    wanted = _wanted(service.graph, query)
    drawn = service.pictures.draw(service.graph.store, wanted)
    nodes = [
        GraphNode(id=n.entity.id, name=n.entity.name, type=n.entity.type, x=n.x, y=n.y,
                  size=n.size, degree=n.degree, community=n.community, centrality=n.centrality)
        for n in drawn.nodes
    ]  # fmt: skip
    return GraphPicture(
        nodes=nodes, edges=[_edge(e) for e in drawn.edges], truncated=drawn.truncated
    )


def _wanted(graph: KnowledgeGraph, query: GraphQuery) -> picture.PictureWanted:
    centres = tuple(known_entity(graph.store, id).id for id in query.centre)
    steps = tuple(_step(graph, step) for step in query.step)
    days: Any = {"since": query.since, "until": query.until}
    dates = None
    if query.since is not None or query.until is not None:
        dates = resolve(graph.store, days, graph.normalizer).any_of
    whole = 0 if centres or steps else DEFAULT_TOP
    return picture.PictureWanted(
        centres=centres,
        depth=query.depth,
        top=whole if query.top is None else query.top,
        steps=steps,
        filter=EdgesWanted(
            types=tuple(sorted(t.value for t in query.type)) or None,
            relations=tuple(sorted(r.value for r in query.relation)) or None,
            confidence=query.confidence,
            dates=dates,
            document=query.document,
        ),
        limit=query.limit,
    )


def _step(graph: KnowledgeGraph, written: str) -> picture.Step:
    one, between, other = written.partition("~")
    if not one or (between and not other):
        raise InputError(f"step: {written!r} is neither ID nor ID~ID")
    return picture.Step(
        known_entity(graph.store, one).id, known_entity(graph.store, other).id if other else None
    )


def _edge(edge: picture.Edge) -> GraphEdge:
    labels = (edge.relation, edge.relation)
    if edge.relation in RELATIONS:
        relation = relation_type(edge.relation)
        labels = relation.label_ru, relation.label_en
    return GraphEdge(
        id=edge.id,
        subject=edge.subject,
        object=edge.object,
        relation=edge.relation,
        label_ru=labels[0],
        label_en=labels[1],
        confidence=edge.confidence,
        sources=edge.documents,
        dates=list(edge.dates),
        on_path=edge.on_path,
    )
