"""Identity rules that knowledge-graph builders commonly use, to stand beside ours.

Each takes mentions' (surface, type) and gives every one the name of its cluster; mentions
of different types are never one entity.

* exact: the same text.
* lower-cased: the same text but for case.
* similar: joined by a chain of texts whose RapidFuzz ``WRatio`` is 80 or more.
* naive lemma: the same after each word is replaced by its likeliest dictionary form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from kgbuild.russian.folding import fold_yo, is_abbreviation, tokens
from kgbuild.russian.morphology import dictionary_readings, respell

Surface = tuple[str, str]
"""A mention's text and type."""

SIMILAR = 80


def exact(surfaces: Sequence[Surface]) -> list[Hashable]:
    """The text and the type."""
    return list(surfaces)


def lower_cased(surfaces: Sequence[Surface]) -> list[Hashable]:
    """The text but for case, and the type."""
    return [(text.casefold(), type) for text, type in surfaces]


def naive_lemma(surfaces: Sequence[Surface]) -> list[Hashable]:
    """The dictionary forms of the words, and the type."""
    return [(" ".join(map(_lemma, tokens(text))), type) for text, type in surfaces]


def _lemma(word: str) -> str:
    found = dictionary_readings(word)
    return fold_yo(found[0].lemma if found else word.casefold())


def similar(surfaces: Sequence[Surface]) -> list[Hashable]:
    """Chains of texts of one type with ``WRatio`` ≥ 80."""
    texts: dict[str, list[str]] = defaultdict(list)
    for text, type in dict.fromkeys(surfaces):
        texts[type].append(text)
    cluster: dict[Surface, Hashable] = {}
    for type, of_type in texts.items():
        for text, root in zip(of_type, _chains(of_type), strict=True):
            cluster[text, type] = (root, type)
    return [cluster[surface] for surface in surfaces]


def _chains(texts: Sequence[str]) -> list[int]:
    """Connected components of the graph of similar texts, by breadth."""
    from rapidfuzz import fuzz, process

    root = [-1] * len(texts)
    for start in range(len(texts)):
        if root[start] >= 0:
            continue
        root[start] = start
        queue = [start]
        for place in queue:
            left = [i for i, r in enumerate(root) if r < 0]
            scores = process.cdist(
                [texts[place]], [texts[i] for i in left], scorer=fuzz.WRatio, score_cutoff=SIMILAR
            )
            for column in np.flatnonzero(scores[0] >= SIMILAR):
                root[left[column]] = start
                queue.append(left[column])
    return root


RULES: dict[str, Callable[[Sequence[Surface]], list[Hashable]]] = {
    "exact name and type": exact,
    "lower-cased name and type": lower_cased,
    "WRatio of 80 or more, chained": similar,
    "naive lemma and type": naive_lemma,
}
"""The rules by the names under which they are printed."""


def naive_nominative(surface: str) -> str:
    """Each word's likeliest reading in the nominative, whatever stands beside it."""
    return " ".join(map(_nominative, tokens(surface)))


def _nominative(word: str) -> str:
    found = dictionary_readings(word)
    if not found or is_abbreviation(word):
        return word
    return respell(word, found[0].nominative)
