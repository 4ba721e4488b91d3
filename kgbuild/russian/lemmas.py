"""The words of a text as search counts them: dictionary forms with their spans.

A word is a run of letters and digits; a hyphen ends it, a stress mark doesn't. Cyrillic
words become their likeliest dictionary form (pymorphy3, OpenCorpora's dictionary), the
others are kept; case, ё/е and Latin letters in a Cyrillic word don't count. One word has one lemma wherever it stands, so an
index and a query that use the same version of this module always agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.russian.folding import LONGEST_WORD, MARKS, fold_word, unmixed
from kgbuild.russian.morphology import analyzer

_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
_CYRILLIC = re.compile(r"[а-я]")
_PLAIN = re.compile("[А-Яа-я]+")
"""What folding makes lower case of and nothing else."""
_FUNCTION = frozenset({"PREP", "CONJ", "PRCL", "NPRO"})
_SURNAME = re.compile("(?:[ео]в|[иы]н)$")
"""Surnames that were possessive adjectives: many are also the genitive plural of a noun."""
_SURNAME_ENDS = ("", "а", "у", "ым", "е", "ой", "ы", "ых", "ыми")
_PROPER = ("Surn", "Geox", "Name", "Patr", "Orgn")


@dataclass(frozen=True, slots=True)
class Word:
    """A word's span ``[start, end)`` in its text, its folded spelling and its lemma."""

    start: int
    end: int
    folded: str
    lemma: str


@lru_cache(maxsize=1 << 16)
def _analysed(folded: str) -> tuple[tuple[str, ...], bool]:
    """The lemmas a folded word can have, likeliest first, and whether it is a function word."""
    if not _CYRILLIC.search(folded):
        return (folded,), False
    parses = analyzer().parse(folded)
    normal = dict.fromkeys(str(parse.normal_form) for parse in parses)
    forms = dict.fromkeys(map(fold_word, normal))
    return tuple(forms) or (folded,), bool(parses) and parses[0].tag.POS in _FUNCTION


def lemmas_of(folded: str) -> tuple[str, ...]:
    """Every lemma that a folded word can have, likeliest first; at least one."""
    return _analysed(folded)[0]


@lru_cache(maxsize=1 << 12)
def surname_lemmas(folded: str) -> tuple[str, ...]:
    """The lemmas that the forms of a surname have which a folded word may be, where they are
    names' lemmas and the word has others.

    The dictionary reads «Зыков» as «зык» in the genitive plural and «Зыкова» as a village; the
    surname's cases share no lemma, so who asks for one form asks for all. A form that the dictionary
    reads as an adjective («рублёвым») stays the adjective's.

    >>> surname_lemmas("зыков")
    ('зыкова', 'зыков')
    """
    if not _CYRILLIC.search(folded):
        return ()
    named = {fold_word(str(p.normal_form)) for p in analyzer().parse(folded) if "Surn" in p.tag}
    found: dict[str, None] = {}
    for surname in sorted({folded, *named}):
        for end in _SURNAME_ENDS if _SURNAME.search(surname) else ():
            parses = analyzer().parse(surname + end)
            own = any("Surn" in p.tag and fold_word(str(p.normal_form)) == surname for p in parses)
            if own and any(mark in parses[0].tag for mark in _PROPER):
                found[fold_word(str(parses[0].normal_form))] = None
    known = lemmas_of(folded)
    return tuple(lemma for lemma in found if lemma not in known)


@lru_cache(maxsize=1 << 16)
def is_dictionary_word(folded: str) -> bool:
    """Whether the dictionary holds a folded word as it is written (ё may be е)."""
    return bool(_CYRILLIC.search(folded)) and bool(analyzer().word_is_known(folded))


def is_function_word(folded: str) -> bool:
    """Whether a folded word is a preposition, conjunction, particle or pronoun."""
    return _analysed(folded)[1]


@lru_cache(maxsize=1 << 16)
def _read(word: str) -> tuple[str, str]:
    """A word's folded spelling and its lemma."""
    plain = _PLAIN.fullmatch(word) is not None
    folded = word.lower()[:LONGEST_WORD] if plain else fold_word(unmixed(word))
    return folded, lemmas_of(folded)[0]


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), *_read(match[0]))


def lemma_text(text: str) -> str:
    """The lemmas of a text, separated by spaces: what a full-text index is given."""
    return " ".join([read[1] for read in map(_read, _WORD.findall(text))])
