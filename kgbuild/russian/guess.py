"""Readings of names that the dictionary doesn't know, by their endings.

The dictionary's own guesses copy the word with the likest ending, whatever it is, and go
wrong on foreign names («Делавэра» as a feminine nominative). Here an ending says which
cases it may be and how often each was right: shares of the distinct unknown names of
places, organisations and products in SlavicNER's development topics, rounded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import CASES, CONSONANTS, Reading, readings

_LIKENED = 1.0
"""What the dictionary's guesses weigh beside the shares."""

# «-ском» is left out (Омском), and a vowel before -ск- (Аляской)
_RELATIONAL = re.compile(
    r"(?:[бвгджзклмнпрстфхчшщйь]ск|цк)(?:ая|ую|ой|ою|ое|ого|ому|ий|им|их|ими|ие)$"
)
_LOCATIVE = re.compile(r"[бвгджзклмнпрстфхчшщйь]ском$")
_RURAL = ("ове", "еве", "ине")
_IN_VILLAGE: dict[str | None, float] = {"neut": 0.3, "masc": 0.1}
_VELAR = "гкхжшчщ"
_VOWELS = "аеиоуыэюя"
_Guess = tuple[str, str, str, str, float]


def _village_endings(stem: str) -> dict[str, tuple[_Guess, ...]]:
    """The locative and the genitive of places in -ов, -ово and -ова (or -ин and so on).

    The dictionary knows the towns in -ов; a place that it doesn't is as often a village in -ово.
    """
    return {
        stem + "е": (
            (stem + "о", "loct", "neut", "sing", 0.4),
            (stem, "loct", "masc", "sing", 0.3),
            (stem + "а", "loct", "femn", "sing", 0.1),
            (stem + "е", "*", "neut", "sing", 0.1),
        ),
        stem + "а": (
            (stem + "а", "nomn", "femn", "sing", 0.5),
            (stem, "gent", "masc", "sing", 0.3),
            (stem + "о", "gent", "neut", "sing", 0.25),
        ),
    }


# ending → (what replaces it, case, gender, number, share); "*" is every case
_ENDINGS: dict[str, tuple[_Guess, ...]] = {
    "ии": (("ия", "gent", "femn", "sing", 0.8), ("ии", "*", "masc", "sing", 0.1)),
    "ию": (("ия", "accs", "femn", "sing", 0.8), ("ий", "datv", "masc", "sing", 0.1)),
    "ией": (("ия", "ablt", "femn", "sing", 0.9),),
    "ами": (("ы", "ablt", "", "plur", 0.5), ("ами", "*", "masc", "sing", 0.3)),
    "ах": (("ы", "loct", "", "plur", 0.7), ("ах", "nomn", "masc", "sing", 0.3)),
    **_village_endings("ов"),
    **_village_endings("ев"),
    "ине": _village_endings("ин")["ине"],
    "ью": (("ь", "ablt", "femn", "sing", 0.9),),
    "ой": (("а", "ablt", "femn", "sing", 0.5), ("ой", "nomn", "masc", "sing", 0.3)),
    "ей": (("ей", "nomn", "masc", "sing", 0.6), ("я", "ablt", "femn", "sing", 0.2)),
    "ка": (("ка", "nomn", "femn", "sing", 0.9), ("к", "gent", "masc", "sing", 0.1)),
    "ом": (("", "ablt", "masc", "sing", 0.8), ("ом", "nomn", "masc", "sing", 0.15)),
    "ем": (
        ("", "ablt", "masc", "sing", 0.7),
        ("ь", "ablt", "masc", "sing", 0.7),
        ("й", "ablt", "masc", "sing", 0.7),
        ("ем", "nomn", "masc", "sing", 0.2),
    ),
    "а": (("а", "nomn", "femn", "sing", 0.64), ("", "gent", "masc", "sing", 0.33)),
    "я": (
        ("я", "nomn", "femn", "sing", 0.6),
        ("й", "gent", "masc", "sing", 0.2),
        ("ь", "gent", "masc", "sing", 0.15),
    ),
    "ы": (("а", "gent", "femn", "sing", 0.54), ("ы", "nomn", "", "plur", 0.46)),
    "и": (
        ("и", "*", "neut", "sing", 0.7),
        ("а", "gent", "femn", "sing", 0.15),
        ("я", "gent", "femn", "sing", 0.1),
        ("ь", "gent", "femn", "sing", 0.03),
    ),
    "е": (
        ("", "loct", "masc", "sing", 0.6),
        ("е", "*", "neut", "sing", 0.18),
        ("а", "loct", "femn", "sing", 0.18),
        ("й", "loct", "masc", "sing", 0.6),
        ("я", "loct", "femn", "sing", 0.18),
        ("о", "loct", "neut", "sing", 0.03),
        ("ь", "loct", "masc", "sing", 0.1),
    ),
    "у": (
        ("у", "*", "neut", "sing", 0.4),
        ("", "datv", "masc", "sing", 0.27),
        ("а", "accs", "femn", "sing", 0.27),
    ),
    "ю": (
        ("ю", "*", "neut", "sing", 0.4),
        ("я", "accs", "femn", "sing", 0.35),
        ("й", "datv", "masc", "sing", 0.3),
        ("ь", "datv", "masc", "sing", 0.3),
    ),
    "о": (("о", "*", "neut", "sing", 0.9),),
    "э": (("э", "*", "neut", "sing", 0.95),),
}


def _possible(stem: str, ending: str, replaced: str) -> bool:
    """Whether a stem takes this nominative ending in Russian spelling."""
    if len(stem) < 2 or replaced == ending:
        return replaced == ending
    last = stem[-1]
    if replaced == "й":
        return last in _VOWELS
    if ending == "и" and replaced in ("а", "я"):
        return (last in _VELAR) == (replaced == "а")
    if ending == "е" and replaced == "я":
        return last in _VOWELS
    if replaced in ("", "а", "о", "ы"):
        return last in CONSONANTS
    return replaced != "ь" or last in ("лнрт" if ending in ("и", "я", "ью") else "лн")


@lru_cache(maxsize=16384)
def guessed(word: str) -> tuple[Reading, ...]:
    """A name's noun readings by its ending, likeliest first; ``score`` is its share."""
    low = word.casefold()
    ending = next((low[-n:] for n in (3, 2, 1) if low[-n:] in _ENDINGS), "")
    if not ending:
        return (_reading(low, "nomn", "masc", "sing", 0.97),)
    stem = low[: -len(ending)]
    found = [
        _reading(stem + replaced, case, gender, number, share)
        for replaced, of_case, gender, number, share in _ENDINGS[ending]
        if _possible(stem, ending, replaced)
        for case in (CASES if of_case == "*" else (of_case,))
    ]
    return tuple(found) or (_reading(low, "nomn", "masc", "sing", 0.97),)


def _reading(nominative: str, case: str, gender: str, number: str, share: float) -> Reading:
    return Reading(
        pos="NOUN",
        case=case,
        number=number,
        gender=gender or None,
        marks=frozenset(),
        lemma=nominative,
        score=share,
        known=False,
        nominative=nominative,
    )


@lru_cache(maxsize=16384)
def noun_readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word of a name that isn't a person's.

    A capitalised word that the dictionary doesn't know is a noun by its ending and by the
    dictionary's guesses together; its adjective readings are the dictionary's alone. One
    with the ending of an adjective in -ский is that adjective, as a noun too: «в Мишанинской»
    is Мишанинская, not Мишанинска.
    """
    found = readings(word)
    rural = bool(found) and word.endswith(_RURAL) and "Surn" in found[0].marks
    if not found or not word[0].isupper() or any(r.known for r in found if not rural):
        return found
    if "-" in word:
        return (*_compound(word), *found)
    if _RELATIONAL.search(word.casefold()):
        own = tuple(r for r in found if r.pos == "ADJF" and not r.nominative.endswith("ской"))
        return tuple(replace(reading, pos="NOUN") for reading in own) + own
    village = _village(word, found)
    likened = [r for r in found if r.pos == "NOUN" and "Fixd" not in r.marks and r.number == "sing"]
    likened = [] if rural else likened  # a village isn't declined as the surname that it is from
    others = tuple(reading for reading in found if reading.pos != "NOUN")
    return (*_blended(guessed(word), likened), *village, *others)


def _village(word: str, found: Sequence[Reading]) -> tuple[Reading, ...]:
    """«в Вознесенском»: the locative of a village in -ское, beside Вознесенск's instrumental."""
    if _LOCATIVE.search(word) is None:
        return ()
    return tuple(
        replace(reading, pos="NOUN", score=_IN_VILLAGE[reading.gender])
        for reading in found
        if reading.pos == "ADJF" and reading.case == "loct" and reading.gender in _IN_VILLAGE
    )


def _compound(word: str) -> Iterator[Reading]:
    """Both halves of «Каменце-Подольском» decline: a noun and the adjective behind it."""
    first, _, last = word.partition("-")
    for noun in readings(first):
        for attribute in readings(last):
            agree = noun.case is not None and attribute.fits(noun.case, noun.gender, noun.number)
            if agree and noun.pos == "NOUN" and noun.known and attribute.pos == "ADJF":
                yield replace(
                    noun,
                    nominative=f"{noun.nominative}-{attribute.nominative}",
                    lemma=f"{noun.lemma}-{attribute.nominative}",
                    score=noun.score,
                )


def _blended(by_ending: Sequence[Reading], likened: Sequence[Reading]) -> list[Reading]:
    """Readings by ending, raised where the dictionary's guess is the same nominative."""
    total = sum(reading.score for reading in likened) or 1.0
    votes: dict[str, float] = defaultdict(float)
    for reading in likened:
        votes[fold_yo(reading.nominative)] += _LIKENED * reading.score / total
    return [
        replace(reading, score=reading.score + votes[fold_yo(reading.nominative)])
        for reading in by_ending
    ]
