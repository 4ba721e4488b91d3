"""The tables of vectors and of the indexes made from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, RowId


class VectorRow(Base):
    """A vector of a sentence or entity: little-endian float16, ``dimension`` of them."""

    __tablename__ = "vectors"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"), primary_key=True)
    row_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    dimension: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class IndexGenerationRow(Base):
    """The index published last of a kind and model: what its folder has to hold."""

    __tablename__ = "index_generations"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    model_id: Mapped[int] = mapped_column(RowId, ForeignKey("models.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
