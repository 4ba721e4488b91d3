"""An entity's dates, nested names and other registers; the weakest facts; which one is meant."""

from __future__ import annotations

from typing import Any

import pytest
from ask.graphs import records
from starlette.testclient import TestClient

from kgbuild.read.sniff import SUFFIXES
from kgbuild.types import ExternalId
from tests.serve.conftest import Open
from tests.serve.test_security import READER, TOKENS, bearer

TEXTS = (
    "[Иван Орлов|PERSON] родился [5 мая 1900 года|DATE] и умер [недавно|DATE]."
    " => 1 DATE_OF_BIRTH 2 0.6, 1 DATE_OF_DEATH 3 0.9",
    "[Иван Орлов|PERSON] был на [съезде|EVENT] [в 1890-х годах|DATE]."
    " => 1 PARTICIPANT_IN 2 0.8, 2 POINT_IN_TIME 3 0.7",
    "[Театр имени [Орлова|PERSON]|ORGANIZATION] стоит в [Клину|CITY].",
    "[Глеб Зорин|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2",
    "[Фёдор Зорин|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2",
)


@pytest.fixture
def known(client: TestClient) -> TestClient:
    for record in records(*TEXTS):
        client.app.state.service.graph.store.add_document(record)  # type: ignore[attr-defined]
    return client


def entity(client: TestClient, name: str) -> str:
    found = client.get("/v1/entities", params={"prefix": name}).json()["items"]
    return str(next(e["id"] for e in found if e["name"] == name))


def test_the_timeline_is_in_order_and_goes_through_events(known: TestClient) -> None:
    path = f"/v1/entities/{entity(known, 'Иван Орлов')}/timeline"
    found: list[dict[str, Any]] = known.get(path).json()
    told = [
        (m["date"], m["fact"]["relation"], m["through"] and m["through"]["relation"]) for m in found
    ]
    assert told == [
        ("189X", "POINT_IN_TIME", "PARTICIPANT_IN"),
        ("1900-05-05", "DATE_OF_BIRTH", None),
    ]  # «недавно» is no date
    assert known.get("/v1/entities/nobody/timeline").status_code == 404


def test_nested_names(known: TestClient) -> None:
    theatre = next(
        e
        for e in known.get("/v1/entities?type=ORGANIZATION").json()["items"]
        if "имени" in e["name"]
    )
    parts = known.get(f"/v1/entities/{theatre['id']}/nested").json()["parts"]
    assert len(parts) == 1
    back = known.get(f"/v1/entities/{parts[0]['id']}/nested").json()
    assert [whole["id"] for whole in back["wholes"]] == [theatre["id"]]


def test_external_ids(known: TestClient) -> None:
    id = entity(known, "Иван Орлов")
    assert known.get(f"/v1/entities/{id}/external").json() == []
    store = known.app.state.service.graph.store  # type: ignore[attr-defined]
    store.add_external_ids([ExternalId(id, "wikidata", "Q1", "Иван")])
    found = known.get(f"/v1/entities/{id}/external").json()
    assert found == [{"scheme": "wikidata", "value": "Q1", "label": "Иван"}]


def test_the_weakest_facts_by_pages(known: TestClient) -> None:
    found, cursor = [], None
    while True:
        query = {"weakest": True, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = known.get("/v1/facts", params=query).json()
        found += [fact["confidence"] for fact in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == sorted(found)
    assert len(found) == 6
    strongest = known.get("/v1/facts?limit=2").json()["next"]
    wrong = known.get("/v1/facts", params={"weakest": True, "cursor": strongest})
    assert wrong.status_code == 422


def test_which_of_two_is_meant(known: TestClient) -> None:
    asked = {"question": "Где родился Зорин?"}
    places = {"Глеб Зорин": "Клин", "Фёдор Зорин": "Тверь"}
    told = known.get("/v1/ask", params=asked).json()
    assert {a["about"]: a["text"] for a in told["answers"]} == places
    assert len(told["answers"]) == len(places)
    assert told["conflicting"] is False
    for name, place in places.items():
        body = asked | {"meaning": entity(known, name)}
        for answer in (known.get("/v1/ask", params=body), known.post("/v1/ask", json=body)):
            assert answer.json()["question"] == asked["question"]
            assert [(a["about"], a["text"]) for a in answer.json()["answers"]] == [(name, place)]
    assert known.get("/v1/ask", params=asked | {"meaning": "nobody"}).status_code == 404


def test_the_session_tells_the_role(client: TestClient) -> None:
    told = client.get("/v1/session").json()
    assert told == {"role": "editor", "name": None, "tokens": False, "formats": sorted(SUFFIXES)}


def test_the_session_of_a_reader(opened: Open) -> None:
    with opened(tokens=TOKENS) as client:
        assert client.get("/v1/session").status_code == 401
        told = client.get("/v1/session", headers=bearer(READER)).json()
        read = {"formats": sorted(SUFFIXES)}
        assert told == {"role": "reader", "name": "пётр", "tokens": True} | read
