"""Proper names that the dictionary lacks or knows only as other words, and how they decline.

The lists are ``data/declension.txt``; here is how each list's names decline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kgbuild.russian.data import sections

_ADJECTIVAL = (("masc", "ой", ("ого", "ому", "ого", "ым", "ом")),
               ("femn", "ая", ("ой", "ой", "ую", "ой", "ой")))  # fmt: skip
_FEMININE_A = ("ы", "е", "у", "ой", "е")
_FEMININE_VELAR = ("и", "е", "у", "ой", "е")
_FEMININE_SIBILANT = ("и", "е", "у", "ей", "е")
_FEMININE_YA = ("и", "е", "ю", "ей", "е")
_FEMININE_IYA = ("и", "и", "ю", "ей", "и")
_MASCULINE = ("а", "у", "", "ом", "е")
_MASCULINE_PERSON = ("а", "у", "а", "ом", "е")
_MASCULINE_J = ("я", "ю", "й", "ем", "е")
_MASCULINE_J_PERSON = ("я", "ю", "я", "ем", "е")
_PLURAL = ("", "ам", "{}", "ами", "ах")
_OBLIQUE = ("gent", "datv", "accs", "ablt", "loct")


@dataclass(frozen=True, slots=True)
class LexiconForm:
    """What a form of a listed name may be; ``nominative`` is in lower case."""

    nominative: str
    case: str
    gender: str
    number: str
    marks: frozenset[str]


def _feminine(word: str) -> tuple[str, tuple[str, ...]]:
    stem = word[:-1]
    if word.endswith("ия"):
        return stem, _FEMININE_IYA
    if word[-1] == "я":
        return stem, _FEMININE_YA
    if stem[-1] in "жшчщ":
        return stem, _FEMININE_SIBILANT
    return stem, _FEMININE_VELAR if stem[-1] in "гкх" else _FEMININE_A


def _endings(word: str, gender: str, marks: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The stem and the endings from the genitive to the locative."""
    person = bool(marks & {"Name", "Surn"})
    if word[-1] in "ая":
        return _feminine(word)
    if word[-1] == "й":
        return word[:-1], _MASCULINE_J_PERSON if person else _MASCULINE_J
    if word[-1] == "ь" and gender == "femn":
        return word[:-1], ("и", "и", "ь", "ью", "и")
    if word[-1] == "ь":
        return word[:-1], ("я", "ю", "я" if person else "ь", "ем", "е")
    if gender == "femn":
        return word, ("",) * 5
    a, u, accusative, om, e = _MASCULINE_PERSON if person else _MASCULINE
    return word, (a, u, accusative, "ем" if word[-1] in "жшчщц" else om, e)


def _add(
    forms: dict[str, list[LexiconForm]], words: str, gender: str, mark: str, fixed: bool = False
) -> None:
    marks = frozenset({mark, "Fixd"} if fixed else {mark})
    for word in words.lower().split():
        stem, endings = (word, ("",) * 5) if fixed else _endings(word, gender, marks)
        cases = [("nomn", word), *zip(_OBLIQUE, (stem + e for e in endings), strict=True)]
        for case, form in cases:
            forms.setdefault(form, []).append(LexiconForm(word, case, gender, "sing", marks))


def _add_plural(forms: dict[str, list[LexiconForm]], words: str) -> None:
    for word in words.lower().split():
        stem, last = word[:-1], word[-1]
        soft = {"ам": "ям", "ами": "ями", "ах": "ях"} if last == "и" and stem[-1] == "й" else {}
        cases = [("nomn", word)]
        cases += [
            (case, stem + (last if ending == "{}" else soft.get(ending, ending)))
            for case, ending in zip(_OBLIQUE, _PLURAL, strict=True)
        ]
        for case, form in cases:
            marks = frozenset({"Geox", "Pltm"})
            forms.setdefault(form, []).append(LexiconForm(word, case, "", "plur", marks))


def _add_adjectival(forms: dict[str, list[LexiconForm]], words: str) -> None:
    """Surnames in a stressed -ой, which reading by the ending would make -ий or -ый."""
    marks = frozenset({"Surn"})
    for word in words.lower().split():
        stem = word[:-2]
        for gender, nominative, endings in _ADJECTIVAL:
            own = stem + nominative
            cases = [("nomn", own), *zip(_OBLIQUE, (stem + e for e in endings), strict=True)]
            for case, form in cases:
                forms.setdefault(form, []).append(LexiconForm(own, case, gender, "sing", marks))


@cache
def lexicon() -> dict[str, list[LexiconForm]]:
    """Every form of every listed name (``data/declension.txt``), in lower case."""
    lists = sections("declension.txt")
    forms: dict[str, list[LexiconForm]] = {}
    _add(forms, lists["places, feminine"], "femn", "Geox")
    _add(forms, lists["places, masculine"], "masc", "Geox")
    _add(forms, lists["places, fixed"], "neut", "Geox", fixed=True)
    _add(forms, lists["first names, feminine"], "femn", "Name")
    _add(forms, lists["first names, masculine"], "masc", "Name")
    _add(forms, lists["surnames, common"], "ms-f", "Surn")
    _add_adjectival(forms, lists["surnames, adjectival"])
    _add(forms, lists["names, fixed"], "ms-f", "Name", fixed=True)
    _add_plural(forms, lists["places, plural"])
    return forms
