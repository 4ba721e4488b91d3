"""Facts that people state, with a sentence of a document or without.

Revision 0015.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OLD = "'same', 'not_same', 'unsure', 'split', 'accept', 'reject', 'rename', 'retype'"
NEW = f"{OLD}, 'state'"
NAME = "ck_judgements_verdict"
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add who states a fact, which relations of a document people stated, the order of a
    judgement's places, and the verdict."""
    op.add_column("facts", sa.Column("stated_by", WORD))
    op.add_column(
        "relation_mentions",
        sa.Column("stated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "judgement_places",
        sa.Column("position", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    _allow(NEW)


def downgrade() -> None:
    """Drop what people stated."""
    stated = "SELECT id FROM relation_mentions WHERE stated"
    only = "SELECT 1 FROM evidence WHERE evidence.fact_id = facts.id"
    for statement in (
        f"DELETE FROM evidence WHERE relation_mention_id IN ({stated})",
        "DELETE FROM relation_mentions WHERE stated",
        f"DELETE FROM facts WHERE stated_by IS NOT NULL AND NOT EXISTS ({only})",
        "DELETE FROM judgement_places WHERE judgement_id IN"
        " (SELECT id FROM judgements WHERE verdict = 'state')",
        "DELETE FROM judgements WHERE verdict = 'state'",
    ):
        op.execute(sa.text(statement))
    _allow(OLD)
    op.drop_column("judgement_places", "position")
    op.drop_column("relation_mentions", "stated")
    op.drop_column("facts", "stated_by")


def _allow(verdicts: str) -> None:
    # SQLite forgets AUTOINCREMENT when a table is rebuilt.
    kept = {"sqlite_autoincrement": True}
    with op.batch_alter_table("judgements", table_kwargs=kept) as batch:
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"verdict IN ({verdicts})")
