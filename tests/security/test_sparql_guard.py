"""A SPARQL query asks this graph alone, and takes no more than it may."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kgbuild.errors import InputError
from kgbuild.exchange import sparql
from kgbuild.exchange.sparql import Limits, asks_another_server, select
from tests.oracle import MemoryStore
from tests.storage.samples import GAZPROM

pytestmark = pytest.mark.slow


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.add_document(GAZPROM)
    return made


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and whoever knocked at it."""
    knocks: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, peer = server.accept()
                except OSError:
                    return
                knocks.append(peer)
                connection.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server.getsockname()[1], knocks
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


HIDDEN = [
    "SELECT * {{SERVICE <{url}> {{?s ?p ?o}}}}",
    r"SELECT * {{?s ?p '''\'''' . SERVICE <{url}> {{?a ?b ?c}} ?s ?q '''x'''}}",
    r"""SELECT * {{?s ?p "\\" . SERVICE <{url}> {{?a ?b ?c}} ?s ?q "x"}}""",
    r"SELECT * {{?s kg:a\' ?x . SERVICE SILENT <{url}> {{?a ?b ?c}} ?s ?q 'x'}}",
    "SELECT * {{?s ?p 1SERVICE<{url}>{{?a ?b ?c}}}}",
    "SELECT * {{?s ?p ?o FILTER(?s<?p&&?p>?o)SERVICE<{url}>{{?a ?b ?c}}}}",
    "PREFIX : <{url}> SELECT * {{?s ?p ?o . SERVICE:x{{?a ?b ?c}}}}",
    "SELECT * {{?s ?p ?o . SERVICESILENT<{url}>{{?a ?b ?c}}}}",
    "SELECT * {{?s kg:a#b\n?o . sErViCe <{url}> {{?a ?b ?c}}}}",
    'SELECT * {{?s ?p """a\\"""" . SERVICE <{url}> {{?a ?b ?c}} ?s ?q """b"""}}',
    r"SELECT * {{S\u0045RVICE <{url}> {{?s ?p ?o}}}}",
]


@pytest.mark.parametrize("query", HIDDEN)
def test_another_server_isnt_named(query: str) -> None:
    assert asks_another_server(query.format(url="http://127.0.0.1:1/"))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service {?service rdfs:label 'service'@ru} # service",
        'ASK {?x kg:SERVICE """a service\n\\" here""" ; rdfs:label "\\"service"}',
        "ASK {<http://x/service> ?p '''it's a service'''}",
    ],
)
def test_the_letters_elsewhere_are_let_through(query: str) -> None:
    assert not asks_another_server(query)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the letters alone are refused")
@pytest.mark.parametrize("query", HIDDEN)
def test_nobody_is_asked_where_the_guard_lets_a_query_through(
    store: MemoryStore,
    listener: tuple[int, list[object]],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
) -> None:
    monkeypatch.setattr(sparql, "asks_another_server", lambda query: False)
    port, knocks = listener
    with suppress(InputError):  # the point is that nobody knocked
        select(store, query.format(url=f"http://127.0.0.1:{port}/"), Limits(seconds=20))
    time.sleep(0.1)
    assert knocks == []


def test_a_listener_would_notice(listener: tuple[int, list[object]]) -> None:
    port, knocks = listener
    socket.create_connection(("127.0.0.1", port)).close()
    time.sleep(0.2)
    assert knocks


def test_a_cross_join_gets_no_more_memory_than_it_may(store: MemoryStore) -> None:
    query = "SELECT * {" + " ".join(f"?a{i} ?b{i} ?c{i}." for i in range(6)) + "} ORDER BY ?a0 ?b5"
    with pytest.raises(InputError, match="more than 1024 MB of memory"):
        select(store, query, Limits(seconds=120))


def test_an_answer_has_a_bound_in_bytes(store: MemoryStore) -> None:
    """A row may be as long as it likes, so rows alone bound nothing."""
    twice = "".join(f"BIND(CONCAT(?t{i},?t{i}) AS ?t{i + 1})" for i in range(20))
    query = f"SELECT ?t20 {{VALUES ?t0 {{'абвгдежзик'}} {twice} ?s ?p ?o}}"
    with pytest.raises(InputError, match="longer than 64 MB"):
        select(store, query)
