"""``/v1`` over fakes: documents in, the graph out, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from kgbuild.errors import InputError
from kgbuild.serve import pages
from kgbuild.serve.uploads import checked_name
from kgbuild.types import Extraction
from tests.serve.conftest import TEXTS, FakeCardExtractor, Open, finished, upload


def items(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(path, params={**query, **cursor})
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


def entity(client: TestClient, prefix: str) -> dict[str, Any]:
    [found] = client.get("/v1/entities", params={"prefix": prefix}).json()["items"]
    assert isinstance(found, dict)
    return found


def test_an_upload_becomes_documents(client: TestClient) -> None:
    answer = upload(client, TEXTS | {"пустой.txt": " "})
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert job["documents"] == [*TEXTS, "пустой.txt"]
    done = finished(client, job["id"])
    assert (done["state"], done["done"], done["added"]) == ("done", 4, 3)
    assert done["failed"] == [{"document": "пустой.txt", "reason": "пустой.txt: holds no text"}]
    assert [d["source"] for d in items(client, "/v1/documents", limit=2)] == sorted(TEXTS)
    again = finished(client, upload(client, TEXTS).json()["id"])
    assert (again["unchanged"], again["added"]) == (3, 0)
    changed = finished(client, upload(client, {"a.txt": "Иван Петров."}).json()["id"])
    assert changed["replaced"] == 1
    assert [j["id"] for j in items(client, "/v1/jobs", limit=1)] == [
        changed["id"], again["id"], job["id"]]  # fmt: skip


def test_progress_comes_as_events(filled: TestClient) -> None:
    job = upload(filled, {f"{n}.txt": f"Пётр Первый{n}. Олег." for n in range(40)}).json()
    with filled.stream("GET", f"/v1/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        text = "".join(stream.iter_text())
    told = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    assert [e["done"] for e in told] == sorted(e["done"] for e in told)
    assert told[-1]["state"] == "done"
    assert told[-1]["added"] == 40
    assert filled.get("/v1/jobs/none/events").status_code == 404


def test_a_document_with_its_mentions(filled: TestClient) -> None:
    found = filled.get("/v1/document", params={"source": "a.txt"}).json()
    assert found["text"] == TEXTS["a.txt"]
    for mention in found["mentions"]:
        assert found["text"][mention["start"] : mention["end"]] == mention["text"]
    assert {m["type"] for m in found["mentions"]} == {"PERSON", "ORGANIZATION", "CITY"}
    assert filled.get("/v1/document", params={"source": "none"}).status_code == 404


def test_deleting_a_document(filled: TestClient) -> None:
    report = filled.delete("/v1/document", params={"source": "b.txt"}).json()
    assert report["document"] == "b.txt"
    assert report["facts_removed"] == 1
    assert filled.delete("/v1/document", params={"source": "b.txt"}).status_code == 404


def test_lists_come_whole_whatever_the_page(filled: TestClient) -> None:
    for path in ("/v1/entities", "/v1/facts", "/v1/documents"):
        whole = items(filled, path, limit=200)
        assert len(whole) >= 3
        assert items(filled, path, limit=1) == whole
    ivan = entity(filled, "иван петров")
    path = f"/v1/entities/{ivan['id']}/mentions"
    assert items(filled, path, limit=1) == items(filled, path)
    assert len(items(filled, path)) == 2


def test_facts_by_what_is_wanted(filled: TestClient) -> None:
    maria = entity(filled, "мария")
    about = items(filled, "/v1/facts", entity=maria["id"])
    assert {f["relation"] for f in about} == {"WORKPLACE", "PLACE_RESIDES_IN"}
    [lives] = items(filled, "/v1/facts", subject=maria["id"], relation="PLACE_RESIDES_IN")
    assert lives in about
    assert filled.get(f"/v1/facts/{lives['id']}").json() == lives
    [evidence] = lives["evidence"]
    assert evidence["document"] == "a.txt"
    assert TEXTS["a.txt"][evidence["start"] : evidence["end"]] == evidence["text"]
    assert filled.get("/v1/facts/a:b:c").status_code == 404
    assert filled.get("/v1/facts/a").status_code == 404


def test_neighbours_and_paths(filled: TestClient) -> None:
    ivan, maria = entity(filled, "иван петров"), entity(filled, "мария")
    near = filled.get(f"/v1/entities/{ivan['id']}/neighbourhood").json()
    assert near["entities"][0]["id"] == ivan["id"]
    assert len(near["facts"]) == 1
    assert near["truncated"] is False
    small = filled.get(f"/v1/entities/{ivan['id']}/neighbourhood?depth=3&limit=1").json()
    assert (len(small["entities"]), small["truncated"]) == (1, True)
    known = {e["id"] for e in near["entities"]}
    assert all({f["subject"]["id"], f["object"]["id"]} <= known for f in near["facts"])
    city = entity(filled, "москв")
    found = filled.get("/v1/paths", params={"source": maria["id"], "target": city["id"]}).json()
    assert [len(p["facts"]) for p in found["paths"]] == [1]
    assert filled.get("/v1/paths", params={"source": "x", "target": "y"}).status_code == 404


def test_a_tentative_answer_says_so(
    opened: Open, fakes: FakeCardExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = fakes._one

    def unsure(text: str) -> Extraction:
        found = sure(text)
        return Extraction(found.mentions, (), found.relations)

    monkeypatch.setattr(fakes, "_one", unsure)
    with opened() as client:
        finished(client, upload(client, TEXTS).json()["id"])
        asked = {"question": "Где работает Иван Петров?"}
        answer = client.get("/v1/ask", params=asked).json()
        assert (answer["tentative"], answer["answers"][0]["text"]) == (True, "Газпром")
        answer = client.get("/v1/ask", params={**asked, "sure": True}).json()
        assert (answer["tentative"], answer["abstention"]) == (False, "no_fact")


def test_ask_and_search(filled: TestClient) -> None:
    question = "Где работает Иван Петров?"
    asked = filled.get("/v1/ask", params={"question": question}).json()
    posted = filled.post("/v1/ask", json={"question": question, "explain": True}).json()
    assert asked["answers"][0]["relation"] == "WORKPLACE"
    assert posted["answers"] == asked["answers"]
    assert posted["plan"]
    none = filled.get("/v1/ask", params={"question": "Где работает Пафнутий?"}).json()
    assert (none["abstained"], none["abstention"]) == (True, "unknown_entity")
    assert none["passages"]
    found = filled.get("/v1/search", params={"text": "Лукойл"}).json()
    assert found["passages"][0]["document"] == "b.txt"
    posted = filled.post("/v1/search", json={"text": "Лукойл", "document": "a*"}).json()
    assert {p["document"] for p in posted["passages"]} <= {"a.txt"}
    wrong = filled.get("/v1/search", params={"text": "x", "since": "вчера"})
    assert wrong.status_code == 422


def test_what_is_asked_again_is_answered_from_the_graph_of_now(filled: TestClient) -> None:
    asked = {"question": "Где работает Иван Петров?"}
    search = {"text": "Лукойл"}
    first = [filled.get("/v1/ask", params=asked), filled.get("/v1/search", params=search)]
    again = [filled.get("/v1/ask", params=asked), filled.get("/v1/search", params=search)]
    assert [a.content for a in again] == [a.content for a in first]
    assert first[0].json()["answers"]
    assert first[1].json()["passages"]
    for document in TEXTS:
        filled.delete("/v1/document", params={"source": document})
    assert filled.get("/v1/ask", params=asked).json()["answers"] == []
    found = filled.get("/v1/search", params=search).json()["passages"]
    assert "b.txt" not in {passage["document"] for passage in found}


def test_judgements(filled: TestClient) -> None:
    one, other = entity(filled, "иван петров"), entity(filled, "олег")
    ends = {"one": one["id"], "other": other["id"]}
    seen = filled.get("/v1/merge-preview", params=ends).json()
    assert (seen["mentions"], seen["facts"], seen["shared"]) == (3, 2, 0)
    assert filled.get("/v1/merge-preview", params=ends | {"other": "nobody"}).status_code == 404
    body = {"verdict": "same", "subject": one["id"], "object": other["id"], "author": "Анна"}
    made = filled.post("/v1/judgements", json=body)
    assert made.status_code == 201
    assert made.json()["author"] == "Анна"
    assert items(filled, "/v1/judgements") == [made.json()]
    assert filled.post("/v1/judgements", json=body).status_code == 422
    reasons = filled.get("/v1/why", params={"one": one["id"], "other": other["id"]}).json()
    assert reasons[0]["joined"] is True
    undone = filled.post(f"/v1/judgements/{made.json()['id']}/undo").json()
    assert undone["undone_at"]
    assert items(filled, "/v1/judgements") == []
    assert items(filled, "/v1/judgements", undone=True) == [undone]
    fact = items(filled, "/v1/facts")[0]
    rejected = filled.post("/v1/judgements", json={"verdict": "reject", "fact": fact["id"]})
    assert rejected.status_code == 201
    assert fact["id"] not in {f["id"] for f in items(filled, "/v1/facts")}
    for bad in ({"verdict": "same"}, {"verdict": "accept"}, {"verdict": "split", "subject": "x"},
                {"verdict": "rename", "subject": one["id"]},
                {"verdict": "state", "subject": one["id"], "object": other["id"]},
                {"verdict": "mention", "type": "PERSON"}):  # fmt: skip
        assert filled.post("/v1/judgements", json=bad).status_code == 422
    gone = filled.post("/v1/judgements", json=body | {"subject": "nobody"})
    assert gone.status_code == 404


def test_names_types_facts_and_mentions_are_put_right(filled: TestClient) -> None:
    one, other = entity(filled, "иван петров"), entity(filled, "олег")
    named = {"verdict": "rename", "subject": one["id"], "value": "Иван Ильич Петров"}
    made = filled.post("/v1/judgements", json=named).json()
    assert (made["subject"], made["value"]) == (one["id"], "Иван Ильич Петров")
    assert filled.get(f"/v1/entities/{one['id']}").json()["name"] == "Иван Ильич Петров"
    typed = {"verdict": "retype", "subject": other["id"], "value": "EVENT"}
    assert filled.post("/v1/judgements", json=typed).status_code == 201
    assert filled.get(f"/v1/entities/{other['id']}").json()["type"] == "EVENT"
    wrong = filled.post("/v1/judgements", json=typed | {"value": "HUMAN"})
    assert (wrong.status_code, "PERSON" in wrong.json()["detail"]) == (422, True)
    said = {"verdict": "state", "subject": one["id"], "relation": "KNOWS", "object": other["id"]}
    assert filled.post("/v1/judgements", json=said).status_code == 422, "an event knows nobody"
    filled.post(f"/v1/judgements/{made['id'] + 1}/undo")
    stated = filled.post("/v1/judgements", json=said | {"author": "Анна"}).json()
    fact = filled.get(f"/v1/facts/{one['id']}:KNOWS:{other['id']}").json()
    assert (fact["stated_by"], fact["evidence"], stated["value"]) == ("Анна", [], None)
    told = said | {"document": "c.md", "sentence": "Иван Петров  работает в Газпроме. Олег Сидоров"}
    read = filled.post("/v1/judgements", json=told).json()
    assert read["value"] == TEXTS["c.md"][:45], "as the document has it, its line break too"
    assert len(read["mentions"]) == 3
    wrong = filled.post("/v1/judgements", json=told | {"sentence": "Олег уехал."})
    assert (wrong.status_code, "doesn't say" in wrong.json()["detail"]) == (422, True)
    place = {"document": "a.txt", "start": 12, "end": 20}
    added = {"verdict": "mention", "mentions": [place], "subject": one["id"]}
    other = filled.post("/v1/judgements", json=added | {"value": "работала"})
    assert (other.status_code, "'работала'" in other.json()["detail"]) == (409, True)
    made = filled.post("/v1/judgements", json=added | {"value": "работает"}).json()
    assert (made["value"], made["type"], made["mentions"]) == ("работает", "PERSON", [place])
    assert filled.post("/v1/judgements", json=added).status_code == 422, "it is one already"
    assert filled.post(f"/v1/judgements/{made['id']}/undo").status_code == 200


def test_exports_stream_the_fixed_formats(filled: TestClient) -> None:
    answer = filled.get("/v1/exports/mentions")
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == filled.get("/v1/stats").json()["mentions"]
    assert set(rows[0]) == {"document", "start", "end", "text", "type", "entity", "name"}
    facts = [json.loads(x) for x in filled.get("/v1/exports/facts").text.splitlines()]
    assert set(facts[0]) == {"document", "relation", "subject", "object", "confidence"}
    assert len(facts) == filled.get("/v1/stats").json()["evidence"]


def test_etag_stands_for_the_graph_s_state(filled: TestClient) -> None:
    for path in ("/v1/entities", "/v1/stats", "/v1/exports/facts", "/v1/ask?question=Кто?"):
        tag = filled.get(path).headers["etag"]
        held = filled.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (held.status_code, held.content) == (304, b"")
        assert held.headers["etag"] == tag
    finished(filled, upload(filled, {"d.txt": "Анна Белова."}).json()["id"])
    assert filled.get("/v1/stats", headers={"If-None-Match": tag}).status_code == 200


def test_a_key_carries_a_request_out_once(filled: TestClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first = upload(filled, {"e.txt": "Анна."}, **key)
    again = upload(filled, {"e.txt": "Анна."}, **key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert upload(filled, {"e.txt": "Олег."}, **key).status_code == 422
    assert len(items(filled, "/v1/jobs")) == 2
    one, other = entity(filled, "иван петров"), entity(filled, "олег")
    body = {"verdict": "unsure", "subject": one["id"], "object": other["id"]}
    made = [filled.post("/v1/judgements", json=body, headers=key) for _ in range(2)]
    assert made[0].json() == made[1].json()
    assert len(items(filled, "/v1/judgements")) == 1
    bad = body | {"subject": "nobody"}
    for _ in range(2):  # a refused request may come again
        again = filled.post("/v1/judgements", json=bad, headers={"Idempotency-Key": "k2"})
        assert again.status_code == 404


NAMES = ["", " ", "a.exe", "без суффикса", "а" * 1001 + ".txt"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_no_document_has(client: TestClient, name: str) -> None:
    assert upload(client, {name: "Иван."}).status_code == 422


@pytest.mark.parametrize("name", ["a\nb.txt", "a\x00.txt", "\x1b[2J.txt", "\ud800.txt"])
def test_names_that_can_t_be_shown(name: str) -> None:
    with pytest.raises(InputError, match="can't"):
        checked_name(name)


def test_a_name_is_never_a_path(opened: Open, tmp_path: Any) -> None:
    with opened() as client:
        name = "../../../вне.txt"
        assert finished(client, upload(client, {name: "Иван."}).json()["id"])["added"] == 1
        assert client.get("/v1/document", params={"source": name}).status_code == 200
    assert not list(tmp_path.parent.glob("вне.txt"))
    assert list((tmp_path / "kg" / "uploads").iterdir()) == []


CURSORS = ["x", "e30", "!", "я", pages.encode("facts", 0.5), pages.encode("entities", 10**20, "a"),
           pages.encode("entities", True, "a"), pages.encode("entities", 1, "\x00")]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_of_somewhere_else_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/entities", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_problems_say_what_is_wrong(client: TestClient) -> None:
    answer = client.get("/v1/entities/nobody")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:kgbuild:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "no entity 'nobody'",
    }
    wrong = client.get("/v1/facts", params={"limit": 0, "relation": "NONE"}).json()
    assert {tuple(e["loc"]) for e in wrong["errors"]} == {("query", "limit"), ("query", "relation")}
    for path, method in (("/v1/nothing", "GET"), ("/v1/entities", "PATCH")):
        answer = client.request(method, path)
        assert answer.status_code in (404, 405)
        assert answer.json()["status"] == answer.status_code
    nul = client.post("/v1/ask", json={"question": "Кто \x00?"})
    assert nul.status_code == 422


def test_stats_ontology_health_and_metrics(filled: TestClient) -> None:
    stats = filled.get("/v1/stats").json()
    assert (stats["documents"], stats["facts"]) == (3, 4)
    labels = filled.get("/v1/ontology").json()
    assert (len(labels["types"]), len(labels["relations"])) == (29, 49)
    assert filled.get("/livez").json() == filled.get("/readyz").json() == {"status": "ok"}
    text = filled.get("/metrics").text
    assert 'kgbuild_http_requests_total{method="GET",route="/v1/stats",status="200"} 1.0' in text
    assert "kgbuild_jobs_waiting 0.0" in text


def test_openapi_is_3_1(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(schema)
    for path in ("/predict", "/recognize", "/v1/documents", "/v1/ask", "/v1/exports/facts"):
        assert path in schema["paths"]
