"""The schema's version: reading it, checking it, bringing a database to the newest.

An empty database gets the newest schema at once, as the models state it; a test compares it
with what the scripts make. The scripts are Alembic's. They lie in ``alembic/`` beside this
folder in a checkout and in ``kgbuild/migrations`` in a wheel. Each upgrade is one transaction,
in SQLite too: a database is at the old version or at the new one, never between.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from kgbuild.errors import StoreError
from kgbuild.judging import current_author

from .database import Database, parse_target, shown_target
from .log import note
from .schema import Base
from .search import words

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0009", "0010", "0011", "0012", "0013",
    "0014", "0015", "0016", "0017", "0018",
)  # fmt: skip
"""Every revision in order, so that opening a database needn't load Alembic."""

HEAD = REVISIONS[-1]

VERSION_TABLE = "kgbuild_revision"


class SchemaState(Enum):
    """What a database holds, seen from this version of the code."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """A database's revision (None where it has none), the code's, and how they compare."""

    revision: str | None
    head: str
    state: SchemaState


def schema_version(connection: Connection) -> SchemaVersion:
    """The version of an open database."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        ours = tables if connection.dialect.name == "sqlite" else tables & set(Base.metadata.tables)
        return SchemaVersion(None, HEAD, SchemaState.FOREIGN if ours else SchemaState.EMPTY)
    revision = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    if revision is None:
        return SchemaVersion(None, HEAD, SchemaState.OLDER)
    if revision == HEAD:
        return SchemaVersion(revision, HEAD, SchemaState.CURRENT)
    state = SchemaState.OLDER if revision in REVISIONS else SchemaState.NEWER
    return SchemaVersion(revision, HEAD, state)


def check_database(target: str | os.PathLike[str]) -> SchemaVersion:
    """The schema version of a database; changes nothing.

    Raises:
        StoreError: there is no database, or it can't be read.
    """
    url = parse_target(target)
    refuse_missing(url)
    database = Database(url, readonly=True)
    try:
        with database.reading() as connection:
            return schema_version(connection)
    finally:
        database.close()


def upgrade_database(
    target: str | os.PathLike[str],
    create: bool = False,
    timeout: float = 10.0,
    author: str | None = None,
) -> tuple[SchemaVersion, SchemaVersion]:
    """Bring a database to the newest schema in one transaction: its version before and after.

    ``author`` is whom the log names; the user who runs this program, if nobody is given.

    Raises:
        StoreError: it holds another program's tables, or a newer kgbuild's, or fails.
        StoreBusyError: a writer is at it.
    """
    url = parse_target(target)
    if not create:
        refuse_missing(url)
    # Rebuilding a table in SQLite drops the old one: with foreign keys on,
    # that would delete the rows which refer to it.
    database = Database(url, timeout=timeout, foreign_keys=False)
    try:
        with database.writing(alone=True) as connection:
            before = schema_version(connection)
            refuse_unusable(before, shown_target(url))
            if before.state is SchemaState.EMPTY:
                _create_newest(connection)
            elif before.state is not SchemaState.CURRENT:
                _run_scripts(connection)
            after = schema_version(connection)
            if before.revision not in (None, after.revision):
                who, what = author or current_author(), f"{before.revision} → {after.revision}"
                note(connection, who, "upgrade", "graph", what)
            return before, after
    finally:
        database.close()


def refuse_missing(url: URL) -> None:
    """Raise ``StoreError`` where a SQLite file isn't there; a server answers for itself."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        path = Path(str(url.database))
        raise StoreError(
            f"there is no graph in {path.parent} (no {path.name}): make one with"
            "  kgbuild ingest PATH"
        )


def refuse_unusable(version: SchemaVersion, target: str) -> None:
    """Raise ``StoreError`` where no upgrade can help."""
    if version.state is SchemaState.FOREIGN:
        raise StoreError(f"{target} holds tables that kgbuild didn't make: name another database")
    if version.state is SchemaState.NEWER:
        raise StoreError(
            f"{target} was made by a newer kgbuild (schema {version.revision}, this one knows up"
            f" to {version.head}): install a newer kgbuild; `kgbuild db upgrade` can't go back"
        )


def scripts_folder() -> Path:
    """The folder with Alembic's ``env.py``, in a checkout or in a wheel.

    Raises:
        StoreError: neither is there.
    """
    above = Path(__file__).resolve().parent.parent
    for folder in (above / "migrations", above / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise StoreError(f"the migration scripts are missing beside {above}: install kgbuild again")


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection; no ini file is read."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    config.attributes["version_table"] = VERSION_TABLE
    return config


def _create_newest(connection: Connection) -> None:
    """What all scripts together make of an empty database, without loading or running them."""
    Base.metadata.create_all(connection, checkfirst=False)
    words.create_tables(connection)
    for statement in (
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL,"
        f" CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))",
        f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')",
    ):
        connection.exec_driver_sql(statement)


def _run_scripts(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise StoreError(f"the upgrade would break {len(broken)} references: nothing changed")
