"""Operations in any order: the databases show what the store shows that computes all anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kgbuild.resolve.known_alias import RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage import operations
from tests.storage.databases import new_store, postgresql_server
from tests.storage.operations import Draw, shown

pytestmark = pytest.mark.slow

numbers = st.data()


class Stores(RuleBasedStateMachine):
    """SQLite beside the reference."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        linker = RegistryClusterer(RussianLinker())
        self.sqlite = SqlStore.open(Path(self.folder.name) / "graph.db", linker=linker)
        self.stores = (MemoryStore(linker), self.sqlite)

    @rule(data=numbers)
    def add(self, data: st.DataObject) -> None:
        operations.add(self.stores, drawing(data))

    @rule(data=numbers)
    def add_another(self, data: st.DataObject) -> None:
        operations.add(self.stores, drawing(data))

    @rule(data=numbers)
    def delete(self, data: st.DataObject) -> None:
        operations.delete(self.stores, drawing(data))

    @rule(data=numbers)
    def move(self, data: st.DataObject) -> None:
        operations.move(self.stores, drawing(data))

    @rule(data=numbers)
    def judge(self, data: st.DataObject) -> None:
        operations.judge(self.stores, drawing(data))

    @rule(data=numbers)
    def split(self, data: st.DataObject) -> None:
        operations.split(self.stores, drawing(data))

    @rule(data=numbers)
    def accept(self, data: st.DataObject) -> None:
        operations.accept(self.stores, drawing(data))

    @rule(data=numbers)
    def undo(self, data: st.DataObject) -> None:
        operations.undo(self.stores, drawing(data))

    @rule(data=numbers)
    def relink(self, data: st.DataObject) -> None:
        operations.relink(self.stores, drawing(data))

    @rule(data=numbers)
    def vectors(self, data: st.DataObject) -> None:
        operations.vectors(self.stores, drawing(data))

    @rule(data=numbers)
    def index_record(self, data: st.DataObject) -> None:
        operations.index_record(self.stores, drawing(data))

    @rule(data=numbers)
    def names(self, data: st.DataObject) -> None:
        operations.names(self.stores, drawing(data))

    @invariant()
    def both_show_the_same(self) -> None:
        reference, store = self.stores
        assert shown(store) == shown(reference)

    def teardown(self) -> None:
        try:
            assert self.sqlite.check() == []
        finally:
            self.sqlite.close()
            self.folder.cleanup()


def drawing(data: st.DataObject) -> Draw:
    return lambda below: data.draw(st.integers(0, below - 1))


TestStores = Stores.TestCase
TestStores.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None, derandomize=True
)


def test_three_stores_agree_after_random_operations(tmp_path: Path) -> None:
    """The short version of  python benchmarks/robust/store_agreement.py --operations 500."""
    linker = RegistryClusterer(RussianLinker())
    address = new_store(postgresql_server())
    with (
        SqlStore.open(tmp_path / "graph.db", linker=linker) as sqlite,
        SqlStore.open(address, linker=linker) as postgresql,
    ):
        done = operations.run((MemoryStore(linker), sqlite, postgresql), 60, seed=0)
        assert done.total() == 60
        assert len(done) == len(operations.OPERATIONS), "every kind of operation was tried"
        assert sqlite.check() == postgresql.check() == []
