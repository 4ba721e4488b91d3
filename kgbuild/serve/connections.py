"""Connections: how many there may be, and how long one may say nothing.

uvicorn waits for a head for ever, and for a caller that doesn't read. Here a connection that
hasn't sent a whole head in time is closed, one that leaves its answer unread is cut off, and
where there are too many the one that has been idle for longest makes room for the new one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from kgbuild.serve.settings import Limits

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n"
    b"Connection: close\r\n\r\n"
)


class Connections:
    """The connections that are open, the idle ones in the order in which they became so."""

    def __init__(self, limits: Limits, most: int) -> None:
        self.limits = limits
        self._most, self._most_of_one = most, min(limits.connections_of_one, most)
        self._open: set[Any] = set()
        self._idle: dict[Any, None] = {}
        self._of: Counter[str] = Counter()
        self.refused = 0

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def enter(self, connection: Any, peer: str) -> bool:
        """Let a connection in; one that is idle may have to go for it. False: there is no room."""
        of_one = self._of[peer] >= self._most_of_one
        if of_one or len(self._open) >= self._most:
            oldest = next((c for c in self._idle if not of_one or c.peer == peer), None)
            if oldest is None:
                self.refused += 1
                return False
            self.leave(oldest)
            oldest.transport.abort()
        self._open.add(connection)
        self._of[peer] += 1
        self._idle[connection] = None
        return True

    def leave(self, connection: Any) -> None:
        """A connection is closed."""
        if connection in self._open:
            self._open.discard(connection)
            self._idle.pop(connection, None)
            self._of[connection.peer] -= 1
            if not self._of[connection.peer]:
                del self._of[connection.peer]  # else every address that ever came stays

    def busy(self, connection: Any, is_busy: bool) -> None:
        """A connection began or ended a request."""
        if connection in self._open:
            self._idle.pop(connection, None)
            if not is_busy:
                self._idle[connection] = None


def protocol(connections: Connections) -> type[asyncio.Protocol]:
    """uvicorn's protocol, kept within these bounds."""

    class Bounded(H11Protocol):
        peer = ""
        _head: asyncio.TimerHandle | None = None
        _stalled: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.peer = self.client[0] if self.client else "this machine"
            if connections.enter(self, self.peer):
                self._await_head()
            else:
                transport.write(_FULL)
                transport.close()

        def connection_lost(self, exc: Exception | None) -> None:
            connections.leave(self)
            self._cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._answering:
                self._cancel_head()
                connections.busy(self, True)
            elif self._head is None and not self.transport.is_closing():
                self._await_head()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if not self._answering:
                connections.busy(self, False)

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._stalled is None:
                wait = connections.limits.write_idle
                self._stalled = self.loop.call_later(wait, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._stalled is not None:
                self._stalled.cancel()
                self._stalled = None

        @property
        def _answering(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _await_head(self) -> None:
            self._head = self.loop.call_later(connections.limits.head, self._head_late)

        def _head_late(self) -> None:
            self._head = None
            if not self._answering:
                self.transport.abort()

        def _cancel_head(self) -> None:
            if self._head is not None:
                self._head.cancel()
                self._head = None

        def _cancel(self) -> None:
            self._cancel_head()
            if self._stalled is not None:
                self._stalled.cancel()
                self._stalled = None

    return Bounded
