"""The tables of what named each document's mentions, and of what computed the entities."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, RowId, Word, owner


class NormalizerRow(Base):
    """The normalizer that named a document's mentions; no row where it isn't known."""

    __tablename__ = "document_normalizers"

    document_id: Mapped[int] = owner("documents.id", key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"))


class FingerprintRow(Base):
    """Fingerprints of the whole graph by name: ``linker`` computed all entities."""

    __tablename__ = "fingerprints"

    name: Mapped[str] = mapped_column(Word, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Word)
