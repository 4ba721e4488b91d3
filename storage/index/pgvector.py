"""``PgVectorIndex``: nearest neighbours in PostgreSQL by pgvector, for several services at once.

The database's vectors are bytes that it can't compare. Beside them a table holds the same as
``halfvec``, with an HNSW index (Malkov & Yashunin 2018) once there are many: derived, like a
FAISS file, but in one place for all who ask. A trigger notes which vectors come and go; whoever
opens the index brings the table up to date with those, a batch a transaction, while the others
search it as it is.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from kgbuild.errors import InputError, StoreError
from kgbuild.ports import Store, VectorKind
from kgbuild.types import SearchHits

from ..database import Database
from .exact import check_queries, no_hits
from .faiss import refuse_other_models

HNSW_FROM = 20_000
"""Vectors from which HNSW is made; fewer are compared one by one, within milliseconds."""

LINKS, BUILD_WIDTH = 24, 128
"""HNSW's m and ef_construction."""

WIDTH = 200
"""HNSW's ef_search: 0.98 of the nearest ten are found (``benchmarks/index/index_pgvector.py``)."""

WIDEST = 1000
"""The largest ef_search; more neighbours than that are found by comparing all."""

BATCH = 10_000
"""Vectors brought over in a transaction."""

_UPDATER_KEY = 0x6B676275696E64  # "kgbuind": who brings the tables up to date

_SETUP = (
    "CREATE EXTENSION IF NOT EXISTS vector",
    "CREATE TABLE IF NOT EXISTS nearest_changes (kind text, model_id bigint, row_id bigint)",
    "CREATE INDEX IF NOT EXISTS nearest_changes_of ON nearest_changes (kind, model_id)",
    "CREATE OR REPLACE FUNCTION nearest_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " INSERT INTO nearest_changes SELECT kind, model_id, row_id FROM changed; RETURN NULL;"
    " END $$",
    "CREATE OR REPLACE TRIGGER nearest_came AFTER INSERT ON vectors"
    " REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nearest_note()",
    "CREATE OR REPLACE TRIGGER nearest_went AFTER DELETE ON vectors"
    " REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nearest_note()",
)
"""Vectors are replaced by deleting and inserting: no row of theirs is updated."""


class PgVectorIndex:
    """The ``VectorIndex`` port over a table of ``halfvec``; hits are store row ids."""

    def __init__(self, database: Database, table: str, shape: tuple[int, int]) -> None:
        """``shape`` is (vectors, dimension); see ``open_pgvector``."""
        self._database, self._table = database, table
        self._count, self._dimension = shape

    @property
    def count(self) -> int:
        """Vectors in the index when it was opened."""
        return self._count

    def search(self, queries: NDArray[np.float32], k: int) -> SearchHits:
        """The ``k`` nearest rows of each query [n, dimension].

        Raises:
            InputError: the queries have another dimension, or ``k`` isn't positive.
        """
        check_queries(queries, k, self._dimension if self._count else None)
        best = no_hits(len(queries), k)
        if not self._count or not len(queries):
            return best
        exact = self._count < HNSW_FROM or k > WIDEST // 2
        with self._database.reading() as connection:
            width = min(WIDEST, max(WIDTH, 2 * k))
            connection.execute(text(f"SET LOCAL hnsw.ef_search = {width}"))
            connection.execute(text("SET LOCAL hnsw.iterative_scan = relaxed_order"))
            off = "indexscan" if exact else "seqscan"
            connection.execute(text(f"SET LOCAL enable_{off} = off"))
            nearest = text(self._nearest(exact))
            for row, query in enumerate(queries):
                given = {"query": str(query.tolist()), "most": k, "wider": 2 * k}
                for place, (id, score) in enumerate(connection.execute(nearest, given)):
                    best.ids[row, place], best.scores[row, place] = id, score
        return best

    def _nearest(self, exact: bool) -> str:
        """A query's neighbours: HNSW's candidates, or all, by the query as it was given."""
        whole = f"CAST(:query AS vector({self._dimension}))"
        among = self._table
        if not exact:
            half = f"CAST(:query AS halfvec({self._dimension}))"
            among = (
                f"(SELECT row_id, vector FROM {self._table}"
                f" ORDER BY vector <#> {half} LIMIT :wider) AS candidates"
            )
        score = f"-(CAST(vector AS vector({self._dimension})) <#> {whole})"
        return (
            f"SELECT row_id, {score} AS score FROM {among} ORDER BY score DESC, row_id LIMIT :most"
        )


def open_pgvector(store: Store, kind: VectorKind, model: str) -> PgVectorIndex:
    """The index of all vectors of a kind and model, made or brought up to date.

    Where another process does that now, or this user can't, it is opened as it is.

    Raises:
        FingerprintError: only other models' vectors are in the store.
        InputError: the store isn't in PostgreSQL.
        StoreError: the server hasn't pgvector, or fails.
    """
    database = _database(store)
    refuse_other_models(store, kind, model)
    with database.reading() as connection:
        id = connection.scalar(
            text("SELECT id FROM models WHERE fingerprint = :model"), {"model": model}
        )
        dimension = _dimension(connection, kind, id)
    table = f"nearest_{kind}_{id}"
    if not dimension:
        return PgVectorIndex(database, table, (0, 0))
    if not database.readonly:
        _prepare(database, kind, id, dimension)
        _update(database, kind, id, dimension)
    with database.reading() as connection:
        count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return PgVectorIndex(database, table, (count, dimension))


def rebuild_pgvector(store: Store, kind: VectorKind, model: str) -> PgVectorIndex:
    """The index made anew from the database's vectors; raises as :func:`open_pgvector`."""
    database = _database(store)
    with database.writing(alone=True) as connection:
        query = "SELECT id FROM models WHERE fingerprint = :model"
        id = connection.scalar(text(query), {"model": model})
        connection.execute(text(f"DROP TABLE IF EXISTS nearest_{kind}_{id or 0}"))
    return open_pgvector(store, kind, model)


def pgvector_differs(store: Store, kind: VectorKind, model: str) -> int:
    """How many rows the table and the database's vectors don't both have, once up to date."""
    open_pgvector(store, kind, model)
    with _database(store).reading() as connection:
        query = "SELECT id FROM models WHERE fingerprint = :model"
        id = connection.scalar(text(query), {"model": model})
        if not _there(connection, f"nearest_{kind}_{id}"):
            return 0
        mine = "SELECT row_id FROM vectors WHERE kind = :kind AND model_id = :model"
        both = (
            f"SELECT count(*) FROM ({mine}) v FULL JOIN nearest_{kind}_{id} n"
            " ON n.row_id = v.row_id WHERE n.row_id IS NULL OR v.row_id IS NULL"
        )
        return int(connection.execute(text(both), {"kind": kind, "model": id}).scalar_one())


def _database(store: Store) -> Database:
    database: Any = getattr(store, "_database", None)
    if not isinstance(database, Database) or database.is_sqlite:
        raise InputError("pgvector needs a graph in PostgreSQL (--db): choose FAISS for SQLite")
    return database


def _dimension(connection: Connection, kind: str, model: int | None) -> int:
    """The dimension of a model's vectors of a kind; 0: there are none."""
    query = "SELECT dimension FROM vectors WHERE kind = :kind AND model_id = :model LIMIT 1"
    return int(connection.scalar(text(query), {"kind": kind, "model": model}) or 0)


def _there(connection: Connection, table: str) -> bool:
    """Whether a table or index is there now; ``to_regclass`` may know an earlier moment."""
    query = (
        "SELECT count(*) FROM pg_class WHERE relname = :name"
        " AND relnamespace = current_schema()::regnamespace"
    )
    return bool(connection.execute(text(query), {"name": table}).scalar_one())


def _prepare(database: Database, kind: str, model: int, dimension: int) -> None:
    """Make the table of a kind and model, with every vector as a change that is to come."""
    table = f"nearest_{kind}_{model}"
    with database.reading() as connection:
        if _there(connection, table):
            return
    with database.writing(alone=True) as connection:
        if _there(connection, table):
            return
        offered = "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"
        if not connection.execute(text(offered)).scalar_one():
            raise StoreError("this PostgreSQL hasn't the extension pgvector: install it there, or"
                             " choose FAISS (KGBUILD_VECTOR_INDEX=faiss)")  # fmt: skip
        for statement in _SETUP:
            connection.execute(text(statement))
        connection.execute(
            text(f"CREATE TABLE {table} (row_id bigint PRIMARY KEY, vector halfvec({dimension}))")
        )
        # PLAIN keeps vectors inside the table's rows: a scan needn't fetch each from elsewhere.
        connection.execute(text(f"ALTER TABLE {table} ALTER vector SET STORAGE PLAIN"))
        mine = {"kind": kind, "model": model}
        connection.execute(
            text("DELETE FROM nearest_changes WHERE kind = :kind AND model_id = :model"), mine
        )
        connection.execute(
            text("INSERT INTO nearest_changes SELECT kind, model_id, row_id FROM vectors"
                 " WHERE kind = :kind AND model_id = :model"), mine,
        )  # fmt: skip


def _update(database: Database, kind: str, model: int, dimension: int) -> None:
    """Bring the changes over, unless another process does; then make HNSW where it is due."""
    while _batch(database, kind, model, dimension):
        pass
    table = f"nearest_{kind}_{model}"
    with database.aside() as connection:
        if not _mine(connection) or _there(connection, f"{table}_hnsw"):
            return
        count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        if count >= HNSW_FROM:
            connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
            connection.execute(
                text(f"CREATE INDEX {table}_hnsw ON {table} USING hnsw (vector halfvec_ip_ops)"
                     f" WITH (m = {LINKS}, ef_construction = {BUILD_WIDTH})")
            )  # fmt: skip


def _mine(connection: Connection) -> bool:
    """Whether this transaction is the one that updates."""
    return bool(connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({_UPDATER_KEY})")))


def _batch(database: Database, kind: str, model: int, dimension: int) -> bool:
    """Bring some changes over; whether there may be more."""
    table = f"nearest_{kind}_{model}"
    with database.aside() as connection:
        if not _mine(connection):
            return False
        taken = connection.scalars(
            text("DELETE FROM nearest_changes WHERE ctid = ANY(ARRAY(SELECT ctid FROM"
                 " nearest_changes WHERE kind = :kind AND model_id = :model LIMIT :most))"
                 " RETURNING row_id"),
            {"kind": kind, "model": model, "most": BATCH},
        ).all()  # fmt: skip
        ids = sorted(set(taken))
        if not ids:
            return False
        connection.execute(text(f"DELETE FROM {table} WHERE row_id = ANY(:ids)"), {"ids": ids})
        rows = connection.execute(
            text("SELECT row_id, data FROM vectors WHERE kind = :kind AND model_id = :model"
                 " AND row_id = ANY(:ids)"),
            {"kind": kind, "model": model, "ids": ids},
        ).all()  # fmt: skip
        if rows:
            numbers = np.array([row[0] for row in rows], np.int64)
            data = np.frombuffer(b"".join(row[1] for row in rows), "<f2")
            _copy(connection, table, numbers, data.reshape(len(rows), dimension))
        return len(taken) == BATCH


def _copy(
    connection: Connection, table: str, ids: NDArray[np.int64], vectors: NDArray[np.float16]
) -> None:
    """Send rows in PostgreSQL's binary format, in which a ``halfvec`` is its two counts and its
    numbers, all big-endian."""
    size = vectors.shape[1]
    row = np.dtype([("fields", ">i2"), ("long", ">i4"), ("id", ">i8"), ("length", ">i4"),
                    ("size", ">i2"), ("unused", ">i2"), ("numbers", ">f2", (size,))])  # fmt: skip
    rows = np.zeros(len(ids), row)
    rows["fields"], rows["long"], rows["id"] = 2, 8, ids
    rows["length"], rows["size"], rows["numbers"] = 4 + 2 * size, size, vectors
    driver = connection.connection.dbapi_connection
    assert driver is not None
    cursor: Any
    statement = f"COPY {table} (row_id, vector) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))
        copy.write(rows.tobytes())
        copy.write(struct.pack(">h", -1))
