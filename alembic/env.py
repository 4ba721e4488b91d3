"""Runs the migrations on a connection: kgbuild's own, or one made from alembic.ini."""

from __future__ import annotations

from sqlalchemy import Connection

from alembic import context

config = context.config

SEARCH_TABLES = "sentence_words"
"""Begins the names of the full-text tables, which no model maps."""


def is_mapped(name: str | None, type: str, _parents: object) -> bool:
    """Whether autogeneration looks at something."""
    return not (type == "table" and name is not None and name.startswith(SEARCH_TABLES))


def migrate(connection: Connection) -> None:
    """Run inside the transaction that the connection is in."""
    context.configure(
        connection=connection,
        target_metadata=config.attributes["metadata"],
        version_table=config.attributes["version_table"],
        transactional_ddl=True,
        render_as_batch=True,
        include_name=is_mapped,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_from_ini() -> None:
    """For developers: ``alembic revision --autogenerate`` and the like, in a checkout."""
    from storage.database import Database, parse_target
    from storage.migrate import VERSION_TABLE
    from storage.schema import Base

    config.attributes["metadata"] = Base.metadata
    config.attributes["version_table"] = VERSION_TABLE
    target = context.get_x_argument(as_dictionary=True).get("db")
    database = Database(
        parse_target(target or config.get_main_option("sqlalchemy.url") or ""), foreign_keys=False
    )
    try:
        with database.writing() as connection:
            migrate(connection)
    finally:
        database.close()


if "connection" in config.attributes:
    migrate(config.attributes["connection"])
else:
    migrate_from_ini()
