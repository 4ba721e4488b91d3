"""The tables of what other registers know: ids of the nodes, and entries of watch lists."""

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


class WatchedRow(Base):
    """An entry of a watch list, kept whether anything mentions it or not.

    ``types``, ``aliases``, ``born``, ``died`` and ``ids`` are JSON arrays: entries are read
    whole, and matched by their names in the nominative, which the database can't make.
    """

    __tablename__ = "watched"

    list: Mapped[str] = mapped_column(Word, primary_key=True)
    entry: Mapped[str] = mapped_column(Word, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    types: Mapped[str] = mapped_column(Text)
    aliases: Mapped[str] = mapped_column(Text)
    born: Mapped[str] = mapped_column(Text)
    died: Mapped[str] = mapped_column(Text)
    ids: Mapped[str] = mapped_column(Text)
