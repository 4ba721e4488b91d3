"""Names that registers give one bearer.

Revision 0011.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "known_names",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ("source", "entry", "type")),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("block", WORD, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("born", "died")),
        sa.PrimaryKeyConstraint("id", name="pk_known_names"),
    )
    op.create_index("ix_known_names_block", "known_names", ["block"])
    op.create_index("ix_known_names_source_entry", "known_names", ["source", "entry"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("known_names")
