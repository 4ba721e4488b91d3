"""RDF is read again by rdflib to an equal graph."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import PROV

from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.rdf import PREFIXES, WIKIDATA, triples
from kgbuild.ontology import ALLOWED, RELATIONS, wikidata_direction, wikidata_relations
from tests.exchange.graphs import edges, evidence, nodes
from tests.oracle import MemoryStore

ENTITY, KG, FACT = PREFIXES["entity"], PREFIXES["kg"], PREFIXES["fact"]


def local(term: object, prefix: str) -> str:
    assert str(term).startswith(prefix)
    return unquote(str(term)[len(prefix) :])


@pytest.fixture(scope="module")
def turtle(store: MemoryStore, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    path = tmp_path_factory.mktemp("rdf") / "g.ttl"
    WRITERS["turtle"](store, path)
    return Graph().parse(path, format="turtle")


def test_entities(store: MemoryStore, turtle: Graph) -> None:
    found = {}
    for me in turtle.subjects(URIRef(KG + "mentions")):
        name = turtle.value(me, RDFS.label)
        assert isinstance(name, Literal)
        assert name.language == "ru"
        same = [str(o).rsplit("/", 1)[-1] for o in turtle.objects(me, OWL.sameAs)]
        also = {str(o) for o in turtle.objects(me, SKOS.altLabel)}
        mentions = turtle.value(me, URIRef(KG + "mentions"))
        assert isinstance(mentions, Literal)
        found[local(me, ENTITY)] = (
            str(name), local(turtle.value(me, RDF.type), KG), also, mentions.toPython(), same,
        )  # fmt: skip
    assert found == {
        id: (name, type, set(aliases) - {name}, mentions, [one.split(":")[1] for one in external])
        for id, (name, type, aliases, mentions, external) in nodes(store).items()
    }


def test_facts_and_their_evidence(store: MemoryStore, turtle: Graph) -> None:
    found, quoted = {}, set()
    for me in turtle.subjects(RDF.type, RDF.Statement):
        ends = [local(turtle.value(me, p), ENTITY) for p in (RDF.subject, RDF.object)]
        relation = local(turtle.value(me, RDF.predicate), KG)
        assert (URIRef(ENTITY + ends[0]), URIRef(KG + relation), URIRef(ENTITY + ends[1])) in turtle
        sources = set()
        for one in turtle.objects(me, PROV.wasDerivedFrom):
            source = turtle.value(one, PROV.wasQuotedFrom)
            document = local(source, PREFIXES["document"])
            assert str(turtle.value(source, RDFS.label)) == document
            values = [
                turtle.value(one, URIRef(KG + p)).toPython() for p in ("start", "end", "confidence")
            ]  # type: ignore[union-attr]
            spans = local(one, FACT).rsplit(":", 2)[1:]
            numbers = [int(n) for span in spans for n in span.split("-")]
            text = str(turtle.value(one, PROV.value))
            quoted.add((local(me, FACT), document, *values[:2], text, values[2], *numbers))
            sources.add(document)
        confidence = turtle.value(me, URIRef(KG + "confidence")).toPython()  # type: ignore[union-attr]
        found[ends[0], ends[1], relation] = (local(me, FACT), confidence, sorted(sources))
    assert found == edges(store)
    assert quoted == evidence(store)
    property = URIRef("http://www.wikidata.org/prop/direct/P40")
    assert set(turtle.subject_objects(property)) == set(
        turtle.subject_objects(URIRef(KG + "PARENT_OF"))
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # of its JSON-LD reader
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_jsonld_is_the_same_graph(store: MemoryStore, turtle: Graph, tmp_path: Path) -> None:
    WRITERS["jsonld"](store, tmp_path / "g.jsonld")
    assert isomorphic(turtle, Graph().parse(tmp_path / "g.jsonld", format="json-ld"))


def test_another_parser_reads_the_same_triples(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["turtle"](store, tmp_path / "g.ttl")
    read = {quad.triple for quad in ox.parse(path=tmp_path / "g.ttl", format=ox.RdfFormat.TURTLE)}
    assert read == set(triples(store))


def test_labels_of_the_ontology(turtle: Graph) -> None:
    assert set(turtle.objects(URIRef(KG + "SPOUSE"), RDFS.label)) == {
        Literal("супруг", lang="ru"),
        Literal("spouse", lang="en"),
    }


def test_properties_read_the_way_relations_do() -> None:
    assert set(WIKIDATA) <= set(RELATIONS)
    for relation, property in WIKIDATA.items():
        assert wikidata_direction(property, relation) == "forward", (relation, property)
    assert wikidata_direction("P22", "PARENT_OF") == "inverse"
    assert wikidata_direction("P19", "SPOUSE") is None


WORKS = ("P50 P57 P58 P86 P123 P162 P170 P175 P272 P676", "WORK_OF_ART", "PERSON ORGANIZATION")
SENSES = (
    WORKS,
    ("P22 P25 P26 P40 P1038 P3373", "PERSON", "PERSON"),
    ("P61 P176 P178 P287", "PRODUCT", "PERSON ORGANIZATION"),
    ("P84", "FACILITY", "PERSON"), ("P161", "WORK_OF_ART", "PERSON"),
    ("P6 P35", "COUNTRY CITY", "PERSON"), ("P169 P488", "ORGANIZATION", "PERSON"),
    ("P19 P20 P551 P937", "PERSON", "CITY"), ("P27", "PERSON", "COUNTRY"),
    ("P17", "CITY ORGANIZATION PRODUCT", "COUNTRY"), ("P30 P131 P706", "CITY", "LOCATION STATE_OR_PROVINCE"),
    ("P276", "EVENT FACILITY", "CITY"), ("P159", "ORGANIZATION", "CITY"),
    ("P39 P106", "PERSON", "PROFESSION"), ("P108 P54 P102 P241 P463 P69", "PERSON", "ORGANIZATION"),
    ("P53", "PERSON", "FAMILY"), ("P112 P127", "ORGANIZATION", "PERSON"),
    ("P1830", "PERSON", "ORGANIZATION"), ("P355 P361 P527 P749", "ORGANIZATION", "ORGANIZATION"),
    ("P140", "PERSON", "RELIGION"), ("P166", "PERSON", "AWARD"),
    ("P172", "PERSON", "NATIONALITY"), ("P495", "WORK_OF_ART PRODUCT", "COUNTRY"),
    ("P509 P1196", "PERSON", "DISEASE EVENT"), ("P1050", "PERSON", "DISEASE"),
    ("P569 P570", "PERSON", "DATE"), ("P571 P576", "ORGANIZATION PRODUCT", "DATE"),
    ("P575 P577", "PRODUCT WORK_OF_ART", "DATE"), ("P580 P582 P585", "EVENT", "DATE"),
    ("P915", "EVENT", "CITY"),  # of the shooting
    ("P607 P1344", "PERSON", "EVENT"), ("P664", "EVENT", "ORGANIZATION"), ("P710", "EVENT", "PERSON"),
    ("P742 P1449 P1477", "PERSON", "PERSON"), ("P1813", "ORGANIZATION", "ORGANIZATION"),
    ("P800", "PERSON", "WORK_OF_ART"), ("P1056", "ORGANIZATION", "PRODUCT"),
    ("P828 P1542", "EVENT", "EVENT"), ("P1142", "ORGANIZATION", "IDEOLOGY"),
    ("P1346", "AWARD EVENT", "PERSON"), ("P1399 P1595", "PERSON", "CRIME"),
    ("P1596", "PERSON", "PENALTY"), ("P1412", "PERSON", "LANGUAGE"),
    ("P2284", "PRODUCT WORK_OF_ART FACILITY", "MONEY"), ("P2295 P3362", "ORGANIZATION", "MONEY"),
)  # fmt: skip
"""Properties by what Wikidata defines their subjects and objects to be, in types of the ontology."""


def test_every_property_reads_as_wikidata_defines_it() -> None:
    judged = set()
    for properties, subjects, objects in SENSES:
        for property in properties.split():
            judged.add(property)
            for relation in wikidata_relations(property):
                pairs = {(s, o) for s in subjects.split() for o in objects.split()}
                if wikidata_direction(property, relation) == "inverse":
                    pairs = {(o, s) for s, o in pairs}
                assert any((relation, *pair) in ALLOWED for pair in pairs), (property, relation)
    assert {p for p in (f"P{n}" for n in range(4000)) if wikidata_relations(p)} == judged
