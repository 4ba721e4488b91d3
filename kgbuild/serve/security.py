"""Who may ask what.

The Host header has to name this service, so that a web page can't reach it through a name
of its own (DNS rebinding). What a browser sends for a page of another origin is refused:
writing by ``Origin``, anything but opening the explorer by ``Sec-Fetch-Site`` (a page can't
forge it; other programs don't send it). Tokens are compared by their digests in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from kgbuild.serve.problems import Refused
from kgbuild.serve.settings import Role, ServeSettings, Tokens

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
READING_POSTS = ("/predict", "/recognize", "/v1/ask", "/v1/search", "/mcp")
CARD = ("/predict", "/recognize")
OPEN_PATHS = ("/livez", "/readyz")

_OWN = ("same-origin", "none")
"""What ``Sec-Fetch-Site`` says of this service's own pages, and of an address that was typed."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the token, None where no token was wanted."""

    name: str | None
    role: Role


ANYBODY = Caller(None, "reader")


def role_needed(method: str, path: str) -> Role | None:
    """The least role that a request needs; None where anybody may ask.

    The explorer's files hold no data and are open; the data they show is not.
    """
    if path in OPEN_PATHS:
        return None
    reading = method in SAFE_METHODS
    if is_data(path):
        return "reader" if reading or path in READING_POSTS else "editor"
    return None if reading else "editor"


def is_data(path: str) -> bool:
    """Whether something else than the explorer's files answers."""
    named = (*CARD, *OPEN_PATHS, "/metrics", "/openapi.json", "/mcp")
    return path in named or path.startswith("/v1")


class Access:
    """Which requests are let through."""

    def __init__(self, settings: ServeSettings) -> None:
        self._digests = _digests(settings.tokens)
        self._card_open = settings.card_open
        self._names = {name.lower() for name in (*settings.names, settings.host, "localhost")}
        self._any_address = not settings.local

    def check(self, scope: Scope, headers: Headers) -> None:
        """Let a request in; its scope tells the caller, a refused one's too.

        Raises:
            Refused: the host, the origin or the token isn't right.
        """
        host = headers.get("host", "")
        if not self._known_host(host):
            raise Refused(421, f"this service isn't {host!r}: name it with  serve --allow-host")
        method, path = scope["method"], scope["path"]
        _refuse_strange_pages(method, path, headers, host)
        needed = role_needed(method, path)
        caller = self._caller(headers.get("authorization"))
        scope["kgbuild.caller"] = caller or ANYBODY
        if needed is None or (path in CARD and self._card_open):
            return
        if caller is None:
            asked = {"WWW-Authenticate": 'Bearer realm="kgbuild"'}
            raise Refused(401, "give a token: Authorization: Bearer TOKEN", asked)
        if needed == "editor" and caller.role == "reader":
            raise Refused(403, f"the token of {caller.name} may only read")

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

    def _caller(self, authorization: str | None) -> Caller | None:
        if not self._digests:
            return Caller(None, "editor")
        scheme, _, token = (authorization or "").partition(" ")
        given = hashlib.sha256(token.strip().encode()).digest()
        found: Caller | None = None
        for caller, digest in self._digests:  # all of them, so that time tells nothing
            better = found is None or found.role == "reader"
            if hmac.compare_digest(given, digest) and better:
                found = caller
        return found if scheme.lower() == "bearer" else None


def _refuse_strange_pages(method: str, path: str, headers: Headers, host: str) -> None:
    origin = headers.get("origin")
    if method not in SAFE_METHODS and origin is not None and not _same(origin, host):
        raise Refused(403, "a page of another origin may not ask this")
    site = headers.get("sec-fetch-site")
    if site is None or site.lower() in _OWN:
        return
    opening = headers.get("sec-fetch-mode") == "navigate" and method in SAFE_METHODS
    if is_data(path) or not opening:
        raise Refused(403, "a page of another site may not ask this")


def _digests(tokens: Tokens) -> list[tuple[Caller, bytes]]:
    return [
        (Caller(token.name, token.role), hashlib.sha256(token.secret.encode()).digest())
        for token in tokens.every
    ]


def _same(origin: str, host: str) -> bool:
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
