"""``/v1/graph``: what a picture holds, its filters, and that it grows without moving."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.serve.conftest import finished, upload
from tests.storage.samples import record

TEXTS = {
    "a.txt": "Иван Петров работает в Газпроме. Мария Иванова живёт в Москве.",
    "b.txt": "Мария Иванова работает в Газпроме. Мария Иванова работает в Лукойле.",
    "c.txt": "Олег Сидоров работает в Лукойле. Олег Сидоров живёт в Твери.",
    "d.txt": "Мария Иванова работает в Лукойле.",
}


@pytest.fixture
def drawn(client: TestClient) -> TestClient:
    assert finished(client, upload(client, TEXTS).json()["id"])["added"] == len(TEXTS)
    return client


def picture(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/v1/graph", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def places(found: dict[str, Any]) -> dict[str, tuple[float, float]]:
    return {n["name"]: (n["x"], n["y"]) for n in found["nodes"]}


def ids(client: TestClient) -> dict[str, str]:
    return {n["name"]: n["id"] for n in picture(client)["nodes"]}


def test_the_whole_graph(drawn: TestClient) -> None:
    found = picture(drawn)
    facts = drawn.get("/v1/facts").json()["items"]
    assert {e["id"] for e in found["edges"]} == {f["id"] for f in facts}
    degree = {n["name"]: n["degree"] for n in found["nodes"]}
    assert degree["Мария Иванова"] == 3
    assert found["truncated"] is False
    two = next(e for e in found["edges"] if e["sources"] == 2)
    assert (two["relation"], two["label_ru"], two["on_path"]) == (
        "WORKPLACE",
        "место работы",
        False,
    )
    assert two["label_en"]
    best = picture(drawn, top=2)
    assert (len(best["nodes"]), best["truncated"]) == (2, True)
    assert max(degree, key=lambda name: degree[name]) in places(best)


def test_around_centres(drawn: TestClient) -> None:
    known = ids(drawn)
    near = picture(drawn, centre=known["Иван Петров"])
    assert len(near["nodes"]) == 2
    wider = picture(drawn, centre=known["Иван Петров"], depth=3)
    assert set(places(wider)) >= {"Мария Иванова", "Газпром"}
    assert "Олег Сидоров" not in places(wider)
    both = picture(drawn, centre=[known["Иван Петров"], known["Олег Сидоров"]])
    assert len(both["nodes"]) == 5
    small = picture(drawn, centre=known["Мария Иванова"], limit=2)
    assert (len(small["nodes"]), small["truncated"]) == (2, True)


def test_steps_keep_what_is_drawn(drawn: TestClient) -> None:
    known = ids(drawn)
    start = picture(drawn, centre=known["Иван Петров"])
    [company] = [name for name in places(start) if name != "Иван Петров"]
    grown = picture(drawn, centre=known["Иван Петров"], step=[known[company]])
    assert places(grown).items() > places(start).items()
    path = f"{known['Иван Петров']}~{known['Тверь' if 'Тверь' in known else 'Твери']}"
    longer = picture(drawn, centre=known["Иван Петров"], step=[known[company], path])
    assert places(longer).items() >= places(grown).items()
    alone = picture(drawn, step=path)
    assert alone["nodes"] == [] or all(e["on_path"] for e in alone["edges"])
    assert picture(drawn, step=path) == alone


def test_a_path(drawn: TestClient) -> None:
    known = ids(drawn)
    path = f"{known['Иван Петров']}~{known['Олег Сидоров']}"
    found = picture(drawn, step=path)
    told = drawn.get(
        "/v1/paths", params={"source": known["Иван Петров"], "target": known["Олег Сидоров"]}
    )
    facts = {f["id"] for p in told.json()["paths"] for f in p["facts"]}
    assert facts
    assert {e["id"] for e in found["edges"] if e["on_path"]} == facts
    filtered = picture(drawn, step=path, relation="PLACE_RESIDES_IN")
    assert set(places(filtered)) == {"Иван Петров", "Олег Сидоров"}
    assert filtered["edges"] == []


def test_filters(drawn: TestClient) -> None:
    lives = picture(drawn, relation="PLACE_RESIDES_IN")
    assert {e["relation"] for e in lives["edges"]} == {"PLACE_RESIDES_IN"}
    people = picture(drawn, type=["PERSON", "CITY"])
    assert {n["type"] for n in people["nodes"]} == {"PERSON", "CITY"}
    known = ids(drawn)
    around = picture(drawn, centre=known["Газпром"], type="PERSON")
    assert set(places(around)) == {"Газпром", "Иван Петров", "Мария Иванова"}
    assert picture(drawn, confidence=1)["edges"] == []


def test_dates(client: TestClient) -> None:
    store = client.app.state.service.graph.store  # type: ignore[attr-defined]
    marked = (
        "[Анна|PERSON] из [Твери|CITY|Тверь], [1990 год|DATE]. [Анна|PERSON] из [Орла|CITY|Орёл]."
    )
    store.add_document(record("a.txt", marked, "0 PLACE_OF_BIRTH 1 0.7", "3 PLACE_OF_BIRTH 4 0.7"))
    assert sorted(e["dates"] for e in picture(client)["edges"]) == [[], ["1990 год"]]
    assert set(places(picture(client, since="1980", until="1990"))) == {"Анна", "Тверь"}
    assert picture(client, until="1989")["edges"] == []
    for city, edges in (("CITY:тверь", 1), ("CITY:орёл", 0)):
        found = picture(client, step=f"PERSON:анна~{city}", since="1990")
        assert len(found["edges"]) == edges
        assert len(found["nodes"]) == 2


def test_problems_and_etag(drawn: TestClient) -> None:
    for query in ({"centre": "nobody"}, {"step": "nobody"}, {"step": "nobody~none"}):
        answer = drawn.get("/v1/graph", params=query)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    for query in ({"step": "~"}, {"step": "a~"}, {"top": "2001"}, {"type": "X"}, {"since": "вчера"},
                  {"confidence": "nan"}, {"depth": "4"}, {"centre": "\x00"}):  # fmt: skip
        assert drawn.get("/v1/graph", params=query).status_code == 422, query
    tag = drawn.get("/v1/graph").headers["etag"]
    assert drawn.get("/v1/graph", headers={"If-None-Match": tag}).status_code == 304


def test_an_empty_graph(client: TestClient) -> None:
    assert picture(client) == {"nodes": [], "edges": [], "truncated": False}
