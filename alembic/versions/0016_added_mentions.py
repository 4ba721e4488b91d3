"""Mentions that people add to a document.

Revision 0016.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OLD = "'same', 'not_same', 'unsure', 'split', 'accept', 'reject', 'rename', 'retype', 'state'"
NEW = f"{OLD}, 'mention'"
NAME = "ck_judgements_verdict"
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the mark of such a mention, and what its judgement says of it."""
    op.add_column(
        "mentions",
        sa.Column("stated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with _altered() as batch:
        batch.add_column(sa.Column("type", WORD))
        batch.add_column(sa.Column("name", WORD))
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"verdict IN ({NEW})")


def downgrade() -> None:
    """Take their mark away: they stay as if they had been read there."""
    op.execute(
        sa.text(
            "DELETE FROM judgement_places WHERE judgement_id IN"
            " (SELECT id FROM judgements WHERE verdict = 'mention')"
        )
    )
    op.execute(sa.text("DELETE FROM judgements WHERE verdict = 'mention'"))
    with _altered() as batch:
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"verdict IN ({OLD})")
        batch.drop_column("name")
        batch.drop_column("type")
    op.drop_column("mentions", "stated")


def _altered() -> op.batch_alter_table:  # type: ignore[name-defined]
    # SQLite forgets AUTOINCREMENT when a table is rebuilt.
    return op.batch_alter_table("judgements", table_kwargs={"sqlite_autoincrement": True})
