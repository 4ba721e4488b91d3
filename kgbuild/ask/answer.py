"""A question's answer: from the facts of the graph, or none with the reason.

The plans of a question are carried out in their order until one has an answer. Without
one, the first plan's reason is given, and the nearest passages, as passages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kgbuild.ask.follow import exhausted
from kgbuild.ask.link import Linker
from kgbuild.ask.names import NameIndex
from kgbuild.ask.outcomes import Result, carry_out
from kgbuild.ask.plan import Plan
from kgbuild.ask.planner import Planner
from kgbuild.ask.several import joined, split_names, unknown
from kgbuild.ask.shapes import special_plan
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Abstention, Answer, Passage

Passages = Callable[[str, int], Sequence[Passage]]
"""The ``k`` passages nearest to a question."""

REASONS = {
    Abstention.UNKNOWN_RELATION: "Вопрос не понят: не удалось определить, о каком отношении и о чём он.",
    Abstention.UNKNOWN_ENTITY: "В графе нет сущности «{name}».",
    Abstention.NO_FACT: "В графе нет такого факта о «{name}».",
    Abstention.AMBIGUOUS: "Кого имеет в виду имя «{name}»? В графе это: {choices}.",
}  # fmt: skip


def ask(
    store: Store,
    question: str,
    normalizer: Normalizer,
    passages: Passages | None = None,
    k: int = 5,
    names: NameIndex | None = None,
) -> Answer:
    """Answer a Russian question from the graph.

    Args:
        store: the graph.
        question: what is asked, in a sentence.
        normalizer: puts names into the nominative.
        passages: finds the passages that an abstention brings.
        k: how many of them.
        names: the names of this generation of the store; made where it isn't given.

    Returns:
        Answers, the most confident first, each with evidence of every hop; or an abstention
        with its reason, in Russian, and the nearest passages.
    """
    linker = Linker(store, NameIndex.of(store) if names is None else names, normalizer)
    result = _result(question, linker)
    if result.items:
        return Answer(question, answers=result.items, conflicting=result.conflicting)
    nearest = tuple(passages(question, k)) if passages is not None else ()
    return Answer(
        question,
        passages=nearest,
        reason=_reason(result),
        abstention=result.abstention,
        choices=result.choices,
    )


def plan(
    store: Store, question: str, normalizer: Normalizer, names: NameIndex | None = None
) -> Plan:
    """What would be looked up first for a question; see :func:`ask`."""
    linker = Linker(store, NameIndex.of(store) if names is None else names, normalizer)
    chosen = None
    for candidate in Planner(linker).plans(question):
        chosen = candidate if chosen is None else chosen
        if carry_out(candidate, linker).items:
            return candidate
        if exhausted(candidate, linker):
            break
    assert chosen is not None
    return chosen


def _result(question: str, linker: Linker) -> Result:
    parts = split_names(question, linker)
    if not parts or special_plan(question, linker) is not None:
        return _single(question, linker)
    results = []
    for name, part in parts:
        result = _single(part, linker)
        if not result.items and not linker.by_name(name) and not linker.by_part(name):
            result = unknown(name)
        results.append(result)
    return joined([name for name, _ in parts], results)


def _single(question: str, linker: Linker) -> Result:
    first: Result | None = None
    for candidate in Planner(linker).plans(question):
        result = carry_out(candidate, linker)
        if result.items:
            return result
        first = result if first is None else first
        if exhausted(candidate, linker):
            break
    return first or Result(abstention=Abstention.UNKNOWN_RELATION)


def _reason(result: Result) -> str:
    if result.abstention is None:
        return ""
    choices = "; ".join(f"{entity.name} ({entity.id})" for entity in result.choices)
    return REASONS[result.abstention].format(name=result.name, choices=choices)
