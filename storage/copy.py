"""A whole store from one database into another, row by row with the same ids.

What is copied is what the tables hold: no model runs and nothing is resolved again. Every
table of the schema is read in one state of the source and written in one transaction of the
target, which is read back before it is committed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from kgbuild.errors import StoreError
from kgbuild.judging import current_author

from .database import Database, chunked, copy_rows, parse_target, shown_target
from .log import note
from .migrate import SchemaState, refuse_missing, schema_version, upgrade_database
from .schema import Base
from .search.words import as_tsvector, read_words, write_words

BATCH = 2000
"""Rows that are held at once."""

MODULUS = 1 << 128


@dataclass(slots=True)
class Digest:
    """The number of rows of a table and the sum of their hashes, in whatever order they come."""

    rows: int = 0
    sum: int = 0

    def add(self, row: tuple[Any, ...]) -> None:
        """Take a row in."""
        hashed = hashlib.blake2b(repr(row).encode(), digest_size=16).digest()
        self.sum = (self.sum + int.from_bytes(hashed)) % MODULUS
        self.rows += 1


def copy_store(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    timeout: float = 10.0,
    author: str | None = None,
) -> dict[str, int]:
    """Copy a store into an empty or new database; gives the rows of each table.

    The copy's log tells of it, by ``author`` or else the user who runs this program.

    Raises:
        StoreError: the source isn't a store of this version, the target isn't empty, or what
            was written doesn't read back the same: then the target stays empty.
        StoreBusyError: another writer is at the target.
    """
    given, wanted = parse_target(source), parse_target(target)
    refuse_missing(given)
    if wanted.get_backend_name() == "sqlite":
        Path(str(wanted.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = Database(given, readonly=True)
    here = Database(wanted, timeout=timeout)
    try:
        with there.reading() as reader:
            _refuse_other_schema(reader, shown_target(given))
            upgrade_database(target, create=True, timeout=timeout)
            here.set_journal()
            with here.writing() as writer:
                _refuse_contents(writer, shown_target(wanted))
                copied = _copy_tables(reader, writer)
                who = author or current_author()
                note(writer, who, "copy", "graph", f"from {shown_target(given)}")
                return copied
    finally:
        there.close()
        here.close()


def _refuse_other_schema(connection: Connection, shown: str) -> None:
    version = schema_version(connection)
    if version.state is not SchemaState.CURRENT:
        raise StoreError(
            f"{shown} has schema {version.revision or 'none'}, this kgbuild copies"
            f" {version.head}: run  kgbuild db upgrade  on it first"
        )


def _refuse_contents(connection: Connection, shown: str) -> None:
    for table in Base.metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(
                f"{shown} isn't empty (its table {table.name} has rows): name a new database"
            )


def _copy_tables(reader: Connection, writer: Connection) -> dict[str, int]:
    copied = {}
    for table in Base.metadata.sorted_tables:
        sent = Digest()
        _insert(writer, table, _digested(_rows(reader, table), sent))
        _continue_numbers(reader, writer, table)
        found = Digest()
        for _ in _digested(_rows(writer, table), found):
            pass
        if found != sent:
            raise StoreError(
                f"{table.name}: {sent.rows} rows were sent and {found.rows} read back, not the"
                " same: nothing was copied"
            )
        copied[table.name] = sent.rows
    _copy_words(reader, writer)
    return copied


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    query = select(table).order_by(*table.primary_key)
    # Not the connection's own option, which would hold for every later statement.
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield tuple(map(_plain, row))


def _plain(value: Any) -> Any:
    """A value as both databases give it: SQLite keeps no time zone, all times are in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _digested(rows: Iterable[tuple[Any, ...]], digest: Digest) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        digest.add(row)
        yield row


def _insert(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    names = [column.name for column in table.columns]
    if connection.dialect.name == "postgresql":
        copy_rows(connection, table.name, names, rows)
        return
    for some in chunked(rows, BATCH):
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in some])


def _continue_numbers(reader: Connection, writer: Connection, table: Table) -> None:
    """New rows get numbers that no row had in the source either, not even one that is gone."""
    if "id" not in table.columns:
        return
    last = _last_number(reader, table)
    if writer.dialect.name == "postgresql":
        # Not last_value: the next number is one more where a number was given out already.
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        writer.execute(
            text(f"SELECT setval({sequence}, :value, :used)"),
            {"value": max(last, 1), "used": last > 0},
        )
        return
    writer.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    writer.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
        {"name": table.name, "last": last},
    )


def _last_number(connection: Connection, table: Table) -> int:
    highest = connection.scalar(select(func.max(table.c.id))) or 0
    if connection.dialect.name == "postgresql":
        sequence = connection.scalar(text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')"))
        given = connection.scalar(
            text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        )
    else:
        given = connection.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        )
    return max(highest, given or 0)


def _copy_words(reader: Connection, writer: Connection) -> None:
    """The words of sentences, which each database keeps in its own way."""
    sent, found = Digest(), Digest()
    write_words(writer, _counted(read_words(reader), sent))
    for _ in _counted(read_words(writer), found):
        pass
    if found != sent:
        raise StoreError("the words of sentences don't read back the same: nothing was copied")


def _counted(words: Iterable[tuple[int, str]], digest: Digest) -> Iterator[tuple[int, str]]:
    for id, lemmas in words:
        digest.add((id, as_tsvector(" ".join(sorted(lemmas.split())))))
        yield id, lemmas
