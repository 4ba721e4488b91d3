"""The shortest paths of facts between two entities, told in words.

Breadth first from both ends at once. Dates, ages, sums and the like don't join people, so
no path runs through one, nor through a common noun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import prod

from kgbuild.ontology import relation_type
from kgbuild.ports import Store
from kgbuild.russian.morphology import readings
from kgbuild.types import Entity, Fact

Follow = Callable[[Fact], bool]
"""Whether a path may lead over a fact."""

Read = dict[str, tuple[tuple[Fact, Entity], ...]]
"""Facts around entities (by id) with where each leads."""

LONGEST = 4
"""Facts of a path."""

_EDGES = 60
"""Facts of an entity that are followed, the most confident first."""

_PASSING = frozenset(
    {"AGE", "DATE", "MONEY", "NUMBER", "ORDINAL", "PERCENT", "PROFESSION", "TIME"}
    | {"COUNTRY", "NATIONALITY", "RELIGION", "IDEOLOGY"}
)
"""Types that stand on a path only at its ends."""


@dataclass(frozen=True, slots=True)
class Path:
    """Facts that lead from one entity to another, in order."""

    facts: tuple[Fact, ...]

    @property
    def confidence(self) -> float:
        """The product of the facts'."""
        return prod(fact.confidence for fact in self.facts)

    def in_words(self) -> str:
        """«Ралиф Сафин: ребёнок — Алсу; Алсу: супруг — Ян Абрамов»."""
        return "; ".join(map(fact_in_words, self.facts))


def fact_in_words(fact: Fact) -> str:
    """«Алсу: супруг — Ян Абрамов»."""
    return f"{fact.subject.name}: {relation_type(fact.relation).label_ru} — {fact.object.name}"


def paths(
    store: Store,
    one: Entity,
    other: Entity,
    limit: int = 3,
    follow: Follow = lambda fact: True,
    read: Read | None = None,
) -> list[Path]:
    """The best paths between two entities: the fewest facts, then the most confident.

    Only facts that ``follow`` says yes to are on them. ``read`` keeps the facts around each
    entity for the next pair, of the same state of the store and the same ``follow``.
    """
    read = {} if read is None else read
    reached: list[dict[str, tuple[Fact, ...]]] = [{one.id: ()}, {other.id: ()}]
    edges: list[list[Entity]] = [[one], [other]]
    found: dict[tuple[int, ...], Path] = {}
    for _ in range(LONGEST):
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        wider: list[Entity] = []
        for entity in edges[side]:
            if entity.id not in read:
                read[entity.id] = tuple(_steps(store, entity, follow))
            for fact, beyond in read[entity.id]:
                way = (*reached[side][entity.id], fact)
                meets = reached[1 - side].get(beyond.id)
                if meets is not None:
                    ends = way, meets
                    facts = (*ends[side], *reversed(ends[1 - side]))
                    found.setdefault(tuple(map(id, facts)), Path(facts))
                if beyond.id not in reached[side] and joins(beyond):
                    reached[side][beyond.id] = way
                    wider.append(beyond)
        if found or not wider:
            break
        edges[side] = wider
    return sorted(found.values(), key=lambda p: (len(p.facts), -p.confidence, p.in_words()))[:limit]


def joins(entity: Entity) -> bool:
    """Whether a path may lead through an entity: a common noun («умер», «компания») is what
    many have in common, so it must have a name of its own."""
    return named(entity) and entity.type not in _PASSING


def named(entity: Entity) -> bool:
    """Whether an entity has a name of its own, and not a common noun or a verb.

    A capital makes a name, but not of the verb that a sentence begins with («Похоронили»).
    """
    if entity.type == "EVENT" and " " not in entity.name:
        reading = next(iter(readings(entity.name)), None)
        if reading is not None and reading.pos in ("VERB", "PRTS", "INFN"):
            return False
    return any(letter.isupper() or letter.isdigit() for letter in entity.name)


def _steps(store: Store, entity: Entity, follow: Follow) -> Iterator[tuple[Fact, Entity]]:
    for fact in islice(filter(follow, store.facts(subject=entity.id)), _EDGES):
        yield fact, fact.object
    for fact in islice(filter(follow, store.facts(object=entity.id)), _EDGES):
        yield fact, fact.subject
