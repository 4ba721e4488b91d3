"""Words: tokens of a name, their grammatical readings, and spelling that survives inflection.

The dictionary is pymorphy3's OpenCorpora one; it is loaded at the first reading, so that
importing this module costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kgbuild.lemmas import analyzer

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
CONSONANTS = "бвгджзйклмнпрстфхцчшщ"
_MINOR_CASES = {"gen1": "gent", "gen2": "gent", "acc2": "accs", "loc1": "loct", "loc2": "loct"}
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_QUOTES = "«»„“”\"‘’‹›`'"
_OPENING, _CLOSING = '«„“"‘‹', '»“”"’›'
_TOKEN = re.compile(r"\S+")
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w%$€£+&№.-]+")


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


def _reading(parse: Any) -> Reading:
    tag = parse.tag
    case = None if tag.case is None else _MINOR_CASES.get(str(tag.case), str(tag.case))
    nominative = parse.inflect({"nomn"}) if case not in (None, "nomn") else parse
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
        nominative=parse.word if nominative is None else str(nominative.word),
    )


@lru_cache(maxsize=65536)
def readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word, likeliest first; none for a word without Cyrillic letters."""
    if not is_cyrillic(word):
        return ()
    return tuple(_reading(parse) for parse in analyzer().parse(word))


@lru_cache(maxsize=65536)
def lemma(word: str) -> str:
    """The likeliest dictionary form, lower case, with е for ё."""
    found = readings(word)
    return fold_yo(found[0].lemma if found else word.casefold())


def is_cyrillic(word: str) -> bool:
    """Whether the word holds a Cyrillic letter."""
    return _CYRILLIC.search(word) is not None


def is_abbreviation(word: str) -> bool:
    """Whether the word is written in capitals only, such as МГУ."""
    letters = [c for c in word if c.isalpha()]
    return len(letters) > 1 and all(c.isupper() for c in letters)


def fold_yo(text: str) -> str:
    """``text`` with е for ё."""
    return text.replace("ё", "е").replace("Ё", "Е")


def fold(text: str) -> str:
    """The form in which names are compared: casefolded, е for ё, no quotes or stray marks."""
    folded = fold_yo(text.casefold())
    for quote in _QUOTES:
        folded = folded.replace(quote, " ")
    folded = folded.replace("–", "-").replace("—", "-")
    return _SPACE.sub(" ", _NOT_WORD.sub(" ", folded)).strip(" .-")


def tidy(text: str) -> str:
    """``text`` with runs of white space folded and unpaired outer quotes taken off."""
    text = _SPACE.sub(" ", text).strip(" \t\n,;:")
    if len(text) > 2 and text[0] in _OPENING and not any(c in _CLOSING for c in text[1:]):
        text = text[1:]
    if len(text) > 2 and text[-1] in _CLOSING and not any(c in _OPENING for c in text[:-1]):
        text = text[:-1]
    return text.strip()


def tokens(text: str) -> list[str]:
    """The space-separated tokens."""
    return _TOKEN.findall(text)


def respell(word: str, changed: str) -> str:
    """``changed`` (lower case) in the capitals of ``word`` and with its choice of е or ё."""
    if is_abbreviation(word) and len(word) > 1:
        return changed.upper()
    pieces, changed_pieces = word.split("-"), changed.split("-")
    if 1 < len(pieces) == len(changed_pieces):
        return "-".join(map(respell, pieces, changed_pieces))
    letters = []
    for index, letter in enumerate(changed):
        original = word[index] if index < len(word) else ""
        kept = "е" if letter == "ё" and original in ("е", "Е") else letter
        letters.append(kept.upper() if original.isupper() else kept)
    return "".join(letters)
