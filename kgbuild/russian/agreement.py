"""Which words of a noun phrase agree, and in what: its head noun and the attributes before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.russian.folding import is_abbreviation, is_cyrillic
from kgbuild.russian.guess import noun_readings
from kgbuild.russian.morphology import CASES, CONSONANTS, Reading, lemma, readings

_EDGE = re.compile(r"^(\W*)(.*?)((?:-\d+)?\W*)$", re.DOTALL)
ORDINAL = re.compile(r"\d+-?(?:[а-я]{1,3})")
"""An ordinal written with digits, such as 23-й."""

_ATTRIBUTIVE = frozenset({"ADJF", "PRTF"})
_GENDERS = ("masc", "femn", "neut")
_NO_ENDING = frozenset({"gent", "accs"})
_PLURAL_ORDINAL = re.compile(r"\d(?:-?)(?:е|ые|ие|х|ых|их|ми)$")
_OPAQUE = re.compile(r"[A-Za-z]|\w\.\w")
_QUOTE = re.compile(r"[«„“\"]")
PLACE_NOUNS = frozenset(
    {"город", "деревня", "область", "остров", "поселок", "река", "село", "станица", "хутор"}
)
"""Common nouns that a place's own name follows in the same case: «городе Москве»."""


# adjectives that are nouns of their own: «сборная Бразилии» isn't a Brazil
_SUBSTANTIVES = frozenset({"сборная", "набережная", "вселенная"})
# nouns that name a body by their plural: «власти Москвы»
_PLURALS = frozenset({"власть", "войско", "страна"})
# whose forms are nearly always another word's: «большим театром», «в округе»
_RARE = frozenset({"больший", "округа", "лагер"})
_OFTEN_PLURAL = 10.0
_BY_CHANCE = 0.1
"""How many times likelier, turned over, a word is a noun than the attribute that it may be."""
_POSSESSIVE = re.compile(r"(ых|ыми|ым|их|ими|им)$")


@dataclass(frozen=True, slots=True)
class Agreement:
    """A case, a number and, in the singular, a gender."""

    case: str
    number: str
    gender: str | None


_SINGULAR = [Agreement(case, "sing", gender) for case in CASES for gender in _GENDERS]
_AGREEMENTS = tuple(_SINGULAR + [Agreement(case, "plur", None) for case in CASES])


@lru_cache(maxsize=16384)
def edges_of(token: str) -> tuple[str, str, str]:
    """The punctuation before a word, the word, what follows it («потока-2» → «-2»)."""
    match = _EDGE.match(token)
    if match is None:
        return "", token, ""
    if len(match[2]) < 4 and match[3].startswith("-"):
        return match[1], match[2] + match[3], ""
    return match[1], match[2], match[3]


def core_of(token: str) -> str:
    """The word without the punctuation around it."""
    return edges_of(token)[1]


def _score(word: str, reading: Reading, attributive: bool) -> float:
    """A reading's weight as a head or attribute of a name that isn't a person's."""
    score = reading.score
    if attributive:
        return score * 0.1 if reading.lemma in _RARE else score
    if reading.lemma in _RARE:
        return score * 0.1
    if reading.lemma in _PLURALS and reading.number == "plur":
        return score * _OFTEN_PLURAL
    if not reading.known and "Fixd" in reading.marks:
        return score * 0.02
    personal = bool(reading.marks & {"Surn", "Name", "Patr"})
    endless = reading.nominative != word.casefold() and word[-1].casefold() in CONSONANTS + "ь"
    if word[0].isupper() and reading.number == "plur" and endless and reading.case in _NO_ENDING:
        return 0.0 if personal or not reading.known else score * 0.1
    return score * 0.1 if personal else score


def best_reading(
    word: str, agreement: Agreement, attributive: bool
) -> tuple[float, Reading] | None:
    """The likeliest reading of a word in this agreement, and its score."""
    found = [
        (_score(word, reading, attributive), reading)
        for reading in noun_readings(word)
        if (attributes(word, reading) if attributive else reading.pos == "NOUN")
        and reading.fits(agreement.case, agreement.gender, agreement.number)
    ]
    return max(found, key=lambda item: item[0], default=None)


def attributes(word: str, reading: Reading) -> bool:
    """Whether a reading stands before a noun and agrees with it («Воробьёвых гор» too)."""
    if reading.pos in _ATTRIBUTIVE:
        return True
    plural_name = "Surn" in reading.marks and reading.number == "plur"
    return plural_name and _POSSESSIVE.search(word) is not None


def is_attributive(word: str) -> bool:
    """Whether a word may stand before a noun and agree with it."""
    return bool(ORDINAL.fullmatch(word)) or any(attributes(word, r) for r in readings(word))


@lru_cache(maxsize=16384)
def _is_hardly_attributive(word: str) -> bool:
    """Whether a noun is an adjective in a few forms only by chance: «главой МИД» is no «главая»."""
    found = readings(word)
    attributive = sum(reading.score for reading in found if attributes(word, reading))
    nouns = sum(r.score for r in found if r.pos == "NOUN" and r.known)
    return attributive < _BY_CHANCE * nouns


def _is_noun(word: str) -> bool:
    """Whether a word may be a noun; in lower case what is also an adjective is no town: «об
    *украинском* вмешательстве»."""
    found = readings(word)
    adjective = word.islower() and any(r.pos == "ADJF" and r.known for r in found)
    return any(r.pos == "NOUN" and not (adjective and "Geox" in r.marks) for r in found)


@lru_cache(maxsize=16384)
def is_fixed(token: str) -> bool:
    """Whether a word keeps its form: quoted, abbreviated or not in Cyrillic alone."""
    core = core_of(token)
    if _QUOTE.match(token) or not is_cyrillic(core) or _OPAQUE.search(core):
        return not ORDINAL.fullmatch(core)
    unknown = not any(reading.known for reading in readings(core))
    return is_abbreviation(core) and (len(core) < 6 or unknown)


def _candidates(words: list[str]) -> list[int]:
    """Where the head may stand: behind nothing but attributes and their conjunctions."""
    heads: list[int] = []
    for place, token in enumerate(words):
        core = core_of(token)
        if place and core == "и":
            continue
        if is_fixed(token):
            return [*heads, place] if place else heads
        if _is_noun(core) and not ORDINAL.fullmatch(core):
            heads.append(place)
            if any(reading.nominative in _SUBSTANTIVES for reading in readings(core)):
                break
            if _is_hardly_attributive(core):
                break
        if not is_attributive(core) or token[-1] in ".;:)»":
            break
    return heads


def is_coordinated(words: list[str], head: int) -> bool:
    """Whether a second noun stands beside the head: «Война и мир»."""
    return len(words) == head + 3 and words[head + 1] == "и" and not is_fixed(words[head + 2])


def _agreement_score(words: list[str], head: int, agreement: Agreement) -> float:
    score = 1.0
    core = core_of(words[head])
    if is_coordinated(words, head):
        score = max(
            (r.score for r in readings(core_of(words[head + 2])) if r.case == agreement.case),
            default=0.1,
        )
    if names_place(words, head):
        agrees = agreement.number == "sing" and in_case(words[head + 1], agreement.case)
        score *= 1.0 if agrees else 0.1
    if not is_fixed(words[head]):
        noun = best_reading(core, agreement, attributive=False)
        score *= noun[0] if noun else 0.0
    elif agreement.gender not in {reading.gender for reading in readings(core)}:
        score *= 0.1
    for token in words[:head]:
        core = core_of(token)
        if core == "и":
            continue
        if ORDINAL.fullmatch(core):
            plural = _PLURAL_ORDINAL.search(core) is not None
            score *= 1.0 if plural == (agreement.number == "plur") else 0.01
            continue
        attribute = best_reading(core, agreement, attributive=True)
        score *= attribute[0] if attribute else 0.0
    return score


def agreements(words: list[str], title: bool) -> tuple[int, list[tuple[float, Agreement]]]:
    """The head's place and what may agree; the longest run of agreeing attributes wins."""
    for head in reversed(_candidates(words)):
        nominative = 5.0 if title and not is_coordinated(words, head) else 1.0
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


def in_case(token: str, case: str) -> bool:
    """Whether a word may be a noun in this case, or an adjective that is a place's name."""
    core = core_of(token)
    kinds = ("NOUN", "ADJF") if core[:1].isupper() else ("NOUN",)
    return any(r.pos in kinds and r.case == case for r in readings(core))


def trails(words: list[str], head: int, agreement: Agreement) -> bool:
    """Whether one more capitalised word, an adjective, agrees with the head before it:
    «герцога *Орлеанского*», «Петра *Первого*»."""
    rest = words[head + 1 :]
    if len(rest) != 1 or not rest[0][0].isupper() or is_fixed(rest[0]):
        return False
    found = readings(core_of(rest[0]))
    case, gender, number = agreement.case, agreement.gender, agreement.number
    if not found or found[0].pos != "ADJF" or any(r.nominative in _SUBSTANTIVES for r in found):
        return False
    return any(r.pos == "ADJF" and r.fits(case, gender, number) for r in found)


def names_place(words: list[str], head: int) -> bool:
    """Whether a place's own name follows the head: «города Минска»."""
    rest = words[head + 1 :]
    one = len(rest) == 1 and rest[0][0].isupper() and not is_fixed(rest[0])
    return one and lemma(core_of(words[head])) in PLACE_NOUNS
