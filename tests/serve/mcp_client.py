"""A client of ``kgbuild mcp`` over a real process's stdin and stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import types
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

ROOT = Path(__file__).parents[2]


def command(store: Path, *args: str) -> list[str]:
    return [sys.executable, str(ROOT / "cli.py"), "mcp", "--store", str(store), *args]


def environment() -> dict[str, str]:
    """Ours, without settings of another graph."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KGBUILD_")}
    cache = {"KGBUILD_CACHE": os.environ["KGBUILD_CACHE"]} if "KGBUILD_CACHE" in os.environ else {}
    return kept | cache | {"PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True)
class Assistant:
    """The SDK's client, called from a test's thread."""

    portal: BlockingPortal
    client: Client

    def call(self, tool: str, **arguments: Any) -> types.CallToolResult:
        return self.portal.call(self.client.call_tool, tool, arguments)

    def answer(self, tool: str, **arguments: Any) -> Any:
        """The structured answer of a call that has to go well."""
        result = self.call(tool, **arguments)
        assert not result.is_error, words(result)
        return result.structured_content

    def together(
        self, calls: Sequence[tuple[str, dict[str, Any]]]
    ) -> list[types.CallToolResult | None]:
        """The results of calls that are all under way at once."""
        results: list[types.CallToolResult | None] = [None] * len(calls)

        async def one(place: int, tool: str, arguments: dict[str, Any]) -> None:
            results[place] = await self.client.call_tool(tool, arguments)

        async def all_of_them() -> None:
            async with anyio.create_task_group() as tasks:
                for place, (tool, arguments) in enumerate(calls):
                    tasks.start_soon(one, place, tool, arguments)

        self.portal.call(all_of_them)
        return results

    def text(self, uri: str) -> str:
        [contents] = self.portal.call(self.client.read_resource, uri).contents
        assert isinstance(contents, types.TextResourceContents)
        return contents.text


@contextmanager
def assistant(store: Path, log: Path) -> Iterator[Assistant]:
    """A client of a server of its own; what the server logs goes to a file."""
    first, *rest = command(store)
    parameters = StdioServerParameters(command=first, args=rest, env=environment())
    with (
        log.open("w") as errors,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(parameters, errors))) as client,
    ):
        yield Assistant(portal, client)


def words(result: types.CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, types.TextContent)
    return content.text


@contextmanager
def process(store: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server's bare process."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(store), stdin=pipe, stdout=pipe, stderr=pipe, env=environment()
    ) as server:
        try:
            yield server
        finally:
            server.kill()


def exchange(server: subprocess.Popen[bytes], lines: Sequence[bytes], answers: int) -> list[Any]:
    """The first answers to lines, as JSON: anything else on stdout fails."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(b"".join(line + b"\n" for line in lines))
    server.stdin.flush()
    return [json.loads(server.stdout.readline()) for _ in range(answers)]
