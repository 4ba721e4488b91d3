"""The SQL store's bookkeeping against the reference that computes everything anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from kgbuild.ports import Store
from kgbuild.types import Fact
from storage.sql import SqlStore
from tests.oracle import MemoryStore
from tests.storage.samples import contents, random_record

pytestmark = pytest.mark.slow

Step = tuple[str, int]
steps = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 30)), min_size=1, max_size=8)


@contextmanager
def sql_store() -> Iterator[SqlStore]:
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.sqlite") as store,
    ):
        yield store


def apply(store: Store, step: Step) -> object:
    """Add a document; a seed that 5 divides deletes it instead, if it is there."""
    source, seed = step
    if seed % 5 or store.document(source) is None:
        return store.add_document(random_record(source, seed))
    return store.delete_document(source)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(steps)
def test_both_stores_agree_after_every_step(steps: list[Step]) -> None:
    reference = MemoryStore()
    with sql_store() as store:
        for step in steps:
            assert apply(store, step) == apply(reference, step)
            assert contents(store) == contents(reference)
        assert store.check() == []


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.permutations(range(7)))
def test_the_order_of_documents_makes_no_difference(order: list[int]) -> None:
    with sql_store() as store:
        for number in order:
            store.add_document(random_record(f"d{number}", number))
        got = list(store.facts())
    assert [shape(fact) for fact in got] == [shape(fact) for fact in in_order()]
    for fact, other in zip(got, in_order(), strict=True):
        assert fact.confidence == pytest.approx(other.confidence, abs=1e-9)


def shape(fact: Fact) -> tuple[object, ...]:
    return (fact.relation, fact.subject, fact.object, fact.evidence)


def in_order() -> list[Fact]:
    store = MemoryStore()
    for number in range(7):
        store.add_document(random_record(f"d{number}", number))
    return list(store.facts())


@pytest.mark.parametrize(
    "read",
    [
        lambda store: list(store.facts()),
        lambda store: list(store.entities()),
        lambda store: list(store.mentions()),
        lambda store: list(store.missing_vectors("sentence", "m")),
    ],
    ids=("facts", "entities", "mentions", "missing vectors"),
)
def test_readers_ask_no_question_per_row(read: Callable[[Store], list[object]]) -> None:
    with sql_store() as store:
        counts = []
        for documents in (range(4), range(4, 12)):
            for number in documents:
                store.add_document(random_record(f"d{number}", number))
            counts.append(statements(store, read))
    assert counts[0] == counts[1]


def statements(store: SqlStore, read: Callable[[Store], list[object]]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = store._database._engine
    event.listen(engine, "before_cursor_execute", note)
    assert read(store)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)
