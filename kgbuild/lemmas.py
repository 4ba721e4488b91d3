"""The words of a text as search counts them: dictionary forms with their spans.

A word is a run of letters and digits; a hyphen ends it, a stress mark doesn't. Cyrillic
words become their likeliest dictionary form (pymorphy3, OpenCorpora's dictionary), the
others are kept; case and ё/е don't count. One word has one lemma wherever it stands, so an
index and a query that use the same version of this module always agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_MARKS = "\u0300\u0301\u00ad"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
_STRIP = str.maketrans("ё", "е", _MARKS)
_CYRILLIC = re.compile(r"[а-я]")
_FUNCTION = frozenset({"PREP", "CONJ", "PRCL", "NPRO"})
_LONGEST = 64
"""Longer runs aren't words; they are cut, so that every database can index them."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word's span ``[start, end)`` in its text, its folded spelling and its lemma."""

    start: int
    end: int
    folded: str
    lemma: str


@cache
def analyzer() -> Any:
    """pymorphy3's analyser, loaded once for the whole program."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


def fold_word(word: str) -> str:
    """The word casefolded, with е for ё, without stress marks and soft hyphens."""
    return unicodedata.normalize("NFC", word).casefold().translate(_STRIP)[:_LONGEST]


@lru_cache(maxsize=1 << 16)
def _analysed(folded: str) -> tuple[tuple[str, ...], bool]:
    """The lemmas a folded word can have, likeliest first, and whether it is a function word."""
    if not _CYRILLIC.search(folded):
        return (folded,), False
    parses = analyzer().parse(folded)
    forms = dict.fromkeys(str(parse.normal_form).translate(_STRIP)[:_LONGEST] for parse in parses)
    return tuple(forms) or (folded,), bool(parses) and parses[0].tag.POS in _FUNCTION


def lemmas_of(folded: str) -> tuple[str, ...]:
    """Every lemma that a folded word can have, likeliest first; at least one."""
    return _analysed(folded)[0]


@lru_cache(maxsize=1 << 16)
def is_dictionary_word(folded: str) -> bool:
    """Whether the dictionary holds a folded word as it is written (ё may be е)."""
    return bool(_CYRILLIC.search(folded)) and bool(analyzer().word_is_known(folded))


def is_function_word(folded: str) -> bool:
    """Whether a folded word is a preposition, conjunction, particle or pronoun."""
    return _analysed(folded)[1]


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for match in _WORD.finditer(text):
        folded = fold_word(match[0])
        yield Word(match.start(), match.end(), folded, lemmas_of(folded)[0])


def lemma_text(text: str) -> str:
    """The lemmas of a text, separated by spaces: what a full-text index is given."""
    return " ".join(word.lemma for word in words(text))
