"""What documents deny, kept beside the relations that are too weak to state.

Revision 0013.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark; what is kept so far denies nothing."""
    op.add_column(
        "candidate_relations",
        sa.Column("denied", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    """Drop what is denied, and the mark."""
    op.execute(sa.text("DELETE FROM candidate_relations WHERE denied"))
    op.drop_column("candidate_relations", "denied")
