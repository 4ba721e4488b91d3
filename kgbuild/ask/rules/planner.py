"""From a question to what will be looked up, with the names of a graph at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kgbuild.ask.link import EntityLookup, How
from kgbuild.ask.rules.events import event_lookup
from kgbuild.ask.rules.phrases import MARK, split_clause, split_role, unfold_kinship
from kgbuild.ask.rules.plan import Anchor, Branch, Count, Lookup, Plan, Unanswerable, Wants
from kgbuild.ask.rules.question import ParsedQuestion, RelationAsked, parse_readings
from kgbuild.ask.rules.shapes import special_plan
from kgbuild.ask.rules.sources import ROLE, leads, role_branches, sources_of
from kgbuild.types import Abstention

MOST_HOPS = 3

NEAR = {
    "ABBREVIATION": ("ALTERNATIVE_NAME",),
    "AGE_IS": ("AGE_DIED_AT",),
    "ALTERNATIVE_NAME": ("ABBREVIATION",),
    "DATE_FOUNDED_IN": ("DATE_OF_CREATION",),
    "DATE_OF_CREATION": ("DATE_FOUNDED_IN", "POINT_IN_TIME"),
    "HEADQUARTERED_IN": ("LOCATED_IN",),
    "LOCATED_IN": ("HEADQUARTERED_IN",),
    "MEMBER_OF": ("WORKPLACE",),
    "ORIGINS_FROM": ("HEADQUARTERED_IN",),
    "PARTICIPANT_IN": ("PRODUCES",),
    "POINT_IN_TIME": ("START_TIME", "END_TIME"),
    "START_TIME": ("POINT_IN_TIME",),
    "WORKPLACE": ("MEMBER_OF",),
}
"""Declared rule: where no fact of the first relation is known, one of these answers too."""


class Planner:
    """Plans of questions; the best first, for the first that has an answer is taken."""

    def __init__(self, linker: EntityLookup) -> None:
        self._linker = linker

    def plans(self, question: str) -> Iterator[Plan]:
        """The ways to look a question up; one at least."""
        special = special_plan(question, self._linker)
        if special is not None:
            yield special
            return
        unfolded = unfold_kinship(question)
        if unfolded != question:
            yield from self._lookups(unfolded, MOST_HOPS)
        yield from self._lookups(question, MOST_HOPS)

    def _lookups(self, question: str, hops: int) -> Iterator[Plan]:
        clause = split_clause(question) if hops > 1 else None
        if clause is not None:
            inner = self._first(clause.inner, hops - 1)
            if inner is not None:
                yield from self._outer(clause.outer, inner)
                return
        readings = parse_readings(question)
        event = event_lookup(question, self._linker) if hops == MOST_HOPS else None
        planned = 0
        for place, parsed in enumerate(readings):
            lookup = self._lookup(parsed, hops, sure=place > 0 or parsed.doubtful)
            if lookup is not None:
                planned += 1
                yield Count(lookup) if parsed.counted else lookup
        yield from self._near(readings, hops)
        if event is not None:
            yield event
        if not planned:
            yield self._unknown(readings)

    def _near(self, readings: Sequence[ParsedQuestion], hops: int) -> Iterator[Plan]:
        """The best reading with each relation's neighbour in meaning, where it has one."""
        for parsed in readings[:1]:
            near = tuple(
                replace(asked, relation=relation)
                for asked in parsed.relations
                for relation in NEAR.get(asked.relation, ())
            )
            lookup = self._lookup(replace(parsed, relations=near), hops, sure=True)
            if lookup is not None:
                yield Count(lookup) if parsed.counted else lookup

    def _first(self, question: str, hops: int) -> Lookup | None:
        """The best look-up of a question inside another."""
        for plan in self._lookups(question, hops):
            if isinstance(plan, Count):
                return plan.lookup
            if isinstance(plan, Lookup):
                return plan
        return None

    def _sub(self, hops: int, description: str) -> Lookup | None:
        """What a description asks: «отца Алсу»."""
        for parsed in parse_readings(f"кто {description}"):
            if any((a.relation, a.inverse) == ROLE for a in parsed.relations):
                return self._role(parsed)
            return self._lookup(parsed, hops, sure=False)
        return None

    def _role(self, parsed: ParsedQuestion) -> Lookup | None:
        branches = tuple(role_branches(parsed, self._linker))
        return Lookup(branches) if branches else None

    def _outer(self, question: str, inner: Lookup) -> Iterator[Plan]:
        for parsed in parse_readings(question):
            asked = [a for a in parsed.relations if MARK.strip("«»") in a.names[-1]]
            if asked:
                yield Lookup(tuple(Branch(a, _wants(parsed, a), (inner,)) for a in asked))

    def _lookup(self, parsed: ParsedQuestion, hops: int, sure: bool) -> Lookup | None:
        """One reading's look-up; a ``sure`` one starts from names as they are in the graph."""
        sub = None if hops < 2 or sure else lambda text: self._sub(hops - 1, text)
        branches = []
        for asked in parsed.relations:
            found = sources_of(asked, parsed.name_gender, self._linker, sub)
            sources = tuple(s for s in found if not sure or _is_sure(s))
            if sources:
                branches.append(Branch(asked, _wants(parsed, asked), sources))
                leaders = leads(parsed)
                if leaders and asked.inverse and asked.relation == "WORKPLACE":
                    branches[-1] = Branch(asked, Wants(noun=leaders), sources)
        if not any(_is_sure(s) for b in branches for s in b.sources):
            branches += role_branches(parsed, self._linker)
        return Lookup(tuple(branches)) if branches else None

    def _unknown(self, readings: Sequence[ParsedQuestion]) -> Unanswerable:
        """Nothing stands for the name; a known name under unknown words is another case."""
        if not readings:
            return Unanswerable(Abstention.UNKNOWN_RELATION)
        text = readings[0].relations[0].names[-1]
        role = split_role(text)
        words = text.split()
        known = [
            place
            for place in range(1, len(words))
            if words[place][:1].isupper() and self._linker.is_known(" ".join(words[place:]))
        ]
        if known and role is None:
            return Unanswerable(Abstention.UNKNOWN_RELATION)
        return Unanswerable(Abstention.UNKNOWN_ENTITY, text)


def _is_sure(source: Anchor | Lookup) -> bool:
    return isinstance(source, Anchor) and source.how in (How.ID, How.NAME)


def _wants(parsed: ParsedQuestion, asked: RelationAsked) -> Wants:
    evident = parsed.evident if asked.relation == "WORKPLACE" else frozenset()
    said = parsed.said if asked.relation == "PRODUCES" else frozenset()
    return Wants(parsed.types, parsed.noun, parsed.answer_gender, evident, said)
