"""The card's API: what is taken, what is refused, and in what shape."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.serve.conftest import FakeCardExtractor, Open

TEXT = "Иван Петров работает в Газпроме."
PERSON, COMPANY = [0, 11, "PERSON"], [23, 31, "ORGANIZATION"]


def predict(client: TestClient, chunks: Any, entities: Any) -> Any:
    body = json.dumps({"chunks": chunks, "entities_list": entities})
    return client.post("/predict", content=body, headers={"Content-Type": "application/json"})


def test_predict_answers_in_the_card_s_format(client: TestClient) -> None:
    answer = predict(client, ["", TEXT], [[], [COMPANY, PERSON]])
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "source_entity": "Иван Петров",
            "target_entity": "Газпроме",
            "relationship_type": "WORKPLACE",
            "relationship_description": None,
            "relationship_strength": 0.5,
            "chunk_id": 1,
        }
    ]


def test_recognize_answers_in_the_card_s_format(client: TestClient) -> None:
    answer = client.post("/recognize", json=TEXT)
    assert answer.json() == {"text": TEXT, "ners": [PERSON, COMPANY]}


def test_nothing_gives_nothing(client: TestClient) -> None:
    assert predict(client, [], []).json() == []
    assert client.post("/recognize", json="").json() == {"text": "", "ners": []}


NESTED = [[0, 31, "ORGANIZATION"], [0, 11, "PERSON"], [0, 4, "PERSON"], [0, 4, "CITY"]]


def test_spans_may_nest(client: TestClient) -> None:
    assert predict(client, [TEXT], [NESTED]).status_code == 200


WRONG = {
    "past the end": ([[0, 33, "PERSON"]], "within the chunk's 32 characters"),
    "10^20": ([[0, 10**20, "PERSON"]], "within the chunk's 32 characters"),
    "-10^20": ([[-(10**20), 3, "PERSON"]], "within the chunk's 32 characters"),
    "before the start": ([[-1, 3, "PERSON"]], "within the chunk's 32 characters"),
    "reversed": ([[11, 0, "PERSON"]], "reversed"),
    "empty": ([[3, 3, "PERSON"]], "empty"),
    "overlapping": ([[0, 11, "PERSON"], [5, 20, "ORGANIZATION"]], "overlap"),
    "overlapping an outer one": (
        [[0, 11, "PERSON"], [1, 3, "CITY"], [5, 20, "ORGANIZATION"]], "overlap"),
    "twice": ([PERSON, PERSON], "twice"),
    "a text for a number": ([["0", 11, "PERSON"]], "integer"),
    "a fraction": ([[0, 1.5, "PERSON"]], "integer"),
    "true": ([[True, 11, "PERSON"]], "integer"),
    "null": ([[None, 11, "PERSON"]], "integer"),
    "no type": ([[0, 11]], "required"),
    "too many parts": ([[0, 11, "PERSON", 1]], "at most 3"),
    "an unknown type": ([[0, 11, "PER"]], "no entity type 'PER'"),
    "a type of surrogates": ([[0, 11, "\ud800"]], "no entity type '\\ud800'"),
    "no list": ("PERSON", "list"),
    "an object": ([{"start": 0}], "tuple"),
}  # fmt: skip


@pytest.mark.parametrize(("spans", "message"), WRONG.values(), ids=WRONG)
def test_wrong_spans_are_refused_in_the_card_s_shape(
    client: TestClient, spans: Any, message: str
) -> None:
    answer = predict(client, [TEXT], [spans])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/json"
    [fault, *_] = answer.json()["detail"]
    assert set(fault) == {"loc", "msg", "type"}
    assert fault["loc"][:2] == ["body", "entities_list"]
    assert message in fault["msg"]


BODIES = {
    "NaN": '{"chunks": ["Иван"], "entities_list": [[[NaN, 3, "PERSON"]]]}',
    "infinity": '{"chunks": ["Иван"], "entities_list": [[[0, Infinity, "PERSON"]]]}',
    "a chunk of NaN": '{"chunks": [NaN], "entities_list": [[]]}',
    "a lone surrogate": '{"chunks": ["\\ud800"], "entities_list": [[]]}',
    "a lone surrogate as key": '{"\\ud800": NaN, "chunks": "\\ud800"}',
    "a number of 5000 digits": '{"chunks": [' + "9" * 5000 + '], "entities_list": [[]]}',
    "deep": "[" * 100_000,
    "deep and whole": "[" * 50_000 + "]" * 50_000,
    "not JSON": "{",
    "nothing": "",
    "a list": "[]",
    "null": "null",
    "fewer lists than chunks": '{"chunks": ["а", "б"], "entities_list": [[]]}',
    "no lists": '{"chunks": ["а"]}',
    "too long a chunk": json.dumps({"chunks": ["а" * 100_001], "entities_list": [[]]}),
    "a crowd": json.dumps(
        {"chunks": ["а" * 500], "entities_list": [[[n, n + 1, "CITY"] for n in range(450)]]}
    ),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/predict", "/recognize"])
def test_bad_bodies_are_refused(client: TestClient, path: str, body: str) -> None:
    answer = client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert all(set(fault) == {"loc", "msg", "type"} for fault in answer.json()["detail"])


def test_recognize_refuses_surrogates_and_keeps_other_signs(client: TestClient) -> None:
    refused = client.post("/recognize", content=b'"\\udc00"', headers={"Content-Type": "application/json"})  # fmt: skip
    assert refused.status_code == 422
    assert "surrogate" in refused.json()["detail"][0]["msg"]
    text = "😀\u0000\u200b Иван 𝔄"
    answer = client.post("/recognize", json=text)
    assert answer.json() == {"text": text, "ners": [[4, 8, "PERSON"]]}


def test_a_prediction_takes_no_thread_of_the_pool(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*of: Any, **how: Any) -> None:
        raise AssertionError("a thread was asked for")

    client.get("/readyz")
    with monkeypatch.context() as patched:
        patched.setattr("anyio.to_thread.run_sync", refused)
        assert predict(client, [TEXT], [[PERSON, COMPANY]]).status_code == 200
        assert client.post("/recognize", json=TEXT).status_code == 200


def test_requests_share_passes(opened: Open, fakes: FakeCardExtractor) -> None:
    with opened(gather=0.2) as client, ThreadPoolExecutor(8) as pool:
        client.get("/readyz")
        answers = list(
            pool.map(lambda n: predict(client, [TEXT] * n, [[PERSON, COMPANY]] * n), [1, 2, 3] * 2)
        )
    assert [len(a.json()) for a in answers] == [1, 2, 3] * 2
    assert len(fakes.passes) < 6
    assert sum(fakes.passes) == 12


def test_one_bad_text_fails_only_its_own_request(
    opened: Open, fakes: FakeCardExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def label(texts: Any, mentions: Any) -> Any:
        if "плохой" in texts:
            raise ValueError("a fault in the model")
        return [()] * len(texts)

    monkeypatch.setattr(fakes, "label", label)
    with opened(gather=0.2) as client, ThreadPoolExecutor(3) as pool:
        texts = ["один", "плохой", "два"]
        found = list(pool.map(lambda text: predict(client, [text], [[]]).status_code, texts))
    assert found == [200, 500, 200]


def test_too_much_waiting_is_refused(opened: Open, fakes: FakeCardExtractor) -> None:
    from kgbuild.serve.settings import Limits

    with (
        opened(gather=0.3, limits=Limits(waiting_characters=50)) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        client.get("/readyz")
        found = list(pool.map(lambda n: predict(client, [TEXT], [[]]), range(4)))
    assert {a.status_code for a in found} == {200, 429}
    [refused, *_] = [a for a in found if a.status_code == 429]
    assert refused.headers["retry-after"]
