"""Documents are stored first and linked after: what waits for it.

Revision 0012.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

LINKED = ("alias_id", "node_id")


def upgrade() -> None:
    """Make the tables; a mention's node and alias may be missing."""
    op.create_table(
        "unlinked_documents",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        _owned("unlinked_documents", "document_id", "documents"),
        sa.PrimaryKeyConstraint("document_id", name="pk_unlinked_documents"),
    )
    op.create_table(
        "unlinked_nodes",
        sa.Column("node_id", ROW_ID, nullable=False),
        _owned("unlinked_nodes", "node_id", "nodes"),
        sa.PrimaryKeyConstraint("node_id", name="pk_unlinked_nodes"),
    )
    _let_miss(True)


def downgrade() -> None:
    """Drop the tables, if everything is linked.

    Raises:
        RuntimeError: something isn't.
    """
    for table in ("unlinked_documents", "unlinked_nodes"):
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first():
            raise RuntimeError("not everything is linked: run  kgbuild reprocess  first")
    _let_miss(False)
    op.drop_table("unlinked_nodes")
    op.drop_table("unlinked_documents")


def _owned(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{owner}.id"], name=f"fk_{table}_{column}_{owner}", ondelete="CASCADE"
    )


def _let_miss(may: bool) -> None:
    with op.batch_alter_table("mentions", table_kwargs={"sqlite_autoincrement": True}) as table:
        for column in LINKED:
            table.alter_column(column, existing_type=ROW_ID, nullable=may)
