"""Under full load: the probes answer, each kind has its turns, and nothing runs without end."""

from __future__ import annotations

import asyncio
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from serve.conftest import TEXTS, FakeCardExtractor, Open, fakes, finished, opened, upload  # noqa: F401
from serve.running import in_thread

from kgbuild import deadline
from kgbuild.config import Settings
from kgbuild.deadline import Deadline, within
from kgbuild.errors import DeadlineError
from kgbuild.graph import KnowledgeGraph
from kgbuild.serve.problems import Refused
from kgbuild.serve.settings import Limits, ServeSettings
from kgbuild.serve.turns import THREADS, Cost, Turns, cost_of, costs

pytestmark = pytest.mark.slow


def get(url: str) -> float:
    """Seconds that an answer took."""
    began = time.monotonic()
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.status == 200
        answer.read()
    return time.monotonic() - began


def test_probes_wait_for_nobody(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two hundred questions that take their time, and a probe in the middle."""
    may_end = threading.Event()
    monkeypatch.setattr(KnowledgeGraph, "explain", lambda *args: may_end.wait(60) and "")
    settings = ServeSettings(Settings(store=tmp_path / "kg"), everybody=True)
    slow = "/v1/ask?explain=true&question=%D0%9A%D1%82%D0%BE%3F"
    with in_thread(settings) as url, ThreadPoolExecutor(200) as pool:
        get(f"{url}/v1/stats")
        waiting = [pool.submit(get, url + slow) for _ in range(200)]
        time.sleep(1)
        took = [get(url + path) for path in ("/livez", "/readyz") * 5]
        other = get(f"{url}/v1/stats")
        may_end.set()
        for one in waiting:
            one.result()
    assert max(took) < 1
    assert other < 5


@pytest.mark.slow_security
def test_probes_answer_within_a_second_while_all_is_at_work(
    fakes: FakeCardExtractor,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Real questions, searches and long bodies, all at once."""
    settings = ServeSettings(Settings(store=tmp_path / "kg"), everybody=True)
    stop = threading.Event()
    paths = ("/v1/ask?question=%D0%93%D0%B4%D0%B5+%D0%98%D0%B2%D0%B0%D0%BD%3F",
             "/v1/search?text=%D0%98%D0%B2%D0%B0%D0%BD", "/v1/graph", "/v1/entities")  # fmt: skip

    def load(url: str) -> None:
        while not stop.is_set():
            try:
                get(url)
            except OSError:
                continue

    with in_thread(settings) as url, ThreadPoolExecutor(32) as pool:
        get(f"{url}/v1/stats")
        for number in range(32):
            pool.submit(load, url + paths[number % len(paths)])
        time.sleep(2)
        took = []
        for _ in range(20):
            took += [get(f"{url}/livez"), get(f"{url}/readyz")]
            time.sleep(0.1)
        stop.set()
    print(f"32 callers at work: the slowest probe took {max(took):.2f} s")
    assert max(took) < 1


def test_a_question_that_goes_on_is_ended(
    opened: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that asks the store again and again: the clock is looked at each time."""
    steps = []

    def endless(self: Any, question: str, *args: Any, **named: Any) -> Any:
        while True:
            self.store.generation()
            steps.append(question)

    with opened(limits=Limits(question=0.4)) as client:
        finished(client, upload(client, TEXTS).json()["id"])
        monkeypatch.setattr(KnowledgeGraph, "ask", endless)
        began = time.monotonic()
        answer = client.get("/v1/ask", params={"question": "Кто?"})
        assert answer.status_code == 503
        assert "longer than 0.4 s" in answer.json()["detail"]
        assert time.monotonic() - began < 5
        count = len(steps)
        time.sleep(0.3)
        assert len(steps) == count  # the thread ended, not the caller's patience only


def test_a_statement_that_goes_on_is_ended(opened: Open) -> None:  # noqa: F811
    from sqlalchemy import text

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with opened() as client:
        database = client.app.state.service.graph.store._database
        began = time.monotonic()
        with (
            within(Deadline(0.3, "this")),
            pytest.raises(DeadlineError, match=r"0\.3 s"),
            database.reading() as connection,
        ):
            connection.execute(text(endless))
        assert time.monotonic() - began < 5
        assert deadline.left() is None
        assert client.get("/v1/stats").status_code == 200


def test_what_looks_at_no_clock_is_answered_for_and_keeps_its_place(
    opened: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kgbuild.serve import gate

    may_end = threading.Event()
    monkeypatch.setattr(gate, "GRACE", 0.1)
    monkeypatch.setattr(KnowledgeGraph, "ask", lambda *args, **named: may_end.wait(30))
    with opened(limits=Limits(question=0.4)) as client:
        client.get("/v1/stats")
        for _ in range(costs(Limits())["question"].places):
            assert client.get("/v1/ask", params={"question": "Кто?"}).status_code == 503
        layer = client.app.middleware_stack
        while not isinstance(layer, gate.Gate):
            layer = layer.app
        turns = layer._turns["question"]
        assert turns._free == 0
        may_end.set()
        until = time.monotonic() + 10
        while turns._free != turns.cost.places and time.monotonic() < until:
            client.get("/livez")
            time.sleep(0.02)
        assert turns._free == turns.cost.places


def test_turns_go_round_and_too_many_are_sent_away() -> None:
    async def use() -> None:
        turns = Turns(Cost("x", places=2, waiting=1, patience=0.2, seconds=None))
        assert await turns.take(1) == 1
        assert await turns.take(1) == 1
        third = asyncio.ensure_future(turns.take(1))
        await asyncio.sleep(0)
        with pytest.raises(Refused) as full:
            await turns.take(1)
        assert full.value.status == 429
        turns.give(1)
        assert await third == 1
        with pytest.raises(Refused):
            await turns.take(1)  # nobody gave a place back in time
        gone = asyncio.ensure_future(turns.take(5))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        turns.give(1)
        turns.give(1)
        assert await turns.take(99) == 2  # all there are

    asyncio.run(use())


def test_every_route_has_turns_and_a_thread(opened: Open) -> None:  # noqa: F811
    limits = Limits()
    known = costs(limits)
    with opened() as client:
        paths = client.get("/openapi.json").json()["paths"]
    used = {cost_of(m.upper(), path.replace("{id}", "x")) for path in paths for m in paths[path]}
    assert used | {"page"} == set(known)
    threads = ("page", "read", "question", "export", "change", "upload")
    assert sum(known[name].places for name in threads) <= THREADS
    assert all(known[name].seconds for name in ("probe", "page", "read", "question", "change"))
