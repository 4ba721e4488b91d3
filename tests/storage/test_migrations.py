"""The migrations make the models' schema, and move a database whole or not at all."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from kgbuild.errors import StoreError
from storage import migrate
from storage.database import Database, parse_target
from storage.migrate import (
    REVISIONS,
    VERSION_TABLE,
    SchemaState,
    alembic_config,
    check_database,
    upgrade_database,
)
from storage.schema import Base
from storage.search import words
from storage.sql import SqlStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.samples import AGAIN, GAZPROM, contents, record


def new_target(kind: str, folder: Path, name: str = "graph") -> str:
    if kind == "sqlite":
        return str(folder / f"{name}.sqlite")
    return new_database(postgresql_server())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_scripts_make_the_models_schema(tmp_path: Path, kind: str) -> None:
    target = new_target(kind, tmp_path)
    run_scripts(target, "head")
    assert_schema_is_the_models(target)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_database_is_what_the_scripts_make(tmp_path: Path, kind: str) -> None:
    new, scripted = new_target(kind, tmp_path, "new"), new_target(kind, tmp_path, "scripted")
    SqlStore.open(new).close()
    run_scripts(scripted, "head")
    made = shape(new)
    assert made == shape(scripted)
    assert any("sentence_words" in line for line in made)
    assert_schema_is_the_models(new)


def test_another_shape_is_seen(tmp_path: Path) -> None:
    target = str(tmp_path / "graph.sqlite")
    SqlStore.open(target).close()
    whole = shape(target)
    for change in (
        "DROP INDEX ix_nodes_entity_id",
        "ALTER TABLE nodes ADD COLUMN more TEXT",
        "ALTER TABLE nodes RENAME COLUMN type TO kind",
        "INSERT INTO meta VALUES ('more', 1)",
    ):
        with sqlite3.connect(target) as connection:
            connection.execute(change)
        connection.close()
        assert shape(target) != whole, change
        whole = shape(target)


def run_scripts(target: str, revision: str) -> None:
    """From an empty database upwards, as those did who began with an early version."""
    from alembic import command

    database = Database(parse_target(target), foreign_keys=False)
    with database.writing() as connection:
        command.upgrade(alembic_config(connection), revision)
    database.close()


def shape(target: str) -> list[str]:
    """Columns in their order, constraints and indexes as the database states them; all rows."""
    database = Database(parse_target(target))
    with database.reading() as connection:
        tables = inspect(connection).get_table_names()
        if database.is_sqlite:
            told = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
            lines = [f"{kind} {name}: {in_parts(sql or '')}" for kind, name, sql in told]
            tables = [name for name in tables if not name.startswith("sentence_words_")]
        else:
            lines = [str(tuple(row)) for query in CATALOG for row in connection.execute(query)]
        for name in tables:
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
            lines += [f"row of {name}: {tuple(row)}" for row in rows]
    database.close()
    return sorted(lines)


def in_parts(sql: str) -> tuple[str, list[str], list[str], str]:
    """A statement's head, its columns in order, its constraints sorted, and what follows them.

    SQLite keeps statements as they were written, and a table that was rebuilt has its
    constraints in another order.
    """
    head, opened, rest = " ".join(sql.replace('"', "").split()).partition("(")
    body, closed, tail = rest.rpartition(")")
    parts = re.split(r", (?![^(]*\))", body.strip())
    of_all = sorted(part for part in parts if part.startswith("CONSTRAINT "))
    return head + opened, [part for part in parts if part not in of_all], of_all, closed + tail


CATALOG = tuple(
    text(query)
    for query in (
        "SELECT table_name, ordinal_position, column_name, data_type, character_maximum_length,"
        " collation_name, is_nullable, column_default, is_identity, identity_generation"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT relname, relkind::text, relpersistence::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace",
    )
)


def assert_schema_is_the_models(target: str) -> None:
    upgrade_database(target, create=True)
    database = Database(parse_target(target), readonly=True)
    with database.reading() as connection:
        options = {"version_table": VERSION_TABLE, "include_name": is_mapped}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def is_mapped(name: str | None, type: str, _parents: object) -> bool:
    return not (type == "table" and str(name).startswith(words.PREFIX))


def test_known_revisions_are_the_scripts(tmp_path: Path) -> None:
    database = Database(parse_target(tmp_path / "graph.sqlite"))
    with database.reading() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    database.close()
    assert [script.revision for script in scripts.walk_revisions()] == [*reversed(REVISIONS)]


def test_downgrade_and_upgrade_again(tmp_path: Path) -> None:
    from alembic import command

    target = tmp_path / "graph.sqlite"
    upgrade_database(target, create=True)
    database = Database(parse_target(target), foreign_keys=False)
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "base")
    database.close()
    assert check_database(target).state is SchemaState.OLDER
    with pytest.raises(StoreError, match="kgbuild db upgrade"):
        SqlStore.open(target, readonly=True)
    before, after = upgrade_database(target)
    assert (before.revision, after.state) == (None, SchemaState.CURRENT)
    assert_schema_is_the_models(str(target))


def test_a_graph_without_nodes_gets_one_of_each_entity(tmp_path: Path) -> None:
    from alembic import command

    target = tmp_path / "graph.sqlite"
    with SqlStore.open(target) as store:
        store.add_document(GAZPROM)
        store.add_document(AGAIN)
        before = contents(store)
    database = Database(parse_target(target), foreign_keys=False)
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "0001")
    database.close()
    assert check_database(target).revision == "0001"
    with SqlStore.open(target) as store:
        assert contents(store) == before
        assert store.check() == []
        assert store.relink() == 0
        store.delete_document("a.txt")
        store.add_document(AGAIN)
        assert contents(store) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_of_before_gets_its_words(tmp_path: Path, kind: str) -> None:
    from alembic import command

    target = new_target(kind, tmp_path)
    with SqlStore.open(target) as store:
        store.add_document(GAZPROM)
        store.add_document(record("odd", "Её кот — «O'Нил». ..!"))
        known = dict(store.vocabulary())
    assert known["кот"] == 1
    database = Database(parse_target(target), foreign_keys=False)
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "0002")
    database.close()
    upgrade_database(target)
    with SqlStore.open(target) as store:
        assert dict(store.vocabulary()) == known
        assert store.check() == []


def test_check_tells_the_states_apart(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    with pytest.raises(StoreError, match="there is no graph"):
        check_database(target)
    with pytest.raises(StoreError, match="there is no graph"):
        upgrade_database(target)
    target.touch()
    assert check_database(target).state is SchemaState.EMPTY
    upgrade_database(target)
    assert check_database(target).state is SchemaState.CURRENT
    with sqlite3.connect(target) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    connection.close()
    assert check_database(target).state is SchemaState.NEWER
    with pytest.raises(StoreError, match="newer kgbuild"):
        SqlStore.open(target)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "other.sqlite"
    with sqlite3.connect(target) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    connection.close()
    content = target.read_bytes()
    with pytest.raises(StoreError, match="didn't make"):
        SqlStore.open(target)
    assert target.read_bytes() == content


@pytest.mark.parametrize("revision", [None, "0017"])
def test_a_failing_migration_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str | None
) -> None:
    def run(connection: object) -> None:
        real(connection)
        raise StoreError("stop")

    target = tmp_path / "graph.sqlite"
    if revision:
        run_scripts(str(target), revision)
    making = "_run_scripts" if revision else "_create_newest"
    real = getattr(migrate, making)
    monkeypatch.setattr(migrate, making, run)
    with pytest.raises(StoreError, match="stop"):
        upgrade_database(target, create=True)
    after = check_database(target)
    assert after.state is (SchemaState.OLDER if revision else SchemaState.EMPTY)
    assert after.revision == revision


def test_scripts_are_found_in_a_wheel_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "kgbuild"
    scripts = package / "migrations"
    scripts.mkdir(parents=True)
    monkeypatch.setattr(migrate, "__file__", str(package / "storage" / "migrate.py"))
    with pytest.raises(StoreError, match="scripts are missing"):
        migrate.scripts_folder()
    (scripts / "env.py").touch()
    assert migrate.scripts_folder() == scripts


def test_developers_can_run_alembic_itself(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    root = Path(__file__).parents[2]
    alembic = [sys.executable, "-m", "alembic", "-x", f"db={target}"]
    for arguments in (["upgrade", "head"], ["check"]):
        done = subprocess.run(
            [*alembic, *arguments], cwd=root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_foreign_keys_are_whole_after_an_upgrade(tmp_path: Path) -> None:
    database = Database(parse_target(tmp_path / "graph.sqlite"), foreign_keys=False)
    with database.reading() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 0
    database.close()
