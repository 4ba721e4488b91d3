"""Opening, sharing and breaking a SQLite store."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from kgbuild.errors import StoreBusyError, StoreError
from storage import database
from storage.database import WriterLock, parse_target
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.samples import contents, random_record, record

ROOT = Path(__file__).parents[2]
ONE = record("a.txt", "[Иван|PERSON] живёт в [Клин|CITY].", "0 LIVES 1 0.6", vectors=True)

KILLED = """
import sys
from storage.sql import SqlStore
from tests.storage.samples import random_record
store = SqlStore.open(sys.argv[1])
for seed in range(int(sys.argv[2]), 10**6):
    store.add_document(random_record(f"d{seed % 7}", seed))
    print(seed, flush=True)
"""

WRITING = """
import sys
from storage.database import WriterLock
from pathlib import Path
with WriterLock(Path(sys.argv[1]), 1).held():
    print("held", flush=True)
    sys.stdin.read()
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_store_outlives_its_process(tmp_path: Path) -> None:
    target = tmp_path / "kg" / "graph.sqlite"
    with SqlStore.open(target) as store:
        store.add_document(ONE)
        facts = list(store.facts())
    with SqlStore.open(f"sqlite:///{target}", create=False) as store:
        assert list(store.facts()) == facts
        assert store.check() == []


@pytest.mark.slow
def test_killed_writers_leave_whole_documents(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    chance = random.Random(5)
    expected = MemoryStore()
    seed = 0
    for _ in range(5):
        process = child(KILLED, str(target), str(seed))
        lines = [said(process) for _ in range(chance.randrange(1, 9))]
        time.sleep(chance.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        lines += process.communicate()[0].split()
        for line in lines:
            expected.add_document(random_record(f"d{int(line) % 7}", int(line)))
        seed = int(lines[-1]) + 1
        with SqlStore.open(target) as store:
            assert store.check() == []
            store.link()  # recorded, but killed before it was linked
            assert store.check() == []
            if contents(store) != contents(expected):  # committed, but killed before saying so
                expected.add_document(random_record(f"d{seed % 7}", seed))
            assert contents(store) == contents(expected)


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    with SqlStore.open(target, timeout=0.1) as store:
        process = child(WRITING, f"{target}.lock")
        assert said(process) == "held"
        with pytest.raises(StoreBusyError, match=f"process {process.pid} is writing"):
            store.add_document(ONE)
        assert store.stats().documents == 0, "readers don't wait"
        process.communicate("")
        store.add_document(ONE)


def test_a_second_postgresql_writer_is_told_who_writes() -> None:
    target = new_database(postgresql_server())
    with SqlStore.open(target) as one, SqlStore.open(target, timeout=0.1) as two:
        with one._database.writing(), pytest.raises(StoreBusyError, match=r"backend \d+ is"):
            two.add_document(ONE)
        two.add_document(ONE)
        assert one.stats().documents == 1


def test_writers_take_turns(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    SqlStore.open(target).close()

    def write(first: int) -> None:
        with SqlStore.open(target) as store:
            for seed in range(first, first + 8):
                store.add_document(random_record(f"d{seed}", seed))

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SqlStore.open(target, readonly=True) as store:
        assert store.stats().documents == 16
        assert store.generation() == 2 * 16, "each is recorded, and linked"
        assert store.check() == []


def test_the_lock_waits_for_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with WriterLock(path, 0).held():
        assert path.read_text() == str(os.getpid())
        with pytest.raises(StoreBusyError, match=str(os.getpid())), WriterLock(path, 0.05).held():
            pass
    with WriterLock(path, 0).held():
        pass
    with (
        pytest.raises(StoreError, match="lock file"),
        WriterLock(tmp_path / "no" / "lock", 0).held(),
    ):
        pass


def test_reading_only(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    with pytest.raises(StoreError, match="no graph"):
        SqlStore.open(target, readonly=True)
    with pytest.raises(StoreError, match="no graph"):
        SqlStore.open(target, create=False)
    assert list(tmp_path.iterdir()) == []
    with SqlStore.open(target) as writer, SqlStore.open(target, readonly=True) as reader:
        writer.add_document(ONE)
        assert [d.source for d in reader.documents()] == ["a.txt"], "while the writer is open"
        with pytest.raises(StoreError, match="reading only"):
            reader.delete_document("a.txt")
    with SqlStore.open(target, readonly=True) as reader:
        assert len(list(reader.facts())) == 1


def test_a_folder_that_cannot_be_written_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "graph.sqlite"
    with SqlStore.open(target) as store:
        store.add_document(ONE)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    before = sorted(tmp_path.iterdir())
    with SqlStore.open(target, readonly=True) as store:
        assert store.stats().documents == 1
        assert sorted(tmp_path.iterdir()) == before


def test_an_empty_file_is_no_graph_to_read(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    target.touch()
    for options in ({"readonly": True}, {"create": False}):
        with pytest.raises(StoreError, match="is empty"):
            SqlStore.open(target, **options)


def test_what_is_no_database(tmp_path: Path) -> None:
    target = tmp_path / "graph.sqlite"
    target.write_bytes(b"not a database at all, but long enough to look at" * 20)
    with pytest.raises(StoreError, match="not a database"):
        SqlStore.open(target)
    with pytest.raises(StoreError, match="unable to open"):
        SqlStore.open(tmp_path)
    with pytest.raises(StoreError, match="can't make the folder"):
        SqlStore.open(target / "below" / "graph.sqlite")


@pytest.mark.parametrize("target", ["mysql://a/b", "sqlite://", "sqlite:///:memory:", "://"])
def test_targets_that_cannot_hold_a_graph(target: str) -> None:
    with pytest.raises(StoreError):
        SqlStore.open(target)


def test_postgresql_addresses_use_psycopg() -> None:
    url = parse_target("postgresql://me:secret@host/db")
    assert (url.drivername, url.password) == ("postgresql+psycopg", "secret")


def test_an_unreachable_server_is_an_error_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        SqlStore.open("postgresql://me:secret@127.0.0.1:1/db")
    assert "secret" not in str(caught.value)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "graph.sqlite")
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.stats()
    with pytest.raises(StoreError, match="closed"):
        store.add_document(ONE)


def journal(target: Path) -> str:
    connection = sqlite3.connect(target)
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    return mode


def test_write_ahead_log_only_where_sqlite_is_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "graph.sqlite"
    safe = database.sqlite_driver().sqlite_version_info >= database.WAL_SAFE
    SqlStore.open(target).close()
    assert journal(target) == ("wal" if safe else "delete")
    old = ModuleType("old")
    old.__dict__.update(vars(database.sqlite_driver()) | {"sqlite_version_info": (3, 40, 1)})
    monkeypatch.setattr(database, "sqlite_driver", lambda: old)
    with SqlStore.open(target) as store:
        store.add_document(ONE)
    assert journal(target) == "delete"


def test_the_standard_library_s_driver_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    assert database.sqlite_driver() is sqlite3
    with SqlStore.open(tmp_path / "graph.sqlite") as store:
        store.add_document(ONE)
        for document in store.documents():
            store.delete_document(document.source)
        assert store.check() == []
