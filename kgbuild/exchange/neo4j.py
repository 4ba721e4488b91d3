"""The graph for Neo4j: CSV files for its bulk import, and a Cypher script.

A node an entity, labelled ``Entity`` and its type; a relationship a fact, whose evidence is a
list of JSON objects. The CSV files follow ``neo4j-admin database import`` (Operations Manual,
"Import"): lists are parted by U+001F, which no other part of a list may hold (it becomes
U+FFFD there), cells are quoted and may hold line ends; ``import.txt`` has the command.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from kgbuild.exchange.files import (
    REPLACEMENT,
    EntityRow,
    entity_rows,
    sources,
    whole_folder,
    whole_text,
)
from kgbuild.exchange.tables import evidence_dict
from kgbuild.ports import Store
from kgbuild.types import Fact

LIST_MARK = "\x1f"
NODE_HEADER = ("id:ID", "name", "type", "aliases:string[]", "mentions:long", "external:string[]", ":LABEL")  # fmt: skip
EDGE_HEADER = (":START_ID", "id", "confidence:double", "sources:string[]", "evidence:string[]",
               ":END_ID", ":TYPE")  # fmt: skip
_COMMAND = """neo4j-admin database import full --nodes=nodes.csv --relationships=relationships.csv \\
  --array-delimiter=U+001F --multiline-fields=true --ignore-empty-strings=false neo4j
"""
_BATCH = 500
"""Nodes or relationships a statement."""

Value = str | int | float | list[str]


def write_neo4j(store: Store, path: Path) -> None:
    """A folder of nodes.csv, relationships.csv, and the command that imports them."""
    with whole_folder(path) as folder:
        nodes = ((*_node(row).values(), ["Entity", row.entity.type]) for row in entity_rows(store))
        _write_csv(folder / "nodes.csv", NODE_HEADER, nodes)
        edges = ((f.subject.id, *_edge(f).values(), f.object.id, f.relation) for f in store.facts())
        _write_csv(folder / "relationships.csv", EDGE_HEADER, edges)
        (folder / "import.txt").write_text(_COMMAND, "utf-8")


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Value]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Value) -> str:
    if isinstance(value, list):
        return LIST_MARK.join(part.replace(LIST_MARK, REPLACEMENT) for part in value)
    return str(value)


def _node(row: EntityRow) -> dict[str, Value]:
    e = row.entity
    return {"id": e.id, "name": e.name, "type": e.type, "aliases": list(e.aliases),
            "mentions": e.mention_count, "external": list(row.external)}  # fmt: skip


def _edge(fact: Fact) -> dict[str, Value]:
    evidence = (evidence_dict(fact, one) for one in fact.evidence)
    return {"id": fact.id, "confidence": fact.confidence, "sources": sources(fact),
            "evidence": [json.dumps(one, ensure_ascii=False) for one in evidence]}  # fmt: skip


def write_cypher(store: Store, path: Path) -> None:
    """A script for ``cypher-shell``; run again, it changes nothing that is there already."""
    with whole_text(path) as file:
        file.write("CREATE CONSTRAINT kgbuild_entity_id IF NOT EXISTS"
                   " FOR (n:Entity) REQUIRE n.id IS UNIQUE;\n")  # fmt: skip
        external = {row.entity.id: row for row in entity_rows(store)}
        for type, _ in store.stats().entities_by_type:
            rows = (_map(_node(external[e.id])) for e in store.entities(type=type))
            for batch in _batches(rows):
                file.write(f"UNWIND [{batch}] AS row\nMERGE (n:Entity {{id: row.id}})\n"
                           f"SET n += row, n:{_quoted(type)};\n")  # fmt: skip
        for relation, _ in store.stats().facts_by_relation:
            rows = (
                _map({"subject": f.subject.id, "object": f.object.id} | {"fact": _edge(f)})
                for f in store.facts(relation=relation)
            )
            for batch in _batches(rows):
                file.write(
                    f"UNWIND [{batch}] AS row\nMATCH (a:Entity {{id: row.subject}}),"
                    " (b:Entity {id: row.object})\n"
                    f"MERGE (a)-[r:{_quoted(relation)}]->(b)\nSET r += row.fact;\n"
                )


def _batches(rows: Iterator[str]) -> Iterator[str]:
    while batch := list(islice(rows, _BATCH)):
        yield ",\n".join(batch)


def _map(values: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {_literal(value)}" for key, value in values.items()) + "}"


def _literal(value: object) -> str:
    if isinstance(value, dict):
        return _map(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return cypher_string(value) if isinstance(value, str) else repr(value)


_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def cypher_string(text: str) -> str:
    """A text as a Cypher expression.

    Older Cypher replaces ``\\uXXXX`` anywhere in a query before it is read, so a backslash
    before a u ends the literal and another one goes on.
    """
    escaped = "".join(_ESCAPES.get(c, c) for c in text)
    return "'" + escaped.replace("\\\\u", "\\\\' + 'u").replace("\\\\U", "\\\\' + 'U") + "'"


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "").replace("`", "``") + "`"
