"""Where in its file each stretch of a document stood: pages, rows, chapters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.orm import Mapped, mapped_column

from kgbuild.types import Document, Origin

from .bulk import insert_all
from .tables import Base, Word, owner


class OriginRow(Base):
    """A stretch of a document's text and the page, row, chapter or part it stood on."""

    __tablename__ = "document_origins"

    document_id: Mapped[int] = owner("documents.id", key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[int]
    kind: Mapped[str] = mapped_column(Word)
    value: Mapped[str] = mapped_column(Word)


def insert_origins(connection: Connection, document_id: int, document: Document) -> None:
    """Write a new document's origins."""
    rows = [
        {
            "document_id": document_id,
            "start": o.start,
            "stop": o.end,
            "kind": o.kind,
            "value": o.value,
        }
        for o in document.origins
    ]
    insert_all(connection, OriginRow, rows)


def read_origins(
    connection: Connection, documents: Collection[int]
) -> defaultdict[int, tuple[Origin, ...]]:
    """The origins of documents (row ids), in the order of their texts."""
    found: defaultdict[int, tuple[Origin, ...]] = defaultdict(tuple)
    rows = connection.execute(
        select(
            OriginRow.document_id, OriginRow.start, OriginRow.stop, OriginRow.kind, OriginRow.value
        )
        .where(OriginRow.document_id.in_(documents))
        .order_by(OriginRow.document_id, OriginRow.start)
    )
    for row in rows:
        found[row.document_id] += (Origin(row.start, row.stop, row.kind, row.value),)
    return found
