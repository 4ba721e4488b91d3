"""Documents are recorded first and linked after, one by one, in batches or all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from kgbuild.judging import JudgedLinker
from kgbuild.resolve.link import RussianLinker
from kgbuild.types import AddResult, Clusters, Judgement, NodeStats
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.fixtures.make import RECORDS, REJECTED
from tests.storage.samples import contents, random_record


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with SqlStore.open(tmp_path / "graph.db", linker=RussianLinker()) as opened:
        yield opened


@pytest.fixture
def reference() -> MemoryStore:
    made = MemoryStore(RussianLinker())
    for record in RECORDS:
        made.add_document(record)
    return made


def test_what_is_recorded_is_stored_and_waits(store: SqlStore, reference: MemoryStore) -> None:
    results = store.add_documents(RECORDS)
    assert results == [AddResult.ADDED] * len(RECORDS)
    waiting = store.stats()
    assert waiting.unlinked == waiting.documents == len(RECORDS)
    assert waiting.mentions == reference.stats().mentions
    assert waiting.entities == waiting.facts == 0
    assert list(store.documents()) == list(reference.documents())
    assert store.check() == []
    assert store.link() == len(RECORDS)
    assert store.link() == 0, "nothing waits any more"
    assert contents(store) == contents(reference)
    assert store.check() == []
    assert store.generation() == reference.generation()


@pytest.mark.parametrize("most", [1, 2, 100])
def test_linking_goes_the_same_way_for_one_and_for_all(
    store: SqlStore, reference: MemoryStore, most: int
) -> None:
    store.add_documents(RECORDS)
    assert store.link(most) == len(RECORDS)
    assert contents(store) == contents(reference)


class Stopping(RussianLinker):
    """Fails at the second linking."""

    calls = 0

    def link(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> Clusters:
        self.calls += 1
        if self.calls == 2:
            raise KeyboardInterrupt
        return super().link(nodes, judgements)


def test_an_interrupted_linking_is_gone_on_with(tmp_path: Path, reference: MemoryStore) -> None:
    target = tmp_path / "graph.db"
    with SqlStore.open(target, linker=Stopping()) as store:
        store.add_documents(RECORDS)
        with pytest.raises(KeyboardInterrupt):
            store.link(2)
        assert store.stats().unlinked == len(RECORDS) - 2
        assert store.check() == []
    with SqlStore.open(target, linker=RussianLinker()) as store:
        assert store.link() == len(RECORDS) - 2
        assert contents(store) == contents(reference)
        assert store.check() == []


def test_documents_that_wait_can_move_be_replaced_and_deleted(store: SqlStore) -> None:
    first, second, other = (random_record(f"r{number}", number) for number in (1, 2, 3))
    store.add_documents([first, second])
    store.move_document("r1", "moved")
    assert store.delete_document("r2").mentions == len(second.mentions)
    changed = random_record("moved", 4)
    assert store.add_documents([changed, other]) == [AddResult.REPLACED, AddResult.ADDED]
    assert store.check() == []
    store.link()
    reference = MemoryStore(RussianLinker())
    for record in (changed, other):
        reference.add_document(record)
    assert contents(store) == contents(reference)
    assert store.check() == []


def test_a_replaced_document_leaves_its_neighbourhood_to_be_linked(
    store: SqlStore, reference: MemoryStore
) -> None:
    store.add_documents(RECORDS)
    store.link()
    source = RECORDS[0].document.source
    changed = random_record(source, 9)
    assert store.add_documents([changed]) == [AddResult.REPLACED]
    assert store.check() == [], "whole between the record and linking, too"
    store.link()
    reference.add_document(changed)
    assert contents(store) == contents(reference)
    assert store.check() == []


def test_one_source_twice_in_a_batch(store: SqlStore) -> None:
    one, other = random_record("r", 1), random_record("r", 2)
    results = store.add_documents([one, one, other])
    assert results == [AddResult.ADDED, AddResult.UNCHANGED, AddResult.REPLACED]
    store.link()
    reference = MemoryStore(RussianLinker())
    reference.add_document(other)
    assert contents(store) == contents(reference)


def test_judgements_hold_for_what_is_linked_after_them(
    store: SqlStore, reference: MemoryStore
) -> None:
    store.judge(REJECTED)
    reference.judge(REJECTED)
    store.add_documents(RECORDS)
    store.link()
    assert contents(store) == contents(reference)


def test_a_document_takes_few_statements(tmp_path: Path) -> None:
    records = [random_record(f"r{number}", number) for number in range(64)]
    with SqlStore.open(tmp_path / "graph.db", linker=JudgedLinker()) as store:
        statements = []
        count = lambda *what: statements.append(what[2])  # noqa: E731
        event.listen(Engine, "before_cursor_execute", count)
        try:
            for at in range(0, len(records), 8):
                store.add_documents(records[at : at + 8])
            store.link()
        finally:
            event.remove(Engine, "before_cursor_execute", count)
    assert len(statements) <= 15 * len(records)
