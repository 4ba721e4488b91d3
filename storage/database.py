"""A database: driver, pragmas, transactions, the writer's lock, many rows at once.

SQLite has a writer lock of its own; the lock file beside it adds a name to it, so that the
error says which process writes, and keeps migrations and writes apart.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    SQLColumnExpression,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import Text

from kgbuild import deadline
from kgbuild.display import without_password
from kgbuild.errors import StoreBusyError, StoreError, StoreReadOnlyError, require

from .schema import Base

WAL_SAFE = (3, 51, 3)
"""The first SQLite without the WAL-reset bug, which can corrupt a database."""

_WRITER_KEY = 0x6B676275696C64  # "kgbuild": the advisory lock of a PostgreSQL writer
_RECORDER_KEY = _WRITER_KEY + 1  # shared by those who only add documents
_LOCK_NOT_AVAILABLE = "55P03"
_CONTESTED = ("23505", "40P01")  # unique_violation, deadlock_detected
_CANCELLED = "57014"  # query_canceled: by its statement_timeout
_STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock: a millisecond or so."""
_MAY_NOT_WRITE = ("25006", "42501")  # read_only_sql_transaction, insufficient_privilege


def parse_target(target: str | os.PathLike[str]) -> URL:
    """The URL of a database given as a URL or as the path of a SQLite file.

    Raises:
        StoreError: it is neither, or of a kind of database that isn't supported.
    """
    given = os.fspath(target)
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).absolute()))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # their messages repeat the URL, password and all
        raise StoreError(f"not a database URL: {without_password(given)!r}") from None
    if "@" in (url.host or ""):
        raise StoreError(
            f"not a database URL: {without_password(given)!r}: in a user's name or password"
            " write @ as %40, : as %3A and / as %2F"
        )
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or url.database in (None, "", ":memory:"):
        raise StoreError(
            f"can't keep a graph in {without_password(given)!r}: name a SQLite file or postgresql://USER@HOST/NAME"
        )
    return url.set(drivername="sqlite", database=str(Path(str(url.database)).absolute()))


def is_writable(url: URL) -> bool:
    """Whether this user may write a SQLite file and beside it; a server tells at the write."""
    if url.get_backend_name() != "sqlite":
        return True
    path = Path(str(url.database))
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def shown_target(url: URL) -> str:
    """A database as a message names it: the file, or the address without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return without_password(url.set(drivername="postgresql").render_as_string())


@contextmanager
def store_errors(url: URL, writing: bool = False) -> Iterator[None]:
    """Turn the database's errors into ``StoreError`` and the errors below it."""
    shown = shown_target(url)
    try:
        yield
    except DBAPIError as error:
        cause = str(error.orig).strip()
        if cause == "interrupted" or getattr(error.orig, "sqlstate", None) == _CANCELLED:
            deadline.check()
        if "database is locked" in cause or "database is busy" in cause:
            raise StoreBusyError(f"{shown} is locked by another process: try again") from error
        if writing and _is_refusal(error):
            raise StoreReadOnlyError(f"this user can't write {shown}: {cause}") from error
        raise StoreError(f"the database {shown} failed: {cause}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database {shown} failed: {error}") from error


def _is_refusal(error: DBAPIError) -> bool:
    if "readonly database" in str(error.orig):
        return True
    return getattr(error.orig, "sqlstate", None) in _MAY_NOT_WRITE


class ContestedError(Exception):
    """Another recorder was at the same rows: what was begun is undone, and needs a writer."""


class Database:
    """An engine with its kinds of transaction: reading, and writing as the one writer."""

    def __init__(
        self,
        url: URL,
        *,
        readonly: bool = False,
        timeout: float = 10.0,
        foreign_keys: bool = True,
    ) -> None:
        self.url = url
        self.readonly = readonly
        self.timeout = timeout
        self._closed = False
        if self.is_sqlite:
            self._engine = _sqlite_engine(url, readonly, timeout, foreign_keys)
        else:
            require("psycopg", "postgres")
            with store_errors(url):
                self._engine = create_engine(url, pool_pre_ping=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        self._refuse_closed()
        engine = self._engine
        if not self.is_sqlite:
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        deadline.check()
        with store_errors(self.url), engine.connect() as connection, connection.begin():
            left = deadline.left()
            if left is not None and not self.is_sqlite:
                most = max(1, int(left * 1000))
                connection.execute(text(f"SET LOCAL statement_timeout = {most}"))
            yield connection

    @contextmanager
    def writing(self, alone: bool = False) -> Iterator[Connection]:
        """The writer's transaction: committed at the end, undone where the body raises.

        ``alone`` keeps recorders out too.

        Raises:
            StoreBusyError: another writer is at it.
            StoreReadOnlyError: it was opened for reading, or this user can't write it.
        """
        self._refuse_writing()
        if self.is_sqlite:
            engine = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        else:
            # Whatever the server's default: who has waited for the lock must see what its
            # holder committed, so each statement needs a snapshot of its own.
            engine = self._engine.execution_options(isolation_level="READ COMMITTED")
        deadline.check()
        with store_errors(self.url, writing=True), self._lock(), engine.begin() as connection:
            if not self.is_sqlite:
                self._lock_postgresql(connection, _WRITER_KEY)
                if alone:
                    self._lock_postgresql(connection, _RECORDER_KEY)
            yield connection

    @contextmanager
    def recording(self) -> Iterator[Connection]:
        """A recorder's transaction, in PostgreSQL: it adds documents that weren't there, beside
        other recorders and the writer, who touches none of its rows before it is committed.

        Raises:
            ContestedError: another recorder adds the same; nothing was done.
            StoreBusyError: a writer wants to be alone.
            StoreReadOnlyError: as in :meth:`writing`.
        """
        with self.aside() as connection:
            self._lock_postgresql(connection, _RECORDER_KEY, shared=True)
            yield connection

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """A transaction beside all others, in PostgreSQL: over rows that no writer touches.

        Raises:
            ContestedError: another one was at the same; nothing was done.
            StoreReadOnlyError: as in :meth:`writing`.
        """
        self._refuse_writing()
        engine = self._engine.execution_options(isolation_level="READ COMMITTED")
        deadline.check()
        with store_errors(self.url, writing=True):
            try:
                with engine.begin() as connection:
                    yield connection
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) in _CONTESTED:
                    raise ContestedError from error
                raise

    def _refuse_writing(self) -> None:
        self._refuse_closed()
        if self.readonly:
            raise StoreReadOnlyError(
                f"{shown_target(self.url)} is open for reading only: it was opened so, or this user"
                " can't write it"
            )

    def set_journal(self) -> None:
        """WAL where this SQLite is safe with it, else the rollback journal.

        Raises:
            StoreBusyError: the mode can't change while others use the database.
        """
        if not self.is_sqlite or self.readonly:
            return
        wanted = "wal" if sqlite_driver().sqlite_version_info >= WAL_SAFE else "delete"
        with store_errors(self.url), self._engine.connect() as connection:
            outside = connection.execution_options(sqlite_begin=None)
            mode = outside.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            if mode != wanted:
                with self._lock():
                    change = outside.exec_driver_sql(f"PRAGMA journal_mode={wanted}")
                    mode = change.scalar_one()
        if mode != wanted:
            raise StoreBusyError(
                f"{self.url.database} can't change from the {mode} to the {wanted} journal while"
                " others use it: close them, then try again"
            )

    def close(self) -> None:
        """Close every connection; later use raises ``StoreError``."""
        self._closed = True
        self._engine.dispose()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError("this store was closed")

    def _lock(self) -> AbstractContextManager[None]:
        if not self.is_sqlite:
            return nullcontext()
        return WriterLock(Path(f"{self.url.database}.lock"), self.timeout).held()

    def _lock_postgresql(self, connection: Connection, key: int, shared: bool = False) -> None:
        connection.execute(text(f"SET LOCAL lock_timeout = {int(self.timeout * 1000)}"))
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        try:
            connection.execute(text(f"SELECT {lock}({key})"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise StoreBusyError(
                f"the database's backend {self._holder(key)} is writing to this store;"
                f" waited {self.timeout:g} s: let it finish, then try again"
            ) from error

    def _holder(self, key: int) -> str:
        with self._engine.connect() as connection:
            pid = connection.execute(
                text(
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database"
                    " WHERE datname = current_database())"
                    f" AND (classid::bigint << 32) + objid::bigint = {key} LIMIT 1"
                )
            ).scalar()
        return str(pid or "unknown")


def sqlite_driver() -> ModuleType:
    """``pysqlite3``, which bundles a recent SQLite, or else the standard library's."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def _sqlite_engine(url: URL, readonly: bool, timeout: float, foreign_keys: bool) -> Engine:
    driver = sqlite_driver()
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=_sqlite_connector(driver, Path(str(url.database)), readonly, timeout),
        poolclass=QueuePool,
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver's comes too late for DDL
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous=FULL")
        if readonly:
            connection.execute("PRAGMA query_only=ON")
        connection.set_progress_handler(lambda: deadline.left() == 0, _STEPS)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if statement is not None:
            connection.exec_driver_sql(statement)

    return engine


def _sqlite_connector(
    driver: ModuleType, path: Path, readonly: bool, timeout: float
) -> Callable[[], Any]:
    address = f"file:{quote(str(path))}?mode={'ro' if readonly else 'rwc'}"
    if readonly and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        address += "&immutable=1"  # a WAL reader needs files beside the database otherwise

    def connect() -> Any:
        return driver.connect(address, uri=True, timeout=timeout, check_same_thread=False)

    return connect


_POLL_SECONDS = 0.02


class WriterLock:
    """An advisory lock on ``path``, which holds the writer's process id while it is held.

    It is released when its holder dies, however it dies. The file stays: removing
    it would let two writers lock two files of the same name.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; wait for another writer no longer than the timeout.

        Raises:
            StoreBusyError: another writer kept it; the message names its process.
            StoreError: the lock file can't be made.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"can't make the writer's lock file {self._path}: {error}") from error
        try:
            self._wait(descriptor)
            with suppress(OSError):  # a full disk: the lock holds without its holder's name
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._timeout
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
                raise StoreBusyError(
                    f"process {holder} is writing to this store (lock file {self._path});"
                    f" waited {self._timeout:g} s: let it finish, then try again"
                )
            time.sleep(_POLL_SECONDS)


if sys.platform == "win32":

    def _locked(descriptor: int) -> bool:
        # No flock: the database's own writer lock does, without the writer's name.
        return True

    @contextmanager
    def alone_in(folder: Path, wait: bool = True) -> Iterator[None]:
        """Nothing: a folder can't be locked here."""
        yield

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @contextmanager
    def alone_in(folder: Path, wait: bool = True) -> Iterator[None]:
        """Hold a folder's own lock, which needs no file and goes with its holder.

        Raises:
            OSError: it can't be opened; BlockingIOError: it is held, and ``wait`` is False.
        """
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)


@contextmanager
def collector_resting() -> Iterator[None]:
    """Look for no garbage in circles meanwhile. For work of bounded size that makes very many rows
    and no circles: to look through all of them again and again took a third of its time."""
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()


T = TypeVar("T")

CHUNK = 500
"""Rows a statement: well under the number of parameters a database takes."""

COPY_FROM = 2
"""Rows from which PostgreSQL is given them by COPY: for one row a statement does as well."""


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(
    column: SQLColumnExpression[str], words: Collection[str], sqlite: bool
) -> ColumnElement[bool]:
    """The condition that a column holds one of any number of words.

    They are one parameter, an array or, for SQLite, JSON: a statement takes only so many.
    """
    if sqlite:
        listed = func.json_each(json.dumps(list(words), ensure_ascii=False))
        held = listed.table_valued("value").c.value
    else:
        listed = func.unnest(bindparam(None, list(words), ARRAY(Text), unique=True))
        held = listed.column_valued("word")
    return column.in_(select(held))


def insert_all(connection: Connection, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, which all have the same columns; nothing for none."""
    if not rows:
        return
    columns = tuple(rows[0])
    if len(rows) < COPY_FROM:
        connection.execute(insert(table), rows)
    elif connection.dialect.name == "postgresql":
        values = (tuple(row[column] for column in columns) for row in rows)
        copy_rows(connection, table.__tablename__, columns, values)
    else:
        quote = connection.dialect.identifier_preparer.quote
        names, marks = ", ".join(map(quote, columns)), ", ".join("?" * len(columns))
        made = [_bound(connection, table, column, rows) for column in columns]
        into = quote(table.__tablename__)
        run_many(
            connection, f"INSERT INTO {into} ({names}) VALUES ({marks})", zip(*made, strict=True)
        )


def _bound(
    connection: Connection, table: type[Base], column: str, rows: Sequence[dict[str, Any]]
) -> list[Any]:
    """A column's values as the driver takes them."""
    dialect = connection.dialect
    process = table.__table__.c[column].type.dialect_impl(dialect).bind_processor(dialect)
    values = [row[column] for row in rows]
    return values if process is None else [process(value) for value in values]


def run_many(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run a statement, whose parameters are ``?``, for each of the rows; for none, don't.

    The driver is given the rows as they are, past what SQLAlchemy makes of parameters by name:
    that costs as much as SQLite's own work on them.
    """
    if given := list(rows):
        written = (
            statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")
        )
        connection.exec_driver_sql(written, given)


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Send rows to PostgreSQL by COPY, one after the other as they come; gives their number.

    Raises:
        DBAPIError: the server refuses them.
    """
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    driver = connection.connection.dbapi_connection
    errors: Any = connection.dialect.loaded_dbapi
    assert driver is not None
    count = 0
    try:
        cursor: Any
        with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
                count += 1
    except errors.Error as error:
        # The driver is used directly: its error becomes SQLAlchemy's, as any other's does.
        raise DBAPIError.instance(statement, None, error, errors.Error) from error
    return count


def row_ids(database: Database, query: Select[int]) -> Sequence[int]:
    """Every row id that a query gives."""
    with database.reading() as connection:
        return connection.scalars(query).all()
