"""BM25 of sentences and of whole documents from one set of postings.

Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework". A word that can have
several lemmas is one term: their counts add up. Lengths are in characters. A sentence says
too little about what its document is about, so both are scored: see docs/decisions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports import WordStore
from kgbuild.search.query import Term
from kgbuild.types import Extent, PassageFilter

SENTENCE = (1.2, 0.75)
DOCUMENT = (2.0, 0.9)
"""k1 and b: Lucene's for sentences; for documents chosen on half of the news sample."""

MOST_POSTINGS = 200_000
"""Rows that a query may read: beyond them its commonest words are left out."""


@dataclass(frozen=True, slots=True)
class Lexical:
    """Scores of the sentences that hold a word of the query: row ids int64 [n], the row id of
    each one's document int64 [n], the sentence's BM25 and its document's float64 [n]."""

    sentences: NDArray[np.int64]
    documents: NDArray[np.int64]
    own: NDArray[np.float64]
    whole: NDArray[np.float64]


def affordable(terms: Sequence[Term], most: int = MOST_POSTINGS) -> list[Term]:
    """The rarest terms whose postings are at most ``most`` together; at least one."""
    kept: list[Term] = []
    total = 0
    for term in sorted(terms, key=lambda term: term.sentences):
        total += term.sentences
        if kept and total > most:
            break
        kept.append(term)
    return kept


def lexical(
    store: WordStore, terms: Sequence[Term], extent: Extent, within: PassageFilter
) -> Lexical:
    """Score every sentence that holds a term and passes the filter.

    Under a filter a document is scored by its sentences that pass.
    """
    used = affordable(terms)
    if not used:
        none = np.zeros(0, dtype=np.int64)
        return Lexical(none, none, np.zeros(0), np.zeros(0))
    lemmas = list(dict.fromkeys(lemma for term in used for lemma in term.lemmas))
    found = store.postings(lemmas, within)
    sentences, row = np.unique(found.sentence, return_inverse=True)
    first = np.zeros(len(sentences), dtype=np.int64)
    first[row] = np.arange(len(row))
    documents, home = np.unique(found.document[first], return_inverse=True)
    length = extent.characters[np.searchsorted(extent.documents, documents)]
    own, whole = np.zeros(len(sentences)), np.zeros(len(documents))
    mean = extent.characters.sum() / max(extent.sentences, 1)
    for term in used:
        at = np.isin(found.lemma, [lemmas.index(lemma) for lemma in term.lemmas])
        counts = _summed(row[at], found.count[at], len(sentences))
        rarity = _idf(min(term.sentences, extent.sentences), extent.sentences)
        own += rarity * _saturated(counts, found.length[first] / mean, SENTENCE)
        counts = _summed(home, counts, len(documents))
        rarity = _idf(int((counts > 0).sum()), len(extent.documents))
        whole += rarity * _saturated(counts, length / extent.characters.mean(), DOCUMENT)
    return Lexical(sentences, found.document[first], own, whole[home])


def _summed(
    groups: NDArray[np.int64], values: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """The sum of the values of each group, float64 [size]."""
    return np.bincount(groups, values, size).astype(np.float64)


def _idf(holding: int, all: int) -> float:
    return math.log(1 + (all - holding + 0.5) / (holding + 0.5))


def _saturated(
    counts: NDArray[np.float64], length: NDArray[np.float64], constants: tuple[float, float]
) -> NDArray[np.float64]:
    """Counts that grow ever less, and less in a long text; ``length`` is in means."""
    k1, b = constants
    scores: NDArray[np.float64] = counts * (k1 + 1) / (counts + k1 * (1 - b + b * length))
    return scores
