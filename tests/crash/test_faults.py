"""A full disk, a store that can't be written, readers beside a writer, spoilt files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.robust import fuzz, index_mutations
from kgbuild.errors import StoreBusyError, StoreError, StoreReadOnlyError
from storage.sql import SqlStore
from tests.storage.samples import GAZPROM, random_record

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; :func:`enlarge` gives it room."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small file system can't be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def enlarge(place: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=16m", str(place)], check=True)


def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path) -> None:
    with SqlStore.open(small_disk / "graph.db") as store:
        added: list[str] = []
        with pytest.raises(StoreError, match="full"):  # noqa: PT012 - which one fails is the point
            for number in range(10_000):
                record = random_record(f"d{number}", number)
                store.add_document(record)
                added.append(record.document.source)
        assert added
        recorded = [d.source for d in store.documents()]
        # the one that failed may be recorded already, and waits to be linked
        assert recorded in (sorted(added), sorted([*added, f"d{len(added)}"]))
        linked = store.stats().entities
    with SqlStore.open(small_disk / "graph.db", create=False) as again:
        assert [d.source for d in again.documents()] == recorded
        assert again.stats().entities == linked
        assert again.check() == []
    enlarge(small_disk)
    with SqlStore.open(small_disk / "graph.db", create=False) as again:
        again.link()
        again.add_document(random_record("d10000", 10_000))
        assert [d.source for d in again.documents()] == sorted([*recorded, "d10000"])
        assert again.check() == []


def test_a_store_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "graph.db") as store:
        store.add_document(GAZPROM)
    with SqlStore.open(tmp_path / "graph.db", readonly=True) as store:
        with pytest.raises(StoreReadOnlyError):
            store.delete_document(GAZPROM.document.source)
        assert store.stats().documents == 1


def test_a_second_writer_waits_then_says_who_is_in_the_way(tmp_path: Path) -> None:
    target = tmp_path / "graph.db"
    SqlStore.open(target).close()
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[2])\n"
        "from storage.sql import SqlStore\n"
        "store = SqlStore.open(sys.argv[1])\n"
        "with store._database.writing():\n"
        "    print('in', flush=True); time.sleep(30)\n"
    )
    root = str(Path(__file__).parents[2])
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(target), root], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "in\n"
        with SqlStore.open(target, timeout=0.5) as store:
            began = time.monotonic()
            with pytest.raises(StoreBusyError, match="writ"):
                store.add_document(GAZPROM)
            assert time.monotonic() - began >= 0.4
            holder.kill()
            holder.wait()
            store.add_document(GAZPROM)
            assert store.check() == []
    finally:
        holder.kill()
        holder.stdout.close()  # type: ignore[union-attr]
        holder.wait()


def test_readers_beside_a_writer_see_whole_documents(tmp_path: Path) -> None:
    """The short version of  python benchmarks/robust/readers.py --seconds 600."""
    from benchmarks.robust.readers import run

    found = run(tmp_path / "graph.db", readers=8, seconds=8.0)
    assert found.errors == []
    assert found.written > 3
    assert found.reads > 20
    assert found.problems == []


def test_spoilt_indexes_are_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert index_mutations.main(["--mutations", "300"]) == 0
    assert " 0 missed" in capsys.readouterr().out


def test_spoilt_files_open_or_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--runs", "60"]) == 0, capsys.readouterr().out
