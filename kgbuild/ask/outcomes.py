"""Plans → answers, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgbuild.ask.comparing import agree, differ, entity_value, order
from kgbuild.ask.connect import paths
from kgbuild.ask.link import EntityLookup
from kgbuild.ask.rules.plan import (
    Anchor,
    Branch,
    Compare,
    Connect,
    Count,
    Lookup,
    Plan,
    Unanswerable,
    Verify,
    Wants,
)
from kgbuild.ask.rules.question import RelationAsked
from kgbuild.ask.rules.traverse import (
    PLACED,
    Found,
    hop,
    is_evident,
    names_of,
    neighbours,
    traverse,
)
from kgbuild.ask.shown import shown_name
from kgbuild.ontology import relation_type
from kgbuild.russian.folding import fold
from kgbuild.russian.values import Value
from kgbuild.types import Abstention, AnswerItem, Entity, Evidence, Fact

FUNCTIONAL = frozenset(
    {"AGE_DIED_AT", "CAUSE_OF_DEATH", "DATE_FOUNDED_IN", "DATE_OF_BIRTH", "DATE_OF_DEATH"}
    | {"PLACE_OF_BIRTH", "PLACE_OF_DEATH"}
)
"""Relations with one object: another one contradicts the asked one."""

_SINGLE = frozenset({"AGE_DIED_AT", "DATE_OF_BIRTH", "DATE_OF_DEATH", "DATE_FOUNDED_IN"})
"""Relations of which two different values can't both be true."""

YES, NO = "да", "нет"
_AGES = frozenset({"AGE_IS", "AGE_DIED_AT"})


@dataclass(frozen=True, slots=True)
class Result:
    """Answers; or why there are none, about which name, and whom it may mean.

    ``tentative``: no fact says so, only readings too weak for one. ``relations``: where the
    graph lacks the fact of a look-up, those that were looked for. ``reason``: why there are none,
    in words of its own.
    """

    items: tuple[AnswerItem, ...] = ()
    abstention: Abstention | None = None
    name: str = ""
    choices: tuple[Entity, ...] = ()
    conflicting: bool = False
    tentative: bool = False
    relations: frozenset[str] = frozenset()
    reason: str = ""


def execute(plan: Plan, linker: EntityLookup) -> Result:
    """Look a plan up in the graph."""
    match plan:
        case Lookup():
            return _look_up(plan, linker)
        case Count():
            return _count(plan, linker)
        case Verify():
            return _verify(plan, linker)
        case Connect():
            return _connect(plan, linker)
        case Compare():
            return _compare(plan, linker)
        case Unanswerable():
            return Result(abstention=plan.abstention, name=plan.name)


def evidence_of(facts: Sequence[Fact]) -> tuple[Evidence, ...]:
    """The evidence of facts: of one fact all of it, of several the strongest of each first."""
    if len(facts) == 1:
        return facts[0].evidence
    first = [fact.evidence[0] for fact in facts if fact.evidence]
    rest = [evidence for fact in facts for evidence in fact.evidence[1:]]
    return tuple(dict.fromkeys([*reversed(first), *rest]))


def _ranked(found: Sequence[Found]) -> list[Found]:
    """The best of each entity, by confidence, independent documents, fewest hops, name."""
    best: dict[str, Found] = {}
    for item in sorted(found, key=lambda f: (-f.confidence, len(f.facts), -f.documents)):
        best.setdefault(item.entity.id, item)
    return sorted(
        best.values(),
        key=lambda f: (_is_office(f), -f.confidence, -f.documents, len(f.facts),
                       -len(f.facts[-1].evidence), f.entity.name, f.entity.id),
    )  # fmt: skip


def _is_office(found: Found) -> bool:
    """«Глава Минздрава» beside the person who holds the office: whoever asks «кто» means
    the person."""
    return found.entity.type == "PROFESSION" and found.relation != "WORKS_AS"


def _item(found: Found) -> AnswerItem:
    entity = found.entity
    return AnswerItem(
        text=shown_name(entity) if entity.type == "DATE" else entity.name,
        entity=entity.id,
        confidence=found.confidence,
        relation=found.relation,
        evidence=evidence_of(found.facts),
        facts=tuple(fact.id for fact in found.facts),
    )


def _look_up(lookup: Lookup, linker: EntityLookup) -> Result:
    outcome = traverse(lookup, linker)
    name = names_of(lookup)
    if outcome.choices:
        return Result((), Abstention.AMBIGUOUS, name, outcome.choices)
    if not outcome.found:
        relations = frozenset(branch.asked.relation for branch in lookup.branches)
        return Result((), Abstention.NO_FACT, name, relations=relations)
    ranked = _ranked(outcome.found)
    said = frozenset[str]().union(*(branch.wants.said for branch in lookup.branches))
    if said and len(ranked) > 1:  # stable: the others keep their order
        ranked.sort(key=lambda item: not is_evident(item.facts[-1], said))
    return Result(tuple(map(_item, ranked)), conflicting=_disagree(ranked))


def _disagree(found: Sequence[Found]) -> bool:
    """Whether a relation that has one object has two here: two dates, two birthplaces.

    Of one name: contradicting dates part namesakes, and the reader must see that they do.

    «1945 год» agrees with «25 апреля 1945 года»; answers found through the place that holds
    another aren't counted.
    """
    single = [item for item in found if item.relation in _SINGLE and len(item.facts) == 1]
    subjects = {fold(item.facts[0].subject.name) for item in single}
    if len(subjects) != 1 or any(item.facts[0].object.id != item.entity.id for item in single):
        return False
    values = [value for item in single if (value := entity_value(item.entity)) is not None]
    return any(
        not agree(one, other) for place, one in enumerate(values) for other in values[place + 1 :]
    )


def _count(plan: Count, linker: EntityLookup) -> Result:
    outcome = traverse(plan.lookup, linker)
    if outcome.choices or not outcome.found:
        return _look_up(plan.lookup, linker)
    found = _ranked(outcome.found)
    first = (evidence for item in found for evidence in item.facts[-1].evidence[:1])
    evidence = tuple(dict.fromkeys(first))
    least = min(item.confidence for item in found)
    return Result((AnswerItem(str(len(found)), "", least, found[0].relation, evidence),))


def _pairs(one: Anchor, other: Anchor) -> list[tuple[Entity, Entity]]:
    return [(a, b) for a in one.entities for b in other.entities if a.id != b.id]


def _verify(plan: Verify, linker: EntityLookup) -> Result:
    pairs = _pairs(plan.one, plan.other)
    for one, other in [*pairs, *((b, a) for a, b in pairs)]:
        stated = _joining(linker, one, other, plan.relations)
        if stated:
            sure = Found(other, stated[0].relation, tuple(stated)).confidence
            return Result((AnswerItem(YES, "", sure, stated[0].relation, evidence_of(stated)),))
    for one, other in [*pairs, *((b, a) for a, b in pairs)]:
        against = _contradicting(linker, one, other, plan.relations)
        if against is not None:
            return Result((AnswerItem(NO, "", against.confidence, against.relation,
                                      against.evidence),))  # fmt: skip
    return Result((), Abstention.NO_FACT, plan.one.text)


def _joining(
    linker: EntityLookup, one: Entity, other: Entity, relations: Sequence[str]
) -> list[Fact]:
    """The facts that state one of the relations between two entities, the first best."""
    for relation in relations or sorted({f.relation for f in linker.facts(one.id)}):
        for inverse in (False, True) if relation_type(relation).symmetric else (False,):
            asked = RelationAsked(relation, inverse, (one.name,))
            wants = Wants(types=frozenset({other.type}))
            for found in hop(one, (), Branch(asked, wants, ()), linker):
                if found.entity.id == other.id:
                    return list(found.facts)
    return []


def _contradicting(
    linker: EntityLookup, one: Entity, other: Entity, relations: Sequence[str]
) -> Fact | None:
    for relation in sorted(FUNCTIONAL & set(relations)):
        if other.type not in relation_type(relation).object_types:
            continue
        for fact, known in neighbours(linker, one, RelationAsked(relation, False, (one.name,))):
            if known.type == other.type and not _within(linker, other, known, relation):
                return fact
    return None


def _within(linker: EntityLookup, inner: Entity, outer: Entity, relation: str) -> bool:
    """Whether one place lies in another, or one date says less than another."""
    if relation in PLACED:
        asked = RelationAsked("LOCATED_IN", False, (inner.name,))
        found = hop(inner, (), Branch(asked, Wants(types=frozenset({outer.type})), ()), linker)
        return any(item.entity.id == outer.id for item in found)
    one, other = entity_value(inner), entity_value(outer)
    if one is None or other is None:
        return relation in ("CAUSE_OF_DEATH",)
    return agree(one, other)


def _connect(plan: Connect, linker: EntityLookup) -> Result:
    for one, other in _pairs(plan.one, plan.other):
        found = paths(linker.around, one, other)
        if found:
            return Result(
                tuple(
                    AnswerItem(
                        path.in_words(),
                        "",
                        path.confidence,
                        path.facts[0].relation,
                        evidence_of(path.facts),
                    )
                    for path in found
                )
            )
    return Result((), Abstention.NO_FACT, f"{plan.one.text} — {plan.other.text}")


def _valued(
    linker: EntityLookup, anchor: Anchor, relation: str
) -> tuple[Value, Entity, Fact] | None:
    for entity in anchor.entities:
        for fact in linker.facts(subject=entity.id, relation=relation):
            value = entity_value(fact.object)
            if value is not None:
                return value, entity, fact
    return None


def _compare(plan: Compare, linker: EntityLookup) -> Result:
    for relation in plan.relations:
        sides = [_valued(linker, anchor, relation) for anchor in (plan.one, plan.other)]
        if None in sides:
            continue
        first, second = (side for side in sides if side is not None)
        if not differ(first[0], second[0]):
            continue
        least = plan.least != (relation in _AGES)
        choose = min if least else max
        best = choose((first, second), key=lambda side: order(side[0]))
        evidence = (*best[2].evidence, *(second if best is first else first)[2].evidence)
        sure = first[2].confidence * second[2].confidence
        return Result((AnswerItem(best[1].name, best[1].id, sure, relation, evidence),))
    return Result((), Abstention.NO_FACT, f"{plan.one.text} — {plan.other.text}")
