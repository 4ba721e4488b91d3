"""Noun phrases: the nominative of an organisation's, a place's or an event's name.

The head noun and the adjectives before it agree; they are read together, as the words of
a person's name are, and put into the nominative in their own number. What depends on the
head («Министерство *обороны России*») keeps its case. Quoted, Latin and abbreviated words
stay as written.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.russian.agreement import (
    ORDINAL,
    Agreement,
    agreements,
    best_reading,
    core_of,
    edges_of,
    in_case,
    is_attributive,
    is_coordinated,
    is_fixed,
    names_place,
    trails,
)
from kgbuild.russian.folding import tidy, tokens
from kgbuild.russian.guess import noun_readings
from kgbuild.russian.morphology import NameReading, Reading, readings, respell

_ATTRIBUTIVE = frozenset({"ADJF", "PRTF"})
_PARTICIPLE = re.compile(r"(?P<stem>.+?)(?P<ending>[ыи]й|ая|яя|[ое]е|[ыи]е)(?P<self>ся|)")
_ORDINAL_ENDING = {"masc": "й", "femn": "я", "neut": "е", "plur": "е"}


def _form(reading: Reading, agreement: Agreement) -> str:
    """The nominative in the agreement's number: a plural that was made singular is masculine."""
    plural_word = reading.number == "plur"
    return reading.lemma if plural_word and agreement.number == "sing" else reading.nominative


def _put(token: str, agreement: Agreement, target: Agreement, attributive: bool) -> str:
    """A word read in one agreement and put into the nominative of another."""
    if is_fixed(token):
        return token
    before, core, after = edges_of(token)
    if ORDINAL.fullmatch(core):
        ending = _ORDINAL_ENDING[target.gender or "plur"]
        changed = re.sub(r"\D.*", "", core) + "-" + ending
    else:
        found = best_reading(core, agreement, attributive)
        changed = core if found is None else respell(core, _form(found[1], target))
    return before + changed + after


def _also(words: list[str], head: int, agreement: Agreement) -> list[int]:
    """Later words in the head's own case: «Война *и мир*», «город *Москва*», «Пётр *Первый*»."""
    rest = words[head + 1 :]
    if is_coordinated(words, head) and in_case(rest[1], agreement.case):
        return [head + 2]
    if trails(words, head, agreement):
        return [head + 1]
    if names_place(words, head):
        return [head + 1] if in_case(rest[0], agreement.case) else []
    return []


def _any_agreement(token: str, agreement: Agreement) -> str:
    """A noun put into the nominative from this case, in whichever number is likelier; an
    adjective (the name of «деревне Новоспасской») agrees with the head."""
    before, core, after = edges_of(token)
    case, gender, number = agreement.case, agreement.gender, agreement.number
    for reading in noun_readings(core):
        if reading.pos == "NOUN" and reading.case == case:
            return before + respell(core, reading.nominative) + after
        if reading.pos == "ADJF" and reading.fits(case, gender, number):
            return before + respell(core, reading.nominative) + after
    return token


def _of_a_man(participle: Reading) -> str:
    """A participle's masculine singular: its dictionary form is the verb («управлять»)."""
    found = _PARTICIPLE.fullmatch(participle.nominative)
    if found is None:
        return participle.nominative
    hard = found["ending"] in ("ый", "ая", "ое", "ые") and found["stem"][-1] not in "шщ"
    return found["stem"] + ("ый" if hard else "ий") + found["self"]


def _lone_attribute(word: str, keep_gender: bool) -> str:
    """An adjective that stands for a name: masculine, or in its own gender and number."""
    for reading in readings(word):
        if reading.pos == "PRTF" and not (keep_gender and reading.number == "sing"):
            return respell(word, _of_a_man(reading))
        if reading.pos in _ATTRIBUTIVE:
            return respell(word, reading.nominative if keep_gender else reading.lemma)
    return word


def _is_womans(word: str) -> bool:
    """Whether an adjective that stands for a name is a woman's: «заведующей отделением»."""
    found = [r for r in readings(word) if r.pos in _ATTRIBUTIVE]
    return bool(found) and (found[0].number, found[0].gender) == ("sing", "femn")


def _singular(words: list[str], head: int, agreement: Agreement) -> bool:
    """Whether a plural phrase has a singular that is safe to form."""
    found = best_reading(core_of(words[head]), agreement, attributive=False)
    if agreement.number != "plur" or found is None or "Pltm" in found[1].marks:
        return False
    return head == 0 or found[1].gender in ("masc", "ms-f")


@lru_cache(maxsize=16384)
def nominative_phrase(
    surface: str, title: bool = False, adjectival: bool = False, singular: bool = False
) -> str:
    """The nominative of a noun phrase.

    Args:
        surface: the phrase in any case.
        title: read it as a nominative where that is possible.
        adjectival: a lone adjective agrees with something outside the name («чешский»), so
            its gender and number aren't the name's; so too where it begins in lower case.
        singular: the name is a kind («депутаты» → «депутат»).
    """
    readings = phrase_readings(surface, title, adjectival, singular)
    return max(readings, key=lambda reading: reading.weight).canonical


@lru_cache(maxsize=16384)
def phrase_readings(
    surface: str, title: bool = False, adjectival: bool = False, singular: bool = False
) -> tuple[NameReading, ...]:
    """Every nominative that a noun phrase may have, with the case it is then in.

    The arguments are those of :func:`nominative_phrase`.
    """
    words = tokens(tidy(surface))
    if not words:
        return (NameReading(surface.strip(), "", 1.0),)
    head, scored = agreements(words, title)
    parted = () if scored else _one_of_several(words)
    if parted:
        return parted
    if not scored:
        core = core_of(words[0])
        name = " ".join(words)
        if is_attributive(core) and not is_fixed(words[0]) and (len(words) == 1 or singular):
            womans = len(words) > 1 and _is_womans(core)
            keep_gender = womans or (core[0].isupper() and not adjectival)
            named = words[0].replace(core, _lone_attribute(core, keep_gender))
            name = " ".join([named, *words[1:]])
        return (NameReading(name, "", 1.0, heads=1),)
    return tuple(
        NameReading(
            _nominative(words, head, agreement, singular), agreement.case, score, heads=head + 1
        )
        for score, agreement in scored
    )


def _one_of_several(words: list[str]) -> tuple[NameReading, ...]:
    """The second of two names that share a plural noun: «Демократической и *Республиканской
    партиями*» is Республиканская партия."""
    if len(words) < 2 or any(map(is_fixed, words[:2])):
        return ()
    first, noun = core_of(words[0]), core_of(words[1])
    found: dict[tuple[str, str], float] = {}
    for own in readings(first):
        for shared in readings(noun) if own.pos in _ATTRIBUTIVE and own.number == "sing" else ():
            if shared.pos != "NOUN" or shared.number != "plur" or not shared.known:
                continue
            if shared.case == own.case and shared.gender == own.gender:
                pair = (own.nominative, shared.lemma)
                found[pair] = max(found.get(pair, 0.0), own.score * shared.score)
    return tuple(
        NameReading(
            " ".join(
                [
                    words[0].replace(first, respell(first, attribute)),
                    words[1].replace(noun, respell(noun, one)),
                    *words[2:],
                ]
            ),
            "",
            weight,
            heads=2,
        )
        for (attribute, one), weight in found.items()
    )


def _nominative(words: list[str], head: int, agreement: Agreement, singular: bool) -> str:
    """The phrase in the nominative, read in one agreement."""
    also = _also(words, head, agreement)
    trailing = trails(words, head, agreement)
    target = agreement
    if singular and not also and _singular(words, head, agreement):
        target = Agreement(agreement.case, "sing", "masc")
    return " ".join(
        _put(token, agreement, target, attributive=place != head)
        if (place <= head and core_of(token) != "и") or trailing
        else _any_agreement(token, agreement)
        if place in also
        else token
        for place, token in enumerate(words)
    )
