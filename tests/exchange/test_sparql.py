"""SPARQL over the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import InputError
from kgbuild.exchange.sparql import Limits, Table, select
from kgbuild.types import ExternalId
from tests.oracle import MemoryStore
from tests.storage.samples import GAZPROM, MILLER

pytestmark = pytest.mark.slow


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.add_document(GAZPROM)
    return made


def test_a_fact_is_found(store: MemoryStore) -> None:
    query = "SELECT ?a ?b {?x kg:WORKPLACE ?y. ?x rdfs:label ?a. ?y rdfs:label ?b. ?x wdt:P108 ?y}"
    assert select(store, query) == Table(("a", "b"), (("Алексей Миллер", "Газпром"),))
    assert select(store, "ASK {?x kg:SPOUSE ?y}").rows == (("false",),)
    assert len(select(store, "CONSTRUCT {?x a ?t} WHERE {?x a ?t; kg:mentions ?n}").rows) == 2


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA {kg:a kg:b kg:c}",
        "DROP ALL",
        "SELECT * {SERVICE <http://127.0.0.1:1/> {?s ?p ?o}}",
        "SELECT * { ?s ?p '#' . service SILENT <http://x/> {?s ?p ?o}}",
        "SELECT * {S\\u0045RVICE <http://x/> {?s ?p ?o}}",
        "nonsense",
    ],
)
def test_what_isnt_reading_is_refused(store: MemoryStore, query: str) -> None:
    with pytest.raises(InputError, match="SPARQL"):
        select(store, query)


def test_a_query_that_takes_too_long_is_given_up(store: MemoryStore) -> None:
    endless = "SELECT (COUNT(*) AS ?n) {" + " ".join(f"?a{i} ?b{i} ?c{i}." for i in range(9)) + "}"
    with pytest.raises(InputError, match="no answer in 2 seconds"):
        select(store, endless, Limits(seconds=2))


def test_rows_are_limited(store: MemoryStore) -> None:
    query = "SELECT ?x {?x kg:mentions ?n} ORDER BY ?x"
    one, both = (select(store, query, Limits(rows=rows)) for rows in (1, 2))
    assert (len(one.rows), one.cut, len(both.rows), both.cut) == (1, True, 2, False)
    assert both.rows[:1] == one.rows
    assert select(store, "CONSTRUCT WHERE {?x a ?t}", Limits(rows=3)).cut


def test_the_view_is_kept_until_the_store_changes(store: MemoryStore, tmp_path: Path) -> None:
    query = "SELECT ?s {?x kg:mentions ?n; owl:sameAs ?s}"
    assert select(store, query, folder=tmp_path).rows == ()
    [made] = tmp_path.iterdir()
    before = made.stat().st_ino
    assert select(store, query, folder=tmp_path).rows == ()
    assert [p.stat().st_ino for p in tmp_path.iterdir()] == [before]
    store.add_external_ids([ExternalId(MILLER, "wikidata", "Q4294420")])
    wikidata = "http://www.wikidata.org/entity/Q4294420"
    assert select(store, query, folder=tmp_path).rows == ((wikidata,),)
    assert [p.name for p in tmp_path.iterdir()] != [made.name]
    assert len(list(tmp_path.iterdir())) == 1


def test_the_word_in_a_string_is_no_service(store: MemoryStore) -> None:
    assert select(store, "SELECT ?s {?s rdfs:label 'service'@ru} # service").rows == ()
