"""The audit log: an entry a change, written in the change's own transaction, never altered."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, Index, Text, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from kgbuild.judging import current_author, in_words
from kgbuild.types import AuditEntry, Judgement

from .tables import Base, Word, row_id


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


def note(connection: Connection, action: str, subject: str, detail: str = "") -> None:
    """Write an entry by the user who runs this program."""
    _write(connection, current_author(), action, subject, detail)


def note_judgement(connection: Connection, action: str, judgement: Judgement) -> None:
    """Write an entry of a judgement; its author is the judgement's."""
    _write(connection, judgement.author, action, f"judgement {judgement.id}", in_words(judgement))


def _write(connection: Connection, author: str, action: str, subject: str, detail: str) -> None:
    entry = {"author": author, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(AuditRow).values(made_at=datetime.now(UTC), **entry))


def read_log(
    connection: Connection, since: datetime | None = None, subject: str | None = None
) -> list[AuditEntry]:
    """Entries in the order they were made, from a moment on, of one subject."""
    wanted = select(AuditRow).order_by(AuditRow.id)
    if since is not None:
        wanted = wanted.where(AuditRow.made_at >= since.astimezone(UTC))
    if subject is not None:
        wanted = wanted.where(AuditRow.subject == subject)
    columns = AuditRow.__table__.c
    return [
        AuditEntry(row.id, _aware(row.made_at), row.author, row.action, row.subject, row.detail)
        for row in connection.execute(wanted.with_only_columns(*columns))
    ]


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the time zone, which is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
