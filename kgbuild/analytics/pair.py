"""Two entities side by side: what joins them, whom both know, where both are named, when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kgbuild.ask.comparing import entity_value, order
from kgbuild.ask.connect import named
from kgbuild.ports import Store
from kgbuild.russian.values import DateValue
from kgbuild.types import Entity, Fact, FactsWanted

MOST_FACTS, MOST_EVENTS, MOST_OF_EVENT = 500, 60, 5
"""Facts of the entity and events beside it that are looked at, and dates of one event."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A dated fact of an entity; ``through`` joins the entity to the event that has the date,
    None where the date is the entity's own."""

    value: DateValue
    fact: Fact
    through: Fact | None = None


@dataclass(frozen=True, slots=True)
class Common:
    """Somebody or something that both have facts with, and each one's facts with it."""

    entity: Entity
    one: tuple[Fact, ...]
    other: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities: ``facts`` join them, ``common`` is what both have facts with, ``documents``
    name both (how often each), ``moments`` are the dates of either (an id) in order."""

    facts: tuple[Fact, ...]
    common: tuple[Common, ...]
    documents: tuple[tuple[str, int, int], ...]
    moments: tuple[tuple[str, Moment], ...]


def compared(store: Store, one: Entity, other: Entity) -> Pair:
    """What two entities have in common."""
    between: dict[str, Fact] = {}
    around: tuple[dict[str, list[Fact]], dict[str, list[Fact]]] = (
        defaultdict(list),
        defaultdict(list),
    )
    met: dict[str, Entity] = {}
    for side, (entity, another) in enumerate(((one, other), (other, one))):
        for fact in _facts(store, entity):
            beyond = fact.object if fact.subject.id == entity.id else fact.subject
            if beyond.id == another.id:
                between[fact.id] = fact
            else:
                met[beyond.id] = beyond
                around[side][beyond.id].append(fact)
    common = [
        Common(met[id], tuple(around[0][id]), tuple(around[1][id]))
        for id in around[0].keys() & around[1].keys()
    ]
    places = [_named_in(store, entity) for entity in (one, other)]
    documents = [(s, n, places[1][s]) for s, n in places[0].items() if s in places[1]]
    dated = [(e.id, m) for e in (one, other) for m in moments(store, e)]
    return Pair(
        tuple(sorted(between.values(), key=lambda f: (-f.confidence, f.id))),
        tuple(sorted(common, key=lambda c: (not named(c.entity), -_surest(c), c.entity.name))),
        tuple(sorted(documents, key=lambda d: (-min(d[1:]), d[0]))),
        tuple(sorted(dated, key=lambda d: (order(d[1].value), d[1].fact.id, d[0]))),
    )


def _surest(common: Common) -> float:
    """How sure the surest facts of both are together."""
    one, other = (max(f.confidence for f in facts) for facts in (common.one, common.other))
    return one * other


def _facts(store: Store, entity: Entity) -> list[Fact]:
    return store.facts_page(None, MOST_FACTS, FactsWanted(entity=entity.id))


def _named_in(store: Store, entity: Entity) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for mention in store.mentions(entity=entity.id):
        found[mention.document] += 1
    return dict(found)


def timeline(store: Store, entity: Entity) -> list[Moment]:
    """The dated facts of an entity in the order of time."""
    return sorted(moments(store, entity), key=lambda m: (order(m.value), m.fact.id))


def moments(store: Store, entity: Entity) -> Iterator[Moment]:
    """The dated facts of an entity; dates without a definite value («недавно») are left out."""
    events: dict[str, Fact] = {}
    for fact in _facts(store, entity):
        other = fact.object if fact.subject.id == entity.id else fact.subject
        value = entity_value(other)
        if isinstance(value, DateValue):
            yield Moment(value, fact)
        elif other.type == "EVENT" and len(events) < MOST_EVENTS:
            events.setdefault(other.id, fact)
    for event, through in events.items():
        for fact in store.facts_page(None, MOST_OF_EVENT, FactsWanted(subject=event)):
            value = entity_value(fact.object)
            if isinstance(value, DateValue):
                yield Moment(value, fact, through)
