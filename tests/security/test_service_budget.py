"""Small requests that come to much work: refused before any is done, ended when nobody waits."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from typing import Any

import pytest
from serve.conftest import FakeCardExtractor, Open, fakes, opened  # noqa: F401 - fixtures
from serve.running import in_thread
from starlette.testclient import TestClient

from kgbuild.config import Settings
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.serve.budget import size_of
from kgbuild.serve.routes.card import PIECE, _pieces
from kgbuild.serve.settings import Limits, ServeSettings
from kgbuild.types import Mention, Relation, by_position

WORD = "Иван "


def crowd(words: int) -> tuple[str, list[list[Any]]]:
    """A text of names, each a person and an organization at once."""
    spans = [[n * 5, n * 5 + 4, kind] for n in range(words) for kind in ("PERSON", "ORGANIZATION")]
    return WORD * words, spans


def predict(client: TestClient, chunks: list[str], entities: list[Any]) -> Any:
    return client.post("/predict", json={"chunks": chunks, "entities_list": entities})


def test_a_square_of_pairs_is_refused_before_it_is_made(
    opened: Open,  # noqa: F811
    fakes: FakeCardExtractor,  # noqa: F811
) -> None:
    text, spans = crowd(190)
    with opened() as client:
        refused = predict(client, [text] * 8, [spans] * 8)
        assert refused.status_code == 413
        assert f"more than {Limits().pairs} ordered pairs" in refused.json()["detail"][0]["msg"]
        assert fakes.passes == []
        assert predict(client, [text[:200]], [spans[:80]]).status_code == 200


def test_a_long_answer_is_refused_before_it_is_made(
    opened: Open,  # noqa: F811
    fakes: FakeCardExtractor,  # noqa: F811
) -> None:
    """Few pairs of very long names: 300 spans around one another."""
    text = "а" * 90_000
    spans = [[n * 4, 90_000 - n * 4, "PERSON"] for n in range(300)]
    with opened() as client:
        refused = predict(client, [text], [spans])
        assert refused.status_code == 413
        assert "bytes of an answer" in refused.json()["detail"][0]["msg"]
        assert fakes.passes == []


@pytest.mark.parametrize(
    "text",
    ["Анна и «Север» " * 30, '"\\\n\x01\u2028' * 60, "слово\u200bслово " * 40, "😀 x " * 50],
)
def test_the_bounds_are_bounds(text: str) -> None:
    """Every pair that two types allow, in one window, comes to no more than was counted."""
    step = max(1, len(text) // 29)
    mentions = by_position(
        Mention(n * step, n * step + 1, kind)
        for n, kind in enumerate(ENTITY_TYPES)
        if n * step < len(text)
    )
    from kgbuild.extract.batch import TYPE_INDEX, allowed_pairs

    related = allowed_pairs()
    relations = [
        Relation("ALTERNATIVE_NAME", s, o, 1 / 3)
        for s in mentions
        for o in mentions
        if s is not o and related[TYPE_INDEX[s.type], TYPE_INDEX[o.type]]
    ]
    size = size_of(text, mentions)
    assert size.pairs == len(relations)
    written = "".join(_pieces([text], [relations]))
    assert len(written.encode()) <= size.answer + 2
    assert len(json.loads(written)) == len(relations)


def test_a_long_answer_goes_out_in_pieces() -> None:
    one, other = Mention(0, 4, "PERSON"), Mention(5, 9, "CITY")
    relations = [Relation("PLACE_OF_BIRTH", one, other, 0.5)] * 2000
    pieces = list(_pieces([WORD * 2] * 2, [relations, relations]))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 2 * PIECE
    assert len(json.loads("".join(pieces))) == 4000


def test_work_ends_where_the_caller_goes_away(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    going, may_end = threading.Event(), threading.Event()
    label = fakes.label

    def slow(texts: Any, mentions: Any) -> Any:
        going.set()
        may_end.wait(20)
        return label(texts, mentions)

    monkeypatch.setattr(fakes, "label", slow)
    body = json.dumps(
        {"chunks": ["Ivan " * 2000] * 100, "entities_list": [[]] * 100}, ensure_ascii=False
    ).encode()
    head = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with in_thread(ServeSettings(Settings(store=tmp_path / "kg"), everybody=True)) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert going.wait(10)
            assert waiting(url) > 500_000
        time.sleep(0.3)
        may_end.set()
        until = time.monotonic() + 10
        while waiting(url) and time.monotonic() < until:
            time.sleep(0.05)
        assert waiting(url) == 0
        assert sum(fakes.passes) < 10


def waiting(url: str) -> float:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    [line] = [x for x in lines if x.startswith("kgbuild_model_characters_waiting ")]
    return float(line.split()[1])
