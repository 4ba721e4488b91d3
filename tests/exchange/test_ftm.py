"""FollowTheMoney's own model reads the export and finds nothing to correct."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.ftm import SCHEMATA, LeftOut
from kgbuild.types import (
    Document,
    DocumentRecord,
    ExternalId,
    Fact,
    Mention,
    Relation,
    ResolvedMention,
    Sentence,
)
from tests.exchange.graphs import nodes
from tests.exchange.hostile import identifier, names
from tests.exchange.linked import graph
from tests.oracle import MemoryStore

pytest.importorskip("followthemoney")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEXT = (
    "[Иван Петрович Орлов|PERSON] родился [5 мая 1900 года|DATE] в [Клину|CITY], [инженер|PROFESSION] в"
    " [«Рогах»|ORGANIZATION], муж [Анны Лосевой|PERSON], владел [«Копытами»|ORGANIZATION] и получил"
    " [орден|AWARD] => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3, 1 WORKS_AS 4, 1 WORKPLACE 5,"
    " 1 SPOUSE 6, 1 OWNER_OF 7, 1 AWARDED_WITH 8, 5 HEADQUARTERED_IN 3, 1 MEMBER_OF 7"
)


def read(store: MemoryStore, path: Path, left: list[LeftOut] | None = None) -> dict[str, Any]:
    """The entities as proxies of the model, which checks every value."""
    left = [] if left is None else left
    from followthemoney import model

    written = WRITERS["ftm"](store, path)
    assert written is not None
    left.append(written)
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    proxies = {line["id"]: model.get_proxy(line, cleaned=True) for line in lines}
    assert len(proxies) == len(lines)
    for line in lines:
        proxy = proxies[line["id"]]
        checked = model.get_proxy(line, cleaned=False)
        for name, values in line["properties"].items():
            property = proxy.schema.get(name)
            assert property is not None, (line["schema"], name)
            assert sorted(proxy.get(name)) == sorted(values)
            assert len(checked.get(name)) >= 1, (name, values)
        assert not [n for n in proxy.schema.required if not proxy.get(n)]
    return proxies


def test_people_bodies_and_links(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", TEXT)
    [orlov] = [e for e in store.entities() if e.name == "Иван Петрович Орлов"]
    store.add_external_ids(
        [ExternalId(orlov.id, "wikidata", "Q1"), ExternalId(orlov.id, "inn", "7707083893")]
    )
    proxies = read(store, tmp_path / "g.json")
    person = proxies[orlov.id]
    assert person.schema.name == "Person"
    assert {n: person.get(n) for n in ("birthDate", "birthPlace", "position", "wikidataId", "innCode")} == {
        "birthDate": ["1900-05-05"], "birthPlace": ["Клин"], "position": ["инженер"],
        "wikidataId": ["Q1"], "innCode": ["7707083893"],
    }  # fmt: skip
    links = {}
    for proxy in proxies.values():
        if proxy.schema.edge:
            ends = [
                proxies[proxy.first(p)].caption
                for p in (proxy.schema.edge_source, proxy.schema.edge_target)
            ]
            links[proxy.first("recordId").split(":")[1]] = (proxy.schema.name, *ends)
            assert proxy.first("summary").startswith(f"{tmp_path}/docs/0.txt: ")
    assert links == {
        "SPOUSE": ("Family", "Иван Петрович Орлов", "Анна Лосева"),
        "WORKPLACE": ("Employment", "Иван Петрович Орлов", "Рога"),
        "OWNER_OF": ("Ownership", "Иван Петрович Орлов", "Копыта"),
        "MEMBER_OF": ("Membership", "Иван Петрович Орлов", "Копыта"),
        "HEADQUARTERED_IN": ("UnknownLink", "Рога", "Клин"),
        "PLACE_OF_BIRTH": ("UnknownLink", "Иван Петрович Орлов", "Клин"),
    }
    assert {p.caption: p.schema.name for p in proxies.values() if not p.schema.edge} == {
        "Иван Петрович Орлов": "Person", "Анна Лосева": "Person", "Рога": "Organization",
        "Копыта": "Company", "Клин": "Address", "награда: орден": "Note",
    }  # fmt: skip


def test_hostile_names(store: MemoryStore, tmp_path: Path) -> None:
    proxies = read(store, tmp_path / "g.json")
    people = {p.id: p for p in proxies.values() if p.schema.name == "Person"}
    assert {id: (p.first("name"), "PERSON") for id, p in people.items()} == {
        id: row[:2] for id, row in nodes(store).items()
    }
    family = {
        (p.first("person"), p.first("relative")): p.first("recordId")
        for p in proxies.values() if p.schema.name == "Family"
    }  # fmt: skip
    assert family == {(f.subject.id, f.object.id): f.id for f in store.facts()}
    told = {s for p in proxies.values() if p.schema.name == "Family" for s in p.get("summary")}
    assert told == {f"{e.document}: {e.text}" for f in store.facts() for e in f.evidence}


SUMS = (
    "[«Рога»|ORGANIZATION] заплатили [Ивану Орлову|PERSON] [5 млн рублей|MONEY], а [Анна Лосева|PERSON]"
    " получила [около 2 тысяч долларов|MONEY]. [«Волга»|PRODUCT] стоит [10 тысяч рублей|MONEY]."
    " [Директор|PROFESSION] совершил [кражу|CRIME]; [Пётр Гусев|PERSON] попал под [санкции ООН|PENALTY]"
    " и получил [условный срок|PENALTY] => 1 EXPENDITURE 3, 2 INCOME 3, 4 INCOME 5, 6 PRICE_OF 7,"
    " 8 CONVICTED_OF 9, 10 PENALIZED_AS 11, 10 PENALIZED_AS 12"
)


def test_sums_awards_and_penalties(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", SUMS)
    left: list[LeftOut] = []
    proxies = read(store, tmp_path / "g.json", left).values()
    [payment] = [p for p in proxies if p.schema.name == "Payment"]
    id_of = {e.name: e.id for e in store.entities()}
    assert (payment.get("payer"), payment.get("beneficiary")) == (
        [id_of["Рога"]],
        [id_of["Иван Орлов"]],
    )
    assert (payment.get("amount"), payment.get("currency")) == (["5000000"], ["RUB"])
    [sanction] = [p for p in proxies if p.schema.name == "Sanction"]
    assert (sanction.get("entity"), sanction.get("provisions")) == (
        [id_of["Пётр Гусев"]],
        ["санкции ООН"],
    )
    [volga] = [p for p in proxies if p.caption == "Волга"]
    assert (volga.get("amount"), volga.get("currency")) == (["10000"], ["RUB"])
    notes = {p.caption: (p.get("entity"), sums(p)) for p in proxies if p.schema.name == "Note"}
    assert notes == {
        "доход: около 2 тысяч долларов": ([id_of["Анна Лосева"]], []),
        "цена: 10 тысяч рублей": ([id_of["Волга"]], ["10000 RUB"]),
        "наказание: условный срок": ([id_of["Пётр Гусев"]], []),
    }
    assert left == [LeftOut((("PROFESSION", 1), ("CRIME", 1)), (("CONVICTED_OF", 1),))]
    assert str(left[0]) == "2 entities (PROFESSION 1, CRIME 1), 1 facts (CONVICTED_OF 1)"


def test_a_price_among_others_is_no_amount(tmp_path: Path) -> None:
    two = "[«Волга»|PRODUCT] стоит [10 рублей|MONEY] или [20 рублей|MONEY] => 1 PRICE_OF 2, 1 PRICE_OF 3"
    proxies = read(graph(tmp_path / "docs", two), tmp_path / "g.json").values()
    [volga] = [p for p in proxies if p.schema.name == "Asset"]
    assert volga.get("amount") == []
    assert sorted(sums(p)[0] for p in proxies if p.schema.name == "Note") == [
        "10 RUB",
        "20 RUB",
    ]


def test_two_sums_of_one_name_pay_nobody(tmp_path: Path) -> None:
    apart = (
        "[«Рога»|ORGANIZATION] потратили [5 рублей|MONEY], [Анна Лосева|PERSON] получила"
        " [5 рублей|MONEY] => 1 EXPENDITURE 2, 3 INCOME 4"
    )
    found = read(graph(tmp_path / "docs", apart), tmp_path / "g.json").values()
    assert Counter(p.schema.name for p in found) == {"Organization": 1, "Person": 1, "Note": 2}


KINDS = (
    ("PERSON", "AWARDED_WITH", "AWARD"), ("ORGANIZATION", "INCOME", "MONEY"),
    ("PERSON", "PENALIZED_AS", "PENALTY"), ("PROFESSION", "CONVICTED_OF", "CRIME"),
    ("AWARD", "ORIGINS_FROM", "COUNTRY"), ("PRODUCT", "PRICE_OF", "MONEY"),
    ("ORGANIZATION", "EXPENDITURE", "MONEY"), ("PERSON", "WORKPLACE", "ORGANIZATION"),
)  # fmt: skip


def test_hostile_facts_are_all_there_or_counted(tmp_path: Path) -> None:
    found = names(160, seed=3)
    store = MemoryStore()
    for at in range(0, 160, 2):
        record = hostile(at, found[at], found[at + 1], KINDS[at // 2 % len(KINDS)])
        store._read[record.document.source] = record
        store._document_rows[record.document.source] = at
    store._settle()
    assert store.stats().facts == 80
    left: list[LeftOut] = []
    proxies = read(store, tmp_path / "g.json", left)
    told = {id for p in proxies.values() for id in stated(p)}
    missing = [f for f in store.facts() if f.id not in told]
    assert told == {f.id for f in store.facts()} - {f.id for f in missing}
    assert {f.relation for f in missing} == {"CONVICTED_OF"}
    assert left == [LeftOut((("PROFESSION", 10), ("CRIME", 10)), (("CONVICTED_OF", 10),))]
    for fact in set(store.facts()) - set(missing):
        proxy = proxies["F" + hashlib.sha256(fact.id.encode()).hexdigest()[:24]]
        assert proxy.get("summary") == [f"{e.document}: {e.text}" for e in fact.evidence]
        assert ends(proxy, fact)


def sums(note: Any) -> list[str]:
    """The exact sums that a note tells; its other note is the fact's id."""
    return [text for text in note.get("notes") if ", confidence " not in text]


def stated(proxy: Any) -> list[str]:
    """The ids of the facts that an entity of the model tells."""
    if proxy.schema.name == "Note":
        [said] = set(proxy.get("notes")) - set(sums(proxy))
        return [str(said).rpartition(", confidence ")[0]]
    return list(proxy.get("recordId", quiet=True))


def ends(proxy: Any, fact: Fact) -> bool:
    """Whether both ends of the fact are the proxy's, by id or, where the model has none, name."""
    placed = [e for e in (fact.subject, fact.object) if e.type in SCHEMATA]
    far = [e for e in (fact.subject, fact.object) if e.type not in SCHEMATA]
    ids = [v for p, v in proxy.itervalues() if p.type.name == "entity"]
    text = [*proxy.get("provisions", quiet=True), *proxy.get("description", quiet=True)]
    return sorted(ids) == sorted(e.id for e in placed) and all(
        text[0].endswith(e.name) for e in far
    )


def hostile(number: int, one: str, other: str, kind: tuple[str, str, str]) -> DocumentRecord:
    """A document of two names and a relation between them."""
    text = f"{one} — {other}."
    a = Mention(0, len(one), kind[0])
    b = Mention(len(one) + 3, len(one) + 3 + len(other), kind[2])
    return DocumentRecord(
        Document(f"{number}-{one[:20]}.txt", text, hashlib.sha256(text.encode()).hexdigest()),
        (Sentence(0, len(text)),),
        (ResolvedMention(a, identifier(one), one), ResolvedMention(b, identifier(other), other)),
        (Relation(kind[1], a, b, 0.75),),
        "hostile",
    )
