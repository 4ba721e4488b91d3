"""Pairs that wait for a judgement, in every store: kept, counted, the least sure first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from kgbuild.judging import kind_of_pair
from kgbuild.ports import Store
from kgbuild.resolve.known_alias import RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from kgbuild.types import Judgement, Leaning, Reason
from storage.sql import SqlStore
from tests.contracts.test_known_contract import add
from tests.storage.databases import STORES, drop_store, open_store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = {
    "a": "[Иван Лукич Ветров|PERSON] живёт в [Клину|CITY]. Рядом [Анна Сомова|PERSON].",
    "b": "[Ветров|PERSON] уехал в [Клин|CITY].",
    "c": "[И. Ветров|PERSON] и [Сомова|PERSON] поют в [Твери|CITY].",
    "d": "[А. Сомова|PERSON] не поёт.",
    "e": "[Вера Рогова|PERSON], [Рогова|PERSON] и [Глеб Рогов|PERSON] спят.",
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(request.param, tmp_path, RegistryClusterer(RussianLinker()))
    for source, notation in TEXTS.items():
        add(opened, source, notation)
    yield opened
    drop_store(opened)


def waiting(store: Store, kinds: Mapping[str, Leaning] | None = None) -> list[Reason]:
    found = store.unjudged(1000, kinds or {})
    assert store.unjudged_count() == len(found)
    return found


def unsure(pair: Reason) -> float:
    return abs((pair.score or 0.0) - 0.5)


def test_the_least_sure_come_first(store: Store) -> None:
    found = waiting(store)
    assert len(found) >= 4
    assert [unsure(pair) for pair in found] == sorted(map(unsure, found))
    assert len({frozenset((pair.one, pair.other)) for pair in found}) == len(found)
    weighed = {(r.one, r.other, r.score) for r in store.reasons() if r.score is not None}
    assert {(r.one, r.other, r.score) for r in found} == weighed
    for limit in range(len(found)):
        assert store.unjudged(limit, {}) == found[:limit]


@pytest.mark.parametrize("verdict", ["same", "not_same", "unsure"])
def test_what_was_judged_is_asked_no_more_until_it_is_undone(store: Store, verdict: str) -> None:
    before = waiting(store)
    pair = before[0]
    made = store.judge(Judgement(verdict, pair.one, "Анна", NOW, object=pair.other))
    assert {pair.one, pair.other} not in [{p.one, p.other} for p in waiting(store)]
    assert waiting(store) == sorted(waiting(store), key=lambda p: (unsure(p), p.one, p.other))
    store.undo(made.id, NOW)
    assert waiting(store) == before


def test_a_pair_goes_with_its_document_and_comes_with_it(store: Store) -> None:
    before = waiting(store)
    store.delete_document("d")
    left = waiting(store)
    assert 0 < len(left) < len(before)
    add(store, "d", TEXTS["d"])
    assert waiting(store) == before


def test_a_kind_that_people_decide_one_way_comes_last(store: Store) -> None:
    names = store.node_names({id for pair in waiting(store) for id in (pair.one, pair.other)})
    kinds = [kind_of_pair(names[pair.one], names[pair.other]) for pair in waiting(store)]
    assert len(set(kinds)) > 1
    decided = {kinds[0]: Leaning(apart=0, together=40)}
    found = waiting(store, decided)
    assert sorted(found, key=repr) == sorted(waiting(store), key=repr)
    assert [kind_of_pair(names[p.one], names[p.other]) for p in found][-1] == kinds[0]
    for limit in range(len(found)):
        assert store.unjudged(limit, decided) == found[:limit]


def test_nodes_have_names(store: Store) -> None:
    pair = waiting(store)[0]
    names = store.node_names([pair.one, "nobody"])
    assert list(names) == [pair.one]
    assert store.node_names([]) == {}


def test_a_graph_of_before_the_table_is_weighed_until_it_is_linked_again(store: Store) -> None:
    if not isinstance(store, SqlStore):
        pytest.skip("it keeps no pairs")
    before = waiting(store)
    with store._database.writing() as connection:
        connection.execute(text("DELETE FROM weighed_pairs"))
        connection.execute(text("DELETE FROM fingerprints WHERE name = 'pairs'"))
    assert waiting(store) == before
    store.link()
    with store._database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM weighed_pairs")) == len(before)
    assert waiting(store) == before
