"""The application in this process: over fakes for the line, over the real models once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, FakeExtractor
from starlette.testclient import TestClient

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.ontology import allowed
from kgbuild.serve.app import create_app
from kgbuild.serve.settings import ServeSettings
from kgbuild.types import Mention, Relation

TEXTS = {
    "a.txt": "Иван Петров работает в Газпроме. Мария Иванова живёт в Москве.",
    "b.txt": "Мария Иванова работает в Лукойле.",
    "c.md": "Иван Петров работает в Газпроме.\nОлег Сидоров живёт в Твери.",
}


class FakeCardExtractor(FakeExtractor):
    """The fake, answering the card too; it notes the sizes of its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[int] = []

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        self.passes.append(len(texts))
        return [self._one(text).mentions for text in texts]

    def label(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        self.passes.append(len(texts))
        return [
            tuple(
                Relation("WORKPLACE", s, o, 0.5)
                for s in found
                for o in found
                if s != o and allowed("WORKPLACE", s.type, o.type)
            )
            for found in mentions
        ]


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> FakeCardExtractor:
    extractor = FakeCardExtractor()
    monkeypatch.setattr(wiring, "make_extractor", lambda settings: extractor)
    monkeypatch.setattr(wiring, "make_embedder", lambda settings: FakeEmbedder())
    return extractor


Open = Callable[..., Any]


@pytest.fixture
def opened(fakes: FakeCardExtractor, tmp_path: Path) -> Open:
    """``with opened(...) as client``: a service over a store in the test's folder."""

    @contextmanager
    def open_(**more: Any) -> Iterator[TestClient]:
        more.setdefault("everybody", "tokens" not in more)
        settings = ServeSettings(Settings(store=tmp_path / "kg"), **more)
        with TestClient(create_app(settings), base_url="http://127.0.0.1:8765") as client:
            yield client

    return open_


@pytest.fixture
def client(opened: Open) -> Iterator[TestClient]:
    with opened() as made:
        yield made


def upload(client: TestClient, texts: dict[str, str], **headers: str) -> Any:
    files = [("files", (name, text.encode(), "text/plain")) for name, text in texts.items()]
    return client.post("/v1/documents", files=files, headers=headers)


def finished(client: TestClient, job: str, seconds: float = 20) -> dict[str, Any]:
    """The job when it is finished."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if value["state"] in ("done", "failed"):
            return value
        time.sleep(0.02)
    raise AssertionError(f"the job isn't finished: {json.dumps(value)}")


@pytest.fixture
def filled(client: TestClient) -> TestClient:
    answer = upload(client, TEXTS)
    assert answer.status_code == 202
    assert finished(client, answer.json()["id"])["added"] == len(TEXTS)
    return client
