"""Nothing that was accepted is lost, however the service ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx2
import pytest
from serve.running import ROOT, faked_process, free_port, wait_ready

from kgbuild.serve.ledger import Ledger

pytestmark = pytest.mark.slow

JOBS, FILES = 30, 3


def test_accepted_uploads_outlive_a_kill(tmp_path: Path) -> None:
    store, port = tmp_path / "kg", free_port()
    url = f"http://127.0.0.1:{port}"
    accepted: dict[str, list[str]] = {}
    process = faked_process(store, port, seconds=0.03)
    try:
        wait_ready(url, process)
        uploads = threading.Thread(target=_upload, args=(url, accepted))
        uploads.start()
        while len(accepted) < JOBS // 2:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)  # with jobs queued, one at work, uploads coming
        process.wait()
        uploads.join()
        process = faked_process(store, port, seconds=0.005)
        wait_ready(url, process)
        with httpx2.Client(base_url=url) as client:
            until = time.monotonic() + 60
            states: list[str] = []
            while time.monotonic() < until:
                states = [client.get(f"/v1/jobs/{job}").json()["state"] for job in accepted]
                if set(states) == {"done"}:
                    break
                time.sleep(0.1)
            assert set(states) == {"done"}
            found = {d["source"] for d in _documents(client)}
            wanted = {name for names in accepted.values() for name in names}
            assert len(wanted) >= FILES * JOBS // 2
            assert wanted <= found
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0 or process.returncode == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
    assert list((store / "uploads").iterdir()) == []


def test_a_second_service_over_a_store_ends_with_one_line(tmp_path: Path) -> None:
    store = tmp_path / "kg"
    store.mkdir(mode=0o700)
    first = Ledger(store / "service.db")
    command = [sys.executable, "-m", "kgbuild", "--store", str(store), "serve", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    try:
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        first.close()
    assert ended.returncode == 1
    assert ended.stderr == f"kgbuild: another service is running over {store}\n"
    assert ended.stdout == ""


def _upload(url: str, accepted: dict[str, list[str]]) -> None:
    with httpx2.Client(base_url=url) as client, contextlib.suppress(httpx2.TransportError):
        for number in range(JOBS):
            names = [f"{number}-{n}.txt" for n in range(FILES)]
            files = [("files", (name, f"Иван Номер{name[:-4]} работает в Газпроме.".encode()))
                     for name in names]  # fmt: skip
            answer = client.post("/v1/documents", files=files)
            if answer.status_code == 202:
                accepted[answer.json()["id"]] = names


def _documents(client: httpx2.Client) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/documents", params={"limit": 200, **cursor}).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}
