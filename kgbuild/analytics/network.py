"""The graph in networkx: whole as a multigraph, and the simple graph that measures need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypedDict

from kgbuild.analytics.calendar import Calendar, days_of
from kgbuild.ask.connect import joins
from kgbuild.errors import InputError
from kgbuild.ontology import entity_label, relation_type
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact

if TYPE_CHECKING:
    import networkx as nx


class Cut(TypedDict, total=False):
    """Keyword arguments that say which part of a graph is meant.

    ``types``: entities of these types. ``relations``, ``min_confidence``: such facts.
    ``as_of``: facts that may hold on that day (or on a day of that year), see
    :mod:`kgbuild.analytics.calendar`; what isn't dated is kept.
    """

    types: Collection[str] | None
    relations: Collection[str] | None
    min_confidence: float
    as_of: date | str | int | None


@dataclass(frozen=True)
class Network:
    """Some entities and the facts among them, held in memory.

    ``entities`` are by id, in the store's order; ``facts`` the most confident first.
    """

    entities: dict[str, Entity]
    facts: tuple[Fact, ...]

    @cached_property
    def graph(self) -> nx.Graph[str]:
        """A simple undirected graph of the ids: an edge where facts join two entities.

        Its ``weight`` is the sum of their confidences, ``facts`` their number, and
        ``confidence`` the best one. Directions are left out: which end of a fact is its
        subject is the ontology's choice of words.
        """
        import networkx as nx

        made: nx.Graph[Any] = nx.Graph()
        made.add_nodes_from(self.entities)
        for (one, other), facts in self._between.items():
            made.add_edge(one, other, weight=sum(f.confidence for f in facts), facts=len(facts),
                          confidence=facts[0].confidence)  # fmt: skip
        return made

    @cached_property
    def _between(self) -> dict[tuple[str, str], list[Fact]]:
        found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in self.facts:
            if fact.subject.id != fact.object.id:
                found[_pair(fact.subject.id, fact.object.id)].append(fact)
        return dict(found)

    def between(self, one: str, other: str) -> tuple[Fact, ...]:
        """The facts that join two entities, the most confident first."""
        return tuple(self._between.get(_pair(one, other), ()))

    def without(self, one: str, other: str) -> Network:
        """The same without the facts that join two entities."""
        joined = set(map(id, self.between(one, other)))
        return Network(self.entities, tuple(f for f in self.facts if id(f) not in joined))

    def joining(self, entity: str, others: Collection[str]) -> tuple[Fact, ...]:
        """The facts that join an entity to any of some others."""
        near = sorted(set(self.graph[entity]) & set(others))
        return tuple(fact for other in near for fact in self.between(entity, other))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def chosen(store: Store, cut: Cut) -> Network:
    """The part of a store's graph that is meant.

    Raises:
        InputError: the date isn't one, or the confidence none.
        NotFoundError: there is no such type or relation.
    """
    types, relations = cut.get("types"), cut.get("relations")
    least = cut.get("min_confidence", 0.0)
    for name in types or ():
        entity_label(name)
    for name in relations or ():
        relation_type(name)
    if not 0 <= least <= 1:
        raise InputError(f"a confidence is between 0 and 1, not {least}")
    asked = cut.get("as_of")
    on = None if asked is None else days_of(asked)
    calendar = Calendar(() if on is None else store.facts())
    entities = {
        entity.id: entity
        for entity in store.entities()
        if (types is None or entity.type in types) and (on is None or calendar.exists(entity, on))
    }
    facts = tuple(
        fact
        for fact in _sure(store, least)
        if (relations is None or fact.relation in relations)
        and fact.subject.id in entities
        and fact.object.id in entities
        and (on is None or calendar.holds(fact, on))
    )
    return Network(entities, facts)


def _sure(store: Store, least: float) -> Iterator[Fact]:
    """Facts from a confidence on: they come by falling confidence."""
    return takewhile(lambda fact: fact.confidence >= least, store.facts())


def joined(network: Network) -> Network:
    """What is joined to anything, without what joins nobody: dates, ages, common nouns,
    professions, countries. The same rule says where «как связаны» may lead through."""
    kept = {id for id, entity in network.entities.items() if joins(entity)}
    facts = tuple(f for f in network.facts if f.subject.id in kept and f.object.id in kept)
    return without_loners(network.entities, facts)


def without_loners(entities: dict[str, Entity], facts: tuple[Fact, ...]) -> Network:
    """The entities that facts join to others, and the facts."""
    linked = {end.id for f in facts if f.subject.id != f.object.id for end in (f.subject, f.object)}
    return Network({id: e for id, e in entities.items() if id in linked}, facts)


def to_networkx(
    store: Store,
    types: Collection[str] | None = None,
    relations: Collection[str] | None = None,
    min_confidence: float = 0.0,
    as_of: date | str | int | None = None,
) -> nx.MultiDiGraph[str]:
    """Entities as nodes, facts as edges keyed by relation.

    Nodes carry id, name, type, aliases and mentions; edges relation, confidence, evidence (how
    many) and sources. With ``types`` only entities of these are there, with ``relations`` and
    ``min_confidence`` only such facts, with ``as_of`` only what may hold on that day; what
    isn't dated is kept (:mod:`kgbuild.analytics.calendar`).

    Raises:
        InputError: the date isn't one, or the confidence none.
        NotFoundError: there is no such type or relation.
    """
    import networkx as nx

    network = chosen(store, Cut(types=types, relations=relations,
                                min_confidence=min_confidence, as_of=as_of))  # fmt: skip
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for entity in network.entities.values():
        graph.add_node(entity.id, id=entity.id, name=entity.name, type=entity.type,
                       aliases=list(entity.aliases), mentions=entity.mention_count)  # fmt: skip
    for fact in network.facts:
        graph.add_edge(fact.subject.id, fact.object.id, key=fact.relation,
                       relation=fact.relation, confidence=fact.confidence,
                       evidence=len(fact.evidence),
                       sources=sorted({e.document for e in fact.evidence}))  # fmt: skip
    return graph
