"""«Где работали A и B?»: one question for each of the names, and what their answers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from kgbuild.ask.link import EntityLookup
from kgbuild.ask.outcomes import Result
from kgbuild.ask.rules.tokens import Token, tokenize
from kgbuild.types import Abstention, AnswerItem


def split_names(question: str, linker: EntityLookup) -> tuple[tuple[str, str], ...]:
    """(name, the question about it alone) of each of several names; none where it has one.

    A name that holds the conjunction itself («Общество любителей книг и музыки») stays
    whole where the graph knows it, and one of the names at least must be known.
    """
    found = tokenize(question)
    for place, token in enumerate(found):
        if token.text != "и" or any(t.counted for t in found):
            continue
        spans = [*_before(question, found[:place]), *_after(found[place + 1 :])]
        if len(spans) < 2:
            continue
        start, end = spans[0][0], spans[-1][1]
        names = [question[a:b].strip("«»\"'") for a, b in spans]
        if linker.is_known(question[start:end]) or not any(map(linker.is_known, names)):
            continue
        return tuple(
            (name, question[:start] + question[a:b] + question[end:])
            for name, (a, b) in zip(names, spans, strict=True)
        )
    return ()


def _before(question: str, found: Sequence[Token]) -> list[tuple[int, int]]:
    """The names right before «и», those before commas too."""
    spans: list[tuple[int, int]] = []
    rest = list(found)
    while rest:
        run = list(takewhile(lambda t: t.named and t.start > 0, reversed(rest)))[::-1]
        apart = [i for i in range(1, len(run)) if "," in question[run[i - 1].end : run[i].start]]
        run = run[apart[-1] :] if apart else run
        if not run:
            break
        spans.insert(0, (run[0].start, run[-1].end))
        rest = rest[: len(rest) - len(run)]
        if not rest or "," not in question[rest[-1].end : run[0].start]:
            break
    return spans


def _after(found: Sequence[Token]) -> list[tuple[int, int]]:
    run = list(takewhile(lambda t: t.named, found))
    return [(run[0].start, run[-1].end)] if run else []


def joined(names: Sequence[str], results: Sequence[Result]) -> Result:
    """What the names have in common; without that, what each has, with its name before it.

    A name without an answer leaves the question without one.
    """
    for result in results:
        if not result.items:
            return result
    doubtful = any(result.tentative for result in results)
    shared = set.intersection(*({item.entity for item in result.items} for result in results))
    shared.discard("")
    if shared:
        items = [_common([i for r in results for i in r.items if i.entity == id]) for id in shared]
        found = sorted(items, key=lambda item: (-item.confidence, item.text))
        return Result(tuple(found), tentative=doubtful)
    return Result(
        tuple(
            replace(i, text=f"{name}: {i.text}", about="", subject="")
            for name, result in zip(names, results, strict=True)
            for i in result.items
        ),
        tentative=doubtful,
    )


def _common(items: Sequence[AnswerItem]) -> AnswerItem:
    """One answer for all of the names: as sure as the least sure, with everyone's evidence."""
    first = items[0]
    evidence = tuple(dict.fromkeys(e for item in items for e in item.evidence[:1]))
    rest = tuple(dict.fromkeys(e for item in items for e in item.evidence[1:]))
    sure = min(item.confidence for item in items)
    facts = tuple(dict.fromkeys(id for item in items for id in item.facts))
    return AnswerItem(
        first.text, first.entity, sure, first.relation, (*evidence, *rest), facts=facts
    )


def unknown(name: str) -> Result:
    """The result of a name that the graph doesn't hold."""
    return Result(abstention=Abstention.UNKNOWN_ENTITY, name=name)
