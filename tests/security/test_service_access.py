"""Who gets in: nobody without a token, unless that was asked for; no page of another site."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from serve.conftest import Open, fakes, opened, upload  # noqa: F401 - fixtures
from serve.running import ROOT
from starlette.testclient import TestClient

from kgbuild.config import Settings
from kgbuild.errors import InputError
from kgbuild.read.sniff import SUFFIXES
from kgbuild.serve.gate import Gate
from kgbuild.serve.settings import ServeSettings, Tokens, read_tokens

MADE = Tokens.fresh()
[TOKEN] = MADE.every
BEARER = {"Authorization": f"Bearer {TOKEN.secret}"}

CLOSED = ("/v1/stats", "/v1/session", "/metrics", "/openapi.json", "/v1/ask?question=Кто?")


def test_what_is_made_by_itself_wants_a_token(opened: Open) -> None:  # noqa: F811
    with opened(tokens=MADE) as client:
        for path in CLOSED:
            assert client.get(path).status_code == 401, path
            assert client.get(path, headers=BEARER).status_code == 200, path
        assert upload(client, {"a.txt": "Иван."}).status_code == 401
        assert client.delete("/v1/document?source=a.txt").status_code == 401
        session = client.get("/v1/session", headers=BEARER).json()
        read = {"formats": sorted(SUFFIXES)}
        assert session == {"role": "editor", "name": "owner", "tokens": True} | read


def test_the_card_and_the_probes_are_open_on_this_machine(opened: Open) -> None:  # noqa: F811
    with opened(tokens=MADE) as client:
        assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
        assert client.post("/recognize", json="Иван").status_code == 200
        empty = {"chunks": [], "entities_list": []}
        assert client.post("/predict", json=empty).status_code == 200
    with opened(tokens=MADE, host="0.0.0.0") as client:
        assert client.post("/recognize", json="Иван").status_code == 401
    with opened(tokens=Tokens(MADE.every)) as client:  # somebody gave them out
        assert client.post("/recognize", json="Иван").status_code == 401


def test_settings_let_nobody_in_by_themselves() -> None:
    with pytest.raises(InputError, match="say who may ask"):
        ServeSettings(Settings())
    made = [Tokens.fresh().every[0].secret for _ in range(3)]
    assert len(set(made)) == 3
    assert min(map(len, made)) >= 32
    assert made[0] not in repr(Tokens.fresh())


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_tokens_that_others_can_read_are_refused(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"анна editor {TOKEN.secret}\n")
    file.chmod(mode)
    with pytest.raises(InputError, match="others can read it"):
        read_tokens(file)
    file.chmod(0o600)
    assert [t.name for t in read_tokens(file).every] == ["анна"]
    with file.open() as handed:
        monkeypatch.setattr(sys, "stdin", handed)
        assert [t.name for t in read_tokens(Path("-")).every] == ["анна"]


@pytest.mark.parametrize(
    "line",
    [
        "анна owner {}",
        "анна editor",
        "а б в {}",
        "editor",
        "../a editor {}",
        "a editor {}\na reader {}",
    ],
)
def test_a_wrong_line_is_named_and_never_quoted(tmp_path: Path, line: str) -> None:
    file = tmp_path / "tokens"
    file.touch(0o600)
    file.write_text(line.replace("{}", TOKEN.secret) + "\n")
    with pytest.raises(InputError, match="line") as error:
        read_tokens(file)
    assert TOKEN.secret not in str(error.value)


# pages of other sites

SITES = ("cross-site", "same-site")
"""A page at another port of this machine is of the same site, and as strange."""


@pytest.mark.parametrize("site", SITES)
def test_pages_of_other_sites_get_nothing(opened: Open, site: str) -> None:  # noqa: F811
    asked = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    opening = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    with opened() as client:
        for path in (*CLOSED, "/v1/exports/facts", "/v1/graph", "/livez", "/assets/x.js"):
            assert client.get(path, headers=asked).status_code == 403, path
        for path in (*CLOSED, "/v1/exports/facts"):  # a link to data is as costly
            assert client.get(path, headers=opening).status_code == 403, path
        assert client.post("/recognize", json="Иван", headers=asked).status_code == 403
        assert client.get("/", headers=opening).status_code == 200
        own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
        typed = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
        for headers in (own, typed, {}):
            assert client.get("/v1/stats", headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["websocket", "quic", "http.push"])
def test_what_is_no_request_is_closed(kind: str) -> None:
    reached, sent = [], []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    gate = Gate(app, ServeSettings(Settings(), tokens=MADE), lambda *answer: None)
    if kind == "websocket":
        asyncio.run(gate({"type": kind}, receive, send))
        assert [message["type"] for message in sent] == ["websocket.close"]
    else:
        with pytest.raises(RuntimeError, match="isn't served"):
            asyncio.run(gate({"type": kind}, receive, send))
    assert reached == []


# the command line

SERVE = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from fakes import FakeEmbedder
from serve.conftest import FakeCardExtractor
from kgbuild import wiring
wiring.make_extractor = lambda settings: FakeCardExtractor()
wiring.make_embedder = lambda settings: FakeEmbedder()
from kgbuild.cli import main
main()
"""


@contextmanager
def command(folder: Path, *args: str) -> Iterator[subprocess.Popen[str]]:
    """``kgbuild serve`` over fakes of the models, in a process whose umask lets all read."""
    script = SERVE.format(root=str(ROOT), tests=str(ROOT / "tests"))
    mine = {k: v for k, v in os.environ.items() if not k.startswith("KGBUILD_TOKEN")}
    process = subprocess.Popen(
        [sys.executable, "-c", script, "serve", "--store", str(folder / "kg"), *args],
        stderr=subprocess.PIPE, text=True, env=mine, umask=0o022, cwd=folder,
    )  # fmt: skip
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def said(process: subprocess.Popen[str]) -> str:
    """The line that says where the service is."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("kgbuild: "):
            return line
    raise AssertionError("".join(seen))


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def open_to_others(folder: Path) -> Sequence[str]:
    """What others than the owner may do anything with."""
    found = [folder, *folder.rglob("*")]
    return [str(p) for p in found if stat.S_IMODE(p.lstat().st_mode) & 0o077]


@pytest.mark.slow
def test_serve_prints_a_link_that_lets_in_once_and_its_files_are_its_own(tmp_path: Path) -> None:
    with command(tmp_path, "--port", "0") as process:
        line = said(process)
        found = re.search(r"(http://127\.0\.0\.1:\d+)/#token=([\w-]{32,})\s*$", line)
        assert found, line
        url, token = found.groups()
        assert status(f"{url}/v1/stats") == 401
        assert status(f"{url}/v1/stats", Authorization=f"Bearer {token}") == 200
        assert open_to_others(tmp_path / "kg") == []
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert token not in process.stderr.read()


@pytest.mark.slow
def test_serve_without_token_has_to_be_asked_for(tmp_path: Path) -> None:
    with command(tmp_path, "--port", "0", "--no-token") as process:
        line = said(process)
        assert "everybody on this machine" in line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found
        assert status(f"{found[0]}/v1/stats") == 200


@pytest.mark.slow
def test_a_socket_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "kgbuild.sock"
    with command(tmp_path, "--host", f"unix:{path}") as process:
        assert str(path) in said(process)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(path))
            caller.sendall(b"GET /v1/stats HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert caller.recv(65536).startswith(b"HTTP/1.1 200")
    assert not path.exists()


def test_the_protocol_over_http_wants_a_token_too() -> None:
    pytest.importorskip("mcp", reason="mcp isn't installed")
    from kgbuild.serve.mcp.server import GraphServer
    from tests.serve.test_mcp_words import held

    graph = held("[Пётр Кузин|PERSON] женат на [Анне Лариной|PERSON] => 1 SPOUSE 2")
    app = GraphServer(graph).server().streamable_http_app(host="127.0.0.1")
    gate = Gate(app, ServeSettings(Settings(), tokens=MADE), lambda *answer: None)
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                   "clientInfo": {"name": "test", "version": "1"}},
    }  # fmt: skip
    takes = {"Accept": "application/json, text/event-stream"}
    with TestClient(gate, base_url="http://127.0.0.1:8766") as client:
        assert client.post("/mcp", json=hello, headers=takes).status_code == 401
        assert client.get("/mcp", headers=takes).status_code == 401
        answer = client.post("/mcp", json=hello, headers=takes | BEARER)
        assert answer.status_code == 200
        assert "kgbuild" in answer.text
