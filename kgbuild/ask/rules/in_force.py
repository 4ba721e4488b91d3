"""Which of several answers holds now.

«Где живёт …?», «Кто директор …?» ask of today. A sentence says by its predicate's tense and aspect
whether what it tells is over: «жила в Омске» (past, imperfective) is, «живёт в Перми» (present) and
«переехала в Пермь» (perfective: what came about stands) aren't; nor is that from which somebody
moved, nor a «бывший директор».
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.russian.morphology import dictionary_readings
from kgbuild.types import AnswerItem, Evidence, Mention

_CHANGING = frozenset(
    {"HEADQUARTERED_IN", "MEMBER_OF", "OWNER_OF", "PLACE_RESIDES_IN", "WORKPLACE", "WORKS_AS"}
)
"""Relations of which another may take the place of one."""
_LEAST = 0.5
"""How sure an answer that holds is at least, beside one that is over, to stand before it."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_EDGE = re.compile(r"[,;:.!?()…\n]")
_FORMER = re.compile(r"(?i)\b(?:бывш|прежн(?:ий|яя|его|ей|им)\b|ранее\b|раньше\b|экс-)")
_FROM = frozenset({"из", "с", "со"})


def in_force_first(question: str, items: tuple[AnswerItem, ...]) -> tuple[AnswerItem, ...]:
    """The answers; where the first is over, those that are said to hold now stand before it.

    As they are where the question asks of the past, and where such an answer is much less sure.
    """
    if len(items) < 2 or _asks_of_the_past(question):
        return items
    if not all(item.relation in _CHANGING and len(item.facts) == 1 for item in items):
        return items
    if _state(items[0]) != "over":
        return items
    sure = _LEAST * items[0].confidence
    now = [item for item in items[1:] if item.confidence >= sure and _state(item) == "now"]
    return (*now, *(item for item in items if item not in now))


def _asks_of_the_past(question: str) -> bool:
    return any("past" in (_verb(word) or ()) for word in _WORD.findall(question))


def _state(item: AnswerItem) -> str:
    """``over`` where all that is said of an answer is over, ``now`` where something is said to
    hold, "" where neither."""
    is_subject = item.facts[0].split(":")[0] == item.entity
    said = [_said(e, e.subject if is_subject else e.object) for e in item.evidence]
    if "now" in said:
        return "now"
    return "over" if said and set(said) == {"over"} else ""


def _said(evidence: Evidence, answer: Mention) -> str:
    """The state by the predicate nearest to a mention, in its clause or before it: over where it
    is of the past and imperfective, or the clause says «бывший», or whence somebody moved."""
    start, end = max(0, answer.start - evidence.start), max(0, answer.end - evidence.start)
    before = _EDGE.split(evidence.text[:start])[-1]
    after = _EDGE.split(evidence.text[end:])[0]
    words = _WORD.findall(before)
    if _FORMER.search(before) or (words and words[-1].casefold() in _FROM):
        return "over"
    earlier = _WORD.findall(evidence.text[:start])
    for some in (reversed(words), _WORD.findall(after), reversed(earlier)):
        verb = next(filter(None, map(_verb, some)), None)
        if verb is not None:
            return "over" if {"past", "impf"} <= verb else "now"
    return ""


@lru_cache(maxsize=1 << 12)
def _verb(word: str) -> frozenset[str] | None:
    """The marks of a finite verb; None of another word."""
    found = dictionary_readings(word.casefold())
    return found[0].marks if found and found[0].known and found[0].pos == "VERB" else None
