"""FollowTheMoney's own model reads the export and finds nothing to correct."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgbuild.exchange.formats import WRITERS
from kgbuild.types import ExternalId
from storage.memory import MemoryStore
from tests.exchange.graphs import nodes
from tests.exchange.linked import graph

pytest.importorskip("followthemoney")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEXT = (
    "[Иван Петрович Орлов|PERSON] родился [5 мая 1900 года|DATE] в [Клину|CITY], [инженер|PROFESSION] в"
    " [«Рогах»|ORGANIZATION], муж [Анны Лосевой|PERSON], владел [«Копытами»|ORGANIZATION] и получил"
    " [орден|AWARD] => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3, 1 WORKS_AS 4, 1 WORKPLACE 5,"
    " 1 SPOUSE 6, 1 OWNER_OF 7, 1 AWARDED_WITH 8, 5 HEADQUARTERED_IN 3, 1 MEMBER_OF 7"
)


def read(store: MemoryStore, path: Path) -> dict[str, Any]:
    """The entities as proxies of the model, which checks every value."""
    from followthemoney import model

    WRITERS["ftm"](store, path)
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
        "Копыта": "Company", "Клин": "Address",
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
