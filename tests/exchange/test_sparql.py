"""SPARQL over the store."""

from __future__ import annotations

import pytest

from kgbuild.errors import InputError
from kgbuild.exchange.sparql import Table, select
from storage.memory import MemoryStore
from tests.storage.samples import GAZPROM


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


def test_the_word_in_a_string_is_no_service(store: MemoryStore) -> None:
    assert select(store, "SELECT ?s {?s rdfs:label 'service'@ru} # service").rows == ()
