"""The explorer's files: where it was built, and where it wasn't. No browser is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient

from kgbuild.serve import explorer
from kgbuild.serve.parameters import refuse_unknown


@pytest.fixture
def built(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>page</p>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-1.js").write_text("0")
    return app(tmp_path)


def app(folder: Path) -> TestClient:
    made = FastAPI(docs_url=None, dependencies=[Depends(refuse_unknown)])
    explorer.install(made, folder)
    return TestClient(made)


@pytest.mark.parametrize("path", explorer.PAGES)
def test_every_address_shows_the_page(built: TestClient, path: str) -> None:
    answer = built.get(path, params={"id": "E1"})
    assert (answer.status_code, answer.text) == (200, "<p>page</p>")
    assert answer.headers["cache-control"] == "no-cache"


def test_assets_may_be_kept_and_nothing_else_is_there(built: TestClient) -> None:
    asset = built.get("/assets/main-1.js")
    assert "immutable" in asset.headers["cache-control"]
    assert built.get("/icon.svg").status_code == 200
    for missing in ("/docs", "/assets/main-2.js", "/v1", "/entity/E1", "/..%2findex.html"):
        assert built.get(missing).status_code == 404


def test_unbuilt_it_says_how_to_build_it(tmp_path: Path) -> None:
    client = app(tmp_path / "nothing")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "make explorer" in answer.text
    assert client.get("/entities").status_code == 404
