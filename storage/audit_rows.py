"""The audit log: an entry a change, written in the change's own transaction, never altered."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Index, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from kgbuild.types import AuditEntry

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
    columns = AuditRow.__table__.c
    return [
        AuditEntry(row.id, in_utc(row.made_at), row.author, row.action, row.subject, row.detail)
        for row in connection.execute(wanted.with_only_columns(*columns))
    ]
