"""Every format is read again by an independent reader to an equal graph, hostile names and all."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from kgbuild.analytics.network import to_networkx
from kgbuild.errors import InputError
from kgbuild.exchange.files import xml_text
from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.tables import read_cell
from kgbuild.train.nerel import read_folder
from kgbuild.types import ExternalId, Judgement
from storage.memory import MemoryStore
from tests.exchange.hostile import names, records
from tests.storage.samples import AGAIN, GAZPROM, MILLER, ORG

Shape = tuple[dict[str, tuple[object, ...]], dict[tuple[str, str, str], tuple[object, ...]]]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """500 hostile names in one document (a store in memory computes everything at each write)."""
    made = MemoryStore()
    made._records = {r.document.source: r for r in records(names())}
    made._settle()
    first = next(made.entities())
    made.add_external_ids([ExternalId(first.id, "wikidata", "Q1")])
    assert made.stats().entities == made.stats().facts == 500
    return made


def expected(store: MemoryStore, clean: object = str) -> Shape:
    assert callable(clean)
    nodes = {e.id: (clean(e.name), e.type, list(e.aliases), e.mention_count)
             for e in store.entities()}  # fmt: skip
    edges = {(f.subject.id, f.object.id, f.relation):
             (f.confidence, len(f.evidence), [e.document for e in f.evidence])
             for f in store.facts()}  # fmt: skip
    return nodes, edges


def shape(graph: nx.MultiDiGraph) -> Shape:
    def listed(value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value

    nodes = {n: (d["name"], d["type"], listed(d["aliases"]), int(d["mentions"]))
             for n, d in graph.nodes(data=True)}  # fmt: skip
    edges = {(s, o, d["relation"]): (float(d["confidence"]), int(d["evidence"]), listed(d["sources"]))
             for s, o, d in graph.edges(data=True)}  # fmt: skip
    return nodes, edges


def test_networkx(store: MemoryStore) -> None:
    assert shape(to_networkx(store)) == expected(store)
    assert not to_networkx(store, types=["CITY"])
    assert not to_networkx(store, min_confidence=0.8).edges
    assert not to_networkx(store, relations=["SPOUSE"]).edges


@pytest.mark.parametrize("format_", ["graphml", "gexf"])
def test_xml(store: MemoryStore, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "g"
    WRITERS[format_](store, target)
    read = nx.read_graphml if format_ == "graphml" else nx.read_gexf
    graph = (
        read(target, version="1.3") if format_ == "gexf" else read(target, force_multigraph=True)
    )
    assert shape(nx.MultiDiGraph(graph)) == expected(store, xml_text)


def test_cytoscape(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["cytoscape"](store, tmp_path / "g.cyjs")
    graph = nx.cytoscape_graph(json.loads((tmp_path / "g.cyjs").read_text("utf-8")))
    assert shape(graph) == expected(store)


def test_csv_is_safe_and_whole(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["csv"](store, tmp_path / "g")
    with (tmp_path / "g" / "entities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row.values())
    nodes, edges = expected(store)
    assert {r["id"]: (read_cell(r["name"]), r["type"], json.loads(r["aliases"]), int(r["mentions"]))
            for r in rows} == nodes  # fmt: skip
    with (tmp_path / "g" / "facts.csv").open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    assert {(r["subject"], r["object"], r["relation"]):
            (float(r["confidence"]), int(r["evidence"]), json.loads(r["sources"]))
            for r in facts} == edges  # fmt: skip


def test_parquet(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["parquet"](store, tmp_path / "g")
    frame = pd.read_parquet(tmp_path / "g" / "entities.parquet")
    assert {r.id: (r.name, r.type, list(r.aliases), r.mentions)
            for r in frame.itertuples(index=False, name="R")} == expected(store)[0]  # fmt: skip
    evidence = pd.read_parquet(tmp_path / "g" / "evidence.parquet")
    assert set(evidence["text"]) == {e.text for f in store.facts() for e in f.evidence}


def test_jsonl(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["jsonl"](store, tmp_path / "g")
    lines = [json.loads(line) for line in (tmp_path / "g").read_bytes().split(b"\n") if line]
    assert {r["id"]: (r["name"], r["type"], r["aliases"], r["mentions"])
            for r in lines if r["kind"] == "entities"} == expected(store)[0]  # fmt: skip


def test_brat_gives_the_same_annotations(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["brat"](store, tmp_path / "g")
    found = {d.text: (set(d.mentions), set(d.relations)) for d in read_folder(tmp_path / "g")}
    assert all(d.skipped_lines == 0 for d in read_folder(tmp_path / "g"))
    assert found == {
        d.text: (
            {m.mention for m in store.mentions(document=d.source)},
            set(store.relations(d.source)),
        )
        for d in store.documents()
    }
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


def test_a_full_folder_is_left_alone(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match="new one"):
        WRITERS["csv"](store, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
