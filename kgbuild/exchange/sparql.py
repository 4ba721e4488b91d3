"""SPARQL 1.1 over the RDF view of a store, for reading only."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired

from kgbuild import launch
from kgbuild.errors import InputError, require
from kgbuild.exchange.sparql_view import NAMED, TOO_LARGE, view
from kgbuild.ports import Store

_TOKEN = re.compile(
    r"""
    '{3}(?:'{0,2}(?:[^'\\]|\\(?:.|\Z)))*+(?:'{3}|\Z)  # the tokens of SPARQL 1.1 (section 19.8) in which
    |"{3}(?:"{0,2}(?:[^"\\]|\\(?:.|\Z)))*+(?:"{3}|\Z) # SERVICE may be written and not be meant: strings,
    |'(?:[^'\\\n\r]|\\(?:.|\Z))*+(?:'|(?=[\n\r])|\Z)|"(?:[^"\\\n\r]|\\(?:.|\Z))*+(?:"|(?=[\n\r])|\Z)
    |<[^<>"{}|^`\\\x00-\x20]*+>              # addresses,
    |\#[^\n\r]*+                            # comments,
    |[?$]\w++|@[\w-]++                      # variables, languages,
    |(?P<word>[\w-]*+)(?::(?:[\w:%-]|\\.)*+|(?<=[\w-]))   # and the names after a prefix
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Table:
    """What a query found: names of columns, and rows of texts, None where nothing is bound.

    ``cut`` says that there were more rows than the limit.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a query may take, in seconds, and how many rows it may give."""

    seconds: float = 60.0
    rows: int = 10_000


def select(
    store: Store, query: str, limits: Limits | None = None, folder: Path | None = None
) -> Table:
    """Answer SELECT, ASK, CONSTRUCT or DESCRIBE; the prefixes of the view are declared.

    The view is kept in ``folder`` until the store changes; without one, or where this user
    can't write it, it is made for this query alone. SERVICE is refused: it would go to the network.

    Raises:
        InputError: it isn't such a query, asks another server, or takes longer than it may.
        MissingExtraError: pyoxigraph isn't installed.
    """
    require("pyoxigraph", extra="rdf")
    if asks_another_server(query):
        raise InputError("SPARQL: neither SERVICE nor \\u escapes: only this graph is asked")
    within = limits or Limits()
    if folder is not None and _is_writable(folder):
        return _answered(view(store, folder), query, within)
    with tempfile.TemporaryDirectory(prefix="kgbuild-") as made:
        return _answered(view(store, Path(made)), query, within)


def _is_writable(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return os.access(there, os.W_OK)


def asks_another_server(query: str) -> bool:
    """Whether a query may hold SERVICE; where that isn't sure, it counts as held.

    A parser may take ``1SERVICE`` for two tokens, so the letters suffice in any word that is no
    string, address, comment, variable, language or name after a prefix. This is for a clear
    message: what answers has no network (see :mod:`kgbuild.exchange.sparql_view`).
    """
    words = (match["word"] or "" for match in _TOKEN.finditer(query))
    return "\\u" in query.lower() or any(NAMED.search(word) for word in words)


def _answered(folder: Path, query: str, limits: Limits) -> Table:
    words = (str(folder.absolute()), str(limits.rows), str(limits.seconds))
    with launch.start("kgbuild.exchange.sparql_view", words, err=DEVNULL) as process:
        try:
            said, _ = process.communicate(query.encode("utf-8", "backslashreplace"), limits.seconds)
        except TimeoutExpired as error:
            raise _late(limits) from error
        finally:
            process.kill()
    lines = [json.loads(line) for line in said.split(b"\n") if line]
    if process.returncode == -signal.SIGXCPU:
        raise _late(limits)
    if not lines or isinstance(lines[-1], dict):
        raise InputError(f"SPARQL: {lines[-1]['error'] if lines else _death(process.returncode)}")
    columns, *rows = (tuple(line) for line in lines)
    return Table(columns, tuple(rows[: limits.rows]), len(rows) > limits.rows)


def _late(limits: Limits) -> InputError:
    return InputError(
        f"SPARQL: no answer in {limits.seconds:g} seconds: narrow the query, or give it more time"
    )


def _death(code: int) -> str:
    """A library that finds no memory ends its process by SIGABRT."""
    return TOO_LARGE if code == -signal.SIGABRT else f"the query ended its process ({code})"
