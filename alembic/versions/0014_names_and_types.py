"""Judgements that give an entity a name or a type.

Revision 0014.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OLD = "'same', 'not_same', 'unsure', 'split', 'accept', 'reject'"
NEW = f"{OLD}, 'rename', 'retype'"
NAME = "ck_judgements_verdict"


def upgrade() -> None:
    """Add what is given, and the two verdicts."""
    with _altered() as batch:
        batch.add_column(sa.Column("value", sa.Text()))
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"verdict IN ({NEW})")


def downgrade() -> None:
    """Drop these judgements and what they gave; entities keep it until they are linked again."""
    op.execute(sa.text("DELETE FROM judgements WHERE verdict IN ('rename', 'retype')"))
    with _altered() as batch:
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"verdict IN ({OLD})")
        batch.drop_column("value")


def _altered() -> op.batch_alter_table:  # type: ignore[name-defined]
    # SQLite forgets AUTOINCREMENT when a table is rebuilt.
    return op.batch_alter_table("judgements", table_kwargs={"sqlite_autoincrement": True})
