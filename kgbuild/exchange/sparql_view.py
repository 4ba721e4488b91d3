"""The RDF view of a store on the disk, and the process that answers one query over it.

A query can't be stopped from within, so it runs in a process that can:
``python -m kgbuild.exchange.sparql_view FOLDER ROWS`` reads it from standard input and writes
JSON lines: the columns, then the rows, at most ``ROWS`` and one more.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from kgbuild.errors import InputError, require
from kgbuild.exchange.rdf import PREFIXES, triples
from kgbuild.ports import Store

Row = Sequence[str | None]


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
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    said: Any
    try:
        for said in answer(folder, sys.stdin.buffer.read().decode(), rows):
            _write(said)
    except (SyntaxError, ValueError, OSError) as error:
        _write({"error": str(error)})


def _write(value: object) -> None:
    os.write(sys.stdout.fileno(), (json.dumps(value) + "\n").encode())


if __name__ == "__main__":
    main()
