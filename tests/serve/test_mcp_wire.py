"""``kgbuild mcp`` as a process: what stands on its stdout, bad lines, no graph, HTTP."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

pytest.importorskip("mcp", reason="mcp isn't installed")

from mcp.client import Client
from serve.mcp_client import command, environment, exchange, process, words
from serve.running import free_port


def message(id: int | str | None, method: str, **params: Any) -> bytes:
    sent: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(sent if id is None else sent | {"id": id}).encode()


HELLO = [
    message(
        "hello",
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    ),
    message(None, "notifications/initialized"),
]

BAD = [
    b"not json at all",
    b"\xff\xfe\x00",
    b"[]",
    b'{"id": 7}',
    b'{"jsonrpc": "2.0", "id": "lone", "method": "tools/call", "params":'
    b' {"name": "ask", "arguments": {"question": "\\ud800"}}}',
    b"[" * 100_000,
]


@pytest.mark.slow
def test_stdout_is_the_protocol_s_and_bad_lines_are_answered(sample_store: Path) -> None:
    ask = message(
        "last", "tools/call", name="ask", arguments={"question": "Где родился Менделеев?"}
    )
    with process(sample_store) as server:
        [hello] = exchange(server, HELLO, 1)
        assert hello["result"]["serverInfo"]["name"] == "kgbuild"
        refused = exchange(server, BAD, len(BAD))
        assert all(answer["error"]["code"] == -32700 for answer in refused)
        assert [answer["id"] for answer in refused] == [None, None, None, 7, "lone", None]
        [last] = exchange(server, [ask], 1)
        assert last["id"] == "last"
        assert last["result"]["structuredContent"]["answers"][0]["text"] == "Тобольск"
        out, errors = server.communicate(timeout=60)  # its stdin is closed: it ends
    assert out == b""
    assert server.returncode == 0
    assert b"Traceback" not in errors


@pytest.mark.slow
def test_without_a_graph_it_says_so_and_ends(tmp_path: Path) -> None:
    ended = subprocess.run(
        command(tmp_path / "none"), capture_output=True, env=environment(), input=b"", check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert b"kgbuild: " in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "example.com:80", "127.0.0.1", "[::]:1", "x"])
def test_http_is_for_this_machine_alone(sample_store: Path, address: str) -> None:
    from kgbuild.config import Settings
    from kgbuild.errors import InputError
    from kgbuild.serve.mcp.run import run

    with pytest.raises(InputError, match=r"give 127\.0\.0\.1:PORT"):
        run(Settings(store=sample_store), address)


@pytest.mark.slow
def test_over_http(sample_store: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"

    async def use() -> str:
        async with Client(url) as client:
            return words(await client.call_tool("entity", {"entity": "Менделеев"}))

    arguments = command(sample_store, "--no-token", "--http", f"127.0.0.1:{port}")
    with subprocess.Popen(arguments, env=environment(), stderr=subprocess.PIPE) as server:
        try:
            assert server.stderr is not None
            while not answers(url):
                assert server.poll() is None
            assert "место рождения — Тобольск" in anyio.run(use)
            strange = {"Host": "evil.example", "Accept": "application/json, text/event-stream"}
            assert httpx2.post(url, headers=strange, json={}).status_code == 421
        finally:
            server.kill()


def answers(url: str) -> bool:
    try:
        httpx2.get(url, timeout=5)
    except httpx2.TransportError:
        return False
    return True
