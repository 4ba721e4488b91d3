"""Watch lists.

Revision 0009.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXTS = ("name", "types", "aliases", "born", "died", "ids")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "watched",
        sa.Column("list", WORD, nullable=False),
        sa.Column("entry", WORD, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.PrimaryKeyConstraint("list", "entry", name="pk_watched"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("watched")
