"""Nodes between mentions and entities, their traits, and judgements that can be undone.

An entity of a graph made before becomes one node, which joins no other by itself: what a
document knows of its names is only seen when it is read again.

Revision 0002.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OLD_VERDICTS = "'same', 'not_same', 'accept', 'reject'"
VERDICTS = "'same', 'not_same', 'unsure', 'split', 'accept', 'reject'"


def upgrade() -> None:
    """Make the new tables, and a node of every entity."""
    _create_nodes()
    for table in ("aliases", "mentions"):
        with _altered(table) as batch:
            batch.add_column(sa.Column("node_id", ROW_ID))
    with _altered("facts") as batch:
        batch.add_column(sa.Column("verdict", sa.String(16)))
        batch.create_index("ix_facts_verdict", ["verdict"])
    _fill_nodes()
    for table in ("aliases", "mentions"):
        with _altered(table) as batch:
            batch.alter_column("node_id", existing_type=ROW_ID, nullable=False)
            batch.create_foreign_key(f"fk_{table}_node_id_nodes", "nodes", ["node_id"], ["id"])
            batch.create_index(f"ix_{table}_node_id", ["node_id"])
    op.drop_table("judgements")
    _create_judgements(VERDICTS, sa.Column("undone_at", sa.DateTime(timezone=True)))
    op.create_table(
        "judgement_places",
        sa.Column("judgement_id", ROW_ID, nullable=False),
        sa.Column("source", WORD, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "judgement_id", "source", "start", "stop", name=op.f("pk_judgement_places")
        ),
        _reference("judgement_places", "judgement_id", "judgements", owner=True),
    )
    op.create_index(op.f("ix_judgement_places_source"), "judgement_places", ["source"])


def downgrade() -> None:
    """Drop them; judgements are lost."""
    op.drop_table("judgement_places")
    op.drop_table("judgements")
    _create_judgements(OLD_VERDICTS)
    with _altered("facts") as batch:
        batch.drop_index("ix_facts_verdict")
        batch.drop_column("verdict")
    for table in ("mentions", "aliases"):
        with _altered(table) as batch:
            batch.drop_index(f"ix_{table}_node_id")
            batch.drop_constraint(f"fk_{table}_node_id_nodes", type_="foreignkey")
            batch.drop_column("node_id")
    for table in ("document_traits", "traits", "nodes"):
        op.drop_table(table)


def _altered(table: str) -> op.batch_alter_table:  # type: ignore[name-defined]
    # SQLite forgets AUTOINCREMENT when a table is rebuilt.
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})


def _reference(table: str, column: str, to: str, owner: bool) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.id"],
        name=op.f(f"fk_{table}_{column}_{to}"),
        ondelete="CASCADE" if owner else None,
    )


def _create(table: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *items,
        sqlite_autoincrement=True,
    )


def _create_nodes() -> None:
    _create(
        "nodes",
        sa.Column("key", WORD, nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("name_key", WORD, nullable=False),
        sa.Column("entity_id", ROW_ID),
        _reference("nodes", "entity_id", "entities", owner=False),
        sa.UniqueConstraint("key", name=op.f("uq_nodes_key")),
    )
    op.create_index(op.f("ix_nodes_entity_id"), "nodes", ["entity_id"])
    _create(
        "traits",
        sa.Column("node_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", WORD, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _reference("traits", "node_id", "nodes", owner=True),
        sa.UniqueConstraint("node_id", "kind", "value", name=op.f("uq_traits_node_id_kind_value")),
    )
    op.create_index(op.f("ix_traits_kind_value"), "traits", ["kind", "value"])
    most_said = ["node_id", "kind", "count", "value"]
    op.create_index(op.f("ix_traits_node_id_kind_count_value"), "traits", most_said)
    op.create_table(
        "document_traits",
        sa.Column("document_id", ROW_ID, nullable=False),
        sa.Column("trait_id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "trait_id", name=op.f("pk_document_traits")),
        _reference("document_traits", "document_id", "documents", owner=True),
        _reference("document_traits", "trait_id", "traits", owner=False),
    )
    op.create_index(op.f("ix_document_traits_trait_id"), "document_traits", ["trait_id"])


def _fill_nodes() -> None:
    op.execute(
        "INSERT INTO nodes (key, type, name_key, entity_id) SELECT key, '', '', id FROM entities"
    )
    op.execute(
        "UPDATE aliases SET node_id ="
        " (SELECT nodes.id FROM nodes WHERE nodes.entity_id = aliases.entity_id)"
    )
    op.execute(
        "UPDATE mentions SET node_id ="
        " (SELECT aliases.node_id FROM aliases WHERE aliases.id = mentions.alias_id)"
    )
    op.execute(
        "INSERT INTO traits (node_id, kind, value, count) SELECT node_id, 'document', '',"
        " count(DISTINCT document_id) FROM mentions GROUP BY node_id"
    )
    op.execute(
        "INSERT INTO document_traits (document_id, trait_id) SELECT DISTINCT"
        " mentions.document_id, traits.id FROM mentions JOIN traits"
        " ON traits.node_id = mentions.node_id"
    )


def _create_judgements(verdicts: str, *more: sa.Column[object]) -> None:
    _create(
        "judgements",
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("relation", WORD),
        sa.Column("object", WORD),
        sa.Column("author", WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *more,
        sa.CheckConstraint(f"verdict IN ({verdicts})", name=op.f("ck_judgements_verdict")),
    )
    op.create_index(op.f("ix_judgements_subject"), "judgements", ["subject"])
    op.create_index(op.f("ix_judgements_object"), "judgements", ["object"])
