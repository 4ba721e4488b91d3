"""A line in the log for every request, and the id by which its answer and its lines are found."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("kgbuild.access")

HEADER = "X-Request-Id"

_SOUND_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class AccessLog:
    """The outermost ASGI layer.

    A caller's own ``X-Request-Id`` is kept where it is short and plain, else one is made; the
    answer carries it. The line has no query: questions are the caller's own business.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI asks."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        id = given if _SOUND_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        scope.setdefault("state", {})["request_id"] = id
        start, status = time.perf_counter(), 0

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = id
            await send(message)

        try:
            await self.app(scope, receive, answering)
        finally:
            path = scope["path"].encode("ascii", "backslashreplace").decode()[:200]
            line = "".join(c if c.isprintable() else "?" for c in path)
            spent = time.perf_counter() - start
            log.info("%s %s %d %.3f s id=%s", scope["method"], line, status, spent, id)
