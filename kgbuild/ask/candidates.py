"""What the graph proposes as answers: paths of one and two facts around the named entities.

A candidate leads from an entity that the question may name over one or two relations, read
in either direction, to an end. Nothing here reads the question but the names in it; the
facts are read as bare numbers, bounded for every entity, so that a country or a date that
half of the graph hangs on costs no more than a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.spans import Link, starts
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.ports import Store
from kgbuild.types import EdgesWanted, Entity, Fact

MOST_FACTS = 150
"""Facts of an entity that are followed, on each of its sides."""

MOST_KEPT = 2_000
"""Facts whose evidence is kept for the next question."""

WEAK_STARTS, MOST_WEAK = 4, 40
"""Entities around which readings too weak for a fact are looked at, and how many of each."""

MOST_MIDDLES = 120
"""Entities that a path of two facts leads through."""

MOST_AROUND = 60
"""Facts of an entity on the way that are followed, on each of its sides."""

STEPS: tuple[tuple[str, bool], ...] = tuple(
    (relation, inverse) for relation in RELATIONS for inverse in (False, True)
)
"""A relation and whether it is read from its object: a step's number is its place here."""

THROUGH = frozenset(
    {"PERSON", "ORGANIZATION", "EVENT", "PROFESSION", "FACILITY", "WORK_OF_ART", "PRODUCT"}
    | {"AWARD", "CITY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE", "FAMILY", "CRIME", "LAW"}
    | {"PENALTY", "DISEASE"}
)
"""Types that a path of two facts may lead through."""

_FIRST_WEAK = -2
_STEP = {step: number for number, step in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Edge:
    """A fact (row id) as it leads away from an entity: ``step`` and the row it leads to."""

    fact: int
    step: int
    to: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """Paths as numbers, one a row: int64 [n] each, -1 where a path has one fact.

    ``start`` indexes ``links``; ``first`` and ``second`` are steps, ``middle`` and ``end`` rows
    of entities, ``fact`` and ``then`` rows of facts (below -1: what a reading too weak for a
    fact would state); ``confidence`` float64 [n].
    """

    links: tuple[Link, ...]
    start: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    middle: NDArray[np.int64]
    end: NDArray[np.int64]
    fact: NDArray[np.int64]
    then: NDArray[np.int64]
    confidence: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def last(self) -> NDArray[np.int64]:
        """The step that leads to the end."""
        return np.where(self.second >= 0, self.second, self.first)


@dataclass
class Surroundings:
    """Entities and facts of one generation of a store, read once however often they are asked
    for; forgotten as a whole when they grow past ``most``. ``wanted`` says which facts there
    are to be followed."""

    store: Store
    wanted: EdgesWanted = field(default_factory=EdgesWanted)
    most: int = 200_000
    _entities: dict[int, Entity] = field(default_factory=dict)
    _edges: dict[tuple[int, int], tuple[Edge, ...]] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)
    _facts: dict[int, Fact] = field(default_factory=dict)
    _weak: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    _readings: dict[int, Fact] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(_FIRST_WEAK, -1))

    def rows(self, ids: Iterable[str]) -> dict[str, int]:
        """Rows of entities by id."""
        wanted = list(ids)
        found = {id: row for id in wanted if (row := self._rows.get(id)) is not None}
        if len(found) < len(wanted) and (missing := [id for id in wanted if id not in found]):
            read = self.store.entity_rows(missing)
            self._rows.update(read)
            found = {id: row for id in wanted if (row := found.get(id, read.get(id))) is not None}
        return found

    def entities(self, rows: Iterable[int]) -> dict[int, Entity]:
        """Entities by row."""
        wanted = list(dict.fromkeys(rows))
        found = {row: one for row in wanted if (one := self._entities.get(row)) is not None}
        if len(found) == len(wanted):
            return found
        missing = [row for row in wanted if row not in found]
        for row, entity in zip(missing, self.store.entities_by_row(missing), strict=True):
            if entity is not None:
                found[row] = self._entities[row] = entity
                self._rows[entity.id] = row
        if len(self._entities) > self.most:
            self._entities.clear()
        return {row: found[row] for row in wanted if row in found}

    def entities_of(self, ids: Iterable[str]) -> list[Entity]:
        """Entities by id, in their order; those that aren't there are left out."""
        rows = self.rows(ids)
        return list(self.entities(rows.values()).values())

    def edges(self, rows: Sequence[int], most: int) -> dict[int, tuple[Edge, ...]]:
        """The facts around entities, at most so many on each side of one."""
        wanted = list(dict.fromkeys(rows))
        found = {row: e for row in wanted if (e := self._edges.get((row, most))) is not None}
        missing = [row for row in wanted if row not in found]
        if missing:
            if len(self._edges) > self.most:
                self._edges.clear()
            made: dict[int, list[Edge]] = {row: [] for row in missing}
            bound = most if self.wanted.dates is None else None  # dates are looked for last
            links = self.store.links(replace(self.wanted, entities=tuple(missing), most=bound))
            for fact, subject, object, relation, confidence in zip(
                links.fact.tolist(),
                links.subject.tolist(),
                links.object.tolist(),
                links.relation.tolist(),
                links.confidence.tolist(),
                strict=True,
            ):
                name = links.relations[relation]
                forward, back = _STEP[name, False], _STEP[name, True]
                same = relation_type(name).symmetric
                if subject in made:
                    made[subject].append(Edge(fact, forward, object, confidence))
                if object in made and subject != object:
                    step = forward if same else back
                    made[object].append(Edge(fact, step, subject, confidence))
            for row, edges in made.items():
                found[row] = self._edges[row, most] = tuple(edges if bound else edges[: 2 * most])
        return {row: found[row] for row in wanted}

    def facts(self, rows: Sequence[int]) -> dict[int, Fact]:
        """Facts with their evidence by row."""
        wanted = list(dict.fromkeys(rows))
        found = {row: self._readings[row] for row in wanted if row < -1}
        found |= {row: one for row in wanted if (one := self._facts.get(row)) is not None}
        missing = [row for row in wanted if row not in found]
        if missing:
            if len(self._facts) > MOST_KEPT:
                self._facts.clear()
            for row, fact in zip(missing, self.store.linked(missing), strict=True):
                if fact is not None:
                    found[row] = self._facts[row] = fact
        return {row: found[row] for row in wanted if row in found}

    def weak(self, row: int) -> tuple[Edge, ...]:
        """What readings around an entity would state, had they not been too weak for a fact."""
        found = self._weak.get(row)
        if found is not None:
            return found
        own = self._entities[row].id
        made = []
        for fact in self.store.candidates(own)[:MOST_WEAK]:
            inverse = fact.subject.id != own
            other = fact.subject if inverse else fact.object
            to = self.rows([other.id]).get(other.id)
            if to is None or to == row:
                continue
            back = inverse and not relation_type(fact.relation).symmetric
            number = next(self._numbers)
            self._readings[number] = fact
            made.append(Edge(number, _STEP[fact.relation, back], to, fact.confidence))
        return self._weak.setdefault(row, tuple(made))


@dataclass(frozen=True, slots=True)
class Proposed:
    """The candidates of a question; ``around`` are the edges of starts and middles by row, and
    ``named`` the links of all entities that the words may name, by row."""

    candidates: Candidates
    around: dict[int, tuple[Edge, ...]]
    entities: dict[int, Entity]
    named: dict[int, Link]


def propose(links: Sequence[Link], known: Surroundings, weak: bool = False) -> Proposed:
    """The candidates around the best of the links; with ``weak`` also what readings too weak
    for a fact would state."""
    begun = starts(links)
    rows = known.rows(link.entity for link in links)
    named = {rows[link.entity]: link for link in links if link.entity in rows}
    begun = [link for link in begun if link.entity in rows]
    begin = [rows[link.entity] for link in begun]
    around = dict(known.edges(begin, MOST_FACTS))
    entities = known.entities([*begin, *(e.to for row in begin for e in around[row])])
    middles = _middles(begin, around, entities, named)
    around |= known.edges([row for row in middles if row not in around], MOST_AROUND)
    found = _Paths()
    through = set(middles)
    for at, row in enumerate(begin):
        for edge in around[row]:
            found.add(at, edge)
            if edge.to in through:
                for then in around[edge.to][: 2 * MOST_AROUND]:
                    if then.to not in (row, edge.to) and then.fact != edge.fact:
                        found.add(at, edge, then)
    for at, row in enumerate(begin[:WEAK_STARTS] if weak else ()):
        for edge in known.weak(row):
            found.add(at, edge)
    candidates = found.made(begun)
    entities |= known.entities({*candidates.end.tolist(), *candidates.middle.tolist()} - {-1})
    return Proposed(candidates, around, entities, named)


class _Paths:
    """Paths as they are found."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = []
        self._sure: list[float] = []

    def add(self, start: int, edge: Edge, then: Edge | None = None) -> None:
        """A path of one fact, or of two."""
        rest = (-1, -1, edge.to, edge.fact, -1)
        if then is not None:
            rest = (then.step, edge.to, then.to, edge.fact, then.fact)
        self._rows.append((start, edge.step, *rest))
        self._sure.append(edge.confidence * (1.0 if then is None else then.confidence))

    def made(self, links: Sequence[Link]) -> Candidates:
        """All of them."""
        numbers = np.array(self._rows, dtype=np.int64).reshape(-1, 7)
        start, first, second, middle, end, fact, then = np.ascontiguousarray(numbers.T)
        sure = np.array(self._sure, dtype=np.float64)
        return Candidates(tuple(links), start, first, second, middle, end, fact, then, sure)


def _middles(
    begin: Sequence[int],
    around: dict[int, tuple[Edge, ...]],
    entities: dict[int, Entity],
    named: dict[int, Link],
) -> list[int]:
    """What paths of two facts lead through: first what the question names, then the
    neighbours of the best starts, in turn."""
    chosen: dict[int, None] = {}
    lists = []
    for row in begin:
        fit = [e.to for e in around[row] if e.to in entities and entities[e.to].type in THROUGH]
        chosen.update(dict.fromkeys(to for to in fit if to in named))
        lists.append(list(dict.fromkeys(fit)))
    for turn in range(max(map(len, lists), default=0)):
        for some in lists:
            if turn < len(some) and len(chosen) < MOST_MIDDLES:
                chosen[some[turn]] = None
    return list(chosen)[:MOST_MIDDLES]
