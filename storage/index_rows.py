"""The database's record of its published indexes."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from kgbuild.ports import VectorKind
from kgbuild.types import IndexRecord

from .schema import IndexGenerationRow, ModelRow
from .tables import in_utc
from .vectors import model_row


def write_index_record(connection: Connection, record: IndexRecord) -> None:
    """Save a checked record in place of the one of its kind and model."""
    key = {"kind": record.kind, "model_id": model_row(connection, record.model)}
    connection.execute(delete(IndexGenerationRow).filter_by(**key))
    connection.execute(
        insert(IndexGenerationRow).values(
            **key,
            generation=record.generation,
            row_count=record.count,
            sha256=record.sha256,
            made_at=record.made_at,
        )
    )


def read_index_record(connection: Connection, kind: VectorKind, model: str) -> IndexRecord | None:
    """The record of a kind and model."""
    row = connection.execute(
        select(
            IndexGenerationRow.generation,
            IndexGenerationRow.row_count,
            IndexGenerationRow.sha256,
            IndexGenerationRow.made_at,
        )
        .join(ModelRow, ModelRow.id == IndexGenerationRow.model_id)
        .where(IndexGenerationRow.kind == kind, ModelRow.fingerprint == model)
    ).one_or_none()
    if row is None:
        return None
    return IndexRecord(kind, model, row.generation, row.row_count, row.sha256, in_utc(row.made_at))
