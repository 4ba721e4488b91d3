"""Who is first, oldest, dearest, or has most: values of one relation over the whole graph, or
over a group, put in order.

The relation is the one that the ranker reads in the question for the value of one thing. Of
values that overlap («1945 год», «апрель 1945 года») none is the first for certain: whoever can
be it stands in the answer. A wrong value is an extreme one more often than not, so only facts
that are likelier right than wrong count, and of several values of one entity the surest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.answer import LIKELY
from kgbuild.ask.candidates import STEPS, Surroundings
from kgbuild.ask.comparing import order
from kgbuild.ask.decide import MOST_ITEMS, once
from kgbuild.ask.outcomes import Result, evidence_of
from kgbuild.ask.rules.superlative import Superlative
from kgbuild.ask.shown import shown_name
from kgbuild.ask.stems import stem, stems
from kgbuild.ontology import relation_type
from kgbuild.russian.values import DateValue, Quantity, Value, value_of
from kgbuild.types import Abstention, AnswerItem, EdgesWanted, Entity, Side, Tallied

CLEAR, HEARD = 0.6, 0.1
"""The share that the relation must have of those that fit, and that these must have of all."""

FEWEST, FEWEST_OF_ALL = 2, 3
"""Values that make an extreme, in a group and in a whole graph."""

KNOWN = 0.5
"""The share of a group whose value must be known."""

TOGETHER = 4
"""Values whose facts are read at once, the most extreme first."""

MOST_FACTS = 60
"""Facts of one value, or of one entity, that are looked at."""

MOST_COUNTED = 200
"""Entities with the most facts that are looked at."""

_VALUES = frozenset({"AGE", "DATE", "MONEY", "TIME"})


@dataclass(frozen=True, slots=True)
class Compared:
    """A relation and direction that lead from whom the superlative is said of to what is
    compared; ``value`` is the type of that, "" where its number counts."""

    relation: str
    inverse: bool
    value: str

    @property
    def label(self) -> str:
        """What it is in Russian."""
        return relation_type(self.relation).label("ru", self.inverse)


@dataclass(frozen=True, slots=True)
class _Held:
    """An entity (a row) with a value, its row, and the fact (a row) that states it."""

    entity: int
    value: Value
    row: int
    fact: int


def relation_asked(asked: Superlative, steps: NDArray[np.float64]) -> Compared | None:
    """What is compared, by the likelihood of ``STEPS``; None where that isn't clear."""
    values = [_compared(asked, relation, inverse) for relation, inverse in STEPS]
    shares = np.where([value is not None for value in values], steps, 0.0)
    best = int(shares.argmax())
    if shares.sum() < HEARD or shares[best] < CLEAR * shares.sum():
        return None
    return Compared(*STEPS[best], values[best] or "")


def _compared(asked: Superlative, relation: str, inverse: bool) -> str | None:
    """What a step would compare, "" for a number of things; None where it doesn't fit."""
    kind = relation_type(relation)
    starts, ends = frozenset(kind.subject_types), frozenset(kind.object_types)
    starts, ends = (ends, starts) if inverse else (starts, ends)
    if (inverse and kind.symmetric) or (asked.types and not starts & set(asked.types)):
        return None
    measured = asked.scale.value
    if ends <= _VALUES:
        wanted = "MONEY" if measured == "NUMBER" else measured
        return wanted if wanted in ends and not asked.counted else None
    if measured != "NUMBER" or asked.scale.least:  # whoever has none isn't in the graph
        return None
    return "" if ends & set(asked.counted) else None


@dataclass
class Extremes:
    """Values of one generation of a store; those of a relation are read once."""

    around: Surroundings
    _values: dict[tuple[str, str], list[tuple[Value, Tallied]]] = field(default_factory=dict)
    _tallies: dict[tuple[object, ...], list[tuple[int, int]]] = field(default_factory=dict)

    def foremost(self, asked: Superlative, over: Compared, group: Sequence[int] | None) -> Result:
        """The answer over a group (rows of entities), or over the whole graph."""
        if not over.value:
            return self._counted(asked, over, group)
        best = (
            self._of_group(asked, over, group) if group is not None else self._of_all(asked, over)
        )
        return best if isinstance(best, Result) else self._said(over, best)

    def _of_group(
        self, asked: Superlative, over: Compared, group: Sequence[int]
    ) -> list[_Held] | Result:
        held = self._held(over, group)
        if len(held) < FEWEST or len(held) < KNOWN * len(group):
            return _few(over, len(held), len(group))
        return _first(held, asked.scale.least)

    def _of_all(self, asked: Superlative, over: Compared) -> list[_Held] | Result:
        """The most extreme values are looked at first, until no later one can be the first."""
        least = asked.scale.least
        known = [one for one in self._read(over) if _closed(one[0], least)]
        found = []
        for unit in _units([value for value, _ in known]):
            alike = [one for one in known if _unit(one[0]) == unit]
            found += self._outermost(asked, over, alike)
        if len(found) < FEWEST_OF_ALL:
            return _few(over, len(found), None)
        return _first(found, least)

    def _outermost(
        self, asked: Superlative, over: Compared, known: list[tuple[Value, Tallied]]
    ) -> list[_Held]:
        least = asked.scale.least
        known.sort(key=lambda one: _ends(one[0], least)[0])
        fit: dict[int, _Held] = {}
        for begin in range(0, len(known), TOGETHER):
            some = known[begin : begin + TOGETHER]
            if len(fit) >= FEWEST_OF_ALL:
                bound = min(_ends(one.value, least)[1] for one in fit.values())
                if _ends(some[0][0], least)[0] > bound:
                    break
            rows = {one.entity for _, one in some}
            edges = self.around.store.links(_wanted(over, rows))
            subjects = self._fitting(asked, edges.subject[edges.confidence >= LIKELY].tolist())
            fit |= {one.entity: one for one in self._held(over, subjects) if one.row in rows}
        return list(fit.values())

    def _read(self, over: Compared) -> list[tuple[Value, Tallied]]:
        key = over.relation, over.value
        if key not in self._values:
            tallied = self.around.store.tally(over.relation, "object", (over.value,), LIKELY)
            read = [(value_of(one.name, over.value), one) for one in tallied]
            self._values[key] = [(value, one) for value, one in read if value is not None]
        return list(self._values[key])

    def _held(self, over: Compared, rows: Sequence[int]) -> list[_Held]:
        """The surest value of each of the entities that has one."""
        edges = self.around.store.links(_wanted(over, rows))
        sure = edges.confidence >= LIKELY
        of = set(rows)
        ends = self.around.entities(edges.object[sure].tolist())
        found: dict[int, _Held] = {}
        for subject, object, fact in zip(
            edges.subject[sure].tolist(),
            edges.object[sure].tolist(),
            edges.fact[sure].tolist(),
            strict=True,
        ):
            end = ends.get(object)
            value = None if end is None else value_of(end.name, over.value)
            if subject in of and end is not None and end.type == over.value and value is not None:
                found.setdefault(subject, _Held(subject, value, object, fact))
        return list(found.values())

    def _fitting(self, asked: Superlative, rows: Sequence[int]) -> list[int]:
        """Those that the question's noun can call so."""
        noun = set(stems(asked.noun)) if asked.noun and not asked.types else set[str]()
        return [
            row for row, entity in self.around.entities(rows).items()
            if (not asked.types or entity.type in asked.types)
            and (not noun or noun & {stem(word) for name in (entity.name, *entity.aliases)
                                     for word in stems(name)})
        ]  # fmt: skip

    def _counted(self, asked: Superlative, over: Compared, group: Sequence[int] | None) -> Result:
        """Whoever has the most facts of a relation."""
        side: Side = "object" if over.inverse else "subject"
        if relation_type(over.relation).symmetric:
            side = "either"
        if group is None:
            counts, fewest = self._counts(asked, over, side), FEWEST_OF_ALL
        else:
            held = Counter(entity for entity, _ in self._facts(over, side, group))
            counts, fewest = held.most_common(), FEWEST
        if len(counts) < fewest:
            return _few(over, len(counts), None if group is None else len(group))
        most = [entity for entity, number in counts if number == counts[0][1]][:MOST_ITEMS]
        facts: dict[int, list[int]] = {entity: [] for entity in most}
        for entity, fact in self._facts(over, side, most):
            facts[entity].append(fact)
        number = str(counts[0][1])
        return self._items(over, [(entity, number, rows) for entity, rows in facts.items()])

    def _counts(self, asked: Superlative, over: Compared, side: Side) -> list[tuple[int, int]]:
        """The entities of the whole graph with the most facts, and how many."""
        key = over.relation, side, asked.types
        if key not in self._tallies:
            types = asked.types or None
            tallied = self.around.store.tally(over.relation, side, types, LIKELY, MOST_COUNTED)
            self._tallies[key] = [(one.entity, one.facts) for one in tallied]
        fit = set(self._fitting(asked, [entity for entity, _ in self._tallies[key]]))
        return [(entity, facts) for entity, facts in self._tallies[key] if entity in fit]

    def _facts(self, over: Compared, side: Side, entities: Sequence[int]) -> list[tuple[int, int]]:
        """Entities with their facts (rows) on a side, a pair for each fact."""
        edges = self.around.store.links(_wanted(over, entities))
        sure = edges.confidence >= LIKELY
        ends = {"subject": (edges.subject,), "object": (edges.object,)}
        wanted = set(entities)
        return [
            (entity, fact)
            for end in ends.get(side, (edges.subject, edges.object))
            for entity, fact in zip(end[sure].tolist(), edges.fact[sure].tolist(), strict=True)
            if entity in wanted
        ]

    def _said(self, over: Compared, best: Sequence[_Held]) -> Result:
        ends = self.around.entities(one.row for one in best)
        return self._items(
            over, [(one.entity, shown_name(ends[one.row]), [one.fact]) for one in best]
        )

    def _items(self, over: Compared, found: Sequence[tuple[int, str, list[int]]]) -> Result:
        """Answers of entities (rows) with what is said of each and the facts that say so."""
        entities = self.around.entities(row for row, _, _ in found)
        items = []
        for row, said, rows in found[:MOST_ITEMS]:
            facts = list(self.around.facts(rows).values())
            entity: Entity | None = entities.get(row)
            if entity is None or not facts:
                continue
            items.append(
                AnswerItem(
                    f"{shown_name(entity)}: {said}",
                    entity.id,
                    min(fact.confidence for fact in facts),
                    over.relation,
                    once(evidence_of(facts)),
                    facts=tuple(fact.id for fact in facts),
                )
            )
        items.sort(key=lambda item: -item.confidence)
        return Result(tuple(items)) if items else _few(over, 0, None)


def _closed(value: Value, least: bool) -> bool:
    """Whether a value says how far it reaches: «до 1994 года» could be any time before."""
    if isinstance(value, DateValue):
        return (value.first if least else value.last) is not None
    return value.bound in ("", "about")


def _ends(value: Value, least: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """How far a value reaches toward the extreme, and how far from it: the first sorts before."""
    low, high = _halves(value)
    if least:
        return low, high
    return tuple(-n for n in high), tuple(-n for n in low)


def _halves(value: Value) -> tuple[tuple[float, ...], tuple[float, ...]]:
    key = order(value)
    half = len(key) // 2
    return key[:half], key[half:]


def _first(held: Sequence[_Held], least: bool) -> list[_Held]:
    """Those that can be the first; sums in several currencies aren't held against each other."""
    found = []
    closed = [one for one in held if _closed(one.value, least)]
    for unit in _units([one.value for one in closed]):
        alike = [one for one in closed if _unit(one.value) == unit]
        bound = min(_ends(one.value, least)[1] for one in alike)
        found += [one for one in alike if _ends(one.value, least)[0] <= bound]
    return found


def _units(values: Sequence[Value]) -> list[str]:
    """The units of values, the most frequent first; a sum without one only where all are."""
    counted = Counter(map(_unit, values))
    return [unit for unit, _ in counted.most_common() if unit or len(counted) == 1]


def _unit(value: Value) -> str:
    return value.unit if isinstance(value, Quantity) else ""


def _wanted(over: Compared, entities: Iterable[int]) -> EdgesWanted:
    """The facts of the relation around entities. How sure they are is looked at afterwards: a
    database that is asked for both reads the whole relation."""
    return EdgesWanted(entities=tuple(entities), relations=(over.relation,), most=MOST_FACTS)


def _few(over: Compared, known: int, of: int | None) -> Result:
    """Why there is no extreme."""
    whole = "" if of is None else f" из {of}"
    reason = f"Сравнить нечего: «{over.label}» известно слишком о немногих ({known}{whole})."
    return Result(abstention=Abstention.NO_FACT, reason=reason)
