"""Cytoscape, JSON Lines, CSV and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TextIO

from kgbuild.errors import require
from kgbuild.exchange.files import EntityRow, entity_rows, sources, whole_folder, whole_text
from kgbuild.ports import Store
from kgbuild.types import Evidence, Fact

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""OWASP's list of characters that begin a formula (CSV Injection), full-width ones included, and
the apostrophe that takes their meaning away."""
_BATCH = 10_000
Row = dict[str, object]


def entity_dict(row: EntityRow) -> Row:
    """``{"id", "type", "name", "aliases", "mentions", "external"}``."""
    e = row.entity
    return {"id": e.id, "type": e.type, "name": e.name, "aliases": list(e.aliases),
            "mentions": e.mention_count, "external": list(row.external)}  # fmt: skip


def fact_dict(fact: Fact) -> Row:
    """``{"id", "subject", "relation", "object", "confidence", "evidence", "sources"}``."""
    return {"id": fact.id, "subject": fact.subject.id, "relation": fact.relation,
            "object": fact.object.id, "confidence": fact.confidence,
            "evidence": len(fact.evidence), "sources": sources(fact)}  # fmt: skip


def evidence_dict(fact: Fact, one: Evidence) -> Row:
    """An evidence of a fact, with its sentence and the spans of both mentions."""
    return {"fact": fact.id, "document": one.document, "start": one.start, "end": one.end,
            "text": one.text, "confidence": one.confidence,
            "subject_start": one.subject.start, "subject_end": one.subject.end,
            "object_start": one.object.start, "object_end": one.object.end}  # fmt: skip


def tables(store: Store) -> Iterator[tuple[str, Iterator[Row]]]:
    """The graph as three tables: entities, facts and evidence."""
    yield "entities", map(entity_dict, entity_rows(store))
    yield "facts", map(fact_dict, store.facts())
    yield "evidence", (evidence_dict(fact, one) for fact in store.facts() for one in fact.evidence)


def write_jsonl(store: Store, path: Path) -> None:
    """A line an entity, fact or evidence; ``kind`` says which."""
    with whole_text(path) as file:
        for kind, rows in tables(store):
            for row in rows:
                file.write(json.dumps({"kind": kind, **row}, ensure_ascii=False) + "\n")


def write_cytoscape(store: Store, path: Path) -> None:
    """Cytoscape's JSON (.cyjs): an edge a fact, its ``interaction`` the relation."""
    with whole_text(path) as file:
        file.write('{"data": {}, "directed": true, "multigraph": true, "elements": {"nodes": [')
        nodes = ({"data": {**entity_dict(r), "value": r.entity.id}} for r in entity_rows(store))
        _write_list(file.write, nodes)
        file.write('], "edges": [')
        edges = ({"data": {**(d := fact_dict(f)), "source": d["subject"], "target": d["object"],
                           "interaction": f.relation, "key": f.relation}}
                 for f in store.facts())  # fmt: skip
        _write_list(file.write, edges)
        file.write("]}}\n")


def _write_list(write: object, rows: Iterable[Mapping[str, object]]) -> None:
    assert callable(write)
    for number, row in enumerate(rows):
        write((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False))


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    Text that begins with = + - @, their full-width forms, a tab, a line break or an apostrophe, or
    with blanks before one of them, gets an apostrophe before it; :func:`read_cell` takes it off.
    Lists are JSON arrays.
    """
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    risky = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return "'" + text if isinstance(value, str) and risky else text


def read_cell(cell: str) -> str:
    """The text that :func:`safe_cell` wrote."""
    return cell[1:] if cell.startswith("'") else cell


def write_csv(store: Store, path: Path) -> None:
    """A folder of entities.csv, facts.csv and evidence.csv, safe to open in a spreadsheet."""
    with whole_folder(path) as folder:
        for name, rows in tables(store):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                write_rows(file, COLUMNS[name], rows)


def write_rows(file: TextIO, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """Rows as CSV whose cells no spreadsheet takes for formulas (:func:`safe_cell`)."""
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row.values()] for row in rows)


def write_parquet(store: Store, path: Path) -> None:
    """A folder of entities.parquet, facts.parquet and evidence.parquet.

    Raises:
        MissingExtraError: pyarrow isn't installed.
    """
    arrow = require("pyarrow", extra="analysis")
    parquet = require("pyarrow.parquet", extra="analysis")
    kinds = {"s": arrow.string(), "i": arrow.int64(), "f": arrow.float64(),
             "l": arrow.list_(arrow.string())}  # fmt: skip
    with whole_folder(path) as folder:
        for name, rows in tables(store):
            schema = arrow.schema([(c, kinds[k]) for c, k in COLUMNS[name].items()])
            with parquet.ParquetWriter(folder / f"{name}.parquet", schema) as writer:
                while batch := list(islice(rows, _BATCH)):
                    writer.write_table(arrow.Table.from_pylist(batch, schema))


COLUMNS: dict[str, dict[str, str]] = {
    "entities": {"id": "s", "type": "s", "name": "s", "aliases": "l", "mentions": "i",
                 "external": "l"},
    "facts": {"id": "s", "subject": "s", "relation": "s", "object": "s", "confidence": "f",
              "evidence": "i", "sources": "l"},
    "evidence": {"fact": "s", "document": "s", "start": "i", "end": "i", "text": "s",
                 "confidence": "f", "subject_start": "i", "subject_end": "i",
                 "object_start": "i", "object_end": "i"},
}  # fmt: skip
"""Columns of each table: s text, i whole number, f number, l list of texts."""
