"""The graph as FollowTheMoney entities, a JSON object a line (https://followthemoney.tech).

People, organisations, places, events, facilities, products and works are entities; dates of
life and foundation, places of birth, professions and religions are properties of theirs.
Relations become the schema that says the same between these types (Family, Associate,
Employment, Membership, Ownership), else an UnknownLink, with their evidence in ``summary``.
Entities of other types and facts about them have no place in this model and are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kgbuild.exchange.files import whole_text
from kgbuild.exchange.rows import EntityRow, entity_rows
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.ports import Store
from kgbuild.resolve.values import value_of
from kgbuild.resolve.valuetypes import DateValue
from kgbuild.types import Fact

_PLACES = ("CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE")
SCHEMATA = {
    "PERSON": "Person", "ORGANIZATION": "Organization", "EVENT": "Event",
    "FACILITY": "Asset", "PRODUCT": "Asset", "WORK_OF_ART": "Asset",
    **dict.fromkeys(_PLACES, "Address"),
}  # fmt: skip
"""Entity type → schema; an organisation that somebody owns is a Company, which is an asset."""
_PROPERTIES = {
    ("DATE_OF_BIRTH", "PERSON"): "birthDate", ("DATE_OF_DEATH", "PERSON"): "deathDate",
    ("DATE_FOUNDED_IN", "ORGANIZATION"): "incorporationDate",
    ("DATE_DEFUNCT_IN", "ORGANIZATION"): "dissolutionDate",
    ("PLACE_OF_BIRTH", "PERSON"): "birthPlace", ("WORKS_AS", "PERSON"): "position",
    ("RELIGION_OF", "PERSON"): "religion", ("ABBREVIATION", "ORGANIZATION"): "abbreviation",
    ("POINT_IN_TIME", "EVENT"): "date",
}  # fmt: skip
"""Relation and subject's type → a property that holds the object's name or date."""
_KIN = ("PARENT_OF", "RELATIVE", "SIBLING", "SPOUSE")
_ACTORS = frozenset({"Company", "Organization", "Person"})
_BODIES = frozenset({"Company", "Organization"})
_LINKS = {
    **dict.fromkeys(_KIN, ("Family", "person", "relative", {"Person"}, {"Person"})),
    "KNOWS": ("Associate", "person", "associate", {"Person"}, {"Person"}),
    "WORKPLACE": ("Employment", "employee", "employer", {"Person"}, _BODIES),
    "MEMBER_OF": ("Membership", "member", "organization", _ACTORS, _BODIES),
    "OWNER_OF": ("Ownership", "owner", "asset", _ACTORS, {"Asset", "Company"}),
}
"""Relation → schema, its ends, and the schemata that may stand there."""
_IDS = {"wikidata": "wikidataId", "inn": "innCode", "ogrn": "ogrnCode"}
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")

Properties = dict[str, list[str]]


def write_ftm(store: Store, path: Path) -> None:
    """A file of FollowTheMoney entities: nodes, then the links between them."""
    owned = {f.object.id for f in store.facts(relation="OWNER_OF")}
    properties: dict[str, Properties] = defaultdict(dict)
    for fact in store.facts():
        for name, value in _said(fact):
            known = properties[fact.subject.id].setdefault(name, [])
            if value not in known:
                known.append(value)
    schema_of: dict[str, str] = {}
    with whole_text(path) as file:
        for row in entity_rows(store):
            schema = SCHEMATA.get(row.entity.type)
            if schema is not None:
                if schema == "Organization" and row.entity.id in owned:
                    schema = "Company"
                schema_of[row.entity.id] = schema
                own = _own(row, schema) | properties[row.entity.id]
                _write(file.write, row.entity.id, schema, own)
        for fact in store.facts():
            if fact.subject.id in schema_of and fact.object.id in schema_of:
                _write(file.write, *_link(fact, schema_of))


def _write(write: object, id: str, schema: str, properties: Properties) -> None:
    assert callable(write)
    kept = {name: values for name, values in properties.items() if values}
    line = {"id": id, "schema": schema, "properties": kept}
    write(json.dumps(line, ensure_ascii=False) + "\n")


def _own(row: EntityRow, schema: str) -> Properties:
    entity = row.entity
    found: Properties = {"name": [entity.name],
                         "weakAlias": [a for a in entity.aliases if a != entity.name]}  # fmt: skip
    if schema == "Address":
        found["full"] = [entity.name]
    for scheme, _, value in (one.partition(":") for one in row.external):
        name = _IDS.get(scheme)
        if name == "wikidataId" or (name is not None and schema in _ACTORS):
            found.setdefault(name, []).append(value)
    return found


def _said(fact: Fact) -> Iterator[tuple[str, str]]:
    """The properties that a fact gives its subject."""
    name = _PROPERTIES.get((fact.relation, fact.subject.type))
    if name is not None and name.lower().endswith("date"):
        value = value_of(fact.object.name, fact.object.type)
        if isinstance(value, DateValue) and not value.about and _DATE.fullmatch(value.iso):
            yield name, value.iso
    elif name is not None:
        yield name, fact.object.name


def _link(fact: Fact, schema_of: dict[str, str]) -> tuple[str, str, Properties]:
    id = "F" + hashlib.sha256(fact.id.encode()).hexdigest()[:24]
    known = fact.relation in RELATIONS
    label = relation_type(fact.relation).label_ru if known else fact.relation
    ends = schema_of[fact.subject.id], schema_of[fact.object.id]
    schema, source, target, role = "UnknownLink", "subject", "object", "role"
    if fact.relation in _LINKS:
        named, start, end, starts, stops = _LINKS[fact.relation]
        if ends[0] in starts and ends[1] in stops:
            schema, source, target = named, start, end
            role = "relationship" if schema in ("Family", "Associate") else "role"
    return id, schema, {
        source: [fact.subject.id],
        target: [fact.object.id],
        role: [label],
        "recordId": [fact.id],
        "description": [f"{fact.relation}, confidence {fact.confidence!r}"],
        "summary": list(dict.fromkeys(f"{e.document}: {e.text}" for e in fact.evidence)),
    }  # fmt: skip
