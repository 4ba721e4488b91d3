"""Every format is read again by an independent reader to an equal graph, hostile names and all."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pyarrow.parquet as pq
import pytest

from kgbuild.analytics.network import to_networkx
from kgbuild.errors import InputError
from kgbuild.exchange.files import unique_name, xml_text
from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.lines import entity_lines
from kgbuild.exchange.listing import COLUMNS
from kgbuild.exchange.tables import read_cell, write_rows
from kgbuild.train.corpora.nerel import read_folder
from kgbuild.types import Judgement, Place
from tests.exchange.graphs import edges, evidence, nodes
from tests.oracle import MemoryStore
from tests.storage.samples import AGAIN, GAZPROM, MILLER, ORG

Shape = tuple[dict[str, tuple[object, ...]], dict[tuple[str, str, str], tuple[object, ...]]]


def expected(store: MemoryStore, clean: object = str) -> Shape:
    """With names as XML can hold them, where it can't hold them all."""
    assert callable(clean)
    return {id: (clean(name), *rest) for id, (name, *rest) in nodes(store).items()}, {
        ends: (*rest, sources) for ends, (_, *rest, sources) in edges(store).items()
    }


def shape(graph: nx.MultiDiGraph[Any]) -> Shape:
    def listed(value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value

    found = {n: (d["name"], d["type"], listed(d["aliases"]), int(d["mentions"]),
                 listed(d.get("external", "[]"))) for n, d in graph.nodes(data=True)}  # fmt: skip
    stated = {(s, o, d["relation"]): (float(d["confidence"]), listed(d["sources"]))
              for s, o, d in graph.edges(data=True)}  # fmt: skip
    assert all(int(d["evidence"]) == 1 for _, _, d in graph.edges(data=True))
    return found, stated


def test_networkx(store: MemoryStore) -> None:
    found, stated = shape(to_networkx(store))
    known, facts = expected(store)
    assert ({id: row[:4] for id, row in found.items()}, stated) == (
        {id: row[:4] for id, row in known.items()}, facts,
    )  # fmt: skip
    assert not to_networkx(store, types=["CITY"])
    assert not to_networkx(store, min_confidence=0.8).edges
    assert not to_networkx(store, relations=["SPOUSE"]).edges


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_xml(store: MemoryStore, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "g"
    WRITERS[format_](store, target)
    if format_ == "gexf":
        graph = nx.read_gexf(target, version="1.3")
        assert {n: d["label"] for n, d in graph.nodes(data=True)} == {
            e.id: xml_text(e.name) for e in store.entities()
        }
    else:
        graph = nx.read_graphml(target, force_multigraph=True)
        assert {key for *_, key in graph.edges(keys=True)} == {f.id for f in store.facts()}
    assert shape(nx.MultiDiGraph(graph)) == expected(store, xml_text)


def test_cytoscape(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["cytoscape"](store, tmp_path / "g.cyjs")
    graph = nx.cytoscape_graph(json.loads((tmp_path / "g.cyjs").read_text("utf-8")))
    assert shape(graph) == expected(store)
    assert {d["id"] for *_, d in graph.edges(data=True)} == {f.id for f in store.facts()}


def compared(store: MemoryStore, read: dict[str, list[dict[str, Any]]]) -> None:
    """The three tables against the store: every row, every column."""
    assert {r["id"]: (r["name"], r["type"], r["aliases"], r["mentions"], r["external"])
            for r in read["entities"]} == nodes(store)  # fmt: skip
    assert {(r["subject"], r["object"], r["relation"]): (r["id"], r["confidence"], r["sources"])
            for r in read["facts"]} == edges(store)  # fmt: skip
    assert all(r["evidence"] == 1 for r in read["facts"])
    assert {tuple(row[c] for c in EVIDENCE) for row in read["evidence"]} == evidence(store)
    assert [len(read[table]) for table in ("entities", "facts", "evidence")] == [500] * 3


EVIDENCE = ("fact", "document", "start", "end", "text", "confidence",
            "subject_start", "subject_end", "object_start", "object_end")  # fmt: skip
NUMBERS = {*EVIDENCE[2:4], *EVIDENCE[6:], "mentions", "evidence"}
LISTS = {"aliases", "external", "sources"}


def test_csv_is_safe_and_whole(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["csv"](store, tmp_path / "g")
    read = {}
    for path in (tmp_path / "g").iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        cells = [cell for row in rows for cell in row.values()]
        assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in cells)
        read[path.stem] = [{c: as_value(c, cell) for c, cell in row.items()} for row in rows]
    compared(store, read)


def as_value(column: str, cell: str) -> object:
    if column in LISTS:
        return json.loads(cell)
    if column in NUMBERS:
        return int(cell)
    return float(cell) if column == "confidence" else read_cell(cell)


def test_parquet(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["parquet"](store, tmp_path / "g")
    compared(store, {p.stem: pq.read_table(p).to_pylist() for p in (tmp_path / "g").iterdir()})
    frame = pd.read_parquet(tmp_path / "g" / "entities.parquet")
    assert set(frame["name"]) == {e.name for e in store.entities()}


def test_jsonl(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["jsonl"](store, tmp_path / "g")
    lines = [json.loads(line) for line in (tmp_path / "g").read_bytes().split(b"\n") if line]
    compared(
        store, {k: [r for r in lines if r["kind"] == k] for k in ("entities", "facts", "evidence")}
    )


def test_entities_with_counts(store: MemoryStore, tmp_path: Path) -> None:
    lines = list(entity_lines(store))
    assert {r["id"]: tuple(r[c] for c in ("name", "type", "aliases", "mentions", "external"))
            for r in lines} == nodes(store)  # fmt: skip
    assert {r["facts"] for r in lines} == {2}
    with (tmp_path / "e.csv").open("w", encoding="utf-8", newline="") as file:
        write_rows(file, COLUMNS["entities"], lines)
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{c: as_value(c, cell) if c != "facts" else int(cell) for c, cell in row.items()}
            for row in rows] == lines  # fmt: skip


def test_brat_gives_the_same_annotations(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["brat"](store, tmp_path / "g")
    read = read_folder(tmp_path / "g")
    assert all(d.skipped_lines == 0 for d in read)
    linked = {one.entity for one in store.external_ids()}
    assert {d.text: (set(d.mentions), set(d.relations), set(d.links)) for d in read} == {
        d.text: (
            {m.mention for m in store.mentions(document=d.source)},
            set(store.relations(d.source)),
            {m.mention for m in store.mentions(document=d.source) if m.entity in linked},
        )
        for d in store.documents()
    }
    assert {link for d in read for link in d.links.values()} == {"Wikidata:Q1"}
    assert all(re.fullmatch(r"[\w.~-]+", path.name) for path in (tmp_path / "g").iterdir())


def test_brat_leaves_out_what_was_rejected(tmp_path: Path) -> None:
    made = MemoryStore()
    for one in (GAZPROM, AGAIN):
        made.add_document(one)
    made.judge(
        Judgement("reject", MILLER, "А", datetime.now(UTC), relation="WORKPLACE", object=ORG)
    )
    WRITERS["brat"](made, tmp_path / "g")
    assert [r.relation for d in read_folder(tmp_path / "g") for r in d.relations] == ["LOCATED"]


def test_brat_has_what_was_stated_and_types_that_were_given(tmp_path: Path) -> None:
    made = MemoryStore()
    made.add_document(GAZPROM)
    subject, object = (resolved.mention for resolved in GAZPROM.mentions)
    text = GAZPROM.document.text
    spans = ((subject.start, subject.end), (object.start, object.end), (0, object.end))
    places = tuple(Place("b.txt", *span) for span in spans)
    now = datetime.now(UTC)
    made.judge(
        Judgement("state", MILLER, "А", now, "OWNER_OF", ORG, places, value=text[: object.end])
    )
    made.judge(Judgement("retype", ORG, "А", now, value="FACILITY"))
    WRITERS["brat"](made, tmp_path / "g")
    [read] = read_folder(tmp_path / "g")
    assert {mention.type for mention in read.mentions} == {"PERSON", "FACILITY"}
    assert {relation.relation for relation in read.relations} == {"WORKPLACE", "OWNER_OF"}


def test_a_full_folder_is_left_alone(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match="new one"):
        WRITERS["csv"](store, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_names_of_files_differ_and_suit_every_system() -> None:
    used: set[str] = set()
    given = [
        unique_name(text, "x", used)
        for text in ("CON", "con", "a", "A", "a~2", "..", "", "я" * 99, "aux.md")
    ]
    assert given[:7] == ["CON_", "con_~2", "a", "A~2", "a~2~2", "x", "x~2"]
    assert len(given[7].encode()) <= 120
    assert given[8] == "aux.md_"
