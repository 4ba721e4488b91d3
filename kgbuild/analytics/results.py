"""What analyses give: frozen values that show themselves as tables."""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.analytics.calendar import Dated
from kgbuild.ask.connect import fact_in_words
from kgbuild.display import Items, Shown
from kgbuild.types import Entity, Fact


@dataclass(frozen=True, slots=True)
class Ranked(Shown):
    """An entity with its score; ``neighbours`` is how many entities facts join it to."""

    entity: Entity
    score: float
    neighbours: int


@dataclass(frozen=True, slots=True, repr=False)
class Ranking(Items[Ranked]):
    """Entities by a measure of centrality, the highest first."""

    measure: str
    items: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Community(Shown):
    """A group of entities that facts join among themselves more than to others.

    ``members`` come the most central first, ``name`` is that of the first ones; ``facts`` is
    the number of facts inside, ``telling`` the types that are more common here than elsewhere.
    """

    number: int
    name: str
    size: int
    facts: int
    telling: tuple[str, ...]
    members: tuple[Entity, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Communities(Items[Community]):
    """A partition of the entities, the largest group first; ``modularity`` by Newman."""

    method: str
    modularity: float
    items: tuple[Community, ...]


@dataclass(frozen=True, slots=True)
class Route(Shown):
    """A path of facts: ``text`` tells it, ``confidence`` is the product of its facts'."""

    text: str
    confidence: float
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, facts: tuple[Fact, ...]) -> Route:
        """The route along some facts."""
        confidence = 1.0
        for fact in facts:
            confidence *= fact.confidence
        return cls("; ".join(map(fact_in_words, facts)), confidence, facts)


@dataclass(frozen=True, slots=True, repr=False)
class Routes(Items[Route]):
    """The best paths between two entities."""

    one: Entity
    other: Entity
    items: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Near(Shown):
    """An entity and how many facts lead to it."""

    entity: Entity
    distance: int


@dataclass(frozen=True, slots=True, repr=False)
class Ego(Items[Near]):
    """An entity's surroundings, the nearest first (itself at 0), and the facts among them."""

    centre: Entity
    items: tuple[Near, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Bridge(Shown):
    """An entity between two groups.

    ``score`` is the share of the shortest paths from one to the other that lead through it;
    ``to_one`` and ``to_other`` are its facts with members of each.
    """

    entity: Entity
    score: float
    to_one: tuple[Fact, ...]
    to_other: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Bridges(Items[Bridge]):
    """Who joins two groups, the most needed first."""

    one: str
    other: str
    items: tuple[Bridge, ...]


@dataclass(frozen=True, slots=True)
class Alike(Shown):
    """An entity that is like the asked one; ``shared`` tells in words what both have."""

    entity: Entity
    score: float
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Similar(Items[Alike]):
    """What is like an entity, by ``by``, the likest first."""

    entity: Entity
    by: str
    items: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class Shared(Shown):
    """A common neighbour of two entities, with the facts that join it to each."""

    entity: Entity
    to_one: tuple[Fact, ...]
    to_other: tuple[Fact, ...]

    @property
    def name(self) -> str:
        """The neighbour's name."""
        return self.entity.name


@dataclass(frozen=True, slots=True)
class Prediction(Shown):
    """Two entities that no fact joins and that the same entities are joined to.

    ``relations`` are those that the ontology allows between their types, the ones that the
    graph has most of first: which of them would hold isn't said. ``why`` are the common
    neighbours.
    """

    one: Entity
    other: Entity
    score: float
    relations: tuple[str, ...]
    why: tuple[Shared, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Predictions(Items[Prediction]):
    """Pairs that may be linked, the likeliest first."""

    measure: str
    items: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class Together(Shown):
    """Two entities named in the same sentences or documents.

    ``count`` is in how many; ``pmi`` the pointwise mutual information in bits: log2 of how
    much oftener than by chance (Church and Hanks 1990).
    """

    one: Entity
    other: Entity
    count: int
    pmi: float


@dataclass(frozen=True, slots=True, repr=False)
class Cooccurrences(Items[Together]):
    """Pairs named together; ``total`` is the number of sentences or documents."""

    within: str
    total: int
    items: tuple[Together, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Timeline(Items[Dated]):
    """Dated facts, the earliest first."""

    items: tuple[Dated, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Changes(Items[Dated]):
    """What began, happened or ended after the first of two dates and not after the second."""

    since: str
    until: str
    items: tuple[Dated, ...]
