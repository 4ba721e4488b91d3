"""What requests share: vectors that are kept, and a wait for others only where there are others."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel

from kgbuild.serve import batching
from kgbuild.serve.batching import ModelThread
from kgbuild.serve.models import AskRequest, Correction, SearchRequest
from kgbuild.serve.service import KeptAnswers, KeptVectors


def test_vectors_are_made_once_and_the_oldest_are_forgotten() -> None:
    made: list[list[str]] = []

    def make(texts: Sequence[str]) -> NDArray[np.float32]:
        made.append(list(texts))
        return np.array([[float(len(text)), 1.0] for text in texts], dtype=np.float32)

    kept = KeptVectors(make, most=2)
    assert kept(["а", "бб", "а"])[:, 0].tolist() == [1, 2, 1]
    assert kept(["бб", "а"])[:, 0].tolist() == [2, 1]
    assert kept(["ввв", "а"])[:, 0].tolist() == [3, 1]  # «бб» was asked for longest ago
    assert kept(["бб"])[:, 0].tolist() == [2]
    assert made == [["а", "бб"], ["ввв"], ["бб"]]


def test_an_answer_is_made_once_for_a_request_and_a_state_of_the_graph() -> None:
    kept, made = KeptAnswers(most=2), []

    def ask(state: str, request: BaseModel) -> str:
        def make() -> Correction:
            made.append((state, request))
            return Correction(asked=state, meant=str(len(made)))

        return kept.get(state, request, make).meant

    who, where = AskRequest(question="Кто?"), AskRequest(question="Где?")
    assert [ask("1", who), ask("1", where), ask("1", who)] == ["1", "2", "1"]
    assert ask("2", who) == "3"  # which pushes out what was asked longest ago
    assert [ask("1", who), ask("1", where)] == ["1", "4"]
    assert ask("1", SearchRequest(text="Где?")) == "5"


def test_who_asks_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(batching.time, "sleep", waits.append)
    begun, go = threading.Event(), threading.Event()

    def run(items: list[Any]) -> list[Any]:
        if "long" in items:
            begun.set()
            go.wait(30)
        return items

    models = ModelThread(lambda: {"any": run}, gather=0.5, most_waiting=1000)
    models.start()
    try:
        for text in ("first", "second", "third"):
            assert models.submit("any", [text], [1]).result(30) == [text]
        assert waits == [0.5]  # only the first could not know
        long = models.submit("any", ["long"], [1])
        assert begun.wait(30)
        beside = models.submit("any", ["beside"], [1])
        go.set()
        assert long.result(30) == ["long"]
        assert beside.result(30) == ["beside"]
        assert waits == [0.5, 0.5]  # somebody came while it ran: there may be more
    finally:
        models.stop()
