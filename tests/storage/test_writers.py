"""Several processes that write one store at once leave what one after the other would."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from kgbuild.errors import StoreBusyError, StoreError
from kgbuild.ports import Store
from kgbuild.resolve.link import RussianLinker
from kgbuild.types import AddResult, Judgement
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.operations import linked_record
from tests.storage.samples import contents

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WRITERS, ROUNDS = 3, 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WRITING = """
import sys
from storage.sql import SqlStore
from kgbuild.resolve.link import RussianLinker
from tests.storage.test_writers import write
with SqlStore.open(sys.argv[1], timeout=60, linker=RussianLinker()) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    write(store, int(sys.argv[2]))
"""


def write(store: Store, writer: int) -> None:
    """Add, replace and delete documents of its own that share names with the others'."""
    for number in range(ROUNDS):
        store.add_document(linked_record(f"{writer}-{number % 3}.txt", 10 * writer + number))
    store.delete_document(f"{writer}-1.txt")
    rows = [row for row, _ in store.missing_vectors("sentence", "m")]
    assert rows


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_writers_at_once_are_writers_in_turn(tmp_path: Path, kind: str) -> None:
    target = str(tmp_path / "graph.db") if kind == "sqlite" else new_database(postgresql_server())
    SqlStore.open(target).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITING, target, str(writer)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for writer in range(WRITERS)
    ]  # fmt: skip
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in writers:  # all are ready: they write at once
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in writers:
        process.communicate(timeout=100)
    assert [process.returncode for process in writers] == [0] * WRITERS
    reference = MemoryStore(RussianLinker())
    for writer in range(WRITERS):
        write(reference, writer)
    with SqlStore.open(target, linker=RussianLinker()) as store:
        assert contents(store) == contents(reference)
        assert store.check() == []
        assert store.relink() == 0
        assert store.generation() == reference.generation(), "no write was lost"


def test_a_waiting_writer_sees_what_the_other_committed() -> None:
    """Also where the server's default isolation keeps a transaction's first snapshot."""
    import psycopg

    address = new_database(postgresql_server())
    SqlStore.open(address).close()
    with psycopg.connect(address, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"
        )
    with SqlStore.open(address) as one, SqlStore.open(address) as other:
        with one._database.writing() as connection:
            assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
        one.add_document(linked_record("a", 0))
        other.add_document(linked_record("b", 1))
        other.judge(Judgement("same", "a", "я", NOW, object="b"))
        assert one.check() == []


def test_a_writer_that_waits_too_long_is_told_who_writes() -> None:
    address = new_database(postgresql_server())
    with SqlStore.open(address) as one, SqlStore.open(address, timeout=0.3) as other:
        with one._database.writing(), pytest.raises(StoreBusyError, match=r"backend \d+ is writ"):
            other.add_document(linked_record("b", 1))
        other.add_document(linked_record("b", 1))


PASSWORD = "s3cr-word"
BAD = {
    "database": ("postgresql://me:{}@127.0.0.1:1/db", "refused"),
    "scheme": ("mysql://me:{}@host/db", "can't keep a graph"),
    "port": ("postgresql://me:{}@host:port/db", "not a database URL"),
    "unescaped": ("postgresql://me:{}/w@rd@host:1/db", "not a database URL"),
    "query": ("postgresql://127.0.0.1:1/db?user=me&password={}", "refused"),
}


@pytest.mark.parametrize("case", BAD)
def test_no_message_has_the_password(case: str) -> None:
    pytest.importorskip("psycopg")
    address, said = BAD[case]
    with pytest.raises(StoreError, match=said) as caught:
        SqlStore.open(address.format(PASSWORD))
    assert "s3cr" not in str(caught.value)
    assert "w@rd" not in str(caught.value)


def test_what_a_server_refuses_is_told(tmp_path: Path) -> None:
    server = make_url(postgresql_server())
    nowhere = server.set(database="no_such_graph").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match='"no_such_graph" does not exist'):
        SqlStore.open(nowhere)
    stranger = server.set(username="stranger", password=PASSWORD)
    with pytest.raises(StoreError, match="stranger") as caught:
        SqlStore.open(stranger.render_as_string(hide_password=False))
    assert "s3cr" not in str(caught.value)


def test_new_documents_are_recorded_beside_a_writer() -> None:
    """In PostgreSQL; what replaces others waits for its turn."""
    address = new_database(postgresql_server())
    new, old, changed = (linked_record(name, seed) for name, seed in
                         (("new", 1), ("old", 2), ("old", 3)))  # fmt: skip
    with (
        SqlStore.open(address, timeout=0.2) as one,
        SqlStore.open(address, timeout=0.2, linker=RussianLinker()) as other,
    ):
        one.add_documents([old])
        with other._database.writing():
            assert one.add_documents([new, old]) == [AddResult.ADDED, AddResult.UNCHANGED]
            with pytest.raises(StoreBusyError):
                one.add_documents([changed])
        assert one.add_documents([changed]) == [AddResult.REPLACED]
        assert other.link() == 2
        assert one.check() == []


RECORDING = """
import sys
from storage.sql import SqlStore
from tests.storage.operations import linked_record
with SqlStore.open(sys.argv[1], timeout=60) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for first in range(0, 60, 6):
        store.add_documents([linked_record(str(n), n) for n in range(first, first + 6)])
"""


def test_recorders_of_the_same_documents_record_each_once() -> None:
    address = new_database(postgresql_server())
    SqlStore.open(address).close()
    recorders = [
        subprocess.Popen([sys.executable, "-c", RECORDING, address], cwd=ROOT, text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]  # fmt: skip
    for process in recorders:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in recorders:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in recorders:
        process.communicate(timeout=200)
    assert [process.returncode for process in recorders] == [0, 0, 0]
    reference = MemoryStore(RussianLinker())
    for number in range(60):
        reference.add_document(linked_record(str(number), number))
    with SqlStore.open(address, linker=RussianLinker()) as store:
        assert store.link() == 60
        assert contents(store) == contents(reference)
        assert store.check() == []
