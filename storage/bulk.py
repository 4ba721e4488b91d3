"""Many rows at once: COPY where the database has it, else one statement for many rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    SQLColumnExpression,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Text

from .tables import Base

T = TypeVar("T")

CHUNK = 500
"""Rows a statement: well under the number of parameters a database takes."""

COPY_FROM = 2
"""Rows from which PostgreSQL is given them by COPY: for one row a statement does as well."""


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(
    column: SQLColumnExpression[str], words: Collection[str], sqlite: bool
) -> ColumnElement[bool]:
    """The condition that a column holds one of any number of words.

    They are one parameter, an array or, for SQLite, JSON: a statement takes only so many.
    """
    if sqlite:
        listed = func.json_each(json.dumps(list(words), ensure_ascii=False))
        held = listed.table_valued("value").c.value
    else:
        listed = func.unnest(bindparam(None, list(words), ARRAY(Text), unique=True))
        held = listed.column_valued("word")
    return column.in_(select(held))


def insert_all(connection: Connection, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which all have the same columns; nothing for none."""
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_FROM:
        columns = tuple(rows[0])
        values = (tuple(row[column] for column in columns) for row in rows)
        copy_rows(connection, table.__tablename__, columns, values)
    else:
        connection.execute(insert(table), rows)


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Send rows to PostgreSQL by COPY, one after the other as they come; gives their number.

    Raises:
        DBAPIError: the server refuses them.
    """
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    driver = connection.connection.dbapi_connection
    errors: Any = connection.dialect.loaded_dbapi
    assert driver is not None
    count = 0
    try:
        cursor: Any
        with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
                count += 1
    except errors.Error as error:
        # The driver is used directly: its error becomes SQLAlchemy's, as any other's does.
        raise DBAPIError.instance(statement, None, error, errors.Error) from error
    return count
