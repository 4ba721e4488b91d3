"""Facts of one entity that can't all be true: documents disagree, or two people are taken for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from kgbuild.ask.comparing import agree, entity_value
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact

VALUED = frozenset({"AGE_DIED_AT", "DATE_OF_BIRTH", "DATE_OF_DEATH", "DATE_FOUNDED_IN"})
"""Relations of which two different values can't both be true."""

PLACED = frozenset({"PLACE_OF_BIRTH", "PLACE_OF_DEATH"})
"""Relations with one place: two of a kind, neither in the other, can't both be true."""


def conflicts(store: Store, facts: Sequence[Fact], of: str) -> list[tuple[Fact, ...]]:
    """The facts about an entity (an id) that contradict each other, a group a relation.

    «1945 год» agrees with «25 апреля 1945 года», and a village with its district: only what
    excludes each other is told, surest first. A fact that contradicts no other isn't listed.
    """
    mine: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.subject.id == of and fact.relation in VALUED | PLACED:
            mine[fact.relation].append(fact)
    found = []
    for relation, some in sorted(mine.items()):
        exclude = _values_exclude if relation in VALUED else _places_exclude(store)
        against = tuple(
            one for one in some if any(exclude(one.object, other.object) for other in some)
        )
        if against:
            found.append(against)
    return found


def _values_exclude(one: Entity, other: Entity) -> bool:
    mine, its = entity_value(one), entity_value(other)
    return mine is not None and its is not None and not agree(mine, its)


def _places_exclude(store: Store) -> Callable[[Entity, Entity], bool]:
    def lies_in(inner: Entity, outer: Entity) -> bool:
        return next(store.facts(inner.id, "LOCATED_IN", outer.id), None) is not None

    def exclude(one: Entity, other: Entity) -> bool:
        if one.id == other.id or one.type != other.type:
            return False
        return not lies_in(one, other) and not lies_in(other, one)

    return exclude
