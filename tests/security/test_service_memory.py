"""What callers choose freely leaves nothing behind in the service's memory."""

from __future__ import annotations

import string

from serve.conftest import Open, fakes, opened  # noqa: F401 - fixtures

from kgbuild.serve.connections import Connections
from kgbuild.serve.logs import Sparing
from kgbuild.serve.settings import Limits


def test_made_up_methods_and_paths_make_no_series(opened: Open) -> None:  # noqa: F811
    with opened() as client:
        client.request("BREW", "/v1/stats")
        client.get("/v1/nothing")
        client.request("BREW", "/nothing/at/all")
        before = series(client.get("/metrics").text)
        for one in string.ascii_uppercase:
            client.request(f"BREW{one}", f"/v1/{one}")
            client.request(f"BREW{one}", "/v1/stats")
            client.request(f"BREW{one}", f"/{one}/{one}")
        after = series(client.get("/metrics").text)
    assert after - before <= {x for x in after if 'route="/metrics"' in x}
    assert any('method="other"' in x for x in after)


def series(text: str) -> set[str]:
    return {line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")}


class Peer:
    def __init__(self, peer: str) -> None:
        self.peer = peer


def test_addresses_that_came_once_are_forgotten() -> None:
    connections = Connections(Limits(), 100)
    for number in range(1000):
        peer = Peer(f"10.0.{number % 256}.{number // 256}")
        assert connections.enter(peer, peer.peer)
        connections.leave(peer)
    assert connections.count == 0
    assert not connections._of
    assert not connections._idle


def test_messages_that_came_once_are_forgotten() -> None:
    import logging

    now = [0.0]
    sparing = Sparing(lambda: now[0])
    for number in range(5000):
        now[0] += 1.0
        sparing.filter(logging.LogRecord("x", 30, "", 0, f"made up {number}", (), None))
        assert len(sparing._told) <= 61
