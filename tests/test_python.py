"""What a Python user types first, over stand-ins for the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import kgbuild
from kgbuild import KnowledgeGraph
from kgbuild.errors import InputError, NotFoundError
from tests.cli.conftest import TEXTS, Run, bare_run, docs, filled, run  # noqa: F401 - fixtures


@pytest.fixture
def graph(filled: Run) -> Iterator[KnowledgeGraph]:  # noqa: F811
    with kgbuild.open("kg") as opened:
        yield opened


@pytest.mark.parametrize("kind", [str, Path, lambda path: [path], lambda path: (Path(path),)])
def test_one_path_is_one_path(run: Run, docs: Path, kind: object) -> None:  # noqa: F811
    """A string was read letter by letter once, from ``/`` on."""
    assert callable(kind)
    with kgbuild.open("new", create=True) as graph:
        report = graph.ingest(kind("docs"))
        assert (report.words, report.failures) == (f"{len(TEXTS)} added", [])
        again = graph.ingest(kind("docs/a.txt"))
        assert again.words == "1 unchanged"


def test_a_path_that_is_not_there_is_named(graph: KnowledgeGraph) -> None:
    with pytest.raises(kgbuild.KgbuildError, match=r"absent: no such file"):
        graph.ingest("absent")


def test_facts_by_name_and_by_relation_in_any_case(graph: KnowledgeGraph) -> None:
    ivan = graph.entity("Иван Петров")
    wanted = [f.id for f in graph.facts(subject=ivan.id, relation="WORKPLACE")]
    assert wanted
    for relation in ("workplace", " Workplace ", "место работы"):
        for subject in (ivan.id, "Иван Петров"):
            assert [f.id for f in graph.facts(subject, relation)] == wanted
    assert [f.id for f in graph.facts(object="Газпром", relation="workplace")] == wanted
    assert len(list(graph.facts(limit=2))) == 2
    assert {e.type for e in graph.entities("person")} == {"PERSON"}
    assert len(list(graph.entities(limit=1))) == 1


def test_what_cannot_be_is_an_error_and_not_nothing(graph: KnowledgeGraph) -> None:
    with pytest.raises(InputError, match=r"no relation 'spose'.*SPOUSE"):
        graph.facts(relation="spose")
    with pytest.raises(InputError, match=r"no entity type 'PERSN'.*PERSON"):
        graph.entities("PERSN")
    with pytest.raises(NotFoundError, match="Пётр Неизвестный"):
        graph.facts("Пётр Неизвестный")
    for limit in (-1, 0):
        for ask in (graph.facts, graph.entities):
            with pytest.raises(InputError, match=f"limit is {limit}"):
                ask(limit=limit)
        with pytest.raises(InputError, match=f"limit is {limit}"):
            graph.search("Иван", limit=limit)
    with pytest.raises(InputError, match="no table 'sentences'"):
        graph.export("sentences", "x.csv")
    with pytest.raises(InputError, match="no format 'doc'"):
        graph.export("facts", "x.doc")
    with pytest.raises(InputError, match="no format 'doc'"):
        graph.export("graph", "x.doc")
    with pytest.raises(NotFoundError, match="absent"):
        graph.document("absent")


def test_documents_and_exports(graph: KnowledgeGraph) -> None:
    assert [d.source for d in graph.documents()] == [f"docs/{name}" for name in TEXTS]
    assert graph.document("docs/a.txt").text == TEXTS["a.txt"]
    lines = len(list(graph.mentions()))
    for name in ("m.jsonl", "m.csv", "m.xlsx", "m.parquet"):
        assert graph.export("mentions", name) == lines
        assert Path(name).stat().st_size > 0
    assert graph.export("graph", "g.graphml") is None
    assert "graphml" in Path("g.graphml").read_text("utf-8")
    assert [entry.action for entry in graph.log()][:1] == ["add"]
