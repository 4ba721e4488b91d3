"""The RDF view of a store on the disk, and the process that answers one query over it.

A query can't be stopped from within, so it runs in a process that can (see
:func:`kgbuild.launch.start`), with the words ``FOLDER ROWS SECONDS``: it reads the query from
standard input and writes JSON lines: the columns, then the rows, at most ``ROWS`` and one more.
The process has no network, little memory, and no right to write a file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from kgbuild.confine import limit_memory, limit_seconds, without_network
from kgbuild.errors import InputError, require
from kgbuild.exchange.rdf import PREFIXES, triples
from kgbuild.ports import Store

Row = Sequence[str | None]

MEMORY = 1 << 30
"""Bytes of address space of the process that answers a query."""
ANSWER = 64 << 20
"""Bytes that an answer may have."""
TOO_LARGE = f"the query needs more than {MEMORY >> 20} MB of memory: narrow it"
NAMED = re.compile(r"service", re.IGNORECASE)
"""What a query that asks another server can't do without."""


def view(store: Store, folder: Path) -> Path:
    """The view of the store as it is now, made in a folder unless it is there already.

    Views of other states are swept away.

    Raises:
        InputError: it can't be written.
        MissingExtraError: pyoxigraph isn't installed.
    """
    ox = require("pyoxigraph", extra="rdf")
    target = folder / f"view-{_state(store)}"
    if target.is_dir():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder, prefix=".draft-"))
        try:
            made = ox.Store(str(draft / "view"))
            made.bulk_extend(ox.Quad(*triple) for triple in triples(store))
            made.flush()
            del made
            (draft / "view").replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        for other in folder.glob("view-*"):
            if other != target:
                shutil.rmtree(other, ignore_errors=True)
    except OSError as error:
        if target.is_dir():
            return target  # another process made it meanwhile
        raise InputError(f"{folder}: the view can't be written: {error}") from error
    return target


def _state(store: Store) -> str:
    """Names what the store holds: a generation alone is also another store's."""
    digest = hashlib.sha256(str(store.generation()).encode())
    for part in (store.sources(), store.judgements(undone=True), store.external_ids()):
        for one in part:
            digest.update(repr(one).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:24]


def answer(folder: Path, query: str, rows: int) -> Iterator[Row]:
    """The columns, then the rows that a query over a view finds, at most ``rows`` and one."""
    ox = require("pyoxigraph", extra="rdf")
    found = ox.Store.read_only(str(folder)).query(query, prefixes=PREFIXES)
    if isinstance(found, ox.QueryBoolean):
        yield from (["answer"], [str(bool(found)).lower()])
        return
    if isinstance(found, ox.QuerySolutions):
        yield [variable.value for variable in found.variables]
        for row in islice(found, rows + 1):
            yield [None if term is None else term.value for term in row]
        return
    yield ["subject", "predicate", "object"]
    for triple in islice(found, rows + 1):
        yield [str(part) for part in triple]


def main() -> None:
    """Answer the query on standard input; an error is a last line with its text."""
    folder, rows, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    query = sys.stdin.buffer.read().decode()
    if not without_network() and NAMED.search(query):
        _write({"error": "the word «service» can't be told from SERVICE on this system"})
        return
    limit_memory(MEMORY)
    limit_seconds(math.ceil(seconds) + 2)
    written = 0
    try:
        for said in answer(folder, query, rows):
            written += _write(said)
            if written > ANSWER:
                _write({"error": f"the answer is longer than {ANSWER >> 20} MB"})
                return
    except (SyntaxError, ValueError) as error:
        _write({"error": f"{error}; only SELECT, ASK, CONSTRUCT and DESCRIBE are answered"})
    except OSError as error:
        _write({"error": str(error)})
    except MemoryError:
        _write({"error": TOO_LARGE})


def _write(value: object) -> int:
    line = (json.dumps(value) + "\n").encode()
    sent = 0
    while sent < len(line):
        sent += os.write(sys.stdout.fileno(), line[sent:])
    return sent


if __name__ == "__main__":
    main()
