"""The audit log: an entry a change, written in the change's own transaction, never altered;
old ones go only after they were saved elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Index, Select, Text, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from kgbuild.types import AuditEntry

from .bulk import chunked
from .pruned import PRUNE, entries_in_words
from .tables import Base, Word, in_utc, row_id


class AuditRow(Base):
    """Who did what to which document, judgement or graph."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "subject"), {"sqlite_autoincrement": True})

    id: Mapped[int] = row_id()
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    author: Mapped[str] = mapped_column(Word)
    action: Mapped[str] = mapped_column(Word)
    subject: Mapped[str] = mapped_column(Word)
    detail: Mapped[str] = mapped_column(Text)


def note(connection: Connection, author: str, action: str, subject: str, detail: str = "") -> None:
    """Write an entry."""
    entry = {"author": author, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(AuditRow).values(made_at=datetime.now(UTC), **entry))


def read_log(
    connection: Connection,
    since: datetime | None = None,
    subject: str | None = None,
    action: str | None = None,
) -> list[AuditEntry]:
    """Entries in the order they were made, from a moment on, of one subject, of one kind."""
    wanted = select(AuditRow).order_by(AuditRow.id)
    if since is not None:
        wanted = wanted.where(AuditRow.made_at >= since.astimezone(UTC))
    if subject is not None:
        wanted = wanted.where(AuditRow.subject == subject)
    if action is not None:
        wanted = wanted.where(AuditRow.action == action)
    return _entries(connection, wanted)


def prune(
    connection: Connection,
    author: str,
    before: datetime,
    keep: Callable[[Sequence[AuditEntry]], str],
) -> tuple[AuditEntry, ...]:
    """Remove the entries of before a moment, once ``keep`` has them, and tell of it."""
    old = select(AuditRow).order_by(AuditRow.id)
    old = old.where(AuditRow.made_at < before.astimezone(UTC), AuditRow.action != PRUNE)
    entries = tuple(_entries(connection, old))
    if entries:
        kept = keep(entries)
        # By id: no entry goes that wasn't handed over.
        for some in chunked(entry.id for entry in entries):
            connection.execute(delete(AuditRow).where(AuditRow.id.in_(some)))
        note(connection, author, PRUNE, "log", entries_in_words(entries, kept))
    return entries


def _entries(connection: Connection, wanted: Select[AuditRow]) -> list[AuditEntry]:
    columns = AuditRow.__table__.c
    return [
        AuditEntry(row.id, in_utc(row.made_at), row.author, row.action, row.subject, row.detail)
        for row in connection.execute(wanted.with_only_columns(*columns))
    ]
