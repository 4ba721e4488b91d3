"""Where and when somebody was born or died, «В Казани родился певец Фёдор Шаляпин», and where
somebody only stayed: «гостила в Твери»."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.extract.patterns.clause import Clause
from kgbuild.extract.patterns.finding import Stated
from kgbuild.extract.patterns.page import NOMINATIVE, PLACES, Item
from kgbuild.extract.patterns.words import KIN, PRONOUNS, word_readings
from kgbuild.types import Mention, Relation

_DYING = ("скончаться", "умереть", "погибнуть", "застрелиться", "повеситься", "утонуть")
"""Intransitive perfective verbs whose subject is dead after it; a place beside them is where that
came about (in the training dossiers 22 of 24 findings agree with the annotation)."""
_BORN = (("born", "PLACE_OF_BIRTH"), ("birthday", "DATE_OF_BIRTH"))
_DIED = (("died", "PLACE_OF_DEATH"), ("deathday", "DATE_OF_DEATH"))
_VERBS = {"родиться": _BORN, **dict.fromkeys(_DYING, _DIED)}
"""Verbs in the past tense, with the patterns' names and what they state, by place and by date."""

_STAYS = frozenset(
    [
        "гостить", "погостить", "загостить", "отдыхать", "отдохнуть", "загорать", "бывать",
        "побывать", "останавливаться", "остановиться", "ночевать", "заночевать", "переночевать",
        "лечиться", "подлечиться", "гастролировать", "выступать", "выступить", "приезжать",
        "заезжать", "заехать", "прилетать", "наведываться", "наведаться"]
)  # fmt: skip
"""Verbs of coming and going again: where one does so one doesn't live."""
_CLAUSE_EDGE = re.compile(r"[,;:.!?()…\n]")
_WORDS = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"\d{3}")
"""A date of birth or death says a year; «в 12 часов» doesn't."""
_IN = frozenset({"в", "во", "на", "под", "близ"})
_BEFORE_OR_AFTER = frozenset({"до", "к", "между", "перед", "по", "после", "с", "со", "через"})
"""Prepositions of a date that isn't the day itself: «умер до 1900 года»."""
_FAR = 14
"""Words between a verb and the place."""
_ATTRIBUTES = 3
"""Words between a preposition and the place: «в подмосковном городе Клин»."""


def stated_lives(clause: Clause) -> Iterator[Stated]:
    """Places and dates of birth and death that a sentence states."""
    for at, item in enumerate(clause.items):
        for verb in item.readings:
            if verb.lemma in _VERBS and verb.pos == "VERB" and verb.gender in PRONOUNS:
                who = _subject(clause, at, verb.gender)
                found = _place(clause, at), _date(clause, at)
                for (pattern, relation), end in zip(_VERBS[verb.lemma], found, strict=True):
                    if who is not None and end is not None:
                        yield Stated(pattern, relation, who, end)
                break


def is_visit(text: str, relation: Relation) -> bool:
    """Whether a residence is told of by a verb of visiting, alone in the clause of both ends."""
    if relation.relation != "PLACE_RESIDES_IN":
        return False
    first, last = sorted((relation.subject, relation.object), key=lambda end: end.start)
    between = text[first.end : max(first.end, last.start)]
    if _CLAUSE_EDGE.search(between):
        return False
    found = [word_readings(word.casefold())[:1] for word in _WORDS.findall(between)]
    verbs = [r.lemma for readings in found for r in readings if r.pos == "VERB"]
    return bool(verbs) and all(lemma in _STAYS for lemma in verbs)


def _subject(clause: Clause, at: int, gender: str) -> Mention | None:
    """Whom the verb at a place tells of: a name after it or before it, or he who was meant."""
    after = clause.next_name(at + 1)
    if after is not None and clause.items[after].fits(NOMINATIVE, gender):
        return clause.items[after].name
    before = clause.last_name(at, gender)
    between = clause.items[0 if before is None else before + 1 : at]
    if any(item.text == PRONOUNS[gender] for item in between[-3:]):
        return clause.page.topic(clause.number - 1, gender)
    if before is None or any(_is_verb(item) or _is_somebody(item) for item in between):
        return None
    return clause.items[before].name


def _is_verb(item: Item) -> bool:
    return bool(item.readings) and item.readings[0].pos == "VERB"


def _is_somebody(item: Item) -> bool:
    """Whether somebody else may be the subject: «его сын», «бизнесмен»."""
    kin = any(r.lemma in KIN and r.case == "nomn" for r in item.readings)
    return kin or (item.human and item.fits(NOMINATIVE))


def _place(clause: Clause, at: int) -> Mention | None:
    """The first place after the verb, else the last one before it, on this side of a name."""
    for end in range(at + 1, min(len(clause.items), at + _FAR)):
        if clause.items[end].text == ";" or _is_verb(clause.items[end]):
            break
        if _is_where(clause, end):
            return clause.items[end].mention
    for end in range(at - 1, max(-1, at - _FAR), -1):
        if clause.items[end].name is not None or _is_verb(clause.items[end]):
            break
        if _is_where(clause, end):
            return clause.items[end].mention
    return None


def _date(clause: Clause, at: int) -> Mention | None:
    """The date beside the verb, over a preposition: the one after it, else the one before it."""
    for end in (at + 1 + (clause.text(at + 1) in _IN), at - 1):
        found, text = clause.item(end).mention, clause.text(end)
        if found is None or found.type != "DATE" or _YEAR.search(text) is None:
            continue
        if not {clause.text(end - 1), text.split()[0]} & _BEFORE_OR_AFTER:
            return found
    return None


def _is_where(clause: Clause, at: int) -> bool:
    """Whether a place stands behind a preposition, and not as an adjective («в германском»)."""
    item = clause.items[at]
    if item.mention is None or item.mention.type not in PLACES:
        return False
    if item.text.isalpha() and item.readings and item.readings[0].pos == "ADJF":
        return False
    begin = at - 1
    while at - begin <= _ATTRIBUTES and clause.item(begin).is_attribute:
        begin -= 1
    return clause.text(begin) in _IN
