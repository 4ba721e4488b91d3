"""A query's words: each with the lemmas it may stand for, and what was corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from kgbuild.ports import WordStore
from kgbuild.russian.lemmas import (
    Word,
    is_dictionary_word,
    is_function_word,
    lemmas_of,
    surname_lemmas,
    words,
)
from kgbuild.search.spelling import Speller
from kgbuild.types import Correction

MAX_WORDS = 64
"""Words of a query that are looked up: a pasted page finds by its beginning."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the query: the lemmas that count as it, and in how many sentences they stand."""

    lemmas: tuple[str, ...]
    sentences: int


@dataclass(frozen=True, slots=True)
class Query:
    """A query's terms, without repetitions; ``unknown`` are the words that stand nowhere, and
    for which no other was taken."""

    text: str
    terms: tuple[Term, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def lemmas(self) -> tuple[str, ...]:
        """The lemmas of all terms."""
        return tuple(dict.fromkeys(lemma for term in self.terms for lemma in term.lemmas))


def parse_query(text: str, store: WordStore, speller: Callable[[], Speller]) -> Query:
    """Look a query's words up; ``speller`` is asked for only where a word is unknown.

    Function words count only in a query that holds nothing else. A word that the Russian
    dictionary holds isn't corrected: «свет» isn't «совет». Of a surname that is also a form of
    another word all cases are looked for.
    """
    asked = list({word.lemma: word for word in islice(words(text), MAX_WORDS)}.values())
    telling = [word for word in asked if not is_function_word(word.folded)] or asked
    forms = {word: lemmas_of(word.folded) + surname_lemmas(word.folded) for word in telling}
    counts = store.lemma_counts(list({lemma for some in forms.values() for lemma in some}))
    terms, corrections, unknown = [], [], []
    for word, lemmas in forms.items():
        known = tuple(lemma for lemma in lemmas if lemma in counts)
        if not known:
            known = _meant(word, lemmas, speller())
            if known:
                counts |= store.lemma_counts(known)
                corrections.append(Correction(text[word.start : word.end], known[0]))
        if known:
            terms.append(Term(known, sum(counts.get(lemma, 0) for lemma in known)))
        else:
            unknown.append(text[word.start : word.end])
    return Query(text, tuple(terms), tuple(corrections), tuple(unknown))


def _meant(word: Word, lemmas: tuple[str, ...], speller: Speller) -> tuple[str, ...]:
    """What an unknown word was to be: a word of the dictionary is no typing error, though the
    texts may spell it in the other alphabet."""
    spellings = (word.folded, *lemmas)
    if is_dictionary_word(word.folded):
        return speller.sounding(spellings)
    return speller.meant(spellings)


def matched(text: str, lemmas: frozenset[str]) -> tuple[Word, ...]:
    """The words of a text that have one of the lemmas."""
    return tuple(word for word in words(text) if word.lemma in lemmas)
