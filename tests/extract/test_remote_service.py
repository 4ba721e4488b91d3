"""What goes out at once, and what happens when the service doesn't answer as it should."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from kgbuild.errors import InputError, RemoteError
from kgbuild.extract.remote_chunks import chunks
from kgbuild.extract.remote_service import JsonService
from kgbuild.types import Mention
from tests.extract.remote_server import Server, recognize


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Server()
    yield running
    running.close()


class TestChunks:
    def test_sentences_that_a_mention_joins_stay_together(self) -> None:
        text = "Первое предложение тут. Второе предложение тут. Третье предложение тут."
        apart = chunks(0, text, 30, [])
        joined = chunks(0, text, 30, [Mention(7, 30, "EVENT")])
        assert [text[c.start : c.end] for c in apart] == [
            "Первое предложение тут.",
            "Второе предложение тут.",
            "Третье предложение тут.",
        ]
        assert [(c.start, c.end) for c in joined] == [(0, 47), (48, 71)]

    def test_a_long_sentence_stands_alone(self) -> None:
        text = "Да. " + "Слово " * 50 + "конец. Нет."
        found = [text[c.start : c.end] for c in chunks(3, text, 40, [])]
        assert found == ["Да.", text[4:-5], "Нет."]

    def test_a_blank_text_has_none(self) -> None:
        assert chunks(0, " \n ", 10, []) == []


class TestService:
    def service(self, server: Server, **options: Any) -> JsonService:
        return JsonService(server.url, **({"backoff": 0.0} | options))

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ((500, b"out of memory"), "status 500: out of memory"),
            ((404, b""), "status 404"),
            ((302, b""), "status 302"),
            ((201, b"[]"), "status 201"),
            (b"<html>", "isn't JSON"),
            (b"\xff\xfe", "isn't JSON"),
            (b"", "isn't JSON"),
            (b"[" * 100_000, "isn't JSON"),
        ],
    )
    def test_a_bad_answer_names_the_url(self, server: Server, answer: Any, message: str) -> None:
        server.answers["/predict"] = lambda _: answer
        with pytest.raises(RemoteError, match=f"{server.url}/predict: .*{message}"):
            self.service(server).post("/predict", [])
        assert len(server.bodies) == 1

    def test_a_broken_connection_is_tried_again(self, server: Server) -> None:
        server.drop = 2
        assert self.service(server).post("/recognize", "Иван") == recognize("Иван")

    def test_but_not_for_ever(self, server: Server) -> None:
        server.drop = 9
        with pytest.raises(RemoteError, match="no connection in 3 tries"):
            self.service(server).post("/recognize", "Иван")
        assert server.drop == 6

    def test_no_server(self, server: Server) -> None:
        server.close()
        with pytest.raises(RemoteError, match="no connection in 2 tries"):
            self.service(server, retries=1).post("/recognize", "Иван")

    def test_a_slow_answer_is_not_waited_for_twice(self, server: Server) -> None:
        server.answers["/recognize"] = lambda _: time.sleep(0.5)
        with pytest.raises(RemoteError, match=r"no answer within 0\.1 s"):
            self.service(server, timeout=0.1).post("/recognize", "Иван")
        assert len(server.bodies) == 1

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://host/",
            "file:///etc/passwd",
            "host:8000",
            "",
            "http://",
            "http://[::1",
            "http://host:port",
            "http://me:secret@host",
            "http://host/?q=1",
            "http://host/#a",
        ],
    )
    def test_only_plain_http_urls(self, url: str) -> None:
        with pytest.raises(InputError) as caught:
            JsonService(url)
        assert "secret" not in str(caught.value)
