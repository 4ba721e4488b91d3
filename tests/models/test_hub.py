"""Pulls, against a server in this process that speaks the hub's HTTP API for one model."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from models_support import tiny_bert

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.hub import fetch, find_snapshot, record, recorded, verify_pull
from kgbuild.models.registry import RUBERT_TINY2, embedder_for
from kgbuild.wiring import known_embedder, pull_embedder

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:9"


@dataclass
class Hub:
    """A hub with one model in a folder, at the commit that the card pins."""

    folder: Path
    asked: list[str]
    endpoint: str = ""
    commit: str = RUBERT_TINY2.revision or ""
    spoilt: str = ""

    def files(self) -> dict[str, bytes]:
        found = (p for p in sorted(self.folder.rglob("*")) if p.is_file())
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in found}

    def info(self) -> dict[str, object]:
        siblings: list[dict[str, object]] = []
        for name, data in self.files().items():
            one: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": name}
            if name.endswith((".safetensors", ".bin")):
                digest = hashlib.sha256(data).hexdigest()
                one["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 100}
            siblings.append(one)
        name = RUBERT_TINY2.hub_id
        return {"id": name, "modelId": name, "sha": self.commit, "siblings": siblings,
                "private": False, "tags": [], "downloads": 0, "likes": 0}  # fmt: skip

    def tree(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for name, data in self.files().items():
            one: dict[str, object] = {"type": "file", "path": name, "size": len(data), "oid": name}
            if name.endswith((".safetensors", ".bin")):
                digest = hashlib.sha256(data).hexdigest()
                one["lfs"] = {"oid": digest, "size": len(data), "pointerSize": 100}
            found.append(one)
        return found

    def content(self, name: str) -> bytes | None:
        data = self.files().get(name)
        if data is not None and name == self.spoilt:
            return b"\0" + data[1:]
        return data


def handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    """What answers for a hub."""

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].strip("/")
            hub.asked.append(path)
            api = f"api/models/{RUBERT_TINY2.hub_id}"
            if path in (api, f"{api}/revision/{hub.commit}"):
                self.answer(json.dumps(hub.info()).encode(), "application/json")
                return
            if path == f"{api}/tree/{hub.commit}":
                self.answer(json.dumps(hub.tree()).encode(), "application/json")
                return
            before = f"{RUBERT_TINY2.hub_id}/resolve/{hub.commit}/"
            data = hub.content(path.removeprefix(before)) if path.startswith(before) else None
            if data is None:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.answer(data, "application/octet-stream")

        def answer(self, data: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", hub.commit)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

    return Answers


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("KGBUILD_CACHE", str(tmp_path / "cache"))
    folder = tiny_bert(tmp_path / "model", layers=1, hidden=312)
    (folder / "pytorch_model.bin").write_bytes(b"pickled")
    (folder / "modeling_own.py").write_text("raise SystemExit('ran')")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    made = Hub(folder, [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    made.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_pull_fetches_checks_and_records(hub: Hub) -> None:
    assert recorded(RUBERT_TINY2) is None
    pulled = pull_embedder("rubert-tiny2", hub.endpoint)
    assert pulled.revision == RUBERT_TINY2.revision
    assert recorded(RUBERT_TINY2) == pulled
    assert find_snapshot(RUBERT_TINY2) == pulled.folder
    assert known_embedder("rubert-tiny2").name == "rubert-tiny2"
    data = hub.files()["model.safetensors"]
    assert pulled.files["model.safetensors"] == hashlib.sha256(data).hexdigest()
    assert "1_Pooling/config.json" in pulled.files


def test_neither_pickles_nor_code_are_fetched(hub: Hub) -> None:
    pulled = pull_embedder("rubert-tiny2", hub.endpoint)
    assert not {"pytorch_model.bin", "modeling_own.py"} & set(pulled.files)
    assert not [path for path in hub.asked if path.endswith((".bin", ".py"))]


def test_a_pulled_model_embeds(hub: Hub) -> None:
    from kgbuild.embed import TransformerEmbedder

    pull_embedder("cointegrated/rubert-tiny2", hub.endpoint)
    embedder = TransformerEmbedder.open("rubert-tiny2")
    assert embedder.embed(["Кот спит."], "search_query").shape == (1, 312)


def test_a_file_that_is_another_is_refused(hub: Hub) -> None:
    hub.spoilt = "model.safetensors"
    with pytest.raises(WeightsError, match=r"other files than it describes: model.safetensors"):
        fetch(RUBERT_TINY2, hub.endpoint)
    assert recorded(RUBERT_TINY2) is None


def test_a_model_that_is_not_its_card_s_is_not_recorded(hub: Hub) -> None:
    (hub.folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    with pytest.raises(ModelError, match=r"pools by 'mean', the card of rubert-tiny2 by 'cls'"):
        pull_embedder("rubert-tiny2", hub.endpoint)
    assert recorded(RUBERT_TINY2) is None


def test_altered_files_of_a_pull_are_named(hub: Hub) -> None:
    pulled = fetch(RUBERT_TINY2, hub.endpoint)
    record(pulled)
    verify_pull(pulled)
    (pulled.folder / "vocab.txt").unlink()
    (pulled.folder / "vocab.txt").write_text("other")
    (pulled.folder / "config.json").unlink()
    with pytest.raises(WeightsError, match=r"config\.json is missing; vocab\.txt is altered.*pull"):
        verify_pull(pulled)


def test_another_revision_is_another_commit(hub: Hub) -> None:
    pull_embedder("rubert-tiny2", hub.endpoint)
    other = embedder_for("rubert-tiny2@main")
    with pytest.raises(WeightsError, match="at main from the model hub"):
        find_snapshot(other, local_files_only=True)


def test_a_hub_out_of_reach_says_what_to_do(hub: Hub) -> None:
    with pytest.raises(
        WeightsError, match=r"can't fetch cointegrated/rubert-tiny2.*give its folder"
    ):
        fetch(RUBERT_TINY2, NOWHERE)
    with pytest.raises(ModelError, match="comes with the package"):
        pull_embedder("embedded", hub.endpoint)
