"""The tables of judgements."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, RowId, Word, row_id


class JudgementRow(Base):
    """A person's word on the graph; ``subject`` and ``object`` are node keys.

    They outlive the rows they speak of: a judgement still holds when a document
    is deleted and read again. ``undone_at`` is when it was taken back.
    ``node`` names a split's mentions where its places don't: a document of it moved.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        CheckConstraint(
            "verdict IN ('same', 'not_same', 'unsure', 'split', 'accept', 'reject')",
            name="verdict",
        ),
        Index(None, "subject"),
        Index(None, "object"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = row_id()
    verdict: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(Word)
    relation: Mapped[str | None] = mapped_column(Word)
    object: Mapped[str | None] = mapped_column(Word)
    author: Mapped[str] = mapped_column(Word)
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    node: Mapped[str | None] = mapped_column(Word)


class JudgementPlaceRow(Base):
    """A mention that a split moves, by its document's source and its span."""

    __tablename__ = "judgement_places"
    __table_args__ = (Index(None, "source"),)

    judgement_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("judgements.id", ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(Word, primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int] = mapped_column(primary_key=True)
