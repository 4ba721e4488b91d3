"""Running the service with uvicorn, on sockets that are opened here."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn

from kgbuild.errors import InputError
from kgbuild.serve.app import create_app
from kgbuild.serve.connections import Connections, protocol
from kgbuild.serve.logs import to_stderr
from kgbuild.serve.settings import Limits, ServeSettings

_STOP_SECONDS = 10
"""How long open requests may take to end when the service stops."""

_FILES, _BACKLOG = 4096, 256
"""File descriptors that are asked for, and connections that wait to be accepted."""

_OWN_FILES = 128
"""Descriptors for the store, the uploads and the processes that parse."""


def run(settings: ServeSettings) -> None:
    """Serve until a signal; the log goes to stderr.

    Raises:
        InputError: the address can't be listened at.
        StoreError: the graph can't be opened, or another service runs over it.
    """
    to_stderr()
    app = create_app(settings)
    serve(app, settings, _say_where, app.state.service.start)


def serve(app: Any, settings: ServeSettings, say: Any, start: Any = lambda: None) -> None:
    """Serve an application until a signal; ``say`` is told the addresses when it answers.

    ``start`` runs once the address is ours, before uvicorn does: what it raises comes out as
    it is, where uvicorn would log an application that didn't start.

    Raises:
        InputError: the address can't be listened at.
    """
    os.umask(0o077)
    with _listening(settings) as sockets:
        start()
        made = server(
            app, settings.limits, lambda: say(settings, sockets), lambda: _unbind(settings)
        )
        made.run(sockets)


def server(
    app: Any, limits: Limits, started: Any = lambda: None, stopped: Any = lambda: None
) -> uvicorn.Server:
    """uvicorn's server of an application, its connections kept within the limits."""
    files = _allowed_files()
    backlog = min(_BACKLOG, max(8, files // 8))
    most = max(8, min(limits.connections, files - _OWN_FILES - backlog))
    config = uvicorn.Config(
        app,
        http=protocol(Connections(limits, most)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=max(1, round(limits.head)),
        timeout_graceful_shutdown=_STOP_SECONDS,
        backlog=backlog,
    )
    return _Server(config, started, stopped)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Any, stopped: Any) -> None:
        super().__init__(config)
        self._say, self._tidy = started, stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._say()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._tidy()  # after this uvicorn dies of the signal that ended it


def _say_where(settings: ServeSettings, sockets: Sequence[socket.socket]) -> None:
    """The address, once; with a token that was made at this start, as a link that lets in."""
    if settings.socket is not None:
        said = f"serving at the Unix socket {settings.socket}, for this user alone"
    else:
        url = address(settings, sockets)
        if settings.tokens.made:
            url += f"#token={settings.tokens.every[0].secret}"
        said = f"the explorer is at  {url}"
        if not settings.tokens:
            said += "  (no token is asked for: everybody on this machine may read and change it)"
    print(f"kgbuild: {said}", file=sys.stderr, flush=True)


def address(settings: ServeSettings, sockets: Sequence[socket.socket]) -> str:
    """The URL of what is listened at."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{sockets[0].getsockname()[1]}/"


def _allowed_files() -> int:
    """How many descriptors there may be; as many as are wanted, where the system lets us."""
    try:
        import resource
    except ImportError:  # Windows: no such limit
        return _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _FILES:
        return _FILES
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


@contextmanager
def _listening(settings: ServeSettings) -> Iterator[list[socket.socket]]:
    path = settings.socket
    where = str(path) if path is not None else f"{settings.host}:{settings.port}"
    try:
        sockets = _at_path(path) if path is not None else _at_address(settings.host, settings.port)
    except OSError as error:
        raise InputError(f"can't listen at {where}: {error.strerror or error}") from error
    try:
        yield sockets
    finally:
        for opened in sockets:
            opened.close()
        _unbind(settings)


def _unbind(settings: ServeSettings) -> None:
    if settings.socket is not None:
        settings.socket.unlink(missing_ok=True)


def _at_address(host: str, port: int) -> list[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, number, _, where in dict.fromkeys(found):
            opened = socket.socket(family, kind, number)
            sockets.append(opened)
            if os.name == "posix":
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind(where)
            if port == 0:
                break  # others would get other ports
    except OSError:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def _at_path(path: Path) -> list[socket.socket]:
    """A Unix socket that only this user can open; one that nobody serves any more is replaced."""
    if not hasattr(socket, "AF_UNIX"):
        raise InputError("this system has no Unix sockets: give --host and --port")
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
                if other.connect_ex(str(path)) == 0:
                    raise InputError(f"another service listens at {path}")
            path.unlink()
        before = os.umask(0o177)
        try:
            opened.bind(str(path))
        finally:
            os.umask(before)
    except BaseException:
        opened.close()
        raise
    return [opened]
