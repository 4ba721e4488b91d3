"""Uploads that are too many, too large for the disk, without end, or the end of the service."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from serve.conftest import FakeCardExtractor, Open, fakes, finished, opened, upload  # noqa: F401
from serve.running import FAKED, ROOT, free_port, wait_ready

from kgbuild import deadline
from kgbuild.serve import uploads
from kgbuild.serve.settings import Limits
from kgbuild.types import Extraction

pytestmark = pytest.mark.slow


class Disk(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def held(fakes: FakeCardExtractor, monkeypatch: pytest.MonkeyPatch) -> threading.Event:  # noqa: F811
    """Reading goes on, looking at the clock, until the event is set."""
    free = threading.Event()
    plain = fakes.extract

    def extract(texts: Any) -> list[Extraction]:
        while not free.wait(0.01):
            deadline.check()
        return plain(texts)

    monkeypatch.setattr(fakes, "extract", extract)
    return free


def test_so_many_may_wait_and_no_more(opened: Open, held: threading.Event) -> None:  # noqa: F811
    with opened(limits=Limits(queued_jobs=2)) as client:
        for number in range(2):
            assert upload(client, {f"{number}.txt": "Иван."}).status_code == 202
        refused = upload(client, {"2.txt": "Иван."})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        held.set()
        finished(client, client.get("/v1/jobs").json()["items"][0]["id"])
        assert upload(client, {"2.txt": "Иван."}).status_code == 202


def test_so_many_bytes_may_wait_and_no_more(
    opened: Open,  # noqa: F811
    held: threading.Event,
) -> None:
    with opened(limits=Limits(queued_bytes=10_000)) as client:
        assert upload(client, {"0.txt": "a" * 6000}).status_code == 202
        refused = upload(client, {"1.txt": "a" * 6000})
        assert refused.status_code == 429
        assert "10000" in refused.json()["detail"]
        held.set()


def test_the_disk_is_never_filled(
    opened: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with opened() as client:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(10**12, 0, Limits().free + 100))
        refused = upload(client, {"0.txt": "a" * 6000})
        assert refused.status_code == 507
        assert str(Limits().free) in refused.json()["detail"]
        folder = client.app.state.service.settings.graph.store / "uploads"
        assert list(folder.iterdir()) == []


def test_a_job_can_be_cancelled_queued_or_being_read(
    opened: Open,  # noqa: F811
    held: threading.Event,
) -> None:
    with opened() as client:
        first, second = (upload(client, {f"{n}.txt": "Иван."}).json()["id"] for n in range(2))
        while client.get(f"/v1/jobs/{first}").json()["state"] == "queued":
            time.sleep(0.01)
        assert client.delete(f"/v1/jobs/{second}").json()["state"] == "cancelled"
        assert client.delete(f"/v1/jobs/{first}").status_code == 200
        assert ended(client, first)["state"] == "cancelled"
        assert client.delete(f"/v1/jobs/{first}").status_code == 409
        assert client.delete("/v1/jobs/none").status_code == 404
        held.set()
        third = upload(client, {"2.txt": "Иван."}).json()["id"]
        assert ended(client, third)["state"] == "done"
        found = client.get("/v1/documents").json()["items"]
        assert [document["source"] for document in found] == ["2.txt"]


def ended(client: Any, job: str) -> dict[str, Any]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        value: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
        if value["state"] not in ("queued", "running"):
            return value
        time.sleep(0.02)
    raise AssertionError(value)


def test_a_document_has_its_time_and_holds_up_no_other(
    opened: Open,  # noqa: F811
    fakes: FakeCardExtractor,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = fakes.extract

    def extract(texts: Any) -> list[Extraction]:
        while any("вечно" in text for text in texts):
            deadline.check()
            time.sleep(0.005)
        return plain(texts)

    monkeypatch.setattr(fakes, "extract", extract)
    with opened(limits=Limits(document=4)) as client:
        job = upload(client, {"a.txt": "Иван.", "b.txt": "вечно", "c.txt": "Олег."}).json()["id"]
        done = finished(client, job)
        assert (done["state"], done["added"]) == ("done", 2)
        [failure] = done["failed"]
        assert failure["document"] == "b.txt"
        assert "longer than 4 s" in failure["reason"]


def test_a_job_that_the_store_refuses_again_and_again_fails_with_the_reason(
    opened: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kgbuild.errors import StoreError

    def refused(*args: Any) -> Any:
        raise StoreError("this document breaks it")

    monkeypatch.setattr(uploads, "_PAUSES", (0.01,))
    with opened() as client:
        store = client.app.state.service.graph.store
        with monkeypatch.context() as patch:
            patch.setattr(type(store), "add_documents", refused)
            job = upload(client, {"a.txt": "Иван."}).json()["id"]
            done = ended(client, job)
        assert done["state"] == "failed"
        assert "this document breaks it" in done["failed"][0]["reason"]
        assert finished(client, upload(client, {"b.txt": "Олег."}).json()["id"])["added"] == 1


KILLER = "if any('ЯД' in t for t in texts): import os; os._exit(9)\n        "


def test_a_document_that_ends_the_service_is_left_out_and_the_others_go_in(
    tmp_path: Path,
) -> None:
    """The process dies at the poison; started again and again, it gets over it."""
    store, port = tmp_path / "kg", free_port()
    url = f"http://127.0.0.1:{port}"
    script = FAKED.format(
        root=str(ROOT), tests=str(ROOT / "tests"), seconds=0, store=str(store), port=port
    ).replace("time.sleep", KILLER + "time.sleep")
    names = {"a.txt": "Иван.", "яд.txt": "ЯД", "c.txt": "Олег."}
    files = [("files", (name, text.encode())) for name, text in names.items()]
    job = ""
    done: dict[str, Any] = {}
    deaths = 0
    with (tmp_path / "log").open("ab") as log:
        for _ in range(6):
            process = subprocess.Popen(
                [sys.executable, "-c", script], stderr=log, stdout=log, env=os.environ
            )
            try:
                with contextlib.suppress(httpx2.TransportError, AssertionError):
                    wait_ready(url, process, 100)
                    if not job:
                        job = httpx2.post(f"{url}/v1/documents", files=files).json()["id"]
                    until = time.monotonic() + 30
                    while process.poll() is None and time.monotonic() < until:
                        done = httpx2.get(f"{url}/v1/jobs/{job}").json()
                        if done["state"] == "done":
                            break
                        time.sleep(0.05)
                if done.get("state") == "done":
                    break
                # A connection ends a moment before the process that held it does.
                assert process.wait(30) == 9
                deaths += 1
            finally:
                process.kill()
                process.wait()
    assert deaths == uploads.TOGETHER + 1
    assert done["state"] == "done"
    assert [f["document"] for f in done["failed"]] == ["яд.txt"]
    assert "more than once" in done["failed"][0]["reason"]
    assert done["added"] + done["unchanged"] == 2
