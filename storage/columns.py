"""What all tables are made of: how their constraints are called, and common columns."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Integer, MetaData, Text
from sqlalchemy.orm import Mapped, mapped_column

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes only an INTEGER primary key an alias of the row id.
RowId = BigInteger().with_variant(Integer(), "sqlite")
# Code point order everywhere: PostgreSQL's default collation depends on the server.
Word = Text().with_variant(Text(collation="C"), "postgresql")


def row_id() -> Mapped[int]:
    """A table's own number for a row, never used twice."""
    return mapped_column(RowId, Identity(), primary_key=True)


def owner(column: str, key: bool = False) -> Mapped[int]:
    """A reference to the row this one lives and dies with; ``key``: part of the primary key."""
    return mapped_column(RowId, ForeignKey(column, ondelete="CASCADE"), primary_key=key)


def in_utc(time: datetime) -> datetime:
    """A time as it was saved, in UTC: SQLite keeps no time zone."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
