"""Neo4j's files are read again under its rules: the CSV of its bulk import, and Cypher's literals."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from kgbuild.exchange.files import REPLACEMENT
from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.neo4j import LIST_MARK, cypher_string
from tests.exchange.graphs import edges, evidence, hostile_store, nodes
from tests.exchange.hostile import PIECES
from tests.oracle import MemoryStore


def parted(value: list[str]) -> list[str]:
    """A list as the CSV files can hold it."""
    return [part.replace(LIST_MARK, REPLACEMENT) for part in value]


def table(path: Path) -> list[dict[str, Any]]:
    """A file as the importer takes it: typed by its header, lists parted by U+001F."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return [{name: typed(name, cell) for name, cell in row.items()} for row in rows]


def typed(header: str, cell: str) -> object:
    kind = header.partition(":")[2]
    if kind == "LABEL" or kind.endswith("[]"):
        return cell.split(LIST_MARK) if cell else []
    return int(cell) if kind == "long" else float(cell) if kind == "double" else cell


def test_bulk_import(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["neo4j"](store, tmp_path / "g")
    found = table(tmp_path / "g" / "nodes.csv")
    assert {r["id:ID"]: (r["name"], r["type"], r["aliases:string[]"], r["mentions:long"],
                         r["external:string[]"]) for r in found} == {
        id: (name, type, parted(aliases), mentions, external)  # type: ignore[arg-type]
        for id, (name, type, aliases, mentions, external) in nodes(store).items()
    }  # fmt: skip
    assert all(row[":LABEL"] == ["Entity", row["type"]] for row in found)
    stated = table(tmp_path / "g" / "relationships.csv")
    assert {(r[":START_ID"], r[":END_ID"], r[":TYPE"]): (r["id"], r["confidence:double"],
            r["sources:string[]"]) for r in stated} == {
        ends: (id, confidence, parted(sources))  # type: ignore[arg-type]
        for ends, (id, confidence, sources) in edges(store).items()
    }  # fmt: skip
    quoted = {tuple(json.loads(one).values()) for r in stated for one in r["evidence:string[]"]}
    assert quoted == evidence(store)
    assert "--array-delimiter=U+001F" in (tmp_path / "g" / "import.txt").read_text()


TOKEN = re.compile(r"\s+|'(?:[^'\\]|\\.)*'|[-+]?\d[\d.e+-]*|\w+|[^\w\s]", re.DOTALL)


class Literals:
    """Reads Cypher's literals: maps, lists, numbers, strings that + joins."""

    def __init__(self, text: str) -> None:
        found = TOKEN.findall(text)
        assert "".join(found) == text
        self.tokens = [token for token in found if token.strip()]
        self.at = 0

    def take(self, wanted: str = "") -> str:
        token = self.tokens[self.at]
        assert not wanted or token == wanted, (token, wanted)
        self.at += 1
        return token

    def value(self) -> Any:
        token = self.take()
        if token == "[":
            return list(self.items("]", self.value))
        if token == "{":
            return dict(self.items("}", self.pair))
        if not token.startswith("'"):
            return float(token) if "." in token else int(token)
        text = unescaped(token)
        while self.tokens[self.at : self.at + 1] == ["+"]:
            self.take()
            text += unescaped(self.take())
        return text

    def pair(self) -> tuple[str, Any]:
        key = self.take()
        self.take(":")
        return key, self.value()

    def items(self, close: str, read: Any) -> Any:
        while self.tokens[self.at] != close:
            yield read()
            if self.tokens[self.at] == ",":
                self.take()
        self.take(close)


def unescaped(token: str) -> str:
    assert token[0] == token[-1] == "'"
    signs = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda m: signs.get(m[1], m[1]), token[1:-1], flags=re.DOTALL)


STATEMENT = re.compile(r"UNWIND (\[.*?\]) AS row\n(MERGE \(n|MATCH \(a)(.*?);\n", re.DOTALL)


def test_cypher(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["cypher"](store, tmp_path / "g.cypher")
    script = (tmp_path / "g.cypher").read_bytes().decode()
    assert "\\u" not in script.lower()
    found, stated = {}, {}
    for rows, kind, rest in STATEMENT.findall(script):
        [label] = re.findall(r":`(.*?)`", rest)
        for row in Literals(rows).value():
            if kind == "MERGE (n":
                assert row["type"] == label
                found[row["id"]] = tuple(
                    row[k] for k in ("name", "type", "aliases", "mentions", "external")
                )
            else:
                fact = row["fact"]
                stated[row["subject"], row["object"], label] = (
                    fact["id"], fact["confidence"], fact["sources"], fact["evidence"],
                )  # fmt: skip
    assert found == nodes(store)
    assert {ends: row[:3] for ends, row in stated.items()} == edges(store)
    quoted = {tuple(json.loads(one).values()) for *_, all_ in stated.values() for one in all_}
    assert quoted == evidence(store)
    rest = STATEMENT.sub("", script)
    assert rest.startswith("CREATE CONSTRAINT")
    assert rest.count("\n") == 1


class Complaints:
    """What a parser of Cypher's published grammar says against a script."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def syntaxError(self, *said: Any) -> None:
        self.heard.append(str(said[2:5]))

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None  # reports of ambiguity, which are no errors


def complaints(script: str) -> list[str]:
    """Of https://github.com/antlr/grammars-v4 (cypher), one statement at a time."""
    antlr4 = pytest.importorskip("antlr4")
    cypher = pytest.importorskip("antlr4_cypher")
    found = Complaints()
    lexer = cypher.CypherLexer(antlr4.InputStream(script))
    parser = cypher.CypherParser(antlr4.CommonTokenStream(lexer))
    for one in (lexer, parser):
        one.removeErrorListeners()
        one.addErrorListener(found)
    parser.script()
    return found.heard


@pytest.mark.slow
def test_a_parser_of_the_grammar_takes_every_statement(tmp_path: Path) -> None:
    some = hostile_store(len(PIECES) + 1)  # each piece once: the parser is slow
    WRITERS["cypher"](some, tmp_path / "g.cypher")
    script = (tmp_path / "g.cypher").read_text("utf-8").removesuffix(";\n")
    constraint, *statements = script.split(";\n")
    assert constraint.startswith("CREATE CONSTRAINT")  # Neo4j's own, not in the grammar
    assert complaints("MATCH (n) RETURN n;") == []
    assert complaints("MATCH (n) RETRUN 'n;")
    for statement in statements:
        assert complaints(statement + ";") == [], statement[:200]


def test_no_escape_in_a_string_is_one_of_unicode() -> None:
    for text in ("\\u0027", "\\\\u0027", "\\U0001", "'", "\\"):
        literal = cypher_string(text)
        assert Literals(literal).value() == text if "+" not in literal else True
        assert not re.search(r"\\u", literal, re.IGNORECASE)
