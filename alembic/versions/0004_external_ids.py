"""Ids that other registers give the graph's names.

Revision 0004.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "external_ids",
        sa.Column("node", WORD, nullable=False),
        sa.Column("scheme", WORD, nullable=False),
        sa.Column("value", WORD, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node", "scheme", "value", name="pk_external_ids"),
    )
    op.create_index("ix_external_ids_scheme_value", "external_ids", ["scheme", "value"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("external_ids")
