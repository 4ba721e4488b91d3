"""The graph as FollowTheMoney entities, a JSON object a line (https://followthemoney.tech).

People, organisations, places, events, facilities, products and works are entities; dates of
life and foundation, places of birth, professions and religions are properties of theirs.
Relations become the schema that says the same between these types (Family, Associate,
Employment, Membership, Ownership), else an UnknownLink, with their evidence in ``summary``.

A fact that joins one of these to something of another type (an award, a sum, a penalty) is a
Note about it; a penalty that is called a sanction is a Sanction, for the model means those
alone by the word. A sum that one mention calls both somebody's expenditure and another's
income is a Payment; the model wants both ends of one, so a sum with one end stays a Note, with
the amount in ``notes``. The only price of an asset is its amount. Amounts stand where a name
says one exactly. Facts with neither end in the model, and entities that no fact told here
names, are left out and counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kgbuild.exchange.files import EntityRow, entity_rows, whole_text
from kgbuild.exchange.ftm_sums import Payment, payments, sure_sum
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.ports import Store
from kgbuild.russian.values import value_of
from kgbuild.russian.valuetypes import DateValue
from kgbuild.types import Evidence, Fact

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
_SANCTION = re.compile(r"\bсанкци", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")

Properties = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a format has no place for: counts by entity type and by relation, the most first."""

    entities: tuple[tuple[str, int], ...]
    facts: tuple[tuple[str, int], ...]

    def __bool__(self) -> bool:
        return bool(self.entities or self.facts)

    def __str__(self) -> str:
        counts = (("entities", self.entities), ("facts", self.facts))
        return ", ".join(
            f"{sum(count for _, count in some)} {what}"
            f" ({', '.join(f'{name} {count}' for name, count in some)})"
            for what, some in counts if some
        )  # fmt: skip


def write_ftm(store: Store, path: Path) -> LeftOut:
    """A file of FollowTheMoney entities: nodes, then what joins them; gives what isn't there."""
    owned = {f.object.id for f in store.facts(relation="OWNER_OF")}
    properties: dict[str, Properties] = defaultdict(dict)
    for fact in store.facts():
        for name, value in _said(fact):
            known = properties[fact.subject.id].setdefault(name, [])
            if value not in known:
                known.append(value)
    prices = _prices(store.facts(relation="PRICE_OF"))
    schema_of: dict[str, str] = {}
    other: dict[str, str] = {}
    with whole_text(path) as file:
        for row in entity_rows(store):
            schema = SCHEMATA.get(row.entity.type)
            if schema is None:
                other[row.entity.id] = row.entity.type
                continue
            if schema == "Organization" and row.entity.id in owned:
                schema = "Company"
            schema_of[row.entity.id] = schema
            own = _own(row, schema) | properties[row.entity.id]
            if schema == "Asset":
                own |= prices.get(row.entity.id, {})
            _write(file.write, row.entity.id, schema, own)
        facts = Counter[str]()
        for id, schema, found in _joining(store, schema_of, facts, other):
            _write(file.write, id, schema, found)
    left = Counter(other.values())
    return LeftOut(tuple(left.most_common()), tuple(facts.most_common()))


def _joining(
    store: Store, schema_of: Mapping[str, str], left: Counter[str], other: dict[str, str]
) -> Iterator[tuple[str, str, Properties]]:
    """Payments, links and notes. Counts in ``left`` the facts that have no place, and takes
    from ``other`` the entities that a fact told names."""
    paid: dict[str, set[Evidence]] = defaultdict(set)
    money = (f for name in ("EXPENDITURE", "INCOME") for f in store.facts(relation=name))
    for payment in payments(f for f in money if schema_of.get(f.subject.id) in _ACTORS):
        paid[payment.spent.id].update(payment.evidence)
        paid[payment.earned.id].update(payment.evidence)
        other.pop(payment.spent.object.id, None)
        other.pop(payment.earned.object.id, None)
        yield _payment(payment)
    for fact in store.facts():
        ends = [end.id in schema_of for end in (fact.subject, fact.object)]
        if not any(ends):
            left[fact.relation] += 1
            continue
        for end in (fact.subject, fact.object):
            other.pop(end.id, None)
        if all(ends):
            yield _link(fact, schema_of)
        elif not any(_said(fact)) and not set(fact.evidence) <= paid[fact.id]:
            yield _note(fact, told_of_subject=ends[0])


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


def _prices(facts: Iterable[Fact]) -> dict[str, Properties]:
    """The amounts of what has one price."""
    of: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        of[fact.subject.id].append(fact.object.name)
    sums = {id: sure_sum(names[0]) for id, names in of.items() if len(names) == 1}
    return {
        id: {"amount": [price.amount], "currency": [price.currency]}
        for id, price in sums.items() if price is not None
    }  # fmt: skip


def _payment(payment: Payment) -> tuple[str, str, Properties]:
    spent, earned = payment.spent, payment.earned
    named = dict.fromkeys((spent.object.name, earned.object.name))
    price = sure_sum(spent.object.name)
    return _id(f"{spent.id} {earned.id}"), "Payment", {
        "payer": [spent.subject.id],
        "beneficiary": [earned.subject.id],
        "amount": [] if price is None else [price.amount],
        "currency": [] if price is None else [price.currency],
        "recordId": [spent.id, earned.id],
        "description": [", ".join(named)],
        "summary": _evidence(payment.evidence),
    }  # fmt: skip


def _note(fact: Fact, told_of_subject: bool) -> tuple[str, str, Properties]:
    """What a fact says of the one end that the model has a place for."""
    one, far = (fact.subject, fact.object)[:: 1 if told_of_subject else -1]
    found: Properties = {
        "entity": [one.id],
        "summary": _evidence(fact.evidence),
    }
    said = f"{fact.id}, confidence {fact.confidence!r}"
    if told_of_subject and fact.relation == "PENALIZED_AS" and _SANCTION.search(far.name):
        more = {"provisions": [far.name], "recordId": [fact.id], "description": [said]}
        return _id(fact.id), "Sanction", found | more
    known = fact.relation in RELATIONS
    label = relation_type(fact.relation).label(inverse=not told_of_subject) if known else ""
    price = sure_sum(far.name) if far.type == "MONEY" else None
    return _id(fact.id), "Note", found | {
        "description": [f"{label or fact.relation}: {far.name}"],
        "keywords": [fact.relation, far.type],
        "notes": [said, *([] if price is None else [f"{price.amount} {price.currency}"])],
    }  # fmt: skip


def _id(seed: str) -> str:
    return "F" + hashlib.sha256(seed.encode()).hexdigest()[:24]


def _evidence(found: Iterable[Evidence]) -> list[str]:
    return list(dict.fromkeys(f"{e.document}: {e.text}" for e in found))


def _link(fact: Fact, schema_of: Mapping[str, str]) -> tuple[str, str, Properties]:
    known = fact.relation in RELATIONS
    label = relation_type(fact.relation).label_ru if known else fact.relation
    ends = schema_of[fact.subject.id], schema_of[fact.object.id]
    schema, source, target, role = "UnknownLink", "subject", "object", "role"
    if fact.relation in _LINKS:
        named, start, end, starts, stops = _LINKS[fact.relation]
        if ends[0] in starts and ends[1] in stops:
            schema, source, target = named, start, end
            role = "relationship" if schema in ("Family", "Associate") else "role"
    return _id(fact.id), schema, {
        source: [fact.subject.id],
        target: [fact.object.id],
        role: [label],
        "recordId": [fact.id],
        "description": [f"{fact.relation}, confidence {fact.confidence!r}"],
        "summary": _evidence(fact.evidence),
    }  # fmt: skip
