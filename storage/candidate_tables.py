"""The table of relations that the models found too weak to state."""

from __future__ import annotations

from sqlalchemy import Double, Index
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, Word, owner


class CandidateRow(Base):
    """A typed, ordered pair of mentions under its threshold, and the passage around both."""

    __tablename__ = "candidate_relations"
    __table_args__ = (Index(None, "document_id"), Index(None, "object_id"))

    subject_id: Mapped[int] = owner("mentions.id", key=True)
    object_id: Mapped[int] = owner("mentions.id", key=True)
    relation: Mapped[str] = mapped_column(Word, primary_key=True)
    document_id: Mapped[int] = owner("documents.id")
    start: Mapped[int]
    stop: Mapped[int]
    confidence: Mapped[float] = mapped_column(Double)
