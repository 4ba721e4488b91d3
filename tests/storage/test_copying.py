"""``db copy``: a store in another database is the same store."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from kgbuild.cli import program
from kgbuild.errors import StoreError
from kgbuild.types import IndexRecord, Job, Judgement, PassageFilter, Process
from storage import copy
from storage.copy import copy_store
from storage.sql import SqlStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.samples import (
    AGAIN,
    CITY,
    EMBEDDER,
    GAZPROM,
    MILLER,
    ORG,
    contents,
    random_record,
    record,
    some_vectors,
)  # fmt: skip

WHEN = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def fill(target: str) -> None:
    with SqlStore.open(target) as store:
        for one in (GAZPROM, AGAIN, record("odd.txt", "Её кот — «O'Нил», кот\tи \\N. ..!")):
            store.add_document(one)
        for number in range(6):
            store.add_document(random_record(f"r{number}", number))
        store.delete_document("r5")  # its numbers must not come again
        store.judge(Judgement("same", MILLER, "я", WHEN, object=ORG))
        store.judge(Judgement("reject", ORG, "я", WHEN, relation="LOCATED", object=CITY))
        store.undo(1, WHEN)
        rows = [row for row, _ in store.missing_vectors("entity", EMBEDDER)]
        store.add_vectors("entity", EMBEDDER, rows, some_vectors(len(rows)))
        store.move_document("r4", "moved")
        store.add_document(replace(random_record("named", 9), normalizer="names-1"))
        store.start_job(Job("sync", ("--", "d"), "/", "я", Process("h", 1, "b"), WHEN, WHEN))
        store.record_index(IndexRecord("entity", EMBEDDER, 3, 2, "0" * 64, WHEN))


def everything(target: str) -> tuple[object, ...]:
    with SqlStore.open(target, readonly=True) as store:
        assert store.check() == []
        vectors = [
            (batch.ids.tolist(), batch.vectors.tobytes()) for kind in ("sentence", "entity")
            for batch in store.vectors(kind, EMBEDDER)
        ]  # fmt: skip
        postings = store.postings(["кот", "газпром"], PassageFilter())
        return (
            contents(store),
            list(store.judgements(undone=True)),
            (list(store.sources()), store.linkers(), list(store.jobs())),
            store.generation(),
            store.index_record("entity", EMBEDDER),
            vectors,
            sorted(store.vocabulary()),
            sorted(zip(postings.lemma, postings.sentence, postings.count, strict=True)),
        )


def exported(target: str, folder: Path) -> list[bytes]:
    files = []
    for what in ("mentions", "facts"):
        path = folder / f"{what}.jsonl"
        done = CliRunner().invoke(program, ["export", what, "--db", target, "-o", str(path)])
        assert done.exit_code == 0, done.output
        files.append(path.read_bytes())
    assert all(files)
    return files


@pytest.mark.slow
def test_there_and_back_again(tmp_path: Path) -> None:
    first, last = f"sqlite:///{tmp_path / 'a.db'}", f"sqlite:///{tmp_path / 'new' / 'b.db'}"
    between = new_database(postgresql_server())
    fill(first)
    arguments = ["db", "copy", "--db", first, "--to", between, "--json"]
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code == 0, done.output
    assert copy_store(between, last)["documents"] == 9
    assert everything(first) == everything(between) == everything(last)
    assert exported(first, tmp_path) == exported(between, tmp_path) == exported(last, tmp_path)
    new = random_record("later", 77)
    ids = []
    for target in (first, between, last):
        with SqlStore.open(target) as store:
            store.add_document(new)
            ids.append(store.sentence_rows(PassageFilter(document="later")).tolist())
    assert ids[0] == ids[1] == ids[2], "numbers go on where the source's would"
    assert everything(first) == everything(between) == everything(last)


def test_a_target_with_a_graph_is_refused(tmp_path: Path) -> None:
    first, other = tmp_path / "a.db", tmp_path / "b.db"
    for target in (first, other):
        with SqlStore.open(target) as store:
            store.add_document(GAZPROM)
    before = everything(str(other))
    with pytest.raises(StoreError, match="isn't empty"):
        copy_store(first, other)
    with pytest.raises(StoreError, match="isn't empty"):
        copy_store(first, first)
    assert everything(str(other)) == before
    with pytest.raises(StoreError, match="no graph"):
        copy_store(tmp_path / "none.db", tmp_path / "c.db")
    assert not (tmp_path / "c.db").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_copy_is_whole_or_not_there(tmp_path: Path, kind: str) -> None:
    first = tmp_path / "a.db"
    fill(str(first))
    target = str(tmp_path / "b.db") if kind == "sqlite" else new_database(postgresql_server())
    lossy = copy._insert

    def lose(connection: object, table: object, rows: object) -> None:
        kept = list(rows)  # type: ignore[call-overload]
        lossy(connection, table, kept[1:] if table.name == "evidence" else kept)  # type: ignore

    with patch.object(copy, "_insert", lose), pytest.raises(StoreError, match="evidence"):
        copy_store(first, target)
    with SqlStore.open(target) as store:
        assert store.stats().documents == 0
    copy_store(first, target)
    assert everything(str(first)) == everything(target)


def test_an_older_source_has_to_be_upgraded_first(tmp_path: Path) -> None:
    first = tmp_path / "a.db"
    fill(str(first))
    with sqlite3.connect(first) as connection:
        connection.execute("UPDATE kgbuild_revision SET version_num = '0001'")
    connection.close()
    with pytest.raises(StoreError, match="db upgrade"):
        copy_store(first, tmp_path / "b.db")
