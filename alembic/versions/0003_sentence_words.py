"""The words of sentences, for full-text search; sentences that are there get theirs.

Filling belongs here: a store that is upgraded is complete, so that nobody who may only
read it has to write at a first search.

Revision 0003.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from alembic import op
from kgbuild.russian.lemmas import lemma_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DOCUMENTS = 16  # texts read at once


def upgrade() -> None:
    """Make the tables and fill them."""
    if op.get_bind().dialect.name == "sqlite":
        _create_sqlite()
    else:
        _create_postgresql()
    _fill(op.get_bind())


def downgrade() -> None:
    """Drop the tables."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE sentence_words_terms")
        op.execute("DROP TABLE sentence_words_instances")
    op.execute("DROP TABLE sentence_words")


def _create_sqlite() -> None:
    # The words are letters and digits between spaces: "ascii" cuts them nowhere else.
    op.execute("CREATE VIRTUAL TABLE sentence_words USING fts5(lemmas, tokenize='ascii')")
    op.execute("CREATE VIRTUAL TABLE sentence_words_terms USING fts5vocab(sentence_words, row)")
    op.execute(
        "CREATE VIRTUAL TABLE sentence_words_instances USING fts5vocab(sentence_words, instance)"
    )


def _create_postgresql() -> None:
    op.execute(
        "CREATE TABLE sentence_words ("
        " sentence_id bigint CONSTRAINT pk_sentence_words PRIMARY KEY"
        " CONSTRAINT fk_sentence_words_sentence_id_sentences"
        " REFERENCES sentences (id) ON DELETE CASCADE,"
        " lemmas tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_sentence_words_lemmas ON sentence_words USING gin (lemmas)")


def _fill(connection: sa.Connection) -> None:
    documents = connection.execute(sa.text("SELECT id FROM documents ORDER BY id")).scalars().all()
    for first in range(0, len(documents), DOCUMENTS):
        _fill_documents(connection, documents[first : first + DOCUMENTS])


def _fill_documents(connection: sa.Connection, documents: list[int]) -> None:
    some = sa.bindparam("documents", documents, expanding=True)
    texts = dict(
        connection.execute(
            sa.text("SELECT id, text FROM documents WHERE id IN :documents").bindparams(some)
        ).all()
    )
    spans = connection.execute(
        sa.text(
            "SELECT id, document_id, start, stop FROM sentences WHERE document_id IN :documents"
        ).bindparams(some)
    ).all()
    sqlite = connection.dialect.name == "sqlite"
    rows = []
    for id, document, start, stop in spans:
        lemmas = lemma_text(texts[document][start:stop])
        rows.append({"id": id, "lemmas": lemmas if sqlite else _tsvector(lemmas)})
    if rows:
        column, value = (
            ("rowid", ":lemmas") if sqlite else ("sentence_id", "CAST(:lemmas AS tsvector)")
        )
        insert = f"INSERT INTO sentence_words ({column}, lemmas) VALUES (:id, {value})"
        connection.execute(sa.text(insert), rows)


def _tsvector(lemmas: str) -> str:
    return " ".join(
        f"'{lemma}':{','.join(map(str, range(1, min(count, 255) + 1)))}"
        for lemma, count in Counter(lemmas.split()).items()
    )
