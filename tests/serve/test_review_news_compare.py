"""What waits for a person, what came since a day, two people side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ask.graphs import records
from starlette.testclient import TestClient

from kgbuild.analytics import news as looked
from kgbuild.graph import KnowledgeGraph
from kgbuild.types import RegistryEntity

OLD = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY] [5 мая 1900 года|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.9, 1 DATE_OF_BIRTH 3 0.8",
    "[Пётр Зорин|PERSON] родился в [Клину|CITY] [в 1890 году|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.7, 1 DATE_OF_BIRTH 3 0.8",
)
NEW = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY]. [Иван Орлов|PERSON] женился на"
    " [Анне Беловой|PERSON]. => 1 PLACE_OF_BIRTH 2 0.9, 3 SPOUSE 4 0.8",
    "[Пётр Зорин|PERSON] знал [Ивана Орлова|PERSON]. => 1 KNOWS 2 0.6",
)


def graph(client: TestClient) -> KnowledgeGraph:
    found: KnowledgeGraph = client.app.state.service.graph  # type: ignore[attr-defined]
    return found


def add(client: TestClient, texts: tuple[str, ...], first: int = 0) -> datetime:
    """Adds documents; gives a moment just before they came."""
    before = datetime.now(UTC)
    for number, record in enumerate(records(*OLD, *NEW)):
        if first <= number < first + len(texts):
            graph(client).store.add_document(record)
    return before


def told(facts: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(f["subject"]["name"], f["relation"], f["object"]["name"]) for f in facts}


def news(client: TestClient, since: datetime, **more: str) -> Any:
    answer = client.get("/v1/news", params={"since": since.isoformat(), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_new_is_what_no_older_document_has(client: TestClient) -> None:
    add(client, OLD)
    since = add(client, NEW, len(OLD))
    found = news(client, since)
    assert [d["source"] for d in found["documents"]] == ["3.txt", "2.txt"]
    assert [e["name"] for e in found["entities"]] == ["Анна Белова"]
    assert told(found["facts"]) == {
        ("Иван Орлов", "SPOUSE", "Анна Белова"),
        ("Пётр Зорин", "KNOWS", "Иван Орлов"),
    }
    assert {c["name"]: c["count"] for c in found["counts"]} == {
        "documents": 2, "entities": 1, "facts": 2,
    }  # fmt: skip
    later = news(client, since + timedelta(days=1))
    assert (later["documents"], later["entities"], later["facts"]) == ([], [], [])
    assert len(news(client, since - timedelta(days=1))["documents"]) == len(OLD + NEW)


def test_news_of_a_watch_list_are_whom_new_documents_name(client: TestClient) -> None:
    add(client, OLD)
    since = add(client, NEW, len(OLD))
    listed = [
        RegistryEntity("мой", "1", "Анна Белова", ("PERSON",)),
        RegistryEntity("мой", "2", "Глеб Нигдейкин", ("PERSON",)),
    ]
    graph(client).set_watchlist("мой", listed)
    [hit] = news(client, since)["watched"]
    assert (hit["list"], hit["listed"], hit["mentions"]) == ("мой", "Анна Белова", 1)
    assert news(client, since + timedelta(days=1))["watched"] == []


def test_very_many_new_documents_move_the_day(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = add(client, OLD)
    add(client, NEW, len(OLD))
    monkeypatch.setattr(looked, "MOST_DOCUMENTS", 1)
    found = news(client, since)
    assert [d["source"] for d in found["documents"]] == ["3.txt"]
    assert datetime.fromisoformat(found["since"]) > since
    assert told(found["facts"]) == {("Пётр Зорин", "KNOWS", "Иван Орлов")}


def test_a_day_that_is_none_is_refused(client: TestClient) -> None:
    assert client.get("/v1/news", params={"since": "вчера"}).status_code == 422
    assert client.get("/v1/news").status_code == 422


def test_two_people_side_by_side(client: TestClient) -> None:
    add(client, OLD)
    add(client, NEW, len(OLD))
    answer = client.get("/v1/compare", params={"one": "Иван Орлов", "other": "Пётр Зорин"})
    found = answer.json()
    assert told(found["facts"]) == {("Пётр Зорин", "KNOWS", "Иван Орлов")}
    [common] = found["common"]
    assert common["entity"]["name"] == "Клин"
    assert told(common["one"]) == {("Иван Орлов", "PLACE_OF_BIRTH", "Клин")}
    assert told(common["other"]) == {("Пётр Зорин", "PLACE_OF_BIRTH", "Клин")}
    assert [(d["source"], d["one"], d["other"]) for d in found["documents"]] == [("3.txt", 1, 1)]
    names = {found[side]["id"]: found[side]["name"] for side in ("one", "other")}
    assert [(m["date"], names[m["of"]]) for m in found["timeline"]] == [
        ("1890", "Пётр Зорин"),
        ("1900-05-05", "Иван Орлов"),
    ]
    nobody = client.get("/v1/compare", params={"one": "Иван Орлов", "other": "Никто"})
    assert nobody.status_code == 404


def test_what_waits_shrinks_with_every_judgement(client: TestClient) -> None:
    add(client, OLD)
    before = client.get("/v1/review/waiting").json()["facts"]
    facts = client.get("/v1/facts").json()["items"]
    assert before == len(facts)
    for verdict, fact in zip(("accept", "reject"), facts, strict=False):
        client.post("/v1/judgements", json={"verdict": verdict, "fact": fact["id"]})
    assert client.get("/v1/review/waiting").json()["facts"] == before - 2
    client.post("/v1/judgements/1/undo")
    assert client.get("/v1/review/waiting").json()["facts"] == before - 1


ALIKE = (
    "[Ольга|PERSON] живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Ольга Леонардовна Книппер|PERSON] живёт в [Клину|CITY].",
    "[Ольга Зорина|PERSON] живёт в [Твери|CITY].",
)


def test_pairs_that_wait_are_counted(client: TestClient) -> None:
    for record in records(*ALIKE):
        graph(client).store.add_document(record)
    pairs = client.get("/v1/review", params={"limit": 200}).json()
    assert client.get("/v1/review/waiting").json()["pairs"] == len(pairs) > 1
    reason = pairs[0]["reason"]
    said = {"verdict": "unsure", "subject": reason["one"], "object": reason["other"]}
    assert client.post("/v1/judgements", json=said).status_code == 201
    assert client.get("/v1/review/waiting").json()["pairs"] == len(pairs) - 1


def test_a_pair_that_the_scorer_joined_can_be_confirmed(client: TestClient) -> None:
    for record in records("[Саша Орлов|PERSON] жил.", "[Александр Орлов|PERSON] жил."):
        graph(client).store.add_document(record)
    [doubt] = client.get("/v1/review").json()
    assert doubt["reason"]["joined"]
    said = {"subject": doubt["reason"]["one"], "object": doubt["reason"]["other"]}
    assert client.post("/v1/judgements", json={"verdict": "same", **said}).status_code == 201
    assert client.get("/v1/review").json() == []
    entity = graph(client).entity(doubt["one"]["id"])
    assert entity.mention_count == 2
