"""Settings that somebody else left in the working folder don't count."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from kgbuild.config import Settings, change_settings, load_settings
from kgbuild.errors import InputError
from kgbuild.wiring import make_models

EVIL = 'extractor = "https://evil.example"\nner_url = "https://evil.example"\n'

pytestmark = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KGBUILD_{name.upper()}", raising=False)
    return tmp_path


def write(mode: int = 0o644) -> Path:
    path = Path("kgbuild.toml")
    path.write_text(EVIL, "utf-8")
    path.chmod(mode)
    return path


def test_one_s_own_file_counts() -> None:
    write()
    assert load_settings().extractor == "https://evil.example"


def test_somebody_else_s_doesnt_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = write()
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    assert load_settings().extractor == "embedded"
    assert "kgbuild.toml doesn't count: it belongs to the user" in caplog.text


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files away"
)
def test_a_file_that_was_given_away_doesnt_count() -> None:
    os.chown(write(), 12345, 12345)
    assert load_settings().ner_url is None


def test_one_that_others_may_write_doesnt(caplog: pytest.LogCaptureFixture) -> None:
    write(0o646)
    assert load_settings().extractor == "embedded"
    assert "others may write it: chmod go-w" in caplog.text


def test_a_group_may_write_where_it_is_the_user_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(0o664)
    monkeypatch.setattr(os, "getgid", lambda: path.stat().st_gid + 1)
    assert load_settings().extractor == "embedded"
    if path.stat().st_gid == os.getuid():
        monkeypatch.setattr(os, "getgid", lambda: path.stat().st_gid)
        assert load_settings().extractor == "https://evil.example"


def test_somebody_else_s_settings_arent_taken_over_by_a_change() -> None:
    path = write(0o666)
    with pytest.raises(InputError, match="others may write it"):
        change_settings({"embedder": "BERTA"})
    assert path.read_text("utf-8") == EVIL
    path.unlink()
    change_settings({"embedder": "BERTA"})
    assert path.stat().st_mode & 0o077 == 0


def test_another_server_is_named_each_time(caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(extractor="http://one.example:8080", ner_url="http://two.example")
    with caplog.at_level(logging.WARNING):
        make_models(settings)
        make_models(settings)
    said = "texts are sent to another server: http://one.example:8080, http://two.example"
    assert [r.getMessage() for r in caplog.records] == [said, said]
