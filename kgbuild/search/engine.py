"""Search: words, meaning and the graph, each alone or fused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.ports import Embedder, Normalizer, Store, VectorIndex
from kgbuild.search.bm25 import Lexical, lexical
from kgbuild.search.fuse import K, Ranking, fuse, sources
from kgbuild.search.neighbours import expand, named_entities
from kgbuild.search.query import Query, matched, parse_query
from kgbuild.search.spelling import Speller
from kgbuild.types import Extent, Passage, PassageFilter, SearchResults

Mode = Literal["hybrid", "lexical", "semantic", "graph"]
MODES: tuple[Mode, ...] = get_args(Mode)

DEPTH = 200
"""Rows of each list that are fused."""

RERANKED = 50
"""Passages that a reranker is shown."""

BESIDE = 10
"""Passages looked at beyond those wanted, so that a sentence can come before a heading."""

HEADING = 12
"""Words of the longest text that can be a heading."""

LONGEST = 8000
"""Characters of a query that are read: a pasted page finds by its beginning."""


_ENDED = re.compile(r"[.!?…][»”\"')\]]*\s*$")


class Reranker(Protocol):
    """Judges passages against a query once more."""

    def scores(self, query: str, passages: Sequence[Passage]) -> Sequence[float]:
        """A number for each passage: the higher, the better."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """What each list counts in the fusion, and its constant; ``kgbuild eval search`` prints what
    suits a file of articles."""

    passage: float = 0.25
    document: float = 1.0
    semantic: float = 0.75
    graph: float = 0.5
    k: float = K


@dataclass(frozen=True, slots=True)
class Tools:
    """What a search works with; each is asked for when it is first needed.

    Without ``reranker`` the fused order stands.
    """

    embedder: Callable[[], Embedder]
    normalizer: Callable[[], Normalizer]
    index: Callable[[], VectorIndex]
    reranker: Callable[[], Reranker] | None = None


class Searcher:
    """Searches one store; what it derives from the store is made again after a write."""

    def __init__(
        self,
        store: Store,
        tools: Tools,
        weights: Weights = Weights(),
    ) -> None:
        self._store, self._tools = store, tools
        self.weights = weights
        self._speller: tuple[int, Speller] | None = None
        self._extent: tuple[int, Extent] | None = None

    def search(
        self,
        text: str,
        limit: int = 10,
        mode: Mode = "hybrid",
        within: PassageFilter = PassageFilter(),  # noqa: B008 - frozen
    ) -> SearchResults:
        """The passages that suit a text, or the first ``LONGEST`` characters of it, best.

        Raises:
            InputError: there is no such mode.
        """
        if mode not in MODES:
            raise InputError(f"there is no search mode {mode!r}: one of {', '.join(MODES)}")
        query = parse_query(text[:LONGEST], self._store, self.speller)
        rankings = self.rankings(query, mode, within)
        best = self._combined(rankings, mode)
        found_by = sources(rankings)
        shown = best[: max(limit + BESIDE, RERANKED if self._tools.reranker else 0)]
        marks = frozenset(query.lemmas)
        found = [
            _highlighted(replace(passage, score=score, found_by=found_by[row]), marks)
            for (row, score), passage in zip(
                shown, self._store.passages([row for row, _ in shown]), strict=True
            )
            if passage is not None and any(map(str.isalnum, passage.text))
        ]
        ordered = sentences_first(self._reranked(text, found))[:limit]
        return SearchResults(text, mode, tuple(ordered), query.corrections, query.unknown)

    def rankings(self, query: Query, mode: Mode, within: PassageFilter) -> list[Ranking]:
        """The lists that a mode looks at."""
        allowed = self._allowed(within)
        lists: list[Ranking] = []
        if mode in ("hybrid", "lexical") and query.terms:
            found = lexical(self._store, query.terms, self.size(), within)
            lists += [by_words(found)] if mode == "lexical" else words_to_fuse(found, self.weights)
        if mode in ("hybrid", "semantic") and query.text.strip():
            lists.append(self.semantic(query, allowed))
        if mode in ("hybrid", "graph"):
            lists.append(self._graph(query, allowed))
        return [ranking for ranking in lists if len(ranking.rows)]

    def _allowed(self, within: PassageFilter) -> NDArray[np.int64] | None:
        return None if within == PassageFilter() else self._store.sentence_rows(within)

    def speller(self) -> Speller:
        """The vocabulary of the store as it is now."""
        generation = self._store.generation()
        if self._speller is None or self._speller[0] != generation:
            self._speller = (generation, Speller(self._store.vocabulary()))
        return self._speller[1]

    def size(self) -> Extent:
        """How much text the store holds now."""
        generation = self._store.generation()
        if self._extent is None or self._extent[0] != generation:
            self._extent = (generation, self._store.extent())
        return self._extent[1]

    def semantic(self, query: Query, allowed: NDArray[np.int64] | None) -> Ranking:
        """By the cosine of sentence and query; the index doesn't filter, so it is asked for
        more until enough of what it finds is allowed."""
        index = self._tools.index()
        none = np.zeros(0, dtype=np.int64), np.zeros(0)
        if index.count == 0 or (allowed is not None and not len(allowed)):
            return Ranking("semantic", self.weights.semantic, *none)
        vector = self._tools.embedder().embed([query.text], "search_query")
        wanted = min(DEPTH, index.count)
        while True:
            hits = index.search(vector, wanted)
            rows, scores = hits.ids[0], hits.scores[0].astype(np.float64)
            kept = rows >= 0
            if allowed is not None:
                kept &= np.isin(rows, allowed)
            enough = kept.sum() >= min(DEPTH, DEPTH if allowed is None else len(allowed))
            if allowed is None or enough or wanted == index.count:
                return _top("semantic", self.weights.semantic, rows[kept], scores[kept])
            wanted = min(wanted * 8, index.count)

    def _graph(self, query: Query, allowed: NDArray[np.int64] | None) -> Ranking:
        entities = named_entities(self._store, query.text, self._tools.normalizer())
        rows, scores = expand(self._store, entities)
        if allowed is not None:
            kept = np.isin(rows, allowed)
            rows, scores = rows[kept], scores[kept]
        return _top("graph", self.weights.graph, rows, scores)

    def _combined(self, rankings: Sequence[Ranking], mode: Mode) -> list[tuple[int, float]]:
        if mode in ("lexical", "semantic"):
            return [
                (row, score)
                for ranking in rankings
                for row, score in zip(ranking.rows.tolist(), ranking.scores.tolist(), strict=True)
            ]
        return fuse(rankings, self.weights.k)

    def _reranked(self, text: str, passages: list[Passage]) -> list[Passage]:
        if self._tools.reranker is None or not passages:
            return passages
        first, rest = passages[:RERANKED], passages[RERANKED:]
        scores = self._tools.reranker().scores(text, first)
        order = sorted(range(len(first)), key=lambda i: (-scores[i], i))
        return [replace(first[i], score=float(scores[i])) for i in order] + rest


def is_heading(text: str) -> bool:
    """Whether a passage is short and doesn't end as a sentence does: a title, a cell, a field."""
    return len(text.split()) <= HEADING and not _ENDED.search(text)


def sentences_first(passages: Sequence[Passage]) -> list[Passage]:
    """Passages with headings behind the best sentence, whose score they have at most.

    A heading repeats the words that are looked for and states nothing. Where no sentence suits
    half as well, as in tables, the order stays.
    """
    best = max((p.score for p in passages if not is_heading(p.text)), default=0.0)
    if not passages or best < max(p.score for p in passages) / 2:
        return list(passages)
    capped = [
        (replace(p, score=min(p.score, best)), True) if is_heading(p.text) else (p, False)
        for p in passages
    ]
    return [p for p, heading in sorted(capped, key=lambda one: (-one[0].score, one[1]))]


def by_words(found: Lexical) -> Ranking:
    """By words alone: the passage's BM25 and its document's together."""
    return _top("lexical", 1.0, found.sentences, found.own + found.whole)


def words_to_fuse(found: Lexical, weights: Weights) -> list[Ranking]:
    """By the passages' own words, and by their documents' words."""
    both = found.own + found.whole
    first = np.lexsort((found.sentences, -both))[:DEPTH]
    return [
        _top("lexical", weights.passage, found.sentences, found.own),
        Ranking("lexical", weights.document, found.sentences[first], found.whole[first]),
    ]


def _top(name: str, weight: float, rows: NDArray[np.int64], scores: NDArray[np.float64]) -> Ranking:
    """The best ``DEPTH`` rows of a list, equals by row id."""
    order = np.lexsort((rows, -scores))[:DEPTH]
    return Ranking(name, weight, rows[order], scores[order])


def _highlighted(passage: Passage, lemmas: frozenset[str]) -> Passage:
    spans = tuple(
        (passage.start + word.start, passage.start + word.end)
        for word in matched(passage.text, lemmas)
    )
    return replace(passage, highlights=spans)
