"""The command line in this process, with fakes for the models."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, FakeExtractor

from kgbuild import cli, wiring
from kgbuild.config import Settings


@dataclass(frozen=True)
class Result:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout."""
        [value] = self.jsons
        return value

    @property
    def jsons(self) -> list[Any]:
        """A JSON value from each line of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture
def bare_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``kgbuild ARGS`` in an empty folder, with whatever models are in place."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KGBUILD_{name.upper()}", raising=False)

    def run(*args: object, stdin: str | bytes = "") -> Result:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "argv", ["kgbuild", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return Result(int(stop.value.code or 0), out, err)

    return run


@pytest.fixture
def run(bare_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``kgbuild ARGS`` in an empty folder, over fake models."""
    monkeypatch.setattr(wiring, "make_extractor", lambda settings: FakeExtractor())
    monkeypatch.setattr(wiring, "make_embedder", lambda settings: FakeEmbedder())
    return bare_run


TEXTS = {
    "a.txt": "Иван Петров работает в Газпроме. Мария Иванова живёт в Москве.",
    "b.txt": "Мария Иванова работает в Лукойле.",
    "c.md": "Иван Петров работает в Газпроме.\nОлег Сидоров живёт в Твери.",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of three documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def filled(run: Run, docs: Path) -> Run:
    """The same over a graph of those documents."""
    assert run("ingest", "docs").code == 0
    return run
