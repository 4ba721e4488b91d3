"""Runs, what named the mentions and linked the names, and splits that outlive a move.

Revision 0007.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and the column."""
    op.create_table(
        "jobs",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("author", WORD, nullable=False),
        sa.Column("host", WORD, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("birth", WORD, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed', 'interrupted')", name="ck_jobs_state"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "document_normalizers",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("model_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name="fk_document_normalizers_document_id_documents",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name="fk_document_normalizers_model_id_models"
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_normalizers"),
    )
    op.create_table(
        "fingerprints",
        sa.Column("name", WORD, nullable=False),
        sa.Column("fingerprint", WORD, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fingerprints"),
    )
    op.add_column("judgements", sa.Column("node", WORD, nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("judgements", "node")
    op.drop_table("fingerprints")
    op.drop_table("document_normalizers")
    op.drop_table("jobs")
