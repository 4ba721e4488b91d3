"""What named each document's mentions, what computed the entities, what lacks vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, delete, exists, func, insert, select

from ..database import Database, chunked
from ..schema import (
    DocumentRow,
    EntityRow,
    FingerprintRow,
    ModelRow,
    SentenceRow,
    VectorRow,
)

LINKER = "linker"


def read_linker(connection: Connection) -> str | None:
    """The linker that computed all entities."""
    return connection.scalar(
        select(FingerprintRow.fingerprint).where(FingerprintRow.name == LINKER)
    )


def write_linker(connection: Connection, fingerprint: str) -> None:
    """Note the linker that computed all entities."""
    connection.execute(delete(FingerprintRow).where(FingerprintRow.name == LINKER))
    connection.execute(insert(FingerprintRow).values(name=LINKER, fingerprint=fingerprint))


def begin_linker(connection: Connection, fingerprint: str) -> None:
    """Note the linker of a graph that holds no entity yet: it will have computed all."""
    known = read_linker(connection)
    if known == fingerprint:
        return
    if connection.scalar(select(EntityRow.id).limit(1)) is None:
        write_linker(connection, fingerprint)


def read_unembedded(database: Database, model: str) -> Iterator[tuple[str, str]]:
    """Documents with a sentence that lacks a vector of a model, each with another model that
    it has vectors of ("": none)."""
    with database.reading() as connection:
        mine = select(ModelRow.id).where(ModelRow.fingerprint == model).scalar_subquery()
        has_one = exists().where(
            VectorRow.kind == "sentence",
            VectorRow.model_id == mine,
            VectorRow.row_id == SentenceRow.id,
        )
        lacking = select(SentenceRow.document_id).where(~has_one).distinct()
        documents = connection.execute(
            select(DocumentRow.id, DocumentRow.source)
            .where(DocumentRow.id.in_(lacking))
            .order_by(DocumentRow.source)
        ).all()
        others: dict[int, str] = {}
        for some in chunked(id for id, _ in documents):
            others.update(_others(connection, some, model))
    return ((source, others.get(id, "")) for id, source in documents)


def _others(connection: Connection, documents: Sequence[int], model: str) -> list[tuple[int, str]]:
    rows = connection.execute(
        select(SentenceRow.document_id, func.max(ModelRow.fingerprint))
        .join(VectorRow, VectorRow.row_id == SentenceRow.id)
        .join(ModelRow, ModelRow.id == VectorRow.model_id)
        .where(
            VectorRow.kind == "sentence",
            ModelRow.fingerprint != model,
            SentenceRow.document_id.in_(documents),
        )
        .group_by(SentenceRow.document_id)
    )
    return [(document, fingerprint) for document, fingerprint in rows]
