"""Who may ask what, and how much: the outermost layer, in front of every route.

The Host header has to name this service, so that a web page can't reach it through a name
of its own (DNS rebinding); a writing request from a browser has to come from this service's
own pages (Origin). Tokens are compared by their digests in constant time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable, Iterable
from typing import Literal

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kgbuild.serve.problems import Refused, problem_response
from kgbuild.serve.settings import Limits, ServeSettings, Tokens, is_loopback

log = logging.getLogger(__name__)

Role = Literal["reader", "editor"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
READING_POSTS = ("/predict", "/recognize", "/v1/ask", "/v1/search")
OPEN_PATHS = ("/livez", "/readyz")
UPLOADS = "/v1/documents"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
        " form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

Watch = Callable[[str, str, int, float], None]
"""Told of every answer: route template, method, status, seconds."""


def role_needed(method: str, path: str) -> Role | None:
    """The least role that a request needs; None where anybody may ask.

    The explorer's files hold no data and are open; the data they show is not.
    """
    if path in OPEN_PATHS:
        return None
    reading = method in SAFE_METHODS
    if path in ("/predict", "/recognize", "/metrics", "/openapi.json") or path.startswith("/v1"):
        return "reader" if reading or path in READING_POSTS else "editor"
    return None if reading else "editor"


class Access:
    """Which requests are let through."""

    def __init__(self, settings: ServeSettings) -> None:
        self._digests = _digests(settings.tokens)
        self._names = {name.lower() for name in (*settings.names, settings.host, "localhost")}
        self._any_address = not is_loopback(settings.host)

    def check(self, scope: Scope, headers: Headers) -> Role:
        """The caller's role.

        Raises:
            Refused: the host, the origin or the token isn't right.
        """
        host = headers.get("host", "")
        if not self._known_host(host):
            raise Refused(421, f"this service isn't {host!r}: name it with  serve --allow-host")
        method, path = scope["method"], scope["path"]
        origin = headers.get("origin")
        if method not in SAFE_METHODS and origin is not None and not _same(origin, host):
            raise Refused(403, "a page of another origin may not ask this")
        needed = role_needed(method, path)
        if needed is None:
            return "reader"
        role = self._role(headers.get("authorization"))
        if role is None:
            asked = {"WWW-Authenticate": 'Bearer realm="kgbuild"'}
            raise Refused(401, "give a token: Authorization: Bearer TOKEN", asked)
        if needed == "editor" and role == "reader":
            raise Refused(403, "this token may only read")
        return role

    def _known_host(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").lower()
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._any_address or address.is_loopback

    def _role(self, authorization: str | None) -> Role | None:
        if not self._digests:
            return "editor"
        scheme, _, token = (authorization or "").partition(" ")
        given = hashlib.sha256(token.strip().encode()).digest()
        found: Role | None = None
        for role, digest in self._digests:  # all of them, so that time tells nothing
            if hmac.compare_digest(given, digest) and found != "editor":
                found = role
        return found if scheme.lower() == "bearer" else None


def _digests(tokens: Tokens) -> list[tuple[Role, bytes]]:
    def of(role: Role, some: Iterable[str]) -> list[tuple[Role, bytes]]:
        return [(role, hashlib.sha256(token.encode()).digest()) for token in some]

    return [*of("editor", tokens.editors), *of("reader", tokens.readers)]


def _same(origin: str, host: str) -> bool:
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


class Gate:
    """The ASGI layer: access, limits, headers, counting, and a 500 that says nothing."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, watch: Watch) -> None:
        self._app, self._limits, self._watch = app, settings.limits, watch
        self._access = Access(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            headers = Headers(scope=scope)
            scope["kgbuild.role"] = self._access.check(scope, headers)
            body = Body(receive, _most(scope, self._limits), self._limits)
            body.refuse_declared(headers)
            await self._app(scope, body.receive, sending)
        except Refused as refused:
            answer = problem_response(scope["path"], refused.status, refused.detail,
                                      {**refused.headers, "Connection": "close"})  # fmt: skip
            await answer(scope, receive, sending)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            if status == 0:
                answer = problem_response(scope["path"], 500, "an unexpected error; see the log")
                await answer(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._watch(route, scope["method"], status, time.perf_counter() - began)


def _most(scope: Scope, limits: Limits) -> int:
    return limits.upload if scope["path"] == UPLOADS else limits.body


class Body:
    """A request's body, of a bounded length and in a bounded time."""

    def __init__(self, receive: Receive, most: int, limits: Limits) -> None:
        self._receive, self._most, self._limits = receive, most, limits
        self._length = 0
        self._whole = False
        self._until = time.monotonic() + limits.body_total

    def refuse_declared(self, headers: Headers) -> None:
        """Refuse a body by its declared length, before any of it is read.

        Raises:
            Refused: it is too long.
        """
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self._most:
            raise Refused(413, self._too_long)

    @property
    def _too_long(self) -> str:
        return f"the body is longer than {self._most} bytes"

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            HTTPException: 413, or 408 where it comes too slowly.
        """
        if self._whole:
            return await self._receive()
        left = min(self._limits.body_idle, self._until - time.monotonic())
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0))
        except TimeoutError:
            raise HTTPException(408, "the body came too slowly", _CLOSE) from None
        self._whole = not message.get("more_body", False)
        self._length += len(message.get("body", b""))
        if self._length > self._most:
            raise HTTPException(413, self._too_long, _CLOSE)
        return message


_CLOSE = {"Connection": "close"}
