"""The graph as RDF: Turtle and JSON-LD, facts with their provenance.

IRIs are made from ids, so they are the same in every export. A fact is a triple of its own and
an ``rdf:Statement`` with its confidence; each evidence is a ``prov:Entity`` quoted
(``prov:wasQuotedFrom``) from its document, with offsets in code points and the sentence.

PROV-O: https://www.w3.org/TR/prov-o/
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kgbuild.errors import require
from kgbuild.exchange.files import entity_rows, whole_file
from kgbuild.ontology import ENTITY_TYPES, RELATIONS, entity_label, relation_type
from kgbuild.ports import Store
from kgbuild.types import Fact

PREFIXES = {
    "kg": "urn:kgbuild:ontology:",
    "entity": "urn:kgbuild:entity:",
    "fact": "urn:kgbuild:fact:",
    "document": "urn:kgbuild:document:",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
}
WIKIDATA = {
    "AWARDED_WITH": "P166", "CAUSE_OF_DEATH": "P509", "CONVICTED_OF": "P1399",
    "DATE_DEFUNCT_IN": "P576", "DATE_FOUNDED_IN": "P571", "DATE_OF_BIRTH": "P569",
    "DATE_OF_CREATION": "P571", "DATE_OF_DEATH": "P570", "END_TIME": "P582", "FOUNDED_BY": "P112",
    "HAS_CAUSE": "P828", "HEADQUARTERED_IN": "P159", "MEDICAL_CONDITION": "P1050",
    "MEMBER_OF": "P463", "OWNER_OF": "P1830", "PARENT_OF": "P40", "PARTICIPANT_IN": "P1344",
    "PART_OF": "P361", "PENALIZED_AS": "P1596", "PLACE_OF_BIRTH": "P19", "PLACE_OF_DEATH": "P20",
    "PLACE_RESIDES_IN": "P551", "POINT_IN_TIME": "P585", "RELATIVE": "P1038",
    "RELIGION_OF": "P140", "SCHOOLS_ATTENDED": "P69", "SIBLING": "P3373", "SPOUSE": "P26",
    "START_TIME": "P580", "TAKES_PLACE_IN": "P276", "WORKPLACE": "P108", "WORKS_AS": "P106",
}  # fmt: skip
"""Relation → the Wikidata property that says the same of the same subject and object."""
_EMPLOYERS = frozenset({"FACILITY", "ORGANIZATION"})
_PLACES = frozenset({"CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE"})
"""A WORKPLACE that is a place isn't an employer (P108) but a work location (P937)."""


def iri(prefix: str, name: str) -> Any:
    """A name as an IRI under a prefix; what an IRI can't hold is percent-encoded."""
    return require("pyoxigraph", extra="rdf").NamedNode(PREFIXES[prefix] + quote(name, safe=""))


def triples(store: Store) -> Iterator[Any]:
    """The whole graph as pyoxigraph triples."""
    yield from _ontology()
    ox = require("pyoxigraph", extra="rdf")
    for row in entity_rows(store):
        entity = row.entity
        me = iri("entity", entity.id)
        yield ox.Triple(me, iri("rdf", "type"), iri("kg", entity.type))
        yield ox.Triple(me, iri("rdfs", "label"), ox.Literal(entity.name, language="ru"))
        yield ox.Triple(me, iri("kg", "mentions"), ox.Literal(entity.mention_count))
        for alias in entity.aliases:
            if alias != entity.name:
                yield ox.Triple(me, iri("skos", "altLabel"), ox.Literal(alias, language="ru"))
        for scheme, _, value in (one.partition(":") for one in row.external):
            if scheme == "wikidata":
                yield ox.Triple(me, iri("owl", "sameAs"), iri("wd", value))
    for document in store.documents():
        me = iri("document", document.source)
        yield ox.Triple(me, iri("rdf", "type"), iri("prov", "Entity"))
        yield ox.Triple(me, iri("rdfs", "label"), ox.Literal(document.source))
    for fact in store.facts():
        yield from _fact(fact)


def _ontology() -> Iterator[Any]:
    ox = require("pyoxigraph", extra="rdf")
    languages = ("ru", "en")
    for type in ENTITY_TYPES:
        yield ox.Triple(iri("kg", type), iri("rdf", "type"), iri("owl", "Class"))
        for tag in languages:
            label = ox.Literal(entity_label(type, "ru" if tag == "ru" else "en"), language=tag)
            yield ox.Triple(iri("kg", type), iri("rdfs", "label"), label)
    for name in RELATIONS:
        me, relation = iri("kg", name), relation_type(name)
        yield ox.Triple(me, iri("rdf", "type"), iri("owl", "ObjectProperty"))
        for tag in languages:
            label = ox.Literal(relation.label("ru" if tag == "ru" else "en"), language=tag)
            yield ox.Triple(me, iri("rdfs", "label"), label)
        if relation.symmetric:
            yield ox.Triple(me, iri("rdf", "type"), iri("owl", "SymmetricProperty"))
        if name in WIKIDATA:
            yield ox.Triple(me, iri("skos", "closeMatch"), iri("wdt", WIKIDATA[name]))


def _fact(fact: Fact) -> Iterator[Any]:
    ox = require("pyoxigraph", extra="rdf")
    ends = iri("entity", fact.subject.id), iri("entity", fact.object.id)
    relation = iri("kg", fact.relation)
    yield ox.Triple(ends[0], relation, ends[1])
    property = WIKIDATA.get(fact.relation)
    if fact.relation == "WORKPLACE" and fact.object.type not in _EMPLOYERS:
        property = "P937" if fact.object.type in _PLACES else None
    if property is not None:
        yield ox.Triple(ends[0], iri("wdt", property), ends[1])
    me = iri("fact", fact.id)
    yield ox.Triple(me, iri("rdf", "type"), iri("rdf", "Statement"))
    yield ox.Triple(me, iri("rdf", "subject"), ends[0])
    yield ox.Triple(me, iri("rdf", "predicate"), relation)
    yield ox.Triple(me, iri("rdf", "object"), ends[1])
    yield ox.Triple(me, iri("kg", "confidence"), ox.Literal(fact.confidence))
    for one in fact.evidence:
        spans = f"{one.document}:{one.subject.start}-{one.subject.end}:{one.object.start}-{one.object.end}"
        quoted = iri("fact", f"{fact.id}@{spans}")
        yield ox.Triple(me, iri("prov", "wasDerivedFrom"), quoted)
        yield ox.Triple(quoted, iri("rdf", "type"), iri("prov", "Entity"))
        yield ox.Triple(quoted, iri("prov", "wasQuotedFrom"), iri("document", one.document))
        yield ox.Triple(quoted, iri("prov", "value"), ox.Literal(one.text, language="ru"))
        yield ox.Triple(quoted, iri("kg", "start"), ox.Literal(one.start))
        yield ox.Triple(quoted, iri("kg", "end"), ox.Literal(one.end))
        yield ox.Triple(quoted, iri("kg", "confidence"), ox.Literal(one.confidence))


def _write(format_: str, store: Store, path: Path) -> None:
    ox = require("pyoxigraph", extra="rdf")
    kind = getattr(ox.RdfFormat, format_)
    with whole_file(path) as draft, draft.open("wb") as file:
        ox.serialize(triples(store), file, kind, prefixes=PREFIXES)


write_turtle = partial(_write, "TURTLE")
write_jsonld = partial(_write, "JSON_LD")
