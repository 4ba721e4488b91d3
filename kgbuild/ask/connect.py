"""The shortest paths of facts between two entities, told in words.

Breadth first from both ends at once. Dates, ages, sums and the like don't join people, so
no path runs through one, nor through a common noun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import prod

from kgbuild.ask.candidates import Surroundings
from kgbuild.ontology import relation_type
from kgbuild.russian.morphology import readings
from kgbuild.types import Entity, Fact

LONGEST = 4
"""Facts of a path."""

_EDGES = 60
"""Facts of an entity that are followed, on each of its sides."""

_COMPARED = 60
"""Equally good paths whose words are compared."""

_Way = tuple[tuple[int, float], ...]
"""Facts in order: the row and the confidence of each."""

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
    known: Surroundings,
    one: Entity,
    other: Entity,
    limit: int = 3,
    types: Collection[str] | None = None,
) -> list[Path]:
    """The best paths between two entities: the fewest facts, then the most confident.

    They lead over the facts that ``known`` follows, and through entities of ``types`` alone
    where these are given.
    """
    ends = known.rows([one.id, other.id])
    if len(ends) < 2:
        return []
    first, last = ends[one.id], ends[other.id]
    reached: list[dict[int, _Way]] = [{first: ()}, {last: ()}]
    edges: list[list[int]] = [[first], [last]]
    found: dict[_Way, None] = {}
    for step in range(LONGEST):
        side = 0 if len(edges[0]) <= len(edges[1]) else 1
        mine, theirs = reached[side], reached[1 - side]
        beyond: dict[int, _Way] = {}
        for row, around in known.edges(edges[side], _EDGES).items():
            for edge in around:
                way = (*mine[row], (edge.fact, edge.confidence))
                if (meets := theirs.get(edge.to)) is not None:
                    there, back = (way, meets) if side == 0 else (meets, way)
                    found[*there, *reversed(back)] = None
                if edge.to not in mine:
                    beyond.setdefault(edge.to, way)
        if found or step == LONGEST - 1:
            break
        entities = known.entities(beyond)
        through = [
            row for row, entity in entities.items()
            if joins(entity) and (types is None or entity.type in types)
        ]  # fmt: skip
        if not through:
            break
        mine.update((row, beyond[row]) for row in through)
        edges[side] = through
    return _best(known, found, limit)


def _best(known: Surroundings, ways: Iterable[_Way], limit: int) -> list[Path]:
    """The first of some ways, with their facts; equally good ones by their words."""

    def rank(way: _Way) -> tuple[int, float]:
        return len(way), -prod(sure for _, sure in way)

    ordered = sorted(ways, key=rank)
    good = [way for way in ordered[:_COMPARED] if rank(way) <= rank(ordered[:limit][-1])]
    facts = known.facts([fact for way in good for fact, _ in way])
    standing = (way for way in good if all(fact in facts for fact, _ in way))
    made = [Path(tuple(facts[fact] for fact, _ in way)) for way in standing]
    return sorted(made, key=lambda p: (len(p.facts), -p.confidence, p.in_words()))[:limit]


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
