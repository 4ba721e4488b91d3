"""Which documents are copies of others; those that are stored wait to be compared.

Revision 0018.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; every document waits."""
    op.create_table(
        "uncompared_documents",
        sa.Column("document_id", ROW_ID, nullable=False),
        _owned("uncompared_documents", "document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_uncompared_documents"),
    )
    op.create_table(
        "copy_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("document_id", ROW_ID, nullable=False),
        _owned("copy_bands", "document_id"),
        sa.PrimaryKeyConstraint("band", "document_id", name="pk_copy_bands"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_copy_bands_document_id", "copy_bands", ["document_id"])
    op.create_table(
        "copy_pairs",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("other_id", ROW_ID, nullable=False),
        _owned("copy_pairs", "document_id"),
        _owned("copy_pairs", "other_id"),
        sa.PrimaryKeyConstraint("document_id", "other_id", name="pk_copy_pairs"),
    )
    op.create_index("ix_copy_pairs_other_id", "copy_pairs", ["other_id"])
    op.create_table(
        "document_copies",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("original_id", ROW_ID, nullable=False),
        _owned("document_copies", "document_id"),
        sa.ForeignKeyConstraint(
            ["original_id"], ["documents.id"], name="fk_document_copies_original_id_documents"
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_copies"),
    )
    op.create_index("ix_document_copies_original_id", "document_copies", ["original_id"])
    op.execute(sa.text("INSERT INTO uncompared_documents SELECT id FROM documents"))


def downgrade() -> None:
    """Drop the tables, if no document is known for a copy: confidences would be wrong.

    Raises:
        RuntimeError: one is.
    """
    if op.get_bind().execute(sa.text("SELECT 1 FROM document_copies LIMIT 1")).first():
        raise RuntimeError("facts that copies state count them once: delete the copies first")
    for table in ("document_copies", "copy_pairs", "copy_bands", "uncompared_documents"):
        op.drop_table(table)


def _owned(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_documents"
    return sa.ForeignKeyConstraint([column], ["documents.id"], name=name, ondelete="CASCADE")
