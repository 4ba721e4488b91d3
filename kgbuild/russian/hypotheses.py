"""How one word of a person's name reads under a hypothesis about the whole name.

A hypothesis is a case, a gender and a number. The dictionary's readings come first; a word
that it doesn't know is read by the endings of Russian surnames.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from kgbuild.russian.folding import fold_yo
from kgbuild.russian.given import given_forms
from kgbuild.russian.morphology import CASES, CONSONANTS, Reading, readings

_GENDERS = ("masc", "femn")
_RULE, _FIXED = 0.08, 0.3
_OF_A_SURNAME, _A_WOMANS = 0.25, 0.12
"""The same of a surname in -ов or -ин in another case, and of a woman's own."""
_FOREIGN_WOMAN = 0.02
"""How likely «Мэри Хопкин» is a woman's surname without an ending, in any case."""
_FOREIGN_IN_A = 0.2
"""How much rarer «Рута Брега» is than a surname without an ending, which a man declines and a
woman doesn't: «Брега» and «Бреге» are Брег's first."""
_OWN_OF_WOMAN = 0.3
"""How likely a man's surname that ends in a consonant is a woman's, in any case: «Юлию Цой»."""
_OF_WIFE = 0.7
"""What a woman's surname weighs beside a man's in the genitive, where the dictionary has his alone."""
_A_THING = 0.2
"""What a common noun of a thing weighs as a first name: «Мира» is no case of a man Мир."""
_A_WOMANS_THING = 0.4
"""The same of one in -а or -я, as women's names are: «Азия», «Роза»."""
_SHARED = 0.003
"""What the plural of a surname weighs as one bearer's; alone it stays a plural."""
_INDECLINABLE = {"о": 0.3, "э": 0.3, "и": 0.2, "у": 0.03, "ю": 0.03, "е": 0.05, "ы": 0.02}
_PRIOR = {("nomn", "masc"): 1.3, ("nomn", "femn"): 1.1, ("datv", "masc"): 1.1}
# how far to trust the dictionary's guess that a foreign name with such an end declines
_GUESSED = {"и": 0.1, "ю": 0.1, "о": 0.1, "э": 0.1}
_OBLIQUE = ("ом", "ем", "ой", "ым")
_LIKENED_OBLIQUE = 0.2
"""What a first name's guessed nominative weighs that ends as another case does: «Пэтом»."""
_DECLINED = re.compile(r"(ого|его|ому|ему|ии|ию)$")
_PLURAL = ("вых", "вым", "выми", "ных", "ным", "ными", "ских", "ским", "скими")
_ADJECTIVE = ("ская", "цкая")
_GEORGIAN = ("дзе", "швили")
_SLAVIC_OBLIQUE = re.compile(r"\w{2}([оеё]в|[иы]н)(ой|ым)$")
_SLAVIC = re.compile(r"\w{2}([оеё]в|[иы]н)а?$")
_FAMILY = re.compile(r"\w{2}[оеё]вых$")
_DIMINUTIVE = re.compile(r"\w{2}[аоуюя]ша$")
_OF_A_WOMAN = re.compile(r"\w([ое]вна|ична|[сц]кая)$")

# a masculine surname's endings by case, with what stands there in the nominative
_MASCULINE_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "gent": (("ого", "ый"), ("его", "ий"), ("а", ""), ("я", "ь"), ("я", "й"), ("ы", "а")),
    "datv": (("ому", "ый"), ("ему", "ий"), ("у", ""), ("ю", "ь"), ("ю", "й"), ("е", "а")),
    "accs": (("ого", "ый"), ("его", "ий"), ("а", ""), ("я", "ь"), ("я", "й"), ("у", "а")),
    "ablt": (("ом", ""), ("ым", ""), ("ем", ""), ("ем", "ь"), ("ем", "й"), ("ой", "а")),
    "loct": (("е", ""), ("е", "ь"), ("е", "й"), ("е", "а")),
}
_OBLIQUE_ADJECTIVE = (("ской", "ская"), ("цкой", "цкая"))
_FEMININE_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "gent": (*_OBLIQUE_ADJECTIVE, ("ой", "а"), ("ы", "а"), ("ии", "ия"), ("и", "а")),
    "datv": (*_OBLIQUE_ADJECTIVE, ("ой", "а"), ("е", "а"), ("е", "я"), ("ии", "ия")),
    "accs": (("скую", "ская"), ("цкую", "цкая"), ("у", "а"), ("ю", "я")),
    "ablt": (*_OBLIQUE_ADJECTIVE, ("ой", "а"), ("ей", "я")),
    "loct": (*_OBLIQUE_ADJECTIVE, ("ой", "а"), ("е", "а"), ("е", "я"), ("ии", "ия")),
}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the words of a name agree in, and how likely that is before reading them."""

    case: str
    gender: str
    number: str
    prior: float


@cache
def hypotheses(plural_prior: float) -> tuple[Hypothesis, ...]:
    """Every case in both genders, and every case of the plural."""
    singular = [
        Hypothesis(case, gender, "sing", _PRIOR.get((case, gender), 1.0))
        for case in CASES
        for gender in _GENDERS
    ]
    plural = [Hypothesis(case, "masc", "plur", plural_prior) for case in CASES]
    return (*singular, *plural)


def _is_foreign_in_a(surname: str) -> bool:
    """Whether a woman's surname in -а is no Russian one: her father's has the same ending."""
    return surname.endswith(("а", "я")) and not (
        surname.endswith(("ая", "яя")) or _SLAVIC.search(surname)
    )


def _weight(low: str, reading: Reading, masculine: bool, last: bool) -> float:
    if not reading.known and "Fixd" in reading.marks:
        return 0.02
    if not reading.known and reading.nominative != low and reading.pos == "NOUN":
        trust_in = _GUESSED.get(low[-1], 1.0)
        if trust_in < 1.0 and not _DECLINED.search(low):
            return (reading.score * 0.2 + 0.01) * trust_in
    guessed = not reading.known and reading.nominative[-1] in "ая"
    guessed &= reading.case == "nomn" or masculine
    guessed &= _DIMINUTIVE.search(reading.nominative) is None
    trust = 0.3 if guessed else 1.0
    if last and not masculine and not reading.known and _is_foreign_in_a(reading.nominative):
        trust *= _FOREIGN_IN_A
    if {"Fixd", "Name"} <= reading.marks and reading.nominative.endswith("е"):
        trust *= 0.2  # «Анне» is a case of Анна far more often than the French name
    if reading.marks & {"Name", "Surn", "Patr"}:
        return (reading.score + 0.05) * trust
    if reading.pos == "ADJF":
        return reading.score * 0.3
    return (reading.score * 0.2 + 0.01) * trust


def _unchanged(low: str, hypothesis: Hypothesis) -> float:
    """How likely a word that the dictionary doesn't know is to keep its form."""
    masculine, nominative = hypothesis.gender == "masc", hypothesis.case == "nomn"
    if low[-1] in "ая":
        return (0.02 if masculine else 0.05) if nominative else 0.0
    if low[-1] in _INDECLINABLE and low.endswith((*_GEORGIAN, "ье")):
        return 1.0 if low.endswith(_GEORGIAN) else _FIXED
    if low[-1] in _INDECLINABLE:
        declined = low.endswith(("ого", "его", "ому", "ему", "ии"))
        return 0.02 if declined else _INDECLINABLE[low[-1]]
    if (masculine and not nominative) or _FAMILY.search(low):
        return 0.0  # «Корнильевых» is a family's genitive; «Черных» has another ending
    if low.endswith(("ом", "ем", "ым", "им", "ой", "ей")):
        return 0.05 if masculine else 0.01
    return _FIXED


def is_of_gender(nominative: str, gender: str) -> bool:
    """Whether a surname can be of a gender: Орлов is a man's, Орлова a woman's."""
    if _SLAVIC_OBLIQUE.search(nominative):
        return False
    if _SLAVIC.search(nominative) is None:
        return True
    return (gender == "femn") == nominative.endswith("а")


def _by_ending(low: str, hypothesis: Hypothesis) -> tuple[float, str]:
    """The nominative of a word that the dictionary doesn't know, from its ending."""
    if hypothesis.gender == "masc" and _OF_A_WOMAN.search(low):
        return 0.0, low  # a woman's nominative, not a case of «Андреевн» or «Длускай»
    foreign = hypothesis.gender == "femn" and _SLAVIC.search(low) and not low.endswith("а")
    kept = (_FOREIGN_WOMAN if foreign else _unchanged(low, hypothesis), low)
    if hypothesis.case == "nomn":
        if hypothesis.gender == "femn" and _OF_A_WOMAN.search(low):
            return _FIXED, low
        if hypothesis.gender == "femn" and low.endswith("а") and _SLAVIC.search(low):
            return _A_WOMANS, low
        return kept
    table = _MASCULINE_ENDINGS if hypothesis.gender == "masc" else _FEMININE_ENDINGS
    for ending, nominative in table[hypothesis.case]:
        stem = low[: -len(ending)]
        if not low.endswith(ending) or len(stem) < 2:
            continue
        after_vowel = stem[-1] not in CONSONANTS + "ь"
        if (nominative == "й") != after_vowel and nominative in ("", "ь", "й"):
            continue
        if nominative == "ь" and stem[-1] not in "лнрт":
            continue
        if nominative == "а" and stem[-1] in "аеёиоуыэюя":
            continue
        if stem[-1] == "й" and nominative == "а":
            nominative = "я"  # noqa: PLW2901 — Монтойе is a case of Монтойя
        whole = stem + nominative
        slavic = nominative != "ь" and (_SLAVIC.search(whole) or whole.endswith(_ADJECTIVE))
        return max(kept, (_OF_A_SURNAME if slavic else _RULE, stem + nominative))
    return kept


def _is_oblique_guess(low: str, reading: Reading) -> bool:
    """Whether a guessed nominative ends as another case does."""
    return not reading.known and reading.nominative == low and low.endswith(_OBLIQUE)


def _is_likened(low: str, reading: Reading) -> bool:
    """Whether a woman's surname was guessed to be a case of a man's: «Длуская» of Длускай."""
    guessed = not reading.known and reading.gender == "masc"
    return guessed and _OF_A_WOMAN.search(low) is not None


def _is_fleeting(low: str, reading: Reading) -> bool:
    """Whether a foreign surname in -льц was guessed to lose a vowel: «Штольца» of Штолец. All
    unknown ones of NEREL's and the dossiers' training parts (31 of four surnames) are in -льц."""
    return not reading.known and "льц" in low and reading.nominative.endswith("лец")


def _is_misguessed(low: str, reading: Reading) -> bool:
    """Whether the dictionary's guess at a surname is never right."""
    return _is_likened(low, reading) or _is_fleeting(low, reading)


def _is_shared(reading: Reading, hypothesis: Hypothesis) -> bool:
    """Whether a plural surname may be one bearer's: «Анны и *Владимира Ковалевских*»."""
    plural = reading.number == "plur" and hypothesis.number == "sing" and reading.known
    return plural and "Surn" in reading.marks and reading.case == hypothesis.case


def _of_one(reading: Reading, gender: str) -> str:
    """One bearer's surname for the plural's reading."""
    man = reading.lemma
    if gender == "masc":
        return man
    if man.endswith(("ий", "ый", "ой")):
        return man[:-2] + "ая"
    return man + "а" if _SLAVIC.search(man) and not man.endswith("а") else man


def _is_thing(reading: Reading) -> bool:
    """Whether a word is a common noun of something that isn't alive."""
    return (
        reading.known
        and reading.pos == "NOUN"
        and "inan" in reading.marks
        and not (reading.marks & {"Name", "Surn", "Patr"})
    )


def _is_mans_own(low: str, reading: Reading) -> bool:
    """Whether a word is a man's surname in the nominative whose bearer's wife has the same."""
    surname = reading.known and reading.gender == "masc" and bool(reading.marks & {"Name", "Surn"})
    own = reading.case == "nomn" and reading.number == "sing" and reading.nominative == low
    adjective = low.endswith(("ий", "ый", "ской", "цкой"))
    return (
        surname
        and own
        and low[-1] in CONSONANTS + "ь"
        and not adjective
        and not _SLAVIC.search(low)
    )


def _is_wifes(low: str, reading: Reading, hypothesis: Hypothesis) -> bool:
    """Whether a case of a man's surname is his wife's too: «Кротова», which the dictionary knows
    as Кротов's alone."""
    womans = (hypothesis.case, hypothesis.gender, hypothesis.number) == ("nomn", "femn", "sing")
    surname = reading.known and "Surn" in reading.marks and reading.case == "gent"
    return (
        womans
        and surname
        and low == fold_yo(reading.nominative) + "а"
        and bool(_SLAVIC.search(low))
    )


def _has_woman(low: str, found: tuple[Reading, ...]) -> bool:
    """Whether the dictionary knows a form as a woman's surname."""
    return any("Surn" in r.marks and r.gender == "femn" and r.nominative == low for r in found)


_CASE_SHARES = {"nomn": 2.0, "gent": 1.2, "accs": 0.8}
"""How often a first name stands in a case; in the others ``_OTHER_SHARE``."""
_OTHER_SHARE = 0.6
_RARE = 0.1
"""What a first name that the dictionary alone has weighs beside one of our table: «Лидий»."""


@lru_cache(maxsize=16384)
def personal_readings(word: str) -> tuple[Reading, ...]:
    """The readings of a capitalised word of a person's name: those as a first name of the table
    (:mod:`kgbuild.russian.given`) before the dictionary's."""
    found = readings(word)
    forms = given_forms(word) if word[:1].isupper() else ()
    if not forms:
        return found
    weights = [_CASE_SHARES.get(case, _OTHER_SHARE) for _, case, _ in forms]
    own = [
        Reading(
            pos="NOUN",
            case=case,
            number="sing",
            gender=gender,
            marks=frozenset({"Name"}),
            lemma=nominative,
            score=0.9 * weight / sum(weights),
            known=True,
            nominative=nominative,
        )
        for (nominative, case, gender), weight in zip(forms, weights, strict=True)
    ]
    listed = {fold_yo(nominative) for nominative, _, _ in forms}
    rest = [
        replace(r, score=r.score * (_RARE if "Name" in r.marks else 0.3))
        for r in found
        if "Name" not in r.marks or fold_yo(r.nominative) not in listed
    ]
    return (*own, *rest)


_PLURAL_ENDINGS = {
    "ы": ("nomn",),
    "ых": ("gent", "accs", "loct"),
    "ым": ("datv",),
    "ыми": ("ablt",),
}
_SLAVIC_PLURAL = re.compile(r"(?P<man>\w{2}(?:[оеё]в|[иы]н))(?P<ending>ы|ых|ыми)$")
_OF_TWO = 0.004
"""What the plural of an unknown surname weighs behind one first name: «Анна и Роман Шабельниковы»."""


def _one_of_two(low: str, hypothesis: Hypothesis) -> tuple[float, str] | None:
    """One bearer's surname for a plural that the dictionary doesn't know."""
    found = _SLAVIC_PLURAL.search(low)
    if found is None or hypothesis.number != "sing":
        return None
    if hypothesis.case not in _PLURAL_ENDINGS[found["ending"]]:
        return None
    man = low[: found.end("man")]
    return _OF_TWO, man if hypothesis.gender == "masc" else man + "а"


@lru_cache(maxsize=16384)
def best_form(
    word: str, hypothesis: Hypothesis, fallback: float, place: str = ""
) -> tuple[float, str]:
    """The weight of a word under a hypothesis and its nominative (lower case); ``place`` is
    ``first`` or ``last`` of several words, as a rule the first name and the surname."""
    low = word.casefold()
    last = place == "last"
    options = [(fallback, low)]
    known_noun = known_name = given_name = shared = False
    found = personal_readings(word)
    for reading in found:
        if reading.pos not in ("NOUN", "ADJF") or _is_misguessed(low, reading):
            continue
        known_noun |= reading.known
        known_name |= reading.known and "Name" in reading.marks and "Fixd" not in reading.marks
        given_name |= reading.known and "Name" in reading.marks and reading.nominative == low
        shared |= reading.known and reading.number == "plur" and "Surn" in reading.marks
        if reading.fits(hypothesis.case, hypothesis.gender, hypothesis.number):
            weight = _weight(low, reading, hypothesis.gender == "masc", last)
            if place == "first" and _is_oblique_guess(low, reading):
                weight *= _LIKENED_OBLIQUE
            if place == "first" and _is_thing(reading):
                weight *= _A_THING if reading.gender != "femn" else _A_WOMANS_THING
            options.append((weight, reading.nominative))
        elif last and hypothesis.gender == "femn" and _is_mans_own(low, reading):
            options.append((_OWN_OF_WOMAN * reading.score, low))
        elif _is_wifes(low, reading, hypothesis) and not _has_woman(low, found):
            options.append((_OF_WIFE * reading.score, low))
        elif _is_shared(reading, hypothesis):
            options.append((_SHARED * reading.score, _of_one(reading, hypothesis.gender)))
    plural = _one_of_two(low, hypothesis)
    if plural is not None:
        options.append(plural)
    unknown_plural = not known_noun and _SLAVIC_PLURAL.search(low) is not None
    listed = shared and low.endswith((*_PLURAL, "ы"))
    if hypothesis.number == "sing" and not listed and not unknown_plural:
        weight, nominative = _by_ending(low, hypothesis)
        if last and hypothesis.gender == "femn" and _is_foreign_in_a(nominative):
            weight *= _FOREIGN_IN_A
        slavic = weight >= _OF_A_SURNAME and _SLAVIC.search(nominative) is not None
        if known_noun and (given_name or not slavic):  # «Екатерина» isn't Екатерин's genitive
            other = 0.5 if place == "first" and all(map(_is_thing, found)) else 0.1
            weight *= 0.002 if given_name else 0.02 if known_name else other
        options.append((weight, nominative))
    return max(options, key=lambda option: option[0])
