"""Copies in a store: one source of the facts that they state, whatever comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgbuild.errors import StoreError
from kgbuild.types import Copy
from storage.database import Database, parse_target
from storage.schema import CopyBandRow, CopyPairRow, CopyRow, UncomparedRow
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.samples import contents, record
from tests.test_copies import NEWS, REPRINT

TOLD = "[Ракитин|PERSON] возглавил [Зарю|ORGANIZATION|Заря]. "
FACT = "0 WORKPLACE 1 0.5"


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    sqlite = request.param == "sqlite"
    return str(tmp_path / "graph.db") if sqlite else new_database(postgresql_server())


@pytest.fixture
def store(target: str) -> Iterator[SqlStore]:
    with SqlStore.open(target) as opened:
        yield opened
        assert opened.check() == []


def sure(store: SqlStore) -> float:
    [fact] = store.facts(relation="WORKPLACE")
    return fact.confidence


def test_copies_are_one_source(store: SqlStore) -> None:
    for source, text in (("a", NEWS), ("b", REPRINT), ("c", NEWS)):
        store.add_document(record(source, TOLD + text, FACT))
    assert sure(store) == 0.5
    [fact] = store.facts(relation="WORKPLACE")
    assert [(e.document, e.copy_of) for e in fact.evidence] == [("a", ""), ("b", "a"), ("c", "a")]
    assert store.copies() == [Copy("b", "a"), Copy("c", "a")] == store.copies("b")
    assert [d.copy_of for d in store.documents_page(None, 9)] == ["", "a", "a"]
    store.add_document(record("d", TOLD + "Об этом пишет другая газета.", FACT))
    assert sure(store) == 0.75
    assert store.copies("d") == []


def test_what_links_two_groups_makes_them_one(store: SqlStore) -> None:
    words = [f"Слово{n} пишет{n} о деле{n}." for n in range(120)]
    ends = [" ".join(words[:70]), " ".join(words[50:])]
    for source, text in zip("ab", ends, strict=True):
        store.add_document(record(source, TOLD + text, FACT))
    assert (store.copies(), sure(store)) == ([], 0.75)
    store.add_document(record("c", TOLD + " ".join(words[20:100]), FACT))
    assert store.copies() == [Copy("b", "a"), Copy("c", "a")]
    assert sure(store) == 0.5
    store.delete_document("c")
    assert (store.copies(), sure(store)) == ([], 0.75)


def test_the_next_is_the_original_where_the_first_goes(store: SqlStore) -> None:
    for source in "abcd":
        store.add_document(record(source, TOLD + NEWS, FACT))
    store.delete_document("a")
    store.move_document("b", "z")
    assert store.copies() == [Copy("c", "z"), Copy("d", "z")]
    assert sure(store) == 0.5
    store.add_document(record("z", TOLD + "Совсем другой текст.", FACT))
    assert store.copies() == [Copy("d", "c")]
    assert sure(store) == 0.75


def test_very_many_copies_outlive_those_they_were_compared_with(store: SqlStore) -> None:
    store.add_documents([record(f"{n:03}", TOLD + NEWS, FACT) for n in range(60)])
    found: list[Copy] = []
    store.link(told=found.append)
    assert len(found) == 59
    for n in range(20):
        store.delete_document(f"{n:03}")
    assert {copy.original for copy in store.copies()} == {"020"}
    assert len(store.copies()) == 39
    assert sure(store) == 0.5


def test_in_whatever_order_they_come(store: SqlStore) -> None:
    reference = MemoryStore()
    for source, text in (("b", REPRINT), ("a", NEWS), ("x", "Другое."), ("b", NEWS), ("a", "Нет.")):
        made = record(source, TOLD + text, FACT)
        assert store.add_document(made) == reference.add_document(made)
        assert contents(store) == contents(reference)


def test_an_older_store_is_compared_at_the_next_run(target: str) -> None:
    with SqlStore.open(target) as store:
        for source in "ab":
            store.add_document(record(source, TOLD + NEWS, FACT))
    database = Database(parse_target(target))
    with database.writing() as connection:  # as revision 0018 leaves a store of before
        for table in (CopyRow, CopyPairRow, CopyBandRow):
            connection.execute(table.__table__.delete())
        ids = [1, 2]
        connection.execute(UncomparedRow.__table__.insert(), [{"document_id": id} for id in ids])
        connection.exec_driver_sql("UPDATE facts SET confidence = 0.75")
    database.close()
    with SqlStore.open(target) as store:
        assert (sure(store), store.check()) == (0.75, [])
        found: list[Copy] = []
        assert store.link(told=found.append) == 0, "no document is new"
        assert found == [Copy("b", "a")]
        assert (sure(store), store.check()) == (0.5, [])


def test_a_run_that_dies_while_comparing_loses_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_documents([record(source, TOLD + NEWS, FACT) for source in "ab"])

    def fail(*_: object) -> None:
        raise StoreError("the power fails")

    with monkeypatch.context() as broken:
        broken.setattr("storage.documents.copies._join", fail)
        with pytest.raises(StoreError, match="power"):
            store.link()
    assert store.stats().unlinked == 2
    assert store.link() == 2
    assert (store.copies(), sure(store)) == ([Copy("b", "a")], 0.5)
