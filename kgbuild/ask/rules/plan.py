"""What will be looked up for a question: typed plans, and how to read one.

A plan is made before anything is answered, from the question and the names of the graph;
``query --explain`` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.ask.link import How
from kgbuild.ask.rules.question import RelationAsked
from kgbuild.ontology import relation_type
from kgbuild.types import Abstention, Entity


@dataclass(frozen=True, slots=True)
class Anchor:
    """A name in the question and the entities that it can mean."""

    text: str
    entities: tuple[Entity, ...]
    how: How


@dataclass(frozen=True, slots=True)
class Wants:
    """What an answer must be: see ``ParsedQuestion``."""

    types: frozenset[str] = frozenset()
    noun: frozenset[str] = frozenset()
    gender: str | None = None
    evident: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Branch:
    """One relation to follow, from the first of ``sources`` that has a fitting fact."""

    asked: RelationAsked
    wants: Wants
    sources: tuple[Anchor | Lookup, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One hop; a source that is a look-up itself makes it the next hop."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many answers a look-up has."""

    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Verify:
    """Whether a fact of one of the relations joins two entities."""

    one: Anchor
    other: Anchor
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Connect:
    """How two entities are joined by facts."""

    one: Anchor
    other: Anchor


@dataclass(frozen=True, slots=True)
class Compare:
    """Which of two entities has the greater (or with ``least`` the lesser) date or age."""

    one: Anchor
    other: Anchor
    relations: tuple[str, ...]
    least: bool


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """Why nothing can be looked up; ``name`` is what isn't known."""

    abstention: Abstention
    name: str = ""


Plan = Lookup | Count | Verify | Connect | Compare | Unanswerable


@dataclass(frozen=True, slots=True)
class Several:
    """A question about several names: the plan of each, whose answers are put together."""

    plans: tuple[tuple[str, Plan], ...]


def describe(plan: Plan | Several) -> str:
    """A plan in Russian, a step a line."""
    if not isinstance(plan, Several):
        return "\n".join(_lines(plan))
    lines = ["спросить о каждом имени, потом искать общее:"]
    for name, one in plan.plans:
        lines += [f"  «{name}»:", *(f"    {line}" for line in _lines(one))]
    return "\n".join(lines)


def _lines(plan: Plan) -> list[str]:
    match plan:
        case Lookup():
            return _look_up(plan, 0)
        case Count():
            return ["сосчитать ответы:", *_look_up(plan.lookup, 1)]
        case Verify():
            labels = ", ".join(plan.relations)
            return [f"проверить, есть ли между ними факт: {labels}", *_two(plan.one, plan.other)]
        case Connect():
            return ["найти кратчайшие пути по фактам", *_two(plan.one, plan.other)]
        case Compare():
            which = "меньше (раньше)" if plan.least else "больше (позже)"
            labels = ", ".join(plan.relations)
            return [f"сравнить значения: {labels}; у кого {which}", *_two(plan.one, plan.other)]
        case Unanswerable():
            return [f"искать нечего: {plan.abstention.value} {plan.name}".rstrip()]


def _two(one: Anchor, other: Anchor) -> list[str]:
    return [f"  {_anchor(one)}", f"  {_anchor(other)}"]


def _anchor(anchor: Anchor) -> str:
    known = "; ".join(f"{e.name} ({e.type}, {e.id})" for e in anchor.entities[:5])
    return f"«{anchor.text}» {anchor.how.value}: {known or 'нет в графе'}"


def _look_up(lookup: Lookup, depth: int) -> list[str]:
    lines = []
    for branch in lookup.branches:
        asked = branch.asked
        label = relation_type(asked.relation).label("ru", inverse=asked.inverse)
        end = "субъект" if asked.inverse else "объект"
        wanted = ", ".join(sorted(branch.wants.types))
        lines.append("  " * depth + f"{asked.relation}: {end} ({label})"
                     + (f", тип: {wanted}" if wanted else ""))  # fmt: skip
        for source in branch.sources:
            if isinstance(source, Anchor):
                lines.append("  " * (depth + 1) + f"от {_anchor(source)}")
            else:
                lines += ["  " * (depth + 1) + "от ответов на:", *_look_up(source, depth + 2)]
    return lines
