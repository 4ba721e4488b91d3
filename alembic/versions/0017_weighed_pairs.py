"""Pairs of nodes that the clusterer weighed, kept for review.

Revision 0017.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TABLE = "weighed_pairs"


def upgrade() -> None:
    """Make the table; the next linking fills it."""
    op.create_table(
        TABLE,
        sa.Column("one_id", ROW_ID, nullable=False),
        sa.Column("other_id", ROW_ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("rule", WORD, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["nodes.id"], name=f"fk_{TABLE}_{column}_nodes", ondelete="CASCADE"
            )
            for column in ("one_id", "other_id")
        ),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=f"pk_{TABLE}"),
    )
    op.create_index(f"ix_{TABLE}_other_id", TABLE, ["other_id"])
    op.create_index(f"ix_{TABLE}_kind_score", TABLE, ["kind", "score"])


def downgrade() -> None:
    """Drop the table and the note that it is filled."""
    op.drop_table(TABLE)
    op.execute(sa.text("DELETE FROM fingerprints WHERE name = 'pairs'"))
