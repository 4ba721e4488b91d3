"""Stores as earlier revisions left them, brought to the newest schema with all they hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from alembic import command
from storage import database
from storage.database import Database, parse_target
from storage.migrate import HEAD, REVISIONS, alembic_config, check_database, upgrade_database
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.fixtures.make import RECORDS, REJECTED
from tests.storage.samples import EMBEDDER, contents
from tests.storage.test_migrations import assert_schema_is_the_models

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parent / "fixtures"
RELEASED = sorted(path.name.split(".")[0] for path in FIXTURES.glob("*.rows.sql"))


def test_every_released_revision_has_its_store() -> None:
    assert set(RELEASED) == set(REVISIONS) - {HEAD}, "the newest has no store yet"


@pytest.mark.parametrize("revision", RELEASED)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_released_store_keeps_what_it_holds(tmp_path: Path, kind: str, revision: str) -> None:
    sqlite = kind == "sqlite"
    target = str(tmp_path / "graph.db") if sqlite else new_database(postgresql_server())
    (load_sqlite if sqlite else load_postgresql)(target, revision)
    assert check_database(target).revision == revision
    upgrade_database(target)
    assert_schema_is_the_models(target)
    reference = MemoryStore()
    for record in RECORDS:
        reference.add_document(record)
    if revision != "0001":
        reference.judge(REJECTED)
    with SqlStore.open(target, create=False) as store:
        assert store.check() == []
        told = [entry.detail for entry in store.log(action="upgrade")]
        assert told == [f"{revision} → {HEAD}"] * (revision != HEAD)
        assert contents(store) == contents(reference)
        assert list(store.judgements()) == list(reference.judgements())
        assert sorted(store.vocabulary()) == sorted(reference.vocabulary())
        assert vectors(store) == vectors(reference)
        steps = 2 if revision >= "0012" else 1  # since then a document is recorded, then linked
        assert store.generation() == steps * len(RECORDS) + (revision != "0001")
        assert store.relink() == 0
        for record in RECORDS:
            store.delete_document(record.document.source)
        assert store.stats().entities == store.stats().facts == 0
        for record in reversed(RECORDS):
            store.add_document(record)
        assert contents(store) == contents(reference)
        assert store.check() == []


def vectors(store: SqlStore | MemoryStore) -> list[bytes]:
    """In the order of their rows, which need not have the same numbers."""
    return [batch.vectors.tobytes() for batch in store.vectors("sentence", EMBEDDER)]


def load_sqlite(target: str, revision: str) -> None:
    connection = database.sqlite_driver().connect(target)
    for part in ("tables", "rows"):
        connection.executescript((FIXTURES / f"{revision}.{part}.sql").read_text("utf-8"))
    connection.execute("INSERT INTO kgbuild_revision VALUES (?)", (revision,))
    connection.commit()
    connection.close()


def load_postgresql(target: str, revision: str) -> None:
    """The tables by the scripts, which is all a server's own dump would say."""
    database = Database(parse_target(target))
    rows = (FIXTURES / f"{revision}.rows.sql").read_text("utf-8")
    rows = re.sub(r"X'([0-9A-F]*)'", r"'\\x\1'", rows)
    rows = re.sub(r'("stated"\) VALUES \(.*), ([01])\);', r"\1, \2::boolean);", rows)
    rows = re.sub(
        r"(sentence_words) \(rowid, lemmas\) VALUES \((\d+), (.*)\);",
        r"\1 (sentence_id, lemmas) VALUES (\2, to_tsvector('simple', \3));",
        rows,
    )
    with database.writing() as connection:
        command.upgrade(alembic_config(connection), revision)
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        for statement in rows.splitlines():
            connection.exec_driver_sql(statement)
        continue_numbers(connection)
    database.close()


def continue_numbers(connection: Connection) -> None:
    looked = inspect(connection)
    for table in looked.get_table_names():
        if "id" in {column["name"] for column in looked.get_columns(table)}:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
                )
            )
