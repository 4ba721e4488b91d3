"""Noun phrases: the nominative of an organisation's, a place's or an event's name.

The head noun and the adjectives before it agree; they are read together, as the words of
a person's name are, and put into the nominative in their own number. What depends on the
head («Министерство *обороны России*») keeps its case. Quoted, Latin and abbreviated words
stay as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.resolve.guess import name_readings
from kgbuild.resolve.words import (
    CASES,
    CONSONANTS,
    NameReading,
    Reading,
    is_abbreviation,
    is_cyrillic,
    lemma,
    readings,
    respell,
    tidy,
    tokens,
)

_EDGE = re.compile(r"^(\W*)(.*?)((?:-\d+)?\W*)$", re.DOTALL)
_ORDINAL = re.compile(r"\d+-?(?:[а-я]{1,3})")
_ORDINAL_ENDING = {"masc": "й", "femn": "я", "neut": "е", "plur": "е"}
_ATTRIBUTIVE = frozenset({"ADJF", "PRTF"})
_GENDERS = ("masc", "femn", "neut")
_NO_ENDING = frozenset({"gent", "accs"})
_PLURAL_ORDINAL = re.compile(r"\d(?:-?)(?:е|ые|ие|х|ых|их|ми)$")
_OPAQUE = re.compile(r"[A-Za-z]|\w\.\w")
_QUOTE = re.compile(r"[«„“\"]")
# common nouns that a place's own name follows in the same case: «городе Москве»
_PLACE_NOUNS = frozenset(
    {"город", "деревня", "область", "остров", "поселок", "река", "село", "станица", "хутор"}
)


# adjectives that are nouns of their own: «сборная Бразилии» isn't a Brazil
_SUBSTANTIVES = frozenset({"сборная", "набережная", "вселенная"})
# nouns that name a body by their plural: «власти Москвы»
_PLURALS = frozenset({"власть", "войско"})
# whose forms are nearly always another word's: «большим театром», «в округе»
_RARE = frozenset({"больший", "округа", "лагер"})
_POSSESSIVE = re.compile(r"(ых|ыми|ым|их|ими|им)$")


@dataclass(frozen=True, slots=True)
class _Agreement:
    case: str
    number: str
    gender: str | None


_SINGULAR = [_Agreement(case, "sing", gender) for case in CASES for gender in _GENDERS]
_AGREEMENTS = tuple(_SINGULAR + [_Agreement(case, "plur", None) for case in CASES])


def _edges(token: str) -> tuple[str, str, str]:
    """The punctuation before a word, the word, what follows it («потока-2» → «-2»)."""
    match = _EDGE.match(token)
    if match is None:
        return "", token, ""
    if len(match[2]) < 4 and match[3].startswith("-"):
        return match[1], match[2] + match[3], ""
    return match[1], match[2], match[3]


def _core(token: str) -> str:
    return _edges(token)[1]


def _score(word: str, reading: Reading, attributive: bool) -> float:
    """A reading's weight as a head or attribute of a name that isn't a person's."""
    score = reading.score
    if attributive:
        return score * 0.1 if reading.lemma in _RARE else score
    if reading.lemma in _RARE:
        return score * 0.1
    if reading.lemma in _PLURALS and reading.number == "plur":
        return score * 5.0
    if not reading.known and "Fixd" in reading.marks:
        return score * 0.02
    personal = bool(reading.marks & {"Surn", "Name", "Patr"})
    endless = reading.nominative != word.casefold() and word[-1].casefold() in CONSONANTS + "ь"
    if word[0].isupper() and reading.number == "plur" and endless and reading.case in _NO_ENDING:
        return 0.0 if personal or not reading.known else score * 0.1
    return score * 0.1 if personal else score


def _best(word: str, agreement: _Agreement, attributive: bool) -> tuple[float, Reading] | None:
    """The likeliest reading of a word in this agreement, and its score."""
    found = [
        (_score(word, reading, attributive), reading)
        for reading in name_readings(word)
        if (_attributes(word, reading) if attributive else reading.pos == "NOUN")
        and reading.fits(agreement.case, agreement.gender, agreement.number)
    ]
    return max(found, key=lambda item: item[0], default=None)


def _attributes(word: str, reading: Reading) -> bool:
    """Whether a reading stands before a noun and agrees with it («Воробьёвых гор» too)."""
    if reading.pos in _ATTRIBUTIVE:
        return True
    plural_name = "Surn" in reading.marks and reading.number == "plur"
    return plural_name and _POSSESSIVE.search(word) is not None


def _is_attributive(word: str) -> bool:
    return bool(_ORDINAL.fullmatch(word)) or any(_attributes(word, r) for r in readings(word))


def _is_noun(word: str) -> bool:
    return any(reading.pos == "NOUN" for reading in readings(word))


def _is_fixed(token: str) -> bool:
    """Whether a word keeps its form: quoted, abbreviated or not in Cyrillic alone."""
    core = _core(token)
    if _QUOTE.match(token) or not is_cyrillic(core) or _OPAQUE.search(core):
        return not _ORDINAL.fullmatch(core)
    unknown = not any(reading.known for reading in readings(core))
    return is_abbreviation(core) and (len(core) < 6 or unknown)


def _candidates(words: list[str]) -> list[int]:
    """Where the head may stand: behind nothing but attributes and their conjunctions."""
    heads: list[int] = []
    for place, token in enumerate(words):
        core = _core(token)
        if _is_fixed(token):
            return [*heads, place] if place else heads
        if _is_noun(core) and not _ORDINAL.fullmatch(core):
            heads.append(place)
            if any(reading.nominative in _SUBSTANTIVES for reading in readings(core)):
                break
        if not (_is_attributive(core) or (place and core == "и")) or token[-1] in ".;:)»":
            break
    return heads


def _is_coordinated(words: list[str], head: int) -> bool:
    return len(words) == head + 3 and words[head + 1] == "и" and not _is_fixed(words[head + 2])


def _agreement_score(words: list[str], head: int, agreement: _Agreement) -> float:
    score = 1.0
    core = _core(words[head])
    if _is_coordinated(words, head):
        score = max(
            (r.score for r in readings(_core(words[head + 2])) if r.case == agreement.case),
            default=0.1,
        )
    if _names_place(words, head):
        agrees = agreement.number == "sing" and _in_case(words[head + 1], agreement.case)
        score *= 1.0 if agrees else 0.1
    if not _is_fixed(words[head]):
        noun = _best(core, agreement, attributive=False)
        score *= noun[0] if noun else 0.0
    elif agreement.gender not in {reading.gender for reading in readings(core)}:
        score *= 0.5
    for token in words[:head]:
        core = _core(token)
        if core == "и":
            continue
        if _ORDINAL.fullmatch(core):
            plural = _PLURAL_ORDINAL.search(core) is not None
            score *= 1.0 if plural == (agreement.number == "plur") else 0.01
            continue
        attribute = _best(core, agreement, attributive=True)
        score *= attribute[0] if attribute else 0.0
    return score


def _agreements(words: list[str], title: bool) -> tuple[int, list[tuple[float, _Agreement]]]:
    """The head's place and what may agree; the longest run of agreeing attributes wins."""
    for head in reversed(_candidates(words)):
        nominative = 5.0 if title and not _is_coordinated(words, head) else 1.0
        scored = [
            (
                _agreement_score(words, head, agreement)
                * (nominative if agreement.case == "nomn" else 1.0)
                * (1.001 if agreement.gender == "masc" else 1.0)
                * (1.0 if agreement.number == "sing" else 0.999),
                agreement,
            )
            for agreement in _AGREEMENTS
        ]
        possible = [item for item in scored if item[0] > 0]
        if possible:
            return head, possible
    return 0, []


def _form(reading: Reading, agreement: _Agreement) -> str:
    """The nominative in the agreement's number: a plural that was made singular is masculine."""
    plural_word = reading.number == "plur"
    return reading.lemma if plural_word and agreement.number == "sing" else reading.nominative


def _put(token: str, agreement: _Agreement, target: _Agreement, attributive: bool) -> str:
    """A word read in one agreement and put into the nominative of another."""
    if _is_fixed(token):
        return token
    before, core, after = _edges(token)
    if _ORDINAL.fullmatch(core):
        ending = _ORDINAL_ENDING[target.gender or "plur"]
        changed = re.sub(r"\D.*", "", core) + "-" + ending
    else:
        found = _best(core, agreement, attributive)
        changed = core if found is None else respell(core, _form(found[1], target))
    return before + changed + after


def _also(words: list[str], head: int, agreement: _Agreement) -> list[int]:
    """Later nouns in the head's own case: «Война *и мир*», «город *Москва*»."""
    rest = words[head + 1 :]
    if _is_coordinated(words, head) and _in_case(rest[1], agreement.case):
        return [head + 2]
    if _names_place(words, head):
        return [head + 1] if _in_case(rest[0], agreement.case) else []
    return []


def _names_place(words: list[str], head: int) -> bool:
    """Whether a place's own name follows the head: «города Минска»."""
    rest = words[head + 1 :]
    one = len(rest) == 1 and rest[0][0].isupper() and not _is_fixed(rest[0])
    return one and lemma(_core(words[head])) in _PLACE_NOUNS


def _in_case(token: str, case: str) -> bool:
    return any(r.pos == "NOUN" and r.case == case for r in readings(_core(token)))


def _any_agreement(token: str, case: str) -> str:
    """A noun put into the nominative from this case, in whichever number is likelier."""
    before, core, after = _edges(token)
    for reading in readings(core):
        if reading.pos == "NOUN" and reading.case == case:
            return before + respell(core, reading.nominative) + after
    return token


def _lone_attribute(word: str, keep_gender: bool) -> str:
    """An adjective that stands for a name: masculine, or in its own gender and number."""
    for reading in readings(word):
        if reading.pos in _ATTRIBUTIVE:
            return respell(word, reading.nominative if keep_gender else reading.lemma)
    return word


def _singular(words: list[str], head: int, agreement: _Agreement) -> bool:
    """Whether a plural phrase has a singular that is safe to form."""
    found = _best(_core(words[head]), agreement, attributive=False)
    if agreement.number != "plur" or found is None or "Pltm" in found[1].marks:
        return False
    return head == 0 or found[1].gender in ("masc", "ms-f")


@lru_cache(maxsize=65536)
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


@lru_cache(maxsize=65536)
def phrase_readings(
    surface: str, title: bool = False, adjectival: bool = False, singular: bool = False
) -> tuple[NameReading, ...]:
    """Every nominative that a noun phrase may have, with the case it is then in.

    The arguments are those of :func:`nominative_phrase`.
    """
    words = tokens(tidy(surface))
    if not words:
        return (NameReading(surface.strip(), "", 1.0),)
    head, scored = _agreements(words, title)
    if not scored:
        core = _core(words[0])
        name = " ".join(words)
        if len(words) == 1 and _is_attributive(core) and not _is_fixed(words[0]):
            keep_gender = core[0].isupper() and not adjectival
            name = words[0].replace(core, _lone_attribute(core, keep_gender))
        return (NameReading(name, "", 1.0),)
    return tuple(
        NameReading(_nominative(words, head, agreement, singular), agreement.case, score)
        for score, agreement in scored
    )


def _nominative(words: list[str], head: int, agreement: _Agreement, singular: bool) -> str:
    """The phrase in the nominative, read in one agreement."""
    also = _also(words, head, agreement)
    target = agreement
    if singular and not also and _singular(words, head, agreement):
        target = _Agreement(agreement.case, "sing", "masc")
    return " ".join(
        _put(token, agreement, target, attributive=place < head)
        if place <= head and _core(token) != "и"
        else _any_agreement(token, agreement.case)
        if place in also
        else token
        for place, token in enumerate(words)
    )
