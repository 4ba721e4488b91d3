"""How well search finds an article by its title: NDCG@10 of each mode, over a real store.

Every article of a file is a document, its title taken out of the text. The units searched
are passages of 1,500 characters; the words of all of them count, vectors have only the
first, the head, of each article. A title's one right document stands where its best passage
stands. Weights and the constant of the fusion are chosen on half of a fixed sample of
titles and reported on the other half. The store knows no entities: the graph stays silent.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import FormatError
from kgbuild.ports import Embedder, Store, VectorIndex
from kgbuild.search.bm25 import lexical
from kgbuild.search.cache import cached_vectors
from kgbuild.search.engine import Searcher, Tools, Weights, by_words, words_to_fuse
from kgbuild.search.fuse import ranks
from kgbuild.search.query import parse_query
from kgbuild.types import Document, DocumentRecord, Mention, Name, PassageFilter, Sentence

PASSAGE = 1500
DEPTH = 10
EVERYWHERE = PassageFilter()
GRID = tuple(
    Weights(passage, 1.0, semantic, 0.5, k)
    for passage, semantic, k in itertools.product(
        (0.0, 0.25, 0.5, 1.0), (0.5, 0.75, 1.0, 1.5), (1.0, 3.0, 10.0, 30.0, 60.0)
    )
)
"""What is tried on the first half; a document's own list always weighs 1."""


@dataclass(frozen=True, slots=True)
class Article:
    """A title and the text without it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchScores:
    """NDCG@10 by mode over one half of the titles."""

    titles: int
    lexical: float
    semantic: float
    hybrid: float


@dataclass(frozen=True, slots=True)
class SearchReport:
    """What was measured: the pool, the weights chosen, the scores of both halves."""

    documents: int
    passages: int
    sample: str
    weights: Weights
    chosen_on: SearchScores
    reported_on: SearchScores


def read_articles(path: Path) -> list[Article]:
    """The articles of a (gzipped) JSON Lines file with ``title`` and ``text``; those without
    a text are left out.

    Raises:
        FormatError: a line isn't such an object.
    """
    articles = []
    zipped = path.suffix == ".gz"
    with (
        gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8") as lines
    ):
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                title, text = str(row["title"]), str(row["text"])
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError(f"{path}, line {number}: no title and text: {error}") from error
            text = text.replace(title, " ").replace("\x00", " ")
            if text.strip() and title.strip():
                articles.append(Article(title, text))
    return articles


def fill(
    store: Store, articles: Sequence[Article], embedder: Embedder, cache: Path | None
) -> NDArray[np.int64]:
    """Store the articles with the vectors of their heads; gives each passage's article,
    int64 [passages], by ascending row id."""
    owner: list[int] = []
    heads: list[int] = []
    for number, article in enumerate(articles):
        spans = tuple(_passages(article.text))
        sha256 = hashlib.sha256(article.text.encode()).hexdigest()
        document = Document(f"{number:06}", article.text, sha256)
        store.add_document(DocumentRecord(document, spans, (), (), "none"))
        heads.append(len(owner))
        owner += [number] * len(spans)
    rows = store.sentence_rows(EVERYWHERE)
    texts = [article.text[:PASSAGE] for article in articles]
    vectors = cached_vectors(embedder, texts, "search_document", cache)
    store.add_vectors("sentence", embedder.fingerprint, rows[heads].tolist(), vectors)
    return np.array(owner, dtype=np.int64)


def _passages(text: str) -> Iterator[Sentence]:
    for start in range(0, len(text), PASSAGE):
        yield Sentence(start, min(start + PASSAGE, len(text)))


def evaluate_search(
    articles: Sequence[Article],
    store: Store,
    embedder: Embedder,
    index: Callable[[Store, str], VectorIndex],
    titles: int = 600,
    cache: Path | None = None,
) -> SearchReport:
    """Fill an empty store, search it for a sample of titles, choose weights, report.

    ``titles`` of the articles are asked for, evenly spread; every second one is of the half
    that chooses.
    """
    owner = fill(store, articles, embedder, cache)
    made = index(store, embedder.fingerprint)
    step = max(len(articles) // titles, 1)
    sample = list(range(0, len(articles), step))[:titles]
    asked = [articles[number].title for number in sample]
    cached = _Cached(embedder, asked, cached_vectors(embedder, asked, "search_query", cache))
    tools = Tools(embedder=lambda: cached, normalizer=_Plain, index=lambda: made)
    searcher = Searcher(store, tools)
    rows = store.sentence_rows(EVERYWHERE)
    pools = [_pool(searcher, store, articles[number].title, rows, owner) for number in sample]
    first, second = range(0, len(sample), 2), range(1, len(sample), 2)
    best = max(GRID, key=lambda weights: _mean(pools, sample, first, _hybrid(weights)))
    return SearchReport(
        documents=len(articles),
        passages=len(owner),
        sample=f"{len(sample)} titles, every {step}. of the file; even ones choose",
        weights=best,
        chosen_on=_scores(pools, sample, first, best),
        reported_on=_scores(pools, sample, second, best),
    )


class _Cached:
    """An embedder that knows its queries' vectors already."""

    def __init__(
        self, embedder: Embedder, texts: Sequence[str], vectors: NDArray[np.float16]
    ) -> None:
        self.fingerprint, self.dimension = embedder.fingerprint, embedder.dimension
        self._known = dict(zip(texts, vectors.astype(np.float32), strict=True))

    def embed(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        """As the port."""
        return np.stack([self._known[text] for text in texts])


class _Plain:
    """A normaliser that changes nothing: the store has no names to find."""

    fingerprint = "plain"

    def normalize(self, surface: str, type: str) -> Name:
        """As the port."""
        return Name(surface.casefold(), surface)

    def names(self, text: str, mentions: Sequence[Mention]) -> Sequence[Name]:
        """As the port."""
        return [self.normalize(text[m.start : m.end], m.type) for m in mentions]


@dataclass(frozen=True, slots=True)
class _Pool:
    """What the lists hold for a title: articles int64 [n] of the rows, and by list the ranks
    float64 [lists, n], infinite where a row isn't in it; the lists alone, as scores."""

    articles: NDArray[np.int64]
    ranks: NDArray[np.float64]
    lexical: NDArray[np.float64]


def _pool(
    searcher: Searcher, store: Store, title: str, rows: NDArray[np.int64], owner: NDArray[np.int64]
) -> _Pool:
    query = parse_query(title, store, searcher.speller)
    words = lexical(store, query.terms, searcher.size(), EVERYWHERE)
    lists = [by_words(words), *words_to_fuse(words, Weights()), searcher.semantic(query, None)]
    found = np.unique(np.concatenate([ranking.rows for ranking in lists]))
    placed = np.full((len(lists), len(found)), np.inf)
    for number, ranking in enumerate(lists):
        placed[number, np.searchsorted(found, ranking.rows)] = ranks(ranking.scores)
    return _Pool(owner[np.searchsorted(rows, found)], placed[1:], placed[0])


Scorer = Callable[[_Pool], NDArray[np.float64]]


def _hybrid(weights: Weights) -> Scorer:
    counts = np.array([weights.passage, weights.document, weights.semantic])[:, None]
    return lambda pool: (counts / (weights.k + pool.ranks)).sum(0)


def _scores(
    pools: Sequence[_Pool], sample: Sequence[int], half: range, weights: Weights
) -> SearchScores:
    return SearchScores(
        titles=len(half),
        lexical=_mean(pools, sample, half, lambda pool: 1 / pool.lexical),
        semantic=_mean(pools, sample, half, lambda pool: 1 / pool.ranks[2]),
        hybrid=_mean(pools, sample, half, _hybrid(weights)),
    )


def _mean(pools: Sequence[_Pool], sample: Sequence[int], half: range, scorer: Scorer) -> float:
    gains = [_gain(pools[i], sample[i], scorer(pools[i])) for i in half]
    return sum(gains) / max(len(gains), 1)


def _gain(pool: _Pool, right: int, scores: NDArray[np.float64]) -> float:
    """NDCG@10 with one right article: 1 / log2(1 + its place); a tie places it last."""
    own = scores[pool.articles == right]
    best = own.max() if len(own) else 0.0
    if best <= 0:
        return 0.0
    above = np.unique(pool.articles[(scores >= best) & (pool.articles != right)])
    place = len(above) + 1
    return 1 / math.log2(1 + place) if place <= DEPTH else 0.0
