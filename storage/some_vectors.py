"""Vectors of single rows, and which models have any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import exists, select

from kgbuild.ports import VectorKind
from kgbuild.types import VectorBatch

from .bulk import chunked
from .engine import Database
from .schema import ModelRow, VectorRow


def read_vectors_of(
    database: Database, kind: VectorKind, model: str, ids: Sequence[int]
) -> VectorBatch:
    """The vectors of some rows, by ascending row id."""
    wanted = sorted({int(id) for id in ids})
    rows: list[tuple[int, bytes]] = []
    with database.reading() as connection:
        model_id = connection.scalar(select(ModelRow.id).where(ModelRow.fingerprint == model))
        for some in chunked(wanted):
            query = select(VectorRow.row_id, VectorRow.data).where(
                VectorRow.kind == kind, VectorRow.model_id == model_id, VectorRow.row_id.in_(some)
            )
            rows.extend((row.row_id, row.data) for row in connection.execute(query))
    rows.sort()
    data = np.frombuffer(b"".join(data for _, data in rows), dtype="<f2").astype(np.float16)
    vectors = data.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float16)
    return VectorBatch(np.array([id for id, _ in rows], dtype=np.int64), vectors)


def read_embedders(database: Database, kind: VectorKind) -> list[str]:
    """The fingerprints of models with vectors of a kind, sorted."""
    any_of_it = exists().where(VectorRow.kind == kind, VectorRow.model_id == ModelRow.id)
    with database.reading() as connection:
        return sorted(connection.scalars(select(ModelRow.fingerprint).where(any_of_it)))
