"""The words of sentences in the database: FTS5 in SQLite, tsvector with GIN in PostgreSQL.

Both only find where a lemma stands and how often; ranking is done by who asks, so that
every store ranks alike. PostgreSQL's ``ts_rank`` doesn't know how rare a word is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.types import Text

from kgbuild.russian.lemmas import lemma_text
from kgbuild.types import Extent, Postings

from ..database import Database, chunked, copy_rows, run_many
from ..schema import SentenceRow

PREFIX = "sentence_words"
"""What the names of the search tables begin with; they aren't among the mapped tables."""

_COUNTABLE = 255
"""As many positions of a word as a tsvector keeps."""

_TERMS = table("sentence_words_terms", column("term"), column("doc"))
_INSTANCES = table("sentence_words_instances", column("term"), column("doc"))
_WORDS = table("sentence_words", column("sentence_id"), column("lemmas"))

# The words are letters and digits between spaces: "ascii" cuts them nowhere else.
_TABLES = {
    "sqlite": (
        "CREATE VIRTUAL TABLE sentence_words USING fts5(lemmas, tokenize='ascii')",
        "CREATE VIRTUAL TABLE sentence_words_terms USING fts5vocab(sentence_words, row)",
        "CREATE VIRTUAL TABLE sentence_words_instances USING fts5vocab(sentence_words, instance)",
    ),
    "postgresql": (
        "CREATE TABLE sentence_words ("
        " sentence_id bigint CONSTRAINT pk_sentence_words PRIMARY KEY"
        " CONSTRAINT fk_sentence_words_sentence_id_sentences"
        " REFERENCES sentences (id) ON DELETE CASCADE,"
        " lemmas tsvector NOT NULL)",
        "CREATE INDEX ix_sentence_words_lemmas ON sentence_words USING gin (lemmas)",
    ),
}

_INSERT = "INSERT INTO sentence_words (rowid, lemmas) VALUES (?, ?)"


def create_tables(connection: Connection) -> None:
    """Make the search tables in a new database."""
    for statement in _TABLES[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def insert_words(connection: Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Index the words of new sentences, given by row id and text."""
    write_words(connection, ((id, lemma_text(sentence)) for id, sentence in texts))


def write_words(connection: Connection, lemmas: Iterable[tuple[int, str]]) -> None:
    """Index sentences by row id and the lemmas of their words, between spaces."""
    if connection.dialect.name == "postgresql":
        rows = ((id, as_tsvector(of_one)) for id, of_one in lemmas)
        copy_rows(connection, "sentence_words", ("sentence_id", "lemmas"), rows)
        return
    for some in chunked(lemmas):
        run_many(connection, _INSERT, some)


def read_words(connection: Connection) -> Iterator[tuple[int, str]]:
    """What ``write_words`` was given, by row id; PostgreSQL keeps no order of words."""
    query = (
        "SELECT rowid, lemmas FROM sentence_words ORDER BY rowid"
        if connection.dialect.name == "sqlite"
        else "SELECT sentence_id, (SELECT coalesce(string_agg(repeat(lexeme || ' ', cardinality("
        "positions)), ''), '') FROM unnest(lemmas)) FROM sentence_words ORDER BY sentence_id"
    )
    found = connection.execute(text(query), execution_options={"yield_per": 2000})
    yield from ((id, lemmas) for id, lemmas in found)


def drop_words(connection: Connection, document_id: int) -> None:
    """Forget the words of a document's sentences; PostgreSQL does with the sentences."""
    if connection.dialect.name == "sqlite":
        connection.execute(
            text(
                "DELETE FROM sentence_words WHERE rowid IN"
                " (SELECT id FROM sentences WHERE document_id = :document)"
            ),
            {"document": document_id},
        )


def as_tsvector(lemmas: str) -> str:
    """Lemmas between spaces as PostgreSQL writes a tsvector: each with its count."""
    counts = Counter(lemmas.split())
    return " ".join(
        f"{_quoted(lemma)}:{','.join(map(str, range(1, min(count, _COUNTABLE) + 1)))}"
        for lemma, count in counts.items()
    )


def _quoted(lemma: str) -> str:
    escaped = lemma.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def unindexed(connection: Connection) -> int:
    """How many sentences lack their words, or words their sentence."""
    held = "sentence_words_docsize" if connection.dialect.name == "sqlite" else "sentence_words"
    key = "id" if connection.dialect.name == "sqlite" else "sentence_id"
    queries = (
        f"SELECT count(*) FROM sentences WHERE id NOT IN (SELECT {key} FROM {held})",
        f"SELECT count(*) FROM {held} WHERE {key} NOT IN (SELECT id FROM sentences)",
    )
    return sum(connection.execute(text(query)).scalar_one() for query in queries)


def read_lemma_counts(database: Database, lemmas: Sequence[str]) -> dict[str, int]:
    """In how many sentences each lemma stands, of those that stand somewhere."""
    with database.reading() as connection:
        if not database.is_sqlite:
            # The index alone answers; the planner, who thinks of the rows as short, would read all.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        found: dict[str, int] = {}
        for some in chunked(lemmas):
            counted = (_counted_terms if database.is_sqlite else _counted_lexemes)(some)
            found.update((row[0], row[1]) for row in connection.execute(counted) if row[1])
        return found


def _counted_terms(lemmas: Sequence[str]) -> Select[Any]:
    return select(_TERMS.c.term, _TERMS.c.doc).where(_TERMS.c.term.in_(lemmas))


def _counted_lexemes(lemmas: Sequence[str]) -> Select[Any]:
    """All lemmas in one statement, each by the index: a statement a lemma took twice the time."""
    quoted = bindparam("quoted", list(map(_quoted, lemmas)), ARRAY(Text))
    asked = (
        func.unnest(_array(lemmas), quoted).table_valued("lemma", "query").render_derived("asked")
    )
    holding = (
        select(func.count())
        .select_from(_WORDS)
        .where(_WORDS.c.lemmas.op("@@")(cast(asked.c.query, TSQUERY)))
        .scalar_subquery()
    )
    return select(asked.c.lemma, holding)


def _array(lemmas: Sequence[str]) -> ColumnElement[Any]:
    return bindparam("lemmas", list(lemmas), ARRAY(Text))


def read_vocabulary(database: Database) -> Iterator[tuple[str, int]]:
    """Every lemma with the number of sentences that hold it."""
    counted = (
        "SELECT term, doc FROM sentence_words_terms"
        if database.is_sqlite
        else "SELECT word, ndoc FROM ts_stat('SELECT lemmas FROM sentence_words')"
    )
    with database.reading() as connection:
        rows = connection.execute(text(counted)).all()
    yield from ((lemma, count) for lemma, count in rows)


def read_postings(
    database: Database, lemmas: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> Postings:
    """Where lemmas stand, in the sentences that hold to the conditions."""
    number = {lemma: index for index, lemma in enumerate(lemmas)}
    found = _instances if database.is_sqlite else _lexemes
    with database.reading() as connection:
        rows = [
            row
            for some in chunked(number)
            for row in connection.execute(found(some).where(*conditions))
        ]
    table = [(number[row[0]], *row[1:]) for row in rows]
    columns: list[tuple[Any, ...]] = list(zip(*table, strict=True)) or [()] * 5
    ids = [np.array(values, dtype=np.int64) for values in columns[:3]]
    sizes = [np.array(values, dtype=np.float64) for values in columns[3:]]
    return Postings(ids[0], ids[1], ids[2], sizes[0], sizes[1])


def _instances(lemmas: Sequence[str]) -> Select[Any]:
    return (
        select(
            _INSTANCES.c.term,
            SentenceRow.id,
            SentenceRow.document_id,
            func.count(),
            SentenceRow.stop - SentenceRow.start,
        )
        .select_from(_INSTANCES)
        .join(SentenceRow, SentenceRow.id == _INSTANCES.c.doc)
        .where(_INSTANCES.c.term.in_(lemmas))
        .group_by(_INSTANCES.c.term, SentenceRow.id)
    )


def _lexemes(lemmas: Sequence[str]) -> Select[Any]:
    # Every lexeme that is unnested costs: of a sentence only those asked for are, which get a
    # weight that none has otherwise.
    marked = func.setweight(_WORDS.c.lemmas, literal_column("'A'"), _array(lemmas))
    asked = func.ts_filter(marked, literal_column("'{a}'"))
    held = func.unnest(asked).table_valued("lexeme", "positions", "weights", name="held")
    return (
        select(
            held.c.lexeme,
            SentenceRow.id,
            SentenceRow.document_id,
            func.cardinality(held.c.positions),
            SentenceRow.stop - SentenceRow.start,
        )
        .select_from(_WORDS)
        .join(SentenceRow, SentenceRow.id == _WORDS.c.sentence_id)
        .join(held, text("true"))
        .where(_holds(lemmas))
    )


def _holds(lemmas: Sequence[str]) -> ColumnElement[bool]:
    """PostgreSQL's condition that a sentence holds one of the lemmas."""
    query = cast(literal(" | ".join(map(_quoted, lemmas)), Text), TSQUERY)
    return _WORDS.c.lemmas.op("@@")(query)


def read_extent(database: Database) -> Extent:
    """How much text there is."""
    counted = (
        select(
            SentenceRow.document_id,
            func.count(),
            func.sum(SentenceRow.stop - SentenceRow.start),
        )
        .group_by(SentenceRow.document_id)
        .order_by(SentenceRow.document_id)
    )
    with database.reading() as connection:
        rows = connection.execute(counted).all()
    return Extent(
        documents=np.array([row[0] for row in rows], dtype=np.int64),
        characters=np.array([row[2] for row in rows], dtype=np.float64),
        sentences=sum(row[1] for row in rows),
    )
