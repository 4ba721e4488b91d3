"""How a name or a word is spelt for comparison, and its tokens."""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_QUOTES = "«»„“”\"‘’‹›`'"
_OPENING, _CLOSING = '«„“"‘‹', '»“”"’›'
_TOKEN = re.compile(r"\S+")
_SPACE = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^\w%$€£+&№.#-]+")
_EDGE = re.compile(r"^[ .-]+|(?:[ .]| -+)+$")
_DASH = re.compile(r"(?<=\w)[\u2010-\u2015\u2212](?=\w)")
ALIKE = str.maketrans("ABCEHKMOPTXYaceopxy", "АВСЕНКМОРТХУасеорху")
"""Latin letters and the Cyrillic ones that look like them."""
_MIXED = re.compile(r"[^\W\d_]+")
MARKS = "\u0300\u0301\u00ad"
"""Stress marks and the soft hyphen: they are no part of a word's spelling."""
_STRIP = str.maketrans("ё", "е", MARKS)
LONGEST_WORD = 64
"""Longer runs aren't words; they are cut, so that every database can index them."""


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
    folded = _DASH.sub("-", folded).replace("–", "-").replace("—", "-")
    return _EDGE.sub("", _SPACE.sub(" ", _NOT_WORD.sub(" ", folded)))


def unmixed(text: str) -> str:
    """``text`` with Cyrillic for the Latin letters that look like it in words that are otherwise
    Cyrillic («Cмолина» with a Latin C), and one hyphen for all dashes inside words."""
    return _MIXED.sub(_cyrillic_word, _DASH.sub("-", text))


def _cyrillic_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii() or not is_cyrillic(word):
        return word
    changed = word.translate(ALIKE)
    return changed if not any(c.isascii() for c in changed) else word


def tidy(text: str) -> str:
    """``text`` with runs of white space folded and unpaired outer quotes taken off."""
    text = _SPACE.sub(" ", unmixed(text)).strip(" \t\n,;:")
    if len(text) > 2 and text[0] in _OPENING and not any(c in _CLOSING for c in text[1:]):
        text = text[1:]
    if len(text) > 2 and text[-1] in _CLOSING and not any(c in _OPENING for c in text[:-1]):
        text = text[:-1]
    return text.strip()


def tokens(text: str) -> list[str]:
    """The space-separated tokens."""
    return _TOKEN.findall(text)


def fold_word(word: str) -> str:
    """The word casefolded, with е for ё, without stress marks and soft hyphens."""
    return unicodedata.normalize("NFC", word).casefold().translate(_STRIP)[:LONGEST_WORD]
