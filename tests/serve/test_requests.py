"""What holds of every request: no parameter without effect, an id, a line in the log; /docs."""

from __future__ import annotations

import logging
import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "wrong", "near"),
    [
        ("/v1/entities?name=Иван", "name", "known are"),
        ("/v1/facts?relaton=SPOUSE", "relaton", "did you mean 'relation'?"),
        ("/v1/ask?question=Кто&sur=1", "sur", "did you mean 'sure'?"),
        ("/v1/search?text=Кто&mod=graph", "mod", "did you mean 'mode'?"),
        ("/v1/graph?colour=red", "colour", "known are"),
        ("/v1/stats?x=1", "x", "known are none"),
        ("/livez?x=1", "x", "known are none"),
    ],
)
def test_a_parameter_that_nothing_reads_is_an_error(
    client: TestClient, path: str, wrong: str, near: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["errors"]
    assert fault["loc"] == ["query", wrong]
    assert near in fault["msg"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/entities?type=PERSON&prefix=И&limit=1",
        "/v1/facts?relation=WORKPLACE&limit=1",
        "/v1/search?text=Иван&limit=2&mode=lexical",
        "/v1/ask?question=Кто&sure=true",
    ],
)
def test_parameters_that_are_read_are_taken(filled: TestClient, path: str) -> None:
    assert filled.get(path).status_code == 200


def test_every_answer_has_an_id_and_a_line(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kgbuild.access"):
        plain = client.get("/v1/stats")
        named = client.get("/v1/ask?question=тайна", headers={"X-Request-Id": "mine-1"})
        hostile = client.get("/nowhere", headers={"X-Request-Id": "a b\tc" * 30})
    assert re.fullmatch("[0-9a-f]{16}", plain.headers["X-Request-Id"])
    assert named.headers["X-Request-Id"] == "mine-1"
    assert re.fullmatch("[0-9a-f]{16}", hostile.headers["X-Request-Id"])
    lines = [record.getMessage() for record in caplog.records if record.name == "kgbuild.access"]
    assert re.fullmatch(r"GET /v1/stats 200 \d+\.\d{3} s id=[0-9a-f]{16}", lines[0])
    assert re.fullmatch(r"GET /v1/ask \d{3} \d+\.\d{3} s id=mine-1", lines[1])
    assert len(lines) == 3


class _Seen(HTMLParser):
    """Tags, and where their src and href lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.leads: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.leads |= {value or "" for name, value in attrs if name in ("src", "href")}
        self.ids |= {value or "" for name, value in attrs if name == "id"}


def test_the_page_of_the_api_needs_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    seen = _Seen()
    seen.feed(answer.text)
    assert not seen.tags & {"script", "img", "link", "iframe", "style"}
    assert seen.leads - {"/openapi.json"} == {lead for lead in seen.leads if lead.startswith("#")}
    assert {lead[1:] for lead in seen.leads if lead.startswith("#")} <= seen.ids
    schema = client.get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method in operations:
            assert f"<code>{method.upper()} {path}</code>" in answer.text
