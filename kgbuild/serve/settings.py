"""How the service is run."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kgbuild.config import Settings
from kgbuild.errors import InputError

MIB = 1024 * 1024

Role = Literal["reader", "editor"]
ROLES: tuple[Role, ...] = ("reader", "editor")

SHORTEST = 16
"""Characters of a token at least."""

_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True, slots=True)
class Token:
    """Who a bearer of the secret is, and what they may do."""

    name: str
    role: Role
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that let in; ``made`` says that they were made at this start."""

    every: tuple[Token, ...] = ()
    made: bool = False

    def __bool__(self) -> bool:
        return bool(self.every)

    @classmethod
    def fresh(cls) -> Tokens:
        """One for whoever starts the service."""
        return cls((Token("owner", "editor", secrets.token_urlsafe(32)),), made=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a caller may cost: bytes, seconds, counts."""

    body: int = 4 * MIB
    upload: int = 64 * MIB
    bodies: int = 64 * MIB
    """Of all bodies together that are on their way, uploads aside."""
    head: float = 10.0
    """Seconds from a connection, or from the first byte after an answer, to a whole head."""
    body_idle: float = 20.0
    """Seconds between two pieces of a body."""
    body_total: float = 300.0
    write_idle: float = 60.0
    """Seconds that a caller may leave an answer unread."""
    connections: int = 1024
    connections_of_one: int = 512
    """Connections in all, and from one address."""
    waiting_characters: int = 4_000_000
    """Characters that may wait for the models; more are refused with 429."""
    pairs: int = 200_000
    """Ordered pairs of entities that a /predict may come to."""
    answer: int = 48 * MIB
    """Bytes that the answer of a /predict may come to."""
    question: float = 30.0
    """Seconds for a question, a search, or anything else that reads the graph."""
    change: float = 120.0
    """Seconds for a judgement or a deletion."""
    document: float = 1800.0
    """Seconds for reading a document into the graph."""
    queued_jobs: int = 1000
    queued_bytes: int = 2048 * MIB
    """Uploads that may wait to be read: how many, and their bytes."""
    free: int = 256 * MIB
    """Bytes that an upload leaves free on the disk."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """The graph that is served, where, and to whom.

    ``everybody`` lets all who reach the service do everything: it is asked for, never the
    case by itself. ``socket`` is a Unix socket that takes the place of host and port; only this
    user can open it. ``gather`` is how many seconds the first of several requests waits for
    others to share a pass through the models with it; 0 gives each request a pass of its own.
    """

    graph: Settings
    host: str = "127.0.0.1"
    port: int = 8765
    tokens: Tokens = Tokens()
    everybody: bool = False
    socket: Path | None = None
    names: tuple[str, ...] = ()
    """Further host names that callers may use in the Host header."""
    limits: Limits = Limits()
    gather: float = 0.003
    batching: bool = True

    def __post_init__(self) -> None:
        """Refuse to serve strangers.

        Raises:
            InputError: nobody was told who may ask, or everybody may at an address that other
                machines reach.
        """
        if self.tokens:
            return
        if not self.local:
            raise InputError(
                f"{self.host} can be reached from other machines: give a token"
                " (--token-file FILE or KGBUILD_TOKEN), or serve 127.0.0.1"
            )
        if not self.everybody and self.socket is None:
            raise InputError("say who may ask: tokens, or  everybody=True  for all on this machine")

    @property
    def local(self) -> bool:
        """Whether only this machine reaches the service."""
        return self.socket is not None or is_loopback(self.host)

    @property
    def card_open(self) -> bool:
        """Whether ``/predict`` and ``/recognize``, which know nothing of the graph, want no
        token: on this machine, unless somebody has given tokens out."""
        return self.local and (self.tokens.made or not self.tokens)


def is_loopback(host: str) -> bool:
    """Whether an address or name can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_tokens(file: Path | None) -> Tokens:
    """Tokens from a file and from ``KGBUILD_TOKEN`` (editor) and ``KGBUILD_READ_TOKEN``.

    A line of the file is ``NAME ROLE SECRET``; without a name the role is the name, a secret
    alone is an editor's. ``-`` reads standard input.

    Raises:
        InputError: the file can't be read, or others than its owner can read it; a line isn't
            one, a name stands there twice, or a secret is too short.
    """
    found = []
    for role, variable in (("editor", "KGBUILD_TOKEN"), ("reader", "KGBUILD_READ_TOKEN")):
        secret = os.environ.get(variable, "").strip()
        if secret:
            found.append(_token(role, role, secret, variable))
    named: set[str] = set()
    for number, line in enumerate(_lines(file), 1):
        where = f"{file}, line {number}"
        match line.split():
            case [] | ["#", *_]:
                continue
            case [secret]:
                found.append(_token("editor", "editor", secret, where))
            case [role, secret]:
                found.append(_token(role, role, secret, where))
            case [name, role, secret]:
                if name in named or not _NAME.fullmatch(name):
                    raise InputError(f"{where}: the name is there twice, or is no name")
                named.add(name)
                found.append(_token(name, role, secret, where))
            case _:
                raise InputError(f"{where}: write  NAME ROLE SECRET")
    return Tokens(tuple(found))


def _token(name: str, role: str, secret: str, where: str) -> Token:
    known = next((r for r in ROLES if r == role), None)
    if known is None:
        raise InputError(f"{where}: write  NAME ROLE SECRET, the role being editor or reader")
    if len(secret) < SHORTEST or not secret.isascii():
        raise InputError(
            f"{where}: a token has at least {SHORTEST} ASCII characters: try  openssl rand -hex 24"
        )
    return Token(name, known, secret)


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        if str(file) == "-":
            return sys.stdin.read().splitlines()
        with file.open(encoding="utf-8") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and mode & 0o077:
                raise InputError(f"{file}: others can read it: chmod 600 {file}, or hand it over"
                                 f" as standard input:  --token-file - < {file}")  # fmt: skip
            return opened.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: the tokens can't be read: {error}") from error
