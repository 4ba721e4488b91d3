"""The table of what other registers call the nodes."""

from __future__ import annotations

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, Word


class ExternalIdRow(Base):
    """What another register calls a node; like judgements it outlives the node's row."""

    __tablename__ = "external_ids"
    __table_args__ = (Index(None, "scheme", "value"),)

    node: Mapped[str] = mapped_column(Word, primary_key=True)
    scheme: Mapped[str] = mapped_column(Word, primary_key=True)
    value: Mapped[str] = mapped_column(Word, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
