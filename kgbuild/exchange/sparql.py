"""SPARQL 1.1 over the RDF view of a store, for reading only."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import InputError, require
from kgbuild.exchange.sparql_view import view
from kgbuild.ports import Store

_QUIET = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|<[^<>\"{}|^`\\\s]*>|#[^\n]*",
    re.DOTALL,
)
_SERVICE = re.compile(r"\bservice\b", re.IGNORECASE)
_PACKAGES = Path(__file__).parents[2]


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
    if "\\u" in query.lower() or _SERVICE.search(_QUIET.sub(" ", query)):
        raise InputError("SPARQL: neither SERVICE nor \\u escapes: only this graph is asked")
    within = limits or Limits()
    if folder is not None and _is_writable(folder):
        return _answered(view(store, folder), query, within)
    with tempfile.TemporaryDirectory(prefix="kgbuild-") as made:
        return _answered(view(store, Path(made)), query, within)


def _is_writable(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return os.access(there, os.W_OK)


def _answered(folder: Path, query: str, limits: Limits) -> Table:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_PACKAGES), *sys.path])}
    command = [sys.executable, "-m", "kgbuild.exchange.sparql_view", str(folder), str(limits.rows)]
    try:
        done = subprocess.run(
            command, input=query.encode("utf-8", "backslashreplace"), capture_output=True,
            timeout=limits.seconds, env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"SPARQL: no answer in {limits.seconds:g} seconds: narrow the query, or give it more"
            " time"
        ) from error
    lines = [json.loads(line) for line in done.stdout.split(b"\n") if line]
    if not lines or isinstance(lines[-1], dict):
        reason = lines[-1]["error"] if lines else done.stderr.decode(errors="replace")[-200:]
        raise InputError(f"SPARQL: {reason}; only SELECT, ASK, CONSTRUCT and DESCRIBE are answered")
    columns, *rows = (tuple(line) for line in lines)
    return Table(columns, tuple(rows[: limits.rows]), len(rows) > limits.rows)
