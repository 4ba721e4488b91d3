"""Entities, facts, the paths between them and searches, as the service and the MCP server do them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgbuild.ask.candidates import Surroundings
from kgbuild.ask.connect import Path
from kgbuild.ask.connect import paths as shortest_paths
from kgbuild.errors import NotFoundError
from kgbuild.graph import KnowledgeGraph
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact, FactsWanted, SearchResults

if TYPE_CHECKING:
    from kgbuild.serve.mcp.shapes import SearchArguments
    from kgbuild.serve.models import SearchRequest

MOST_OF_ONE = 60
"""Facts of one entity that a neighbourhood follows, the most confident first."""


@dataclass(frozen=True, slots=True)
class Around:
    """The entities around one, itself first, and the facts between them.

    ``truncated`` says that there are more than were let through.
    """

    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    truncated: bool


def known_entity(store: Store, id: str) -> Entity:
    """The entity of an id; a name's id that went into another entity leads there.

    Raises:
        NotFoundError: there is none.
    """
    found = store.entity(id)
    if found is None:
        moved = store.node_entity(id)
        found = None if moved is None else store.entity(moved)
    if found is None:
        raise NotFoundError(f"no entity {id!r}")
    return found


def known_fact(graph: KnowledgeGraph, id: str) -> Fact:
    """The fact of an id.

    Raises:
        NotFoundError: there is none.
    """
    subject, _, rest = id.partition(":")
    relation, _, object = rest.partition(":")
    found = next(graph.store.facts(subject, relation, object), None)
    if found is None:
        raise NotFoundError(f"no fact {id!r}: an id is SUBJECT:RELATION:OBJECT")
    return found


def around(
    store: Store, centre: Entity, depth: int, limit: int, relation: str | None = None
) -> Around:
    """At most ``limit`` entities within ``depth`` facts (of a relation) of one."""
    found: dict[str, Entity] = {centre.id: centre}
    facts: dict[str, Fact] = {}
    truncated = False
    edge = [centre]
    for _ in range(depth):
        wider: list[Entity] = []
        for entity in edge:
            wanted = FactsWanted(entity=entity.id, relation=relation)
            near = store.facts_page(None, MOST_OF_ONE + 1, wanted)
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
    return Around(tuple(found.values()), tuple(facts.values()), truncated)


def between(graph: KnowledgeGraph, source: Entity, target: Entity, limit: int) -> list[Path]:
    """The shortest paths of facts between two entities; none from one to itself."""
    if source.id == target.id:
        return []
    return shortest_paths(Surroundings(graph.store), source, target, limit)


def searched(graph: KnowledgeGraph, wanted: SearchRequest | SearchArguments) -> SearchResults:
    """What a search finds, with the filters that were given."""
    return graph.search(
        wanted.text,
        wanted.limit,
        wanted.mode,
        entity=wanted.entity,
        type=None if wanted.type is None else wanted.type.value,
        relation=None if wanted.relation is None else wanted.relation.value,
        document=wanted.document,
        since=wanted.since,
        until=wanted.until,
    )
