"""Relations that the models found too weak to state, for questions that no fact answers.

Revision 0010.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

OWNERS = {"document_id": "documents", "subject_id": "mentions", "object_id": "mentions"}


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "candidate_relations",
        sa.Column("subject_id", ROW_ID, nullable=False),
        sa.Column("object_id", ROW_ID, nullable=False),
        sa.Column("relation", WORD, nullable=False),
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=f"fk_candidate_relations_{column}_{table}",
                ondelete="CASCADE",
            )
            for column, table in OWNERS.items()
        ),
        sa.PrimaryKeyConstraint(
            "subject_id", "object_id", "relation", name="pk_candidate_relations"
        ),
    )
    for column in ("document_id", "object_id"):
        op.create_index(f"ix_candidate_relations_{column}", "candidate_relations", [column])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("candidate_relations")
