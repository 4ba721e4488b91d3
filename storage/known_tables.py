"""The table of names that registers give one bearer, by which the linker joins."""

from __future__ import annotations

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from .tables import Base, Word, row_id


class KnownNameRow(Base):
    """A name of a register's entry, folded as nodes' names are.

    ``born`` and ``died`` are years parted by spaces. Names may be long, so no key holds them:
    ``block`` is the one that finds the nodes of the name.
    """

    __tablename__ = "known_names"
    __table_args__ = (Index(None, "block"), Index(None, "source", "entry"))

    id: Mapped[int] = row_id()
    source: Mapped[str] = mapped_column(Word)
    entry: Mapped[str] = mapped_column(Word)
    type: Mapped[str] = mapped_column(Word)
    name_key: Mapped[str] = mapped_column(Text)
    block: Mapped[str] = mapped_column(Word)
    born: Mapped[str] = mapped_column(Text)
    died: Mapped[str] = mapped_column(Text)
