"""Vectors in the database, and its record of the indexes that were published of them.

Little-endian float16, one row a sentence or entity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Delete, delete, exists, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from kgbuild.errors import FingerprintError
from kgbuild.ports import VectorKind
from kgbuild.types import IndexRecord, VectorBatch

from .columns import in_utc
from .database import Database, chunked, insert_all
from .rules import check_vectors
from .schema import (
    DocumentRow,
    EntityRow,
    IndexGenerationRow,
    ModelRow,
    SentenceRow,
    VectorRow,
)


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


BATCH = 4096
"""Vectors, or texts without one, that are read at once."""


def model_row(connection: Connection, fingerprint: str) -> int:
    """The row id of a model, which is made where there is none."""
    row = connection.scalar(select(ModelRow.id).where(ModelRow.fingerprint == fingerprint))
    if row is None:
        row = connection.execute(
            insert(ModelRow).values(fingerprint=fingerprint).returning(ModelRow.id)
        ).scalar_one()
    return row


def write_vectors(
    connection: Connection,
    kind: VectorKind,
    model: str,
    ids: Sequence[int],
    vectors: NDArray[np.float16],
) -> int:
    """Save vectors of the rows that are still there; gives how many those are.

    Raises:
        InputError: the vectors aren't finite rows of one length, as many as ids.
        FingerprintError: this model's vectors had another dimension before.
    """
    check_vectors(len(ids), vectors)
    row_of = {int(id): i for i, id in enumerate(ids)}
    there = _existing(connection, kind, list(row_of))
    if not there:
        return 0
    model_id = model_row(connection, model)
    dimension = vectors.shape[1]
    _check_dimension(connection, model, model_id, dimension)
    encoded = np.ascontiguousarray(vectors, dtype="<f2")
    mine = {"kind": kind, "model_id": model_id, "dimension": dimension}
    for some in chunked(there):
        replaced = delete(VectorRow).filter_by(kind=kind, model_id=model_id)
        connection.execute(replaced.where(VectorRow.row_id.in_(some)))
        rows = [mine | {"row_id": id, "data": encoded[row_of[id]].tobytes()} for id in some]
        insert_all(connection, VectorRow, rows)
    return len(there)


def insert_vectors(
    connection: Connection,
    kind: VectorKind,
    model: str,
    made: Sequence[tuple[Sequence[int], NDArray[np.float16]]],
) -> None:
    """Save the checked vectors of rows that are there and have none.

    Raises:
        FingerprintError: they aren't of one dimension, that of this model's in the store.
    """
    model_id = model_row(connection, model)
    for dimension in dict.fromkeys(vectors.shape[1] for _, vectors in made):
        _check_dimension(connection, model, model_id, dimension)
        mine = {"kind": kind, "model_id": model_id, "dimension": dimension}
        rows = [
            mine | {"row_id": id, "data": vector.tobytes()}
            for ids, vectors in made
            if vectors.shape[1] == dimension
            for id, vector in zip(ids, np.ascontiguousarray(vectors, dtype="<f2"), strict=True)
        ]
        insert_all(connection, VectorRow, rows)


def drop_vectors(connection: Connection, kind: VectorKind, ids: Sequence[int]) -> None:
    """Remove the vectors of rows, whatever model made them."""
    for some in chunked(ids):
        connection.execute(_dropping(kind).where(VectorRow.row_id.in_(some)))


def drop_sentence_vectors(connection: Connection, document_id: int) -> None:
    """Remove the vectors of a document's sentences."""
    sentences = select(SentenceRow.id).where(SentenceRow.document_id == document_id)
    connection.execute(_dropping("sentence").where(VectorRow.row_id.in_(sentences)))


def read_vectors(database: Database, kind: VectorKind, model: str) -> Iterator[VectorBatch]:
    """All vectors of a kind and model, by ascending row id."""
    last = -1
    while True:
        with database.reading() as connection:
            rows = connection.execute(
                select(VectorRow.row_id, VectorRow.dimension, VectorRow.data)
                .join(ModelRow, ModelRow.id == VectorRow.model_id)
                .where(
                    VectorRow.kind == kind,
                    ModelRow.fingerprint == model,
                    VectorRow.row_id > last,
                )
                .order_by(VectorRow.row_id)
                .limit(BATCH)
            ).all()
        if not rows:
            return
        last = rows[-1].row_id
        data = np.frombuffer(b"".join(row.data for row in rows), dtype="<f2")
        yield VectorBatch(
            ids=np.array([row.row_id for row in rows], dtype=np.int64),
            vectors=data.reshape(len(rows), rows[0].dimension).astype(np.float16),
        )


def read_missing(database: Database, kind: VectorKind, model: str) -> Iterator[tuple[int, str]]:
    """Row id and text of what has no vector of this model yet, by ascending row id."""
    last = -1
    while True:
        with database.reading() as connection:
            batch = _missing(connection, kind, model, last)
        if not batch:
            return
        yield from batch
        last = batch[-1][0]


def _missing(
    connection: Connection, kind: VectorKind, model: str, last: int
) -> list[tuple[int, str]]:
    row_id = _row_id(kind)
    model_id = connection.scalar(select(ModelRow.id).where(ModelRow.fingerprint == model))
    has_one = exists().where(
        VectorRow.kind == kind, VectorRow.model_id == model_id, VectorRow.row_id == row_id
    )
    ids = connection.scalars(
        select(row_id).where(row_id > last, ~has_one).order_by(row_id).limit(BATCH)
    ).all()
    texts = _texts(connection, kind, ids)
    return [(id, texts[id]) for id in ids]


def _texts(connection: Connection, kind: VectorKind, ids: Sequence[int]) -> dict[int, str]:
    """What is embedded of each row: a sentence's text, an entity's canonical name."""
    texts: dict[int, str] = {}
    for some in chunked(ids):
        if kind == "entity":
            names = select(EntityRow.id, EntityRow.name).where(EntityRow.id.in_(some))
            texts.update((row.id, row.name) for row in connection.execute(names))
            continue
        spans = connection.execute(
            select(
                SentenceRow.id, SentenceRow.document_id, SentenceRow.start, SentenceRow.stop
            ).where(SentenceRow.id.in_(some))
        ).all()
        owners = DocumentRow.id.in_({row.document_id for row in spans})
        documents = {
            row.id: row.text
            for row in connection.execute(select(DocumentRow.id, DocumentRow.text).where(owners))
        }
        texts.update((s.id, documents[s.document_id][s.start : s.stop]) for s in spans)
    return texts


def _row_id(kind: VectorKind) -> InstrumentedAttribute[int]:
    return EntityRow.id if kind == "entity" else SentenceRow.id


def _existing(connection: Connection, kind: VectorKind, ids: Sequence[int]) -> list[int]:
    row_id = _row_id(kind)
    there: list[int] = []
    for some in chunked(ids):
        there.extend(connection.scalars(select(row_id).where(row_id.in_(some)).order_by(row_id)))
    return there


def _check_dimension(connection: Connection, model: str, model_id: int, dimension: int) -> None:
    stored = connection.scalar(
        select(VectorRow.dimension)
        .where(VectorRow.kind.in_(get_args(VectorKind)), VectorRow.model_id == model_id)
        .limit(1)
    )
    if stored not in (None, dimension):
        raise FingerprintError(
            f"model {model} has vectors of dimension {stored} in this store, these have"
            f" {dimension}: another model's vectors need another fingerprint"
        )


def _dropping(kind: VectorKind) -> Delete:
    # Naming the models lets the primary key (kind, model, row) find the rows.
    return delete(VectorRow).where(
        VectorRow.kind == kind, VectorRow.model_id.in_(select(ModelRow.id))
    )
