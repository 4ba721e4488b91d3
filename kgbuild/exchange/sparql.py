"""SPARQL 1.1 over the RDF view of a store, for reading only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgbuild.errors import InputError, require
from kgbuild.exchange.rdf import PREFIXES, triples
from kgbuild.ports import Store

_QUIET = re.compile(
    r"'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|<[^<>\"{}|^`\\\s]*>|#[^\n]*",
    re.DOTALL,
)
_SERVICE = re.compile(r"\bservice\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """What a query found: names of columns, and rows of texts, None where nothing is bound."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def select(store: Store, query: str) -> Table:
    """Answer SELECT, ASK, CONSTRUCT or DESCRIBE; the prefixes of the view are declared.

    The view is made in memory at each call. SERVICE is refused: it would go to the network.

    Raises:
        InputError: it isn't such a query, or asks another server.
        MissingExtraError: pyoxigraph isn't installed.
    """
    ox = require("pyoxigraph", extra="rdf")
    if "\\u" in query.lower() or _SERVICE.search(_QUIET.sub(" ", query)):
        raise InputError("SPARQL: neither SERVICE nor \\u escapes: only this graph is asked")
    view = ox.Store()
    view.bulk_extend(ox.Quad(*triple) for triple in triples(store))
    try:
        found = view.query(query, prefixes=PREFIXES)
        if isinstance(found, ox.QueryBoolean):
            return Table(("answer",), ((str(bool(found)).lower(),),))
        if isinstance(found, ox.QuerySolutions):
            names = tuple(variable.value for variable in found.variables)
            rows = tuple(tuple(None if t is None else t.value for t in row) for row in found)
            return Table(names, rows)
        parts = (tuple(str(part) for part in triple) for triple in found)
        return Table(("subject", "predicate", "object"), tuple(parts))
    except (SyntaxError, ValueError, OSError) as error:
        raise InputError(
            f"SPARQL: {error}; only SELECT, ASK, CONSTRUCT and DESCRIBE are answered"
        ) from error
