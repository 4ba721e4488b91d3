"""Who may ask: hosts, origins, tokens, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kgbuild.config import Settings
from kgbuild.errors import InputError, StoreBusyError
from kgbuild.serve.security import role_needed
from kgbuild.serve.settings import Limits, ServeSettings, Token, Tokens, read_tokens
from tests.serve.conftest import Open, upload

EDITOR, READER = "editor-token-0123456789", "reader-token-0123456789"
TOKENS = Tokens((Token("анна", "editor", EDITOR), Token("пётр", "reader", READER)))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_another_address_needs_a_token(host: str) -> None:
    with pytest.raises(InputError, match="token"):
        ServeSettings(Settings(), host)
    with pytest.raises(InputError, match="token"):
        ServeSettings(Settings(), host, everybody=True)
    assert ServeSettings(Settings(), host, tokens=TOKENS).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_the_loopback_needs_none_where_that_is_asked_for(host: str) -> None:
    with pytest.raises(InputError, match="everybody=True"):
        ServeSettings(Settings(), host)
    assert ServeSettings(Settings(), host, everybody=True).host == host


@pytest.fixture
def guarded(opened: Open) -> Iterator[TestClient]:
    with opened(tokens=TOKENS) as client:
        yield client


def test_roles(guarded: TestClient) -> None:
    for path in ("/v1/stats", "/metrics", "/openapi.json", "/v1/jobs"):
        refused = guarded.get(path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert guarded.get(path, headers=bearer("x" * 23)).status_code == 401
        assert guarded.get(path, headers={"Authorization": f"Basic {READER}"}).status_code == 401
        assert guarded.get(path, headers=bearer(READER)).status_code == 200
        assert guarded.get(path, headers=bearer(EDITOR)).status_code == 200
    assert guarded.get("/livez").status_code == 200
    asked = {"question": "Кто?"}
    assert guarded.post("/v1/ask", json=asked, headers=bearer(READER)).status_code == 200
    assert guarded.post("/recognize", json="Иван", headers=bearer(READER)).status_code == 200
    assert guarded.post("/recognize", json="Иван").status_code == 401
    assert upload(guarded, {"a.txt": "Иван."}, **bearer(READER)).status_code == 403
    assert upload(guarded, {"a.txt": "Иван."}, **bearer(EDITOR)).status_code == 202
    answer = guarded.delete("/v1/document?source=a.txt", headers=bearer(READER))
    assert answer.status_code == 403


def test_every_writing_route_needs_an_editor(guarded: TestClient) -> None:
    reading = {"/predict", "/recognize", "/v1/ask", "/v1/search"}
    paths = guarded.get("/openapi.json", headers=bearer(READER)).json()["paths"]
    for path, operations in paths.items():
        for method in operations:
            needed = role_needed(method.upper(), path)
            if path in ("/livez", "/readyz"):
                assert needed is None
            else:
                wanted = "reader" if method == "get" or path in reading else "editor"
                assert needed == wanted, (method, path)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8765", 200),
        ("127.9.9.9", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("192.168.1.5", 421),
        ("", 421),
    ],
)
def test_the_host_has_to_be_this_one(opened: Open, host: str, status: int) -> None:
    with opened() as client:
        assert client.get("/livez", headers={"Host": host}).status_code == status


def test_further_names_and_any_address_where_it_listens_there(opened: Open) -> None:
    with opened(host="0.0.0.0", tokens=TOKENS, names=("kg.example",)) as client:
        for host, status in (("kg.example", 200), ("10.0.0.7:80", 200), ("other.example", 421)):
            assert client.get("/livez", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8765", 200),
        ("null", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:9999", 403),
    ],
)
def test_a_page_of_another_origin_writes_nothing(opened: Open, origin: str, status: int) -> None:
    with opened() as client:
        answer = client.post("/recognize", json="Иван", headers={"Origin": origin})
        assert answer.status_code == status


def test_headers_of_every_answer(client: TestClient) -> None:
    answers = [
        client.get(p) for p in ("/livez", "/v1/stats", "/docs", "/v1/entities/x", "/nothing")
    ]
    answers.append(client.get("/livez", headers={"Host": "evil"}))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in answer.headers


def test_long_bodies_are_refused(opened: Open) -> None:
    with opened(limits=Limits(body=1000, upload=3000)) as client:
        assert client.post("/recognize", json="a" * 900).status_code == 200
        for sent in ({"content": b'"' + b"a" * 2000 + b'"'},
                     {"content": iter([b'"', *[b"a" * 100] * 20, b'"'])}):  # fmt: skip
            headers = {"Content-Type": "application/json"}
            answer = client.post("/recognize", headers=headers, **sent)  # type: ignore[arg-type]
            assert answer.status_code == 413
            assert set(answer.json()) == {"detail"}
        assert upload(client, {"a.txt": "a" * 1500}).status_code == 202
        refused = upload(client, {"a.txt": "a" * 3000})
        assert refused.status_code == 413
        assert refused.json()["title"]


@pytest.mark.slow
def test_one_service_a_store(opened: Open) -> None:
    with opened(), pytest.raises(StoreBusyError, match="another service"), opened():
        pass


def test_tokens_from_a_file_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KGBUILD_TOKEN", raising=False)
    monkeypatch.setenv("KGBUILD_READ_TOKEN", READER)
    file = tmp_path / "tokens"
    file.touch(0o600)
    file.write_text(
        f"# ours\n\n{EDITOR}\neditor {EDITOR}2\nreader {READER}2\nанна editor {EDITOR}3\n"
    )
    assert read_tokens(file) == Tokens(
        (
            Token("reader", "reader", READER),
            Token("editor", "editor", EDITOR),
            Token("editor", "editor", EDITOR + "2"),
            Token("reader", "reader", READER + "2"),
            Token("анна", "editor", EDITOR + "3"),
        )
    )
    file.write_text("short\n")
    with pytest.raises(InputError, match="16"):
        read_tokens(file)
    file.write_text("owner abc\n")
    with pytest.raises(InputError, match="line 1"):
        read_tokens(file)
    with pytest.raises(InputError, match="none"):
        read_tokens(tmp_path / "none")
