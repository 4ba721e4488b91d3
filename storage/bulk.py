"""Many rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, insert

from .schema import Base

T = TypeVar("T")

CHUNK = 500
"""Rows a statement: well under the number of parameters a database takes."""


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def insert_all(connection: Connection, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which all have the same columns; nothing for none."""
    if rows:
        connection.execute(insert(table), rows)
