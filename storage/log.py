"""The audit log and the counter of writes.

An entry a change, written in the change's own transaction, never altered; old ones go only
after they were saved elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, delete, insert, select, update

from kgbuild.types import AuditEntry

from .columns import in_utc
from .database import chunked, insert_all
from .schema import AuditRow, MetaRow

PRUNE = "prune"
"""The action of a pruning's own entry. Such an entry stays when the log is pruned: it is all
that the graph still knows of what went before."""


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


def entries_in_words(entries: Sequence[AuditEntry], kept: str) -> str:
    """How many entries were removed, of what time, and where they are kept."""
    span = between([entry.made_at for entry in entries])
    return f"{len(entries)} removed, {span}; kept in {kept}"


def between(times: Sequence[datetime]) -> str:
    """The first and the last of some times, in words."""
    first, last = (time.isoformat(timespec="seconds") for time in (min(times), max(times)))
    return f"from {first} to {last}"


def raise_generation(connection: Connection, writes: int = 1) -> None:
    """Count writes: indexes built before them are stale."""
    counter = MetaRow.name == "generation"
    raised = connection.execute(update(MetaRow).where(counter).values(value=MetaRow.value + writes))
    if not raised.rowcount:
        connection.execute(insert(MetaRow).values(name="generation", value=writes))


def note_all(connection: Connection, author: str, entries: Sequence[tuple[str, str, str]]) -> None:
    """Write entries: action, subject and detail."""
    now = datetime.now(UTC)
    insert_all(
        connection,
        AuditRow,
        [
            {"made_at": now, "author": author, "action": action, "subject": what, "detail": detail}
            for action, what, detail in entries
        ],
    )
