"""Whose word it is: judgements, deletions and refusals stand under the name of the token."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from serve.conftest import TEXTS, Open, fakes, finished, opened, upload  # noqa: F401 - fixtures
from starlette.testclient import TestClient

from kgbuild.serve.settings import Token, Tokens

ANNA, PYOTR = (Token(name, role, name * 8) for name, role in (("anna", "editor"), ("pyotr", "reader")))  # type: ignore[arg-type]  # fmt: skip


def bearer(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.secret}"}


@pytest.fixture
def client(opened: Open) -> Iterator[TestClient]:  # noqa: F811
    with opened(tokens=Tokens((ANNA, PYOTR))) as made:
        made.headers.update(bearer(ANNA))
        finished(made, upload(made, TEXTS).json()["id"])
        yield made


def people(client: TestClient) -> list[str]:
    found = client.get("/v1/entities", params={"type": "PERSON"}).json()["items"]
    return [entity["id"] for entity in found]


def test_the_author_is_the_token_s_name(client: TestClient) -> None:
    one, other = people(client)[:2]
    body = {"verdict": "unsure", "subject": one, "object": other}
    assert client.post("/v1/judgements", json=body).json()["author"] == "anna"
    another = client.post("/v1/judgements", json=body | {"author": "Иван Грозный"})
    assert another.status_code == 422
    assert "anna" in another.json()["detail"]
    said = client.post("/v1/judgements", json=body | {"verdict": "not_same", "author": "anna"})
    assert said.json()["author"] == "anna"


def test_without_tokens_the_word_is_taken(opened: Open) -> None:  # noqa: F811
    with opened() as client:
        finished(client, upload(client, TEXTS).json()["id"])
        one, other = people(client)[:2]
        body = {"verdict": "unsure", "subject": one, "object": other, "author": "Иван"}
        assert client.post("/v1/judgements", json=body).json()["author"] == "Иван"


def test_the_store_s_log_has_the_name(client: TestClient) -> None:
    one, other = people(client)[:2]
    body = {"verdict": "unsure", "subject": one, "object": other}
    made = client.post("/v1/judgements", json=body).json()
    assert client.post(f"/v1/judgements/{made['id']}/undo").status_code == 200
    assert client.delete("/v1/document", params={"source": "b.txt"}).status_code == 200
    store = client.app.state.service.graph.store  # type: ignore[attr-defined]
    entries = {(entry.action, entry.author) for entry in store.log()}
    assert {("delete", "anna"), ("undo", "anna"), ("judge", "anna")} <= entries


def test_deletions_and_refusals_are_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kgbuild.serve"):
        name = "b.txt\n2026 INFO forged"
        client.delete("/v1/document", params={"source": "b.txt"})
        refused = client.delete("/v1/document", params={"source": name}, headers=bearer(PYOTR))
        assert refused.status_code == 403
        client.get("/v1/stats", headers={"Authorization": "Bearer nobody-at-all-0000"})
        client.delete("/v1/document%0aforged", headers=bearer(PYOTR))
    said = [record.getMessage() for record in caplog.records]
    assert "anna deleted b.txt" in said
    assert any(line.startswith("pyotr ") and "403" in line for line in said)
    assert any(line.startswith("nobody known ") and "401" in line for line in said)
    assert not any("\n" in line for line in said)
