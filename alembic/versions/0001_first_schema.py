"""The first schema: documents, what models saw, the graph, vectors, indexes, judgements.

Revision 0001.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TABLES = (
    "meta",
    "models",
    "documents",
    "sentences",
    "entities",
    "aliases",
    "mentions",
    "relation_mentions",
    "facts",
    "evidence",
    "vectors",
    "index_generations",
    "judgements",
)


def upgrade() -> None:
    """Make every table."""
    _create_documents()
    _create_entities()
    _create_mentions()
    _create_facts()
    _create_vectors()
    _create_index_generations()
    _create_judgements()


def downgrade() -> None:
    """Drop every table."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create(table: str, *items: sa.schema.SchemaItem) -> None:
    """A table with a row id of its own, which is never used twice."""
    op.create_table(
        table,
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *items,
        sqlite_autoincrement=True,
    )


def _column(name: str, type: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, type, nullable=False)


def _reference(table: str, column: str, to: str, owner: bool) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.id"],
        name=op.f(f"fk_{table}_{column}_{to}"),
        ondelete="CASCADE" if owner else None,
    )


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _create_documents() -> None:
    op.create_table(
        "meta",
        _column("name", WORD),
        _column("value", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    _create("models", _column("fingerprint", WORD), _unique("models", "fingerprint"))
    _create(
        "documents",
        _column("source", WORD),
        _column("sha256", sa.String(64)),
        _column("media_type", WORD),
        _column("extractor_id", ROW_ID),
        _column("text", sa.Text()),
        _reference("documents", "extractor_id", "models", owner=False),
        _unique("documents", "source"),
    )
    _create(
        "sentences",
        _column("document_id", ROW_ID),
        _column("position", sa.Integer()),
        _column("start", sa.Integer()),
        _column("stop", sa.Integer()),
        _reference("sentences", "document_id", "documents", owner=True),
        _unique("sentences", "document_id", "position"),
    )


def _create_entities() -> None:
    _create(
        "entities",
        _column("key", WORD),
        _column("type", WORD),
        _column("name", WORD),
        _column("name_folded", WORD),
        _column("mention_count", sa.Integer()),
        _unique("entities", "key"),
    )
    _index("entities", "name_folded")
    _index("entities", "mention_count", "key")
    _index("entities", "type", "mention_count", "key")
    _create(
        "aliases",
        _column("entity_id", ROW_ID),
        _column("type", WORD),
        _column("name", WORD),
        _column("surface", WORD),
        _column("surface_folded", WORD),
        _column("count", sa.Integer()),
        _reference("aliases", "entity_id", "entities", owner=True),
    )
    _index("aliases", "entity_id")
    _index("aliases", "surface_folded")


def _create_mentions() -> None:
    _create(
        "mentions",
        _column("document_id", ROW_ID),
        _column("start", sa.Integer()),
        _column("stop", sa.Integer()),
        _column("type", WORD),
        _column("score", sa.Double()),
        _column("alias_id", ROW_ID),
        _reference("mentions", "document_id", "documents", owner=True),
        _reference("mentions", "alias_id", "aliases", owner=False),
        _unique("mentions", "document_id", "start", "stop", "type"),
    )
    _index("mentions", "alias_id")
    _create(
        "relation_mentions",
        _column("document_id", ROW_ID),
        _column("relation", WORD),
        _column("subject_id", ROW_ID),
        _column("object_id", ROW_ID),
        _column("confidence", sa.Double()),
        _reference("relation_mentions", "document_id", "documents", owner=True),
        _reference("relation_mentions", "subject_id", "mentions", owner=True),
        _reference("relation_mentions", "object_id", "mentions", owner=True),
        _unique("relation_mentions", "subject_id", "object_id", "relation"),
    )
    _index("relation_mentions", "document_id")
    _index("relation_mentions", "object_id")


def _create_facts() -> None:
    _create(
        "facts",
        _column("relation", WORD),
        _column("subject_id", ROW_ID),
        _column("object_id", ROW_ID),
        _column("confidence", sa.Double()),
        _reference("facts", "subject_id", "entities", owner=False),
        _reference("facts", "object_id", "entities", owner=False),
        _unique("facts", "subject_id", "relation", "object_id"),
    )
    _index("facts", "object_id", "relation")
    _index("facts", "relation", "confidence")
    _index("facts", "confidence")
    _create(
        "evidence",
        _column("fact_id", ROW_ID),
        _column("relation_mention_id", ROW_ID),
        _column("document_id", ROW_ID),
        _column("start", sa.Integer()),
        _column("stop", sa.Integer()),
        _column("passage", sa.Text()),
        _column("confidence", sa.Double()),
        _reference("evidence", "fact_id", "facts", owner=True),
        _reference("evidence", "relation_mention_id", "relation_mentions", owner=True),
        _reference("evidence", "document_id", "documents", owner=True),
        _unique("evidence", "relation_mention_id"),
    )
    _index("evidence", "fact_id", "document_id", "confidence")
    _index("evidence", "document_id")


def _create_vectors() -> None:
    op.create_table(
        "vectors",
        _column("kind", sa.String(16)),
        _column("model_id", ROW_ID),
        sa.Column("row_id", ROW_ID, autoincrement=False, nullable=False),
        _column("dimension", sa.Integer()),
        _column("data", sa.LargeBinary()),
        _reference("vectors", "model_id", "models", owner=False),
        sa.PrimaryKeyConstraint("kind", "model_id", "row_id", name=op.f("pk_vectors")),
    )


def _create_index_generations() -> None:
    op.create_table(
        "index_generations",
        _column("kind", sa.String(16)),
        _column("model_id", ROW_ID),
        _column("generation", sa.BigInteger()),
        _column("row_count", sa.BigInteger()),
        _column("sha256", sa.String(64)),
        _column("made_at", sa.DateTime(timezone=True)),
        _reference("index_generations", "model_id", "models", owner=False),
        sa.PrimaryKeyConstraint("kind", "model_id", name=op.f("pk_index_generations")),
    )


def _create_judgements() -> None:
    _create(
        "judgements",
        _column("verdict", sa.String(16)),
        _column("subject", WORD),
        sa.Column("relation", WORD),
        sa.Column("object", WORD),
        _column("author", WORD),
        _column("note", sa.Text()),
        _column("made_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "verdict IN ('same', 'not_same', 'accept', 'reject')",
            name=op.f("ck_judgements_verdict"),
        ),
    )
    _index("judgements", "subject")
    _index("judgements", "object")
