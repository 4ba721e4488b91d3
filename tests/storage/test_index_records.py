"""An index folder is the store's only where the store has recorded it."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kgbuild.errors import IndexFileError, StoreError, StoreReadOnlyError
from kgbuild.ports import Store
from kgbuild.types import IndexRecord
from storage.database import WriterLock
from storage.index.faiss import build_index, open_index, open_or_rebuild
from storage.index.manifest import manifest_path
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.samples import EMBEDDER, record

ROOT = Path(__file__).parents[2]
NOBODY = 65534


@pytest.fixture(params=["memory", "sqlite"])
def two_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores of the same generation, with as many sentences, but not the same ones."""

    def opened(name: str) -> Store:
        if request.param == "memory":
            return MemoryStore()
        return SqlStore.open(tmp_path / name / "graph.db")

    mine, theirs = opened("mine"), opened("theirs")
    mine.add_document(record("a", "Раз. Два. Три.", vectors=True))
    theirs.add_document(record("b", "Пять. Шесть. Семь.", vectors=True))
    assert mine.generation() == theirs.generation()
    yield mine, theirs
    mine.close()
    theirs.close()


def refusal(store: Store, folder: Path) -> str:
    with pytest.raises(IndexFileError) as caught:
        open_index(store, "sentence", EMBEDDER, folder)
    return str(caught.value)


def sha256(folder: Path) -> str:
    digest: str = json.loads(manifest_path(folder, "sentence").read_text())["sha256"]
    return digest


def index_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_publishing_records_what_the_manifest_says(tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "graph.db") as store:
        store.add_document(record("a", "Раз. Два. Три.", vectors=True))
        generation = store.generation()
        build_index(store, "sentence", EMBEDDER, tmp_path / "index")
        found = store.index_record("sentence", EMBEDDER)
        assert found == IndexRecord(
            "sentence", EMBEDDER, generation, 3, sha256(tmp_path / "index"), datetime.now(UTC)
        )
        assert timedelta() <= datetime.now(UTC) - found.made_at < timedelta(minutes=5)
        assert store.generation() == generation, "an index is no write to the graph"


def test_an_index_of_another_store_is_refused(
    two_stores: tuple[Store, Store], tmp_path: Path
) -> None:
    mine, theirs = two_stores
    build_index(mine, "sentence", EMBEDDER, tmp_path / "one")
    build_index(theirs, "sentence", EMBEDDER, tmp_path / "other")
    assert open_index(theirs, "sentence", EMBEDDER, tmp_path / "other").count == 3
    message = refusal(mine, tmp_path / "other")
    assert f"has sha256 '{sha256(tmp_path / 'other')}'" in message
    assert f"the store's record says '{sha256(tmp_path / 'one')}'" in message
    assert "kgbuild index rebuild" in message


def test_an_index_of_another_store_is_rebuilt(
    two_stores: tuple[Store, Store], tmp_path: Path
) -> None:
    mine, theirs = two_stores
    build_index(theirs, "sentence", EMBEDDER, tmp_path / "other")
    shutil.copytree(tmp_path / "other", tmp_path / "index")
    assert "the store has no record of the sentence index" in refusal(mine, tmp_path / "index")
    open_or_rebuild(mine, "sentence", EMBEDDER, tmp_path / "index")
    assert open_index(mine, "sentence", EMBEDDER, tmp_path / "index").count == 3
    assert sha256(tmp_path / "index") != sha256(tmp_path / "other")


def test_one_store_makes_the_same_index_in_every_folder(tmp_path: Path) -> None:
    store = MemoryStore()
    store.add_document(record("a", "Раз. Два. Три.", vectors=True))
    for name in ("one", "other"):
        build_index(store, "sentence", EMBEDDER, tmp_path / name)
    for name in ("one", "other"):
        assert open_index(store, "sentence", EMBEDDER, tmp_path / name).count == 3


def test_a_store_taken_back_to_a_copy_refuses_its_later_index(tmp_path: Path) -> None:
    target, folder = tmp_path / "graph.db", tmp_path / "index"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз.", vectors=True))
    shutil.copy(target, tmp_path / "copy.db")
    with SqlStore.open(target) as store:
        store.add_document(record("b", "Два.", vectors=True))
        build_index(store, "sentence", EMBEDDER, folder)
    shutil.copy(tmp_path / "copy.db", target)
    with SqlStore.open(target) as store:
        store.add_document(record("c", "Три.", vectors=True))  # the generation is the same again
        assert "no record" in refusal(store, folder)
        assert open_or_rebuild(store, "sentence", EMBEDDER, folder).count == 2
        open_index(store, "sentence", EMBEDDER, folder)


def test_a_store_open_for_reading_searches_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target, folder = tmp_path / "graph.db", tmp_path / "index"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз.", vectors=True))
        build_index(store, "sentence", EMBEDDER, folder)
        store.add_document(record("b", "Два.", vectors=True))
    before = index_files(folder)
    with SqlStore.open(target, readonly=True) as store:
        with pytest.raises(StoreReadOnlyError, match="reading only"):
            build_index(store, "sentence", EMBEDDER, folder)
        with caplog.at_level(logging.WARNING):
            assert open_or_rebuild(store, "sentence", EMBEDDER, folder).count == 2
    assert "the sentence index was made in memory only" in caplog.text
    assert index_files(folder) == before, "and nothing was changed"


def test_a_recorded_index_is_published_without_writing_the_store(tmp_path: Path) -> None:
    target = tmp_path / "graph.db"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз.", vectors=True))
        build_index(store, "sentence", EMBEDDER, tmp_path / "writer's")
    with SqlStore.open(target, readonly=True) as store:
        build_index(store, "sentence", EMBEDDER, tmp_path / "reader's")
        assert open_index(store, "sentence", EMBEDDER, tmp_path / "reader's").count == 1


def test_a_busy_store_is_searched_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = tmp_path / "graph.db"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз.", vectors=True))
    with (
        SqlStore.open(target, timeout=0.1) as store,
        WriterLock(Path(f"{target}.lock"), 0).held(),
        caplog.at_level(logging.WARNING),
    ):
        assert open_or_rebuild(store, "sentence", EMBEDDER, tmp_path / "index").count == 1
    assert "is writing to this store" in caplog.text
    assert not list((tmp_path / "index").iterdir())


def test_a_changing_store_is_searched_in_memory(tmp_path: Path) -> None:
    class Restless(MemoryStore):
        def generation(self) -> int:
            self._generation += 1
            return self._generation

    store = Restless()
    store.add_document(record("a", "Раз.", vectors=True))
    assert open_or_rebuild(store, "sentence", EMBEDDER, tmp_path / "index").count == 1
    assert not (tmp_path / "index").exists()


def test_an_unwritable_index_folder_is_done_without(tmp_path: Path) -> None:
    store = MemoryStore()
    store.add_document(record("a", "Раз.", vectors=True))
    (tmp_path / "file").write_text("")
    assert open_or_rebuild(store, "sentence", EMBEDDER, tmp_path / "file").count == 1
    assert store.index_record("sentence", EMBEDDER) is None


READ_AS_ANOTHER_USER = """
import os, sys, tempfile
from pathlib import Path
from kgbuild.errors import StoreError
from storage.index.faiss import open_or_rebuild
from storage.sql import SqlStore
with tempfile.TemporaryDirectory() as other:  # load every module while the checkout is readable
    with SqlStore.open(Path(other) / "graph.db") as store:
        open_or_rebuild(store, "sentence", sys.argv[3], other)
if os.getuid() == 0:
    os.setuid(int(sys.argv[2]))
folder = Path(sys.argv[1])
with SqlStore.open(folder / "graph.db", create=False) as store:
    index = open_or_rebuild(store, "sentence", sys.argv[3], folder / "index")
    print(index.count, [d.source for d in store.documents()])
    try:
        store.delete_document("a")
    except StoreError as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_folder_without_permission_to_write_can_be_searched() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path is closed to other users
        folder = Path(name)
        with SqlStore.open(folder / "graph.db") as store:
            store.add_document(record("a", "Раз. Два.", vectors=True))
        for path in folder.iterdir():
            path.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_AS_ANOTHER_USER, name, str(NOBODY), EMBEDDER],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        folder.chmod(0o755)
        assert done.stdout.split("\n")[:2] == ["2 ['a']", "StoreReadOnlyError"], done.stderr
        assert not (folder / "index").exists()


def test_a_postgresql_user_who_may_only_read_can_search(tmp_path: Path) -> None:
    import psycopg
    from sqlalchemy import make_url

    target = new_database(postgresql_server())
    name = f"reader_{make_url(target).database}"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз. Два.", vectors=True))
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}")
    reader = make_url(target).set(username=name).render_as_string(hide_password=False)
    with SqlStore.open(reader, create=False) as store:
        with pytest.raises(StoreReadOnlyError, match="can't write"):
            store.delete_document("a")
        assert open_or_rebuild(store, "sentence", EMBEDDER, tmp_path).count == 2
        assert list(tmp_path.iterdir()) == []


def test_a_record_from_the_future_is_damage(tmp_path: Path) -> None:
    target = tmp_path / "graph.db"
    with SqlStore.open(target) as store:
        store.add_document(record("a", "Раз.", vectors=True))
        build_index(store, "sentence", EMBEDDER, tmp_path / "index")
        assert store.check() == []
        with closing(sqlite3.connect(target)) as connection, connection:
            connection.execute("UPDATE index_generations SET generation = 9")
        assert store.check() == [
            "1 indexes recorded from a generation that the store hasn't reached"
        ]


def test_only_create_upgrades(tmp_path: Path) -> None:
    target = tmp_path / "graph.db"
    SqlStore.open(target).close()
    with closing(sqlite3.connect(target)) as connection, connection:
        connection.execute("DELETE FROM kgbuild_revision")
    with pytest.raises(StoreError, match="kgbuild db upgrade"):
        SqlStore.open(target, create=False)
