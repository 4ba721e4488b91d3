"""Running the server: over stdin and stdout, or over HTTP for this machine alone."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Sequence
from typing import Any

import anyio
from mcp import types
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.errors import InputError
from kgbuild.serve.mcp.server import GraphServer
from kgbuild.serve.settings import ServeSettings, Tokens, is_loopback


def run(settings: Settings, http: str | None = None, tokens: Tokens | None = None) -> None:
    """Serve a graph until the client is gone; stdout is the protocol's, the log goes to stderr.

    ``http`` is HOST:PORT to serve ``/mcp`` over HTTP instead, to those who have one of the
    ``tokens``; None: to everybody on this machine.

    Raises:
        StoreError: there is no graph, or it can't be opened.
        InputError: ``http`` isn't an address of this machine's loopback.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)
    address = None if http is None else _address(http)
    with wiring.open_graph(settings, readonly=True) as graph:
        server = GraphServer(graph).server()
        if address is None:
            anyio.run(_over_stdio, server)
        else:
            _over_http(server, ServeSettings(settings, *address, tokens or Tokens(), not tokens))


async def _over_stdio(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing), anyio.create_task_group() as tasks:
        into, lines = anyio.create_memory_object_stream[SessionMessage | Exception]()

        async def forward() -> None:
            """What the SDK can't parse it drops in silence: answer it, lest its sender wait."""
            async with into:
                async for item in incoming:
                    if isinstance(item, Exception):
                        await outgoing.send(SessionMessage(_refusal(item)))
                    else:
                        await into.send(item)

        tasks.start_soon(forward)
        await server.run(lines, outgoing, server.create_initialization_options())
        tasks.cancel_scope.cancel()


def _refusal(error: Exception) -> types.JSONRPCError:
    """The answer to a line that is no message, with its id where one can be read."""
    id, said = None, "the line isn't a JSON-RPC message"
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        said += f": {fault['msg']}"
        id = _id(fault["input"])
    return types.JSONRPCError(
        jsonrpc="2.0", id=id, error=types.ErrorData(code=types.PARSE_ERROR, message=said)
    )


def _id(line: object) -> str | int | None:
    try:
        message = json.loads(line) if isinstance(line, str) else line
    except (ValueError, RecursionError):
        return None
    id = message.get("id") if isinstance(message, dict) else None
    usable = isinstance(id, (str, int)) and not isinstance(id, bool)
    return json.loads(json.dumps(id, ensure_ascii=True)) if usable else None


def _address(http: str) -> tuple[str, int]:
    host, _, port = http.rpartition(":")
    if not is_loopback(host.strip("[]")) or not port.isdecimal() or int(port) > 65535:
        raise InputError(f"{http!r} isn't an address of this machine: give 127.0.0.1:PORT")
    return host.strip("[]"), int(port)


def _over_http(server: Server[Any], settings: ServeSettings) -> None:
    """``/mcp`` for this machine, behind the same gate as the service's routes."""
    from kgbuild.serve.gate import Gate
    from kgbuild.serve.logs import to_stderr
    from kgbuild.serve.run import serve

    to_stderr(logging.WARNING)
    app = server.streamable_http_app(host="127.0.0.1")
    serve(Gate(app, settings, lambda *answer: None), settings, _say_where)


def _say_where(settings: ServeSettings, sockets: Sequence[socket.socket]) -> None:
    from kgbuild.serve.run import address

    said = f"{address(settings, sockets)}mcp"
    if settings.tokens.made:
        said += f"  wants the header  Authorization: Bearer {settings.tokens.every[0].secret}"
    print(f"kgbuild: {said}", file=sys.stderr, flush=True)
