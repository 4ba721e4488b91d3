"""When facts hold, as far as the graph tells.

A fact is dated by one of these, and by nothing else:

- its object is a date («дата рождения — 8 февраля 1834 года»);
- one of its ends is a happening whose date the graph holds («женился» — «в 1862 году»): of a
  common noun or verb the date must be told of the very mention that the fact rests on, since
  one «родился» isn't another; of a named happening («Вторая мировая война») any mention does;
- its relation is the same happening as a dated one: whoever is born somewhere is born there on
  his day of birth (``SAME``).

A date that only stands in the same sentence dates nothing. Beyond that, a fact can't hold
before both of its ends exist, and a state (``STATES``) not after an end has ceased to: these
bounds are drawn on for ``as_of`` alone, never shown as dates of facts. Where dates disagree
the bound is the widest, so that a fact is left out only where every date says so; what isn't
dated is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kgbuild.ask.comparing import order
from kgbuild.ask.connect import named
from kgbuild.display import Shown
from kgbuild.errors import InputError
from kgbuild.russian.values import DateValue, value_of
from kgbuild.russian.valuetypes import Day
from kgbuild.types import Entity, Fact, Mention

Role = Literal["began", "happened", "ended"]

ROLES: dict[str, Role] = {
    "DATE_OF_BIRTH": "began",
    "DATE_FOUNDED_IN": "began",
    "DATE_OF_CREATION": "began",
    "START_TIME": "began",
    "POINT_IN_TIME": "happened",
    "DATE_OF_DEATH": "ended",
    "DATE_DEFUNCT_IN": "ended",
    "END_TIME": "ended",
}
"""What a relation to a date says of its subject."""

_HAPPENING = frozenset({"START_TIME", "POINT_IN_TIME", "END_TIME"})
_HAPPENINGS = frozenset({"EVENT", "CRIME", "PENALTY"})

SAME: dict[str, tuple[Literal["subject", "object"], str]] = {
    "PLACE_OF_BIRTH": ("subject", "DATE_OF_BIRTH"),
    "PARENT_OF": ("object", "DATE_OF_BIRTH"),
    "PLACE_OF_DEATH": ("subject", "DATE_OF_DEATH"),
    "CAUSE_OF_DEATH": ("subject", "DATE_OF_DEATH"),
    "AGE_DIED_AT": ("subject", "DATE_OF_DEATH"),
    "PRODUCES": ("object", "DATE_OF_CREATION"),
    "FOUNDED_BY": ("subject", "DATE_FOUNDED_IN"),
}
"""Relation → which of its ends has, by which relation, the date of the same happening."""

STATES = frozenset(
    {"HEADQUARTERED_IN", "IDEOLOGY_OF", "KNOWS", "MEDICAL_CONDITION", "MEMBER_OF", "OWNER_OF"}
    | {"PLACE_RESIDES_IN", "RELIGION_OF", "SPOUSE", "SUBORDINATE_OF", "WORKPLACE", "WORKS_AS"}
)
"""Relations that end with the life of either end; the others, once true, stay so."""

Span = tuple[Day, Day]


@dataclass(frozen=True, slots=True)
class Dated(Shown):
    """A fact with a date: ``date`` in EDTF, ``first`` and ``last`` its days where it isn't open.

    ``role`` is what the date is to the fact; ``dated_by`` the fact that holds the date, which
    may be ``fact`` itself.
    """

    date: str
    role: Role
    fact: Fact
    dated_by: Fact
    first: Day | None
    last: Day | None


def date_of(entity: Entity) -> DateValue | None:
    """The date that a DATE or TIME says; None for what says none, and for all else."""
    if entity.type not in ("DATE", "TIME"):
        return None
    value = value_of(entity.name, entity.type)
    dated = isinstance(value, DateValue) and (value.first or value.last)
    return value if isinstance(value, DateValue) and dated else None


def days_of(given: date | str | int) -> Span:
    """The days that a date stands for; a year stands for all of its days.

    Raises:
        InputError: it is no date.
    """
    if isinstance(given, date):
        day = (given.year, given.month, given.day)
        return day, day
    value = value_of(str(given), "DATE")
    if not isinstance(value, DateValue) or value.first is None or value.last is None:
        raise InputError(f"not a date: {given!r}; write 1834, 1834-02-08 or «8 февраля 1834 года»")
    return value.first, value.last


class Calendar:
    """The dates that a graph's facts hold."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._of_entity: dict[tuple[str, str], list[Dated]] = defaultdict(list)
        self._of_mention: dict[tuple[str, Mention], list[Dated]] = defaultdict(list)
        for fact in facts:
            value = date_of(fact.object) if fact.relation in ROLES else None
            if value is None:
                continue
            stamp = Dated(value.iso, ROLES[fact.relation], fact, fact, value.first, value.last)
            self._of_entity[fact.subject.id, fact.relation].append(stamp)
            if fact.relation in _HAPPENING:
                for evidence in fact.evidence:
                    self._of_mention[evidence.document, evidence.subject].append(stamp)

    def dates(self, fact: Fact) -> list[Dated]:
        """What dates a fact, each date once, the most confident first."""
        found: dict[tuple[str, Role], Dated] = {}
        for stamp in self._stamps(fact):
            made = Dated(stamp.date, stamp.role, fact, stamp.dated_by, stamp.first, stamp.last)
            found.setdefault((made.date, made.role), made)
        return sorted(found.values(), key=lambda d: -d.dated_by.confidence)

    def _stamps(self, fact: Fact) -> Iterator[Dated]:
        if fact.relation in ROLES:
            own = self._of_entity.get((fact.subject.id, fact.relation), ())
            yield from (stamp for stamp in own if stamp.fact.object.id == fact.object.id)
            return
        for evidence in fact.evidence:
            for mention in (evidence.subject, evidence.object):
                yield from self._of_mention.get((evidence.document, mention), ())
        for end in (fact.subject, fact.object):
            if end.type in _HAPPENINGS and named(end):
                yield from self._all(end, _HAPPENING)
        if fact.relation in SAME:
            side, relation = SAME[fact.relation]
            yield from self._all(getattr(fact, side), (relation,))

    def _all(self, entity: Entity, relations: Iterable[str]) -> Iterator[Dated]:
        for relation in sorted(relations):
            yield from self._of_entity.get((entity.id, relation), ())

    def began(self, entity: Entity) -> Day | None:
        """The first day on which an entity can have been there; None where nothing tells."""
        value = date_of(entity)
        if value is not None:
            return value.first
        relations = [r for r, role in ROLES.items() if role == "began" or r == "POINT_IN_TIME"]
        if entity.type in _HAPPENINGS and not named(entity):
            return None
        wanted = [r for r in relations if r not in _HAPPENING or entity.type in _HAPPENINGS]
        return earliest(stamp.first for stamp in self._all(entity, wanted))

    def ended(self, entity: Entity) -> Day | None:
        """The last day on which it can have been there."""
        return latest(s.last for s in self._all(entity, ("DATE_DEFUNCT_IN", "DATE_OF_DEATH")))

    def bounds(self, fact: Fact) -> tuple[Day | None, Day | None]:
        """The first and last day on which a fact can have held; None where nothing tells."""
        stated = self.dates(fact)
        own = fact.relation in ROLES
        begins = [d.first for d in stated if own or d.role != "ended" or fact.relation in SAME]
        ends = [
            d.last for d in stated if d.role == "ended" and not own and fact.relation not in SAME
        ]
        ways = (fact.subject, fact.object)
        since = earliest(begins) if begins else latest(day for e in ways if (day := self.began(e)))
        until = latest(ends)
        if not ends and fact.relation in STATES:
            until = earliest(day for e in ways if (day := self.ended(e)))
        return (None, None) if since and until and since > until else (since, until)

    def holds(self, fact: Fact, on: Span) -> bool:
        """Whether a fact may hold on one of some days: nothing says that it doesn't."""
        since, until = self.bounds(fact)
        return (since is None or since <= on[1]) and (until is None or until >= on[0])

    def exists(self, entity: Entity, on: Span) -> bool:
        """Whether an entity may have been there by some days, living or not."""
        began = self.began(entity)
        return began is None or began <= on[1]

    def timeline(self, facts: Iterable[Fact]) -> list[Dated]:
        """The dates of facts in order; of several dates in one role the most confident."""
        found: list[Dated] = []
        for fact in facts:
            best: dict[Role, Dated] = {}
            for stamp in self.dates(fact):
                best.setdefault(stamp.role, stamp)
            found += best.values()
        return sorted(found, key=_when)


def _when(stamp: Dated) -> tuple[tuple[float, ...], str, str, str]:
    value = DateValue(stamp.date, "range", stamp.first, stamp.last)
    return order(value), stamp.fact.subject.name, stamp.fact.relation, stamp.fact.id


def earliest(days: Iterable[Day | None]) -> Day | None:
    """The earliest of some days; None where there is none, or one is open."""
    found = list(days)
    return None if not found or None in found else min(day for day in found if day)


def latest(days: Iterable[Day | None]) -> Day | None:
    """The latest of some days; None where there is none, or one is open."""
    found = list(days)
    return None if not found or None in found else max(day for day in found if day)
