"""Words: tokens of a name, their grammatical readings, and spelling that survives inflection.

The dictionary is pymorphy3's OpenCorpora one; it is loaded at the first reading, so that
importing this module costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from kgbuild.russian.data import sections
from kgbuild.russian.folding import fold_yo, is_abbreviation, is_cyrillic
from kgbuild.russian.lexicon import lexicon

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
CONSONANTS = "бвгджзйклмнпрстфхцчшщ"
_MINOR_CASES = {"gen1": "gent", "gen2": "gent", "acc2": "accs", "loc1": "loct", "loc2": "loct"}
_LISTED = 0.7
"""What a name of our own list weighs beside other words of its form."""


@cache
def analyzer() -> Any:
    """pymorphy3's analyser, loaded once for the whole program."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@dataclass(frozen=True, slots=True)
class Reading:
    """One grammatical reading of a word; ``score`` is pymorphy's estimate of P(tag | word).

    ``gender`` is masc, femn, neut, ms-f (common) or None; ``marks`` are the dictionary's
    other grammemes (Name, Surn, Patr, Geox, Fixd, …); ``nominative`` keeps the number.
    """

    pos: str
    case: str | None
    number: str | None
    gender: str | None
    marks: frozenset[str]
    lemma: str
    score: float
    known: bool
    nominative: str

    def fits(self, case: str, gender: str | None = None, number: str | None = None) -> bool:
        """Whether the reading has this case, and this gender and number where given."""
        if self.case != case or (number is not None and self.number not in (number, None)):
            return False
        return gender is None or self.gender in (gender, "ms-f", None) or self.number == "plur"


@dataclass(frozen=True, slots=True)
class NameReading:
    """A nominative that a surface form may stand for.

    ``case`` is the case that the surface is then in, "" where that isn't known; ``weight``
    isn't normalised. Readings of one ``group`` and nominative add up where ``summed``, and
    the likeliest counts where not. ``heads`` leading words are in the nominative, 0 for all.
    """

    canonical: str
    case: str
    weight: float
    group: str = ""
    summed: bool = False
    heads: int = 0


def _reading(parse: Any) -> Reading:
    """A parse as a reading; «лучшей», to the dictionary a form of «хороший», stays «лучшая»."""
    tag = parse.tag
    case = None if tag.case is None else _MINOR_CASES.get(str(tag.case), str(tag.case))
    nominative = parse.inflect({"nomn"}) if case not in (None, "nomn") else parse
    word = str(parse.word)
    inflected = word if nominative is None else str(nominative.word)
    if "Supr" in tag.grammemes and not inflected.startswith(word[:4]):
        inflected = word[:4] + inflected[-2:].replace("ой", "ий").replace("ый", "ий")
    gender = "ms-f" if "ms-f" in tag.grammemes else tag.gender
    return Reading(
        pos=str(tag.POS or ""),
        case=case,
        number=None if tag.number is None else str(tag.number),
        gender=None if gender is None else str(gender),
        marks=frozenset(map(str, tag.grammemes)),
        lemma=str(parse.normal_form),
        score=float(parse.score),
        known=bool(parse.is_known),
        nominative=inflected,
    )


@lru_cache(maxsize=16384)
def dictionary_readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word by the dictionary alone, likeliest first."""
    if not is_cyrillic(word):
        return ()
    return tuple(_reading(parse) for parse in analyzer().parse(word))


@lru_cache(maxsize=16384)
def readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word, likeliest first; none for a word without Cyrillic letters.

    A name of our own list (:mod:`kgbuild.russian.lexicon`) is read as that first.
    """
    found = _with_todays_stress(dictionary_readings(word))
    listed = _listed(word) if found else []
    if not listed:
        return found
    rest = [replace(r, score=r.score * (1 - _LISTED)) for r in found if r.known]
    weight = _LISTED if rest else 1.0
    cases = sum("Fixd" not in reading.marks for reading in listed) or 1
    return (
        *(replace(r, score=weight if "Fixd" in r.marks else weight / cases) for r in listed),
        *rest,
    )


@cache
def _stressed() -> frozenset[str]:
    """Adjectives in a stressed -ой that the dictionary has in an unstressed -ый or -ий too."""
    return frozenset(sections("declension.txt")["adjectives, stressed"].split())


def _with_todays_stress(found: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings without those of an adjective that today has another stress: «Окружного» is of
    «окружной», not of «окружный»."""
    stems = {r.lemma[:-2] for r in found if r.pos == "ADJF" and r.lemma in _stressed()}
    if not stems:
        return found
    return tuple(
        r for r in found if r.pos != "ADJF" or r.lemma[:-2] not in stems or r.lemma.endswith("ой")
    )


def _listed(word: str) -> list[Reading]:
    """A capitalised word's readings as a name of :mod:`kgbuild.russian.lexicon`."""
    if not word[0].isupper():
        return []
    return [
        Reading(
            pos="NOUN",
            case=form.case,
            number=form.number,
            gender=form.gender or None,
            marks=form.marks,
            lemma=form.nominative,
            score=1.0,
            known=True,
            nominative=form.nominative,
        )
        for form in lexicon().get(word.casefold(), ())
    ]


@lru_cache(maxsize=16384)
def lemma(word: str) -> str:
    """The likeliest dictionary form, lower case, with е for ё."""
    found = readings(word)
    return fold_yo(found[0].lemma if found else word.casefold())


@lru_cache(maxsize=16384)
def _gains_yo(word: str) -> bool:
    """Whether the dictionary writes this form without ё and its nominative with it."""
    if "ё" in word.casefold():
        return False
    return any(
        parse.is_known and "ё" not in parse.word and "ё" in parse.normal_form
        for parse in analyzer().parse(word)[:3]
    )


def respell(word: str, changed: str) -> str:
    """``changed`` (lower case) in the capitals of ``word`` and with its choice of е or ё.

    A form that has no ё itself says nothing of that choice: «Петра» is Пётр.
    """
    if is_abbreviation(word) and len(word) > 1:
        return changed.upper()
    pieces, changed_pieces = word.split("-"), changed.split("-")
    if 1 < len(pieces) == len(changed_pieces):
        return "-".join(map(respell, pieces, changed_pieces))
    letters = []
    gained = "ё" in changed and word.casefold() != fold_yo(changed) and _gains_yo(word)
    for index, letter in enumerate(changed):
        original = word[index] if index < len(word) else ""
        kept = "е" if letter == "ё" and original in ("е", "Е") and not gained else letter
        letters.append(kept.upper() if original.isupper() else kept)
    return "".join(letters)
