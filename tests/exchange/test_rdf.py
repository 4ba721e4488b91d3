"""RDF is read again by rdflib to an equal graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import PROV

from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.rdf import PREFIXES
from kgbuild.types import ExternalId
from storage.memory import MemoryStore
from tests.exchange.hostile import names, records


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    made._records = {r.document.source: r for r in records(names())}
    made._settle()
    made.add_external_ids([ExternalId(next(made.entities()).id, "wikidata", "Q1")])
    return made


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # of its JSON-LD reader
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_turtle_and_jsonld_are_the_graph(store: MemoryStore, tmp_path: Path) -> None:
    for format_ in ("turtle", "jsonld"):
        WRITERS[format_](store, tmp_path / format_)
    graph = Graph().parse(tmp_path / "turtle", format="turtle")
    assert isomorphic(graph, Graph().parse(tmp_path / "jsonld", format="json-ld"))
    entity, kg = PREFIXES["entity"], PREFIXES["kg"]
    for e in store.entities():
        assert graph.value(URIRef(entity + e.id), RDFS.label) == Literal(e.name, lang="ru")
        assert graph.value(URIRef(entity + e.id), RDF.type) == URIRef(kg + e.type)
    stated = {(str(s), str(o)) for s, o in graph.subject_objects(URIRef(kg + "PARENT_OF"))}
    assert stated == {(entity + f.subject.id, entity + f.object.id) for f in store.facts()}
    wikidata = URIRef("http://www.wikidata.org/prop/direct/P40")
    assert len(set(graph.subject_objects(wikidata))) == len(stated)
    quoted = {str(o) for o in graph.objects(None, PROV.value)}
    assert quoted == {e.text for f in store.facts() for e in f.evidence}
    [(_, same)] = graph.subject_objects(OWL.sameAs)
    assert same == URIRef("http://www.wikidata.org/entity/Q1")
    spouse = URIRef(kg + "SPOUSE")
    assert set(graph.objects(spouse, RDFS.label)) == {
        Literal("супруг", lang="ru"),
        Literal("spouse", lang="en"),
    }
