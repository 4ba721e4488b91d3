"""Lexical search beside each other: our BM25 over postings, FTS5's bm25(), PostgreSQL's ranks.

Run:  python benchmarks/index/text_search.py NEWS.jsonl.gz --titles 300

NEWS is a (gzipped) JSON Lines file with ``title`` and ``text``. A title is the query, its
own article the one right answer; the title is taken out of the text. Every way ranks whole
articles. A query's time is from its text to its ten best articles, the median of all.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import create_engine, make_url, text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kgbuild.russian.lemmas import is_function_word, lemma_text, words  # noqa: E402
from kgbuild.search.bm25 import lexical  # noqa: E402
from kgbuild.search.evaluate import PASSAGE, Article, read_articles  # noqa: E402
from kgbuild.search.query import parse_query  # noqa: E402
from kgbuild.search.spelling import Speller  # noqa: E402
from kgbuild.types import Document, DocumentRecord, PassageFilter, Sentence  # noqa: E402
from storage.database import sqlite_driver  # noqa: E402
from storage.search.words import as_tsvector  # noqa: E402
from storage.sql import SqlStore  # noqa: E402
from tests.storage.databases import new_database, postgresql_server  # noqa: E402

DEPTH = 10
EVERYWHERE = PassageFilter()
Search = Callable[[str], Sequence[int]]
"""Gives the numbers of the ten best articles of a query."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument("--titles", type=int, default=300)
    parser.add_argument("--articles", type=int, help="only so many [all]")
    given = parser.parse_args()
    articles = read_articles(given.news)[: given.articles]
    step = max(len(articles) // given.titles, 1)
    asked = list(range(0, len(articles), step))[: given.titles]
    print(f"{len(articles)} articles; {len(asked)} titles, every {step}. of the file")
    print(f"{'':44} NDCG@10  ms/query  filling, s")
    with tempfile.TemporaryDirectory() as folder:
        server = postgresql_server(durable=True)
        ours = {"SQLite": str(Path(folder) / "graph.db"), "PostgreSQL": new_database(server)}
        for name, target in ours.items():
            with SqlStore.open(target) as store:
                report(f"our BM25, postings in {name}", articles, asked, bm25(store, articles))
                if name == "PostgreSQL":
                    lookups(store, target, [articles[number].title for number in asked])
        with fts5(Path(folder) / "fts.db", articles) as made:
            report("SQLite FTS5 bm25(), our lemmas", articles, asked, made)
        for rank in ("ts_rank", "ts_rank_cd"):
            for norm in (0, 1, 2):
                with postgresql(new_database(server), articles, f"{rank}({{}}, {norm})") as made:
                    name = f"PostgreSQL 'russian', {rank}, norm {norm}"
                    report(name, articles, asked, made)


def report(
    name: str, articles: Sequence[Article], asked: Sequence[int], made: tuple[Search, float]
) -> None:
    search, filling = made
    gains, times = [], []
    for number in asked:
        start = time.perf_counter()
        best = list(search(articles[number].title))
        times.append(time.perf_counter() - start)
        place = best.index(number) + 1 if number in best else 0
        gains.append(1 / math.log2(1 + place) if place else 0.0)
    print(f"{name:44} {statistics.mean(gains):7.4f}  {1000 * statistics.median(times):8.2f}"
          f"  {filling:10.1f}", flush=True)  # fmt: skip


def bm25(store: SqlStore, articles: Sequence[Article]) -> tuple[Search, float]:
    """The product's own way: passages are stored, documents are scored."""
    start = time.perf_counter()
    for number, article in enumerate(articles):
        text = article.text
        spans = tuple(
            Sentence(at, min(at + PASSAGE, len(text))) for at in range(0, len(text), PASSAGE)
        )
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        store.add_document(
            DocumentRecord(Document(f"{number:06}", text, sha256), spans, (), (), "none")
        )
    filling = time.perf_counter() - start
    extent = store.extent()
    numbers = {int(row): i for i, row in enumerate(extent.documents)}
    speller = Speller(store.vocabulary())

    def search(title: str) -> Sequence[int]:
        query = parse_query(title, store, lambda: speller)
        found = lexical(store, query.terms, extent, EVERYWHERE)
        documents, first = np.unique(found.documents, return_index=True)
        best = np.argsort(-found.whole[first], kind="stable")[:DEPTH]
        return [numbers[int(row)] for row in documents[best]]

    return search, filling


COUNT_EACH = "SELECT count(*) FROM sentence_words WHERE lemmas @@ cast(:query AS tsquery)"
UNNEST_ALL = (
    "SELECT held.lexeme, sentences.id, document_id, cardinality(held.positions), stop - start"
    " FROM sentence_words JOIN sentences ON sentences.id = sentence_id, unnest(lemmas) AS held"
    " WHERE lemmas @@ cast(:query AS tsquery) AND held.lexeme = ANY(:lemmas)"
)


def lookups(store: SqlStore, address: str, titles: Sequence[str]) -> None:
    """The store's two look-ups in PostgreSQL beside the plainest statements for them, in turn:
    a count a lemma, and every lexeme of a sentence unnested. Both must answer alike."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
    times: dict[str, list[float]] = {}

    def timed(name: str, call: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        answer = call()
        times.setdefault(name, []).append(time.perf_counter() - start)
        return answer

    def counted(quoted: Sequence[str]) -> list[int]:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            each = [connection.execute(text(COUNT_EACH), {"query": one}) for one in quoted]
            return [rows.scalar_one() for rows in each]

    def unnested(quoted: Sequence[str], lemmas: list[str]) -> list[Any]:
        with engine.connect() as connection, connection.begin():
            asked = {"query": " | ".join(quoted), "lemmas": lemmas}
            return [tuple(row) for row in connection.execute(text(UNNEST_ALL), asked)]

    for title in titles:
        told = dict.fromkeys(w.lemma for w in words(title) if not is_function_word(w.folded))
        lemmas, quoted = list(told), [as_tsvector(lemma).partition(":")[0] for lemma in told]
        each = timed("counts, a statement a lemma", partial(counted, quoted))
        counts = timed("counts, the store's", partial(store.lemma_counts, lemmas))
        assert {lemma: n for lemma, n in zip(lemmas, each, strict=True) if n} == counts
        rows = timed("postings, all lexemes unnested", partial(unnested, quoted, lemmas))
        found = timed("postings, the store's", partial(store.postings, lemmas, EVERYWHERE))
        columns = (found.lemma, found.sentence, found.document, found.count, found.length)
        mine = zip(*(column.tolist() for column in columns), strict=True)
        assert sorted(rows) == sorted((lemmas[at], *row) for at, *row in mine)
    for name, taken in times.items():
        print(f"  {name:42} {'':7}  {1000 * statistics.median(taken):8.2f}", flush=True)
    engine.dispose()


@contextmanager
def fts5(path: Path, articles: Sequence[Article]) -> Iterator[tuple[Search, float]]:
    connection = sqlite_driver().connect(path)
    start = time.perf_counter()
    connection.execute("CREATE VIRTUAL TABLE articles USING fts5(lemmas, tokenize='ascii')")
    connection.executemany(
        "INSERT INTO articles (rowid, lemmas) VALUES (?, ?)",
        ((number, lemma_text(article.text)) for number, article in enumerate(articles)),
    )
    connection.commit()
    filling = time.perf_counter() - start

    def search(title: str) -> Sequence[int]:
        told = [word.lemma for word in words(title) if not is_function_word(word.folded)]
        query = " OR ".join(f'"{lemma}"' for lemma in dict.fromkeys(told))
        rows = connection.execute(
            "SELECT rowid FROM articles WHERE articles MATCH ? ORDER BY bm25(articles) LIMIT ?",
            (query, DEPTH),
        )
        return [row for (row,) in rows.fetchall()]

    yield search, filling
    connection.close()


@contextmanager
def postgresql(
    address: str, articles: Sequence[Article], rank: str
) -> Iterator[tuple[Search, float]]:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        start = time.perf_counter()
        connection.execute("CREATE TABLE articles (id bigint PRIMARY KEY, words tsvector)")
        rows: list[Any] = [(i, article.text) for i, article in enumerate(articles)]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO articles VALUES (%s, to_tsvector('russian', %s))", rows)
        connection.execute("CREATE INDEX ON articles USING gin (words)")
        connection.execute("ANALYZE articles")
        filling = time.perf_counter() - start
        # Any of the title's stems: "and" of a whole title finds next to nothing.
        statement = (
            "WITH asked AS (SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS query"
            " FROM unnest(to_tsvector('russian', %s)))"
            " SELECT id FROM articles, asked WHERE words @@ query"
            f" ORDER BY {rank.format('words, query')} DESC, id LIMIT {DEPTH}"
        )

        def search(title: str) -> Sequence[int]:
            return [row for (row,) in connection.execute(statement, [title]).fetchall()]

        yield search, filling


if __name__ == "__main__":
    main()
