"""A question's answer: from the facts of the graph, or none with the reason.

The plans of a question are carried out in their order until one has an answer. Without
one, the first plan's reason is given, and the nearest passages, as passages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kgbuild.ask.link import EntityLookup
from kgbuild.ask.names import NameIndex
from kgbuild.ask.outcomes import Result, execute
from kgbuild.ask.rules.plan import Plan, Several, Unanswerable
from kgbuild.ask.rules.planner import Planner
from kgbuild.ask.rules.several import joined, split_names, unknown
from kgbuild.ask.rules.shapes import special_plan
from kgbuild.ask.rules.tentative import tentatively
from kgbuild.ask.rules.traverse import exhausted
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Abstention, Answer, AnswerItem, Passage

Passages = Callable[[str, int], Sequence[Passage]]
"""The ``k`` passages nearest to a question."""

PASSAGES = 5
"""Passages that an abstention brings."""

LONGEST = 2000
"""Characters of a question; what is longer is a text, and reading it would take minutes."""

REASONS = {
    Abstention.UNKNOWN_RELATION: "Вопрос не понят: не удалось определить, о каком отношении и о чём он.",
    Abstention.UNKNOWN_ENTITY: "В графе нет сущности «{name}».",
    Abstention.NO_FACT: "В графе нет такого факта о «{name}».",
    Abstention.AMBIGUOUS: "Кого имеет в виду имя «{name}»? В графе это: {choices}.",
}  # fmt: skip


def by_wordings(question: str, linker: EntityLookup, tentative: bool = True) -> Result:
    """What the wordings that are known word for word make of a question; ``tentative``:
    readings too weak for a fact may answer where none does."""
    return _result(question, linker, tentative)


LIKELY = 0.5
"""The confidence from which an answer is right more often than wrong."""


def likely(items: tuple[AnswerItem, ...]) -> tuple[AnswerItem, ...]:
    """Beside an answer that is likely right none is given that is likely wrong: a wife of whom
    three documents speak isn't followed by a guess."""
    sure = tuple(item for item in items if item.confidence >= LIKELY)
    return sure or items


def with_passages(question: str, result: Result, passages: Passages | None) -> Answer:
    """A result as an answer: items, or the reason and the nearest passages."""
    if result.items:
        return Answer(
            question,
            answers=likely(result.items),
            conflicting=result.conflicting,
            tentative=result.tentative,
        )
    nearest = tuple(passages(question[:LONGEST], PASSAGES)) if passages is not None else ()
    return Answer(
        question,
        passages=nearest,
        reason=_reason(result),
        abstention=result.abstention,
        choices=result.choices,
    )


def ask(
    store: Store,
    question: str,
    normalizer: Normalizer,
    passages: Passages | None = None,
    names: NameIndex | None = None,
    tentative: bool = True,
) -> Answer:
    """Answer a Russian question by the wordings alone.

    Args:
        store: the graph.
        question: what is asked, in a sentence.
        normalizer: puts names into the nominative.
        passages: finds the passages that an abstention brings.
        names: the names of this generation of the store; made where it isn't given.
        tentative: readings too weak for a fact may answer where none does.

    Returns:
        Answers, the most confident first, each with evidence of every hop; or an abstention
        with its reason, in Russian, and the nearest passages. A question of more than
        ``LONGEST`` characters isn't read.
    """
    index = NameIndex.of(store) if names is None else names
    linker = EntityLookup(store, index, normalizer)
    return with_passages(question, by_wordings(question, linker, tentative), passages)


def plan(
    store: Store,
    question: str,
    normalizer: Normalizer,
    names: NameIndex | None = None,
) -> Plan | Several:
    """What would be looked up first for a question; see :func:`ask`."""
    if len(question) > LONGEST:
        return Unanswerable(Abstention.UNKNOWN_RELATION)
    index = NameIndex.of(store) if names is None else names
    linker = EntityLookup(store, index, normalizer)
    parts = _parts(question, linker)
    if parts:
        return Several(tuple((name, _first_plan(part, linker)) for name, part in parts))
    return _first_plan(question, linker)


def _first_plan(question: str, linker: EntityLookup) -> Plan:
    """The plan that has an answer, else the first."""
    chosen = None
    for candidate in Planner(linker).plans(question):
        chosen = candidate if chosen is None else chosen
        if execute(candidate, linker).items:
            return candidate
        if exhausted(candidate, linker):
            break
    assert chosen is not None
    return chosen


def _parts(question: str, linker: EntityLookup) -> tuple[tuple[str, str], ...]:
    """Each of several names with the question about it; none where one question is asked."""
    parts = split_names(question, linker)
    return () if parts and special_plan(question, linker) is not None else parts


def _result(question: str, linker: EntityLookup, tentative: bool) -> Result:
    if len(question) > LONGEST:
        return Result(abstention=Abstention.UNKNOWN_RELATION)
    parts = _parts(question, linker)
    if not parts:
        return _single(question, linker, tentative)
    results = []
    for name, part in parts:
        result = _single(part, linker, tentative)
        if not result.items and not linker.by_name(name) and not linker.by_part(name):
            result = unknown(name)
        results.append(result)
    return joined([name for name, _ in parts], results)


def _single(question: str, linker: EntityLookup, tentative: bool) -> Result:
    first: Result | None = None
    tried = []
    for candidate in Planner(linker).plans(question):
        result = execute(candidate, linker)
        if result.items:
            return result
        tried.append(candidate)
        first = result if first is None else first
        if exhausted(candidate, linker):
            break
    if first is None:
        return Result(abstention=Abstention.UNKNOWN_RELATION)
    if first.abstention is not Abstention.NO_FACT or not tentative:
        return first
    return tentatively(tried, linker) or first


def _reason(result: Result) -> str:
    if result.abstention is None or result.reason:
        return result.reason
    choices = "; ".join(f"{entity.name} ({entity.id})" for entity in result.choices)
    return REASONS[result.abstention].format(name=result.name, choices=choices)
