"""Following a look-up's relations from its names to its answers, hop by hop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

from kgbuild.ask.link import EntityLookup, How, are_distinct, asks_first_name, canonical_person
from kgbuild.ask.rules.plan import Anchor, Branch, Lookup, Wants
from kgbuild.ask.rules.question import RelationAsked
from kgbuild.ask.rules.sources import bears, suits
from kgbuild.ask.rules.spelled import spelled
from kgbuild.ask.rules.wordings import wordings
from kgbuild.ask.stems import stems
from kgbuild.evidence import said_once
from kgbuild.ontology import relation_type
from kgbuild.russian.folding import tokens
from kgbuild.russian.morphology import lemma
from kgbuild.types import Entity, Fact

DOMINANCE = 2
"""How many times as often as any namesake an entity is mentioned for a bare name to mean it:
the resolver asks as much of a document's main bearer of a surname."""

MOST_STARTS = 30
"""Entities that a hop starts from."""

CONTAINED = ("LOCATED_IN", "PART_OF")
PLACED = frozenset(
    {"HEADQUARTERED_IN", "LOCATED_IN", "PLACE_OF_BIRTH", "PLACE_OF_DEATH", "PLACE_RESIDES_IN"}
    | {"TAKES_PLACE_IN"}
)
"""Declared rule: what is in a place is in what the place is ``CONTAINED`` in."""

SAME = ("ALTERNATIVE_NAME", "ABBREVIATION")
"""Relations between names of one thing."""

_DEEPEST = 3
_ORIGINS = frozenset({"COUNTRY", "NATIONALITY"})
_SMALL = frozenset(stems("в во на с со из от до по и год года году"))


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: the entity, the relation that led to it, and the facts of all hops."""

    entity: Entity
    relation: str
    facts: tuple[Fact, ...]

    @property
    def confidence(self) -> float:
        """The product of the hops'."""
        return prod(fact.confidence for fact in self.facts)

    @property
    def documents(self) -> int:
        """How many documents state the last hop."""
        return len({evidence.document for evidence in self.facts[-1].evidence})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look-up gave: answers, or the namesakes between which it can't choose."""

    found: tuple[Found, ...] = ()
    choices: tuple[Entity, ...] = ()


def traverse(lookup: Lookup, linker: EntityLookup) -> Outcome:
    """Answers of all branches; without any, the people between whom a name leaves the choice."""
    outcomes = [_branch(branch, linker) for branch in lookup.branches]
    found = tuple(item for outcome in outcomes for item in outcome.found)
    choices = next((outcome.choices for outcome in outcomes if outcome.choices), ())
    return Outcome(found) if found else Outcome(choices=choices)


def _branch(branch: Branch, linker: EntityLookup) -> Outcome:
    for place, source in enumerate(branch.sources):
        if isinstance(source, Lookup):
            before = traverse(source, linker)
            if before.choices:
                return before
            starts = [(item.entity, item.facts) for item in before.found[:MOST_STARTS]]
            hits = {e: hop(e, facts, branch, linker) for e, facts in starts}
        else:
            starts = [(entity, ()) for entity in source.entities[:MOST_STARTS]]
            hits = {e: hop(e, (), branch, linker) for e, _ in starts}
            held = [entity for entity, _ in starts if hits[entity]]
            meant = _meant(source, held) if held or place == 0 else ()
            if meant is None:
                return Outcome(choices=source.entities)
            hits = {entity: hits[entity] for entity in meant}
        found = tuple(item for items in hits.values() for item in items)
        if found:
            return Outcome(found)
    return Outcome((*_under_other_names(branch, linker), *_spelled(branch, linker)))


def _known(branch: Branch) -> Sequence[Entity]:
    """The entities that a branch starts from by their very names."""
    known = [s for s in branch.sources if isinstance(s, Anchor) and s.how in (How.ID, How.NAME)]
    return known[0].entities[:MOST_STARTS] if known else ()


def _spelled(branch: Branch, linker: EntityLookup) -> Iterator[Found]:
    """Declared rule: an entity's own names tell its abbreviation, and what one stands for."""
    if branch.asked.relation != "ABBREVIATION":
        return
    for entity in _known(branch):
        for fact, name in spelled(entity, not branch.asked.inverse, linker):
            yield Found(replace(entity, name=name), fact.relation, (fact,))


def _under_other_names(branch: Branch, linker: EntityLookup) -> Iterator[Found]:
    """Declared rule: what the graph calls another name of an entity speaks of that entity."""
    for entity in _known(branch):
        for relation in SAME:
            asked = RelationAsked(relation, False, (entity.name,))
            both = asked, replace(asked, inverse=True)
            for fact, other in (pair for a in both for pair in neighbours(linker, entity, a)):
                if other.type == entity.type:
                    yield from (
                        Found(item.entity, item.relation, (fact, *item.facts))
                        for item in hop(other, (), branch, linker)
                        if item.entity.id != entity.id
                    )


def _meant(source: Anchor, held: Sequence[Entity]) -> Sequence[Entity] | None:
    """Those of a name's bearers that are meant; None where it may be one or the other.

    One bearer with a fitting fact is meant; where none or several have one, the bearer of
    whom the documents speak by far the most. A first name alone never means the best known.
    """
    people = held or source.entities
    if not are_distinct(people):
        return held
    ranked = sorted(people, key=lambda e: -e.mention_count)
    rivals = [entity for entity in ranked[1:] if are_distinct((ranked[0], entity))]
    enough = DOMINANCE * max((entity.mention_count for entity in rivals), default=0)
    if asks_first_name(source.text) or ranked[0].mention_count < enough:
        return None
    return [entity for entity in ranked[:1] if entity in held]


def hop(
    start: Entity, before: tuple[Fact, ...], branch: Branch, linker: EntityLookup
) -> list[Found]:
    """The answers one hop from an entity, by the declared rules where no fact says it."""
    asked, wants = branch.asked, branch.wants
    if not suits(start, asked):
        return []
    passed = {end.id for fact in before for end in (fact.subject, fact.object)} | {start.id}
    direct = [
        Found(other, asked.relation, (*before, fact))
        for fact, other in neighbours(linker, start, asked)
        if other.id not in passed
    ]
    if asked.also:
        direct = [item for item in direct if _stands_beside(linker, item, start, asked.also)]
    fitting = [item for item in direct if answers(linker, item, asked, wants)]
    if fitting or asked.relation not in PLACED:
        return fitting
    wider = _inside(linker, start, before, branch) if asked.inverse else _around(linker, direct)
    return [item for item in wider if answers(linker, item, asked, wants)]


def _stands_beside(linker: EntityLookup, found: Found, start: Entity, also: Sequence[str]) -> bool:
    """Whether the evidence holds each of the other names, or a fact joins it to an end."""
    said = {stem for e in found.facts[-1].evidence for stem in stems(e.text)}
    for name in also:
        if set(stems(name)) - _SMALL <= said:
            continue
        others = {entity.id for entity in linker.by_name(name)}
        joined = {
            end.id
            for entity in (found.entity, start)
            for fact in (
                *linker.facts(subject=entity.id),
                *linker.facts(object=entity.id),
            )
            for end in (fact.subject, fact.object)
        }
        if not others & joined:
            return False
    return True


def neighbours(
    linker: EntityLookup, entity: Entity, asked: RelationAsked
) -> Iterator[tuple[Fact, Entity]]:
    """The facts of the asked relation, each with the entity at its other end.

    Of a relation that holds both ways, what is said either way is one fact.
    """
    symmetric = relation_type(asked.relation).symmetric
    by_end: dict[str, tuple[Entity, list[Fact]]] = {}
    if symmetric or not asked.inverse:
        for fact in linker.facts(subject=entity.id, relation=asked.relation):
            by_end.setdefault(fact.object.id, (fact.object, []))[1].append(fact)
    if symmetric or asked.inverse:
        for fact in linker.facts(object=entity.id, relation=asked.relation):
            by_end.setdefault(fact.subject.id, (fact.subject, []))[1].append(fact)
    for other, facts in by_end.values():
        yield said_once(facts), other


def _around(linker: EntityLookup, places: Sequence[Found]) -> Iterator[Found]:
    """The places that the given ones lie in."""
    seen: set[str] = set()
    edge = list(places)
    for _ in range(_DEEPEST):
        wider = []
        for item in edge:
            for relation in CONTAINED:
                for fact in linker.facts(subject=item.entity.id, relation=relation):
                    if fact.object.id not in seen:
                        seen.add(fact.object.id)
                        wider.append(Found(fact.object, item.relation, (*item.facts, fact)))
        yield from wider
        edge = wider


def _inside(
    linker: EntityLookup, place: Entity, before: tuple[Fact, ...], branch: Branch
) -> Iterator[Found]:
    """What is in the places that lie in the given one."""
    for relation in CONTAINED:
        for inner in list(linker.facts(object=place.id, relation=relation))[:MOST_STARTS]:
            for fact, other in neighbours(linker, inner.subject, branch.asked):
                yield Found(other, branch.asked.relation, (*before, inner, fact))


def _end_types(asked: RelationAsked) -> frozenset[str]:
    """The types that an answer can have at all; asked for others, «где» means any."""
    relation = relation_type(asked.relation)
    ends = relation.subject_types if asked.inverse else relation.object_types
    return frozenset((*ends, *relation.object_types) if relation.symmetric else ends)


def _asks_origin(found: Found, wants: Wants) -> bool:
    """Declared rule: a nationality answers for its country and the other way round."""
    return found.relation == "ORIGINS_FROM" and bool(_ORIGINS & wants.types)


def is_evident(fact: Fact, evident: frozenset[str]) -> bool:
    """Whether some evidence of the fact holds one of the words."""
    return any(
        lemma(word.strip(".,;:!?»)")) in evident for e in fact.evidence for word in tokens(e.text)
    )


def answers(linker: EntityLookup, found: Found, asked: RelationAsked, wants: Wants) -> bool:
    """Whether an entity is of the kind that the question wants."""
    entity = found.entity
    types = wants.types | (_ORIGINS if _asks_origin(found, wants) else frozenset())
    if types and entity.type not in types and types & _end_types(asked):
        return False
    fact = found.facts[-1]
    if wants.evident and not (
        is_evident(fact, wants.evident) or bears(linker, fact.subject, wordings().leaders)
    ):
        return False
    if (
        wants.gender
        and entity.type == "PERSON"
        and canonical_person(entity.name).gender not in (None, wants.gender)
    ):
        return False
    restricts = asked.inverse or not wants.types
    return not (wants.noun and restricts) or bears(
        linker, entity, wants.noun, unknown=asked.relation != "WORKPLACE"
    )


def exhausted(plan: object, linker: EntityLookup) -> bool:
    """Whether a question of several hops got as far as its last one and found nothing there.

    «Где родилась жена Блока?»: the graph knows her and not her birthplace, so no reading that
    heeds fewer of the words («жена Блока») may answer instead.
    """
    if not isinstance(plan, Lookup):
        return False
    return any(
        isinstance(source, Lookup) and traverse(source, linker).found
        for branch in plan.branches
        for source in branch.sources
    )


def names_of(source: Anchor | Lookup) -> str:
    """The name that a source starts from, for messages."""
    if isinstance(source, Anchor):
        return source.text
    return names_of(source.branches[0].sources[0])
