"""How the service is run."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from kgbuild.config import Settings
from kgbuild.errors import InputError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tokens:
    """The bearer tokens of each role; without any, callers on this machine may do all."""

    editors: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.editors or self.readers)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a caller may cost: bytes, and seconds."""

    body: int = 4 * MIB
    upload: int = 64 * MIB
    body_idle: float = 20.0
    """Seconds between two pieces of a body."""
    body_total: float = 300.0
    waiting_characters: int = 4_000_000
    """Characters that may wait for the models; more are refused with 429."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """The graph that is served, where, and to whom.

    ``gather`` is how many seconds the first of several requests waits for others to share
    a pass through the models with it; 0 gives each request a pass of its own.
    """

    graph: Settings
    host: str = "127.0.0.1"
    port: int = 8765
    tokens: Tokens = Tokens()
    names: tuple[str, ...] = ()
    """Further host names that callers may use in the Host header."""
    limits: Limits = Limits()
    gather: float = 0.003
    batching: bool = True

    def __post_init__(self) -> None:
        """Refuse to serve strangers without a token.

        Raises:
            InputError: the address isn't the loopback's and there is no token.
        """
        if not is_loopback(self.host) and not self.tokens:
            raise InputError(
                f"{self.host} can be reached from other machines: give a token"
                " (--token-file FILE or KGBUILD_TOKEN), or serve 127.0.0.1"
            )


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

    A line of the file is ``editor TOKEN`` or ``reader TOKEN``; a token alone is an editor's.

    Raises:
        InputError: the file can't be read, or a token is shorter than 16 characters.
    """
    editors = [os.environ.get("KGBUILD_TOKEN", "").strip()]
    readers = [os.environ.get("KGBUILD_READ_TOKEN", "").strip()]
    for number, line in enumerate(_lines(file), 1):
        match line.split():
            case [] | ["#", *_]:
                continue
            case [token] | ["editor", token]:
                editors.append(token)
            case ["reader", token]:
                readers.append(token)
            case _:
                raise InputError(f"{file}, line {number}: write  editor TOKEN  or  reader TOKEN")
    found = Tokens(tuple(filter(None, editors)), tuple(filter(None, readers)))
    for token in (*found.editors, *found.readers):
        if len(token) < 16 or not token.isascii():
            raise InputError("a token has at least 16 ASCII characters: try  openssl rand -hex 24")
    return found


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: the tokens can't be read: {error}") from error
