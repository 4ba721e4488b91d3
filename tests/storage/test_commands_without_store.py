"""What the commands say where there is no store, an empty one, or one they may not touch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kgbuild.cli import main
from storage.database import Database, parse_target
from storage.migrate import HEAD, SchemaState, alembic_config, check_database
from storage.sql import SqlStore

Run = Callable[..., tuple[int, str, str]]
QUESTION = "Кто супруга Дмитрия Менделеева?"
READING = (
    ("query", QUESTION),
    ("search", "супруга"),
    ("show", "Менделеев"),
    ("stats",),
    ("export", "facts"),
    ("export", "mentions"),
)
NEEDING_A_STORE = (
    *READING,
    ("delete", "a.txt"),
    ("index", "rebuild"),
    ("index", "verify"),
    ("db", "check"),
    ("db", "upgrade"),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in an empty folder: its exit code, stdout and stderr."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("KGBUILD_STORE", "KGBUILD_DB"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kgbuild", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code, printed.out, printed.err

    return command


@pytest.fixture
def empty(tmp_path: Path) -> str:
    """The folder of a store of no documents."""
    SqlStore.open(tmp_path / "kg" / "graph.db").close()
    return str(tmp_path / "kg")


def inside(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("command", NEEDING_A_STORE, ids=" ".join)
@pytest.mark.parametrize("exists", [False, True], ids=("missing", "empty folder"))
def test_no_store_is_one_clear_line(
    run: Run, tmp_path: Path, command: tuple[str, ...], exists: bool
) -> None:
    store = tmp_path / "хранилище"
    if exists:
        store.mkdir()
    before = inside(tmp_path)
    code, out, err = run(*command, "--store", str(store))
    assert (code, out) == (1, "")
    assert err == (
        f"kgbuild: there is no graph in {store} (no graph.db): make one with kgbuild ingest PATH\n"
    )
    assert inside(tmp_path) == before, "nothing is made"


def test_the_default_store_is_named_too(run: Run) -> None:
    code, _, err = run("stats")
    assert code == 1
    assert f"no graph in {Path.cwd() / 'kg'} " in err


def test_no_store_is_no_fault_of_the_installation(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("doctor", "--json", "--store", "not-yet")
    found = json.loads(out)
    assert found["found"]["store"] == "not-yet: none yet; made by  kgbuild ingest PATH"
    assert code == (1 if found["faults"] else 0)
    assert inside(tmp_path) == [tmp_path / "work"]


def test_an_empty_file_is_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "graph.db").touch()
    code, out, err = run("stats", "--store", str(tmp_path))
    assert (code, out) == (1, "")
    assert err == f"kgbuild: {tmp_path}/graph.db is empty: make a graph with kgbuild ingest PATH\n"
    assert (tmp_path / "graph.db").read_bytes() == b""


def test_a_store_of_no_documents_abstains(run: Run, empty: str) -> None:
    code, out, err = run("query", "--json", QUESTION, "--store", empty)
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "question": QUESTION,
        "abstained": True,
        "answers": [],
        "passages": [],
        "abstention": "unknown_entity",
        "reason": "В графе нет сущности «Дмитрия Менделеева».",
        "choices": [],
        "conflicting": False,
        "tentative": False,
    }
    code, out, _ = run("query", QUESTION, "--store", empty)
    assert (code, out.splitlines()) == (
        0,
        ["нет ответа: В графе нет сущности «Дмитрия Менделеева»."],
    )


def test_a_store_of_no_documents_can_be_read(run: Run, empty: str, tmp_path: Path) -> None:
    nothing = (0, "", "слова «супруга» нет в документах\n")
    assert run("search", "супруга", "--store", empty) == nothing
    assert run("export", "facts", "--store", empty) == (0, "", "")
    assert run("export", "mentions", "-o", "out.jsonl", "--store", empty) == (0, "", "")
    assert (tmp_path / "work" / "out.jsonl").read_text() == "", "a file, though nothing is in it"
    code, out, _ = run("stats", "--json", "--store", empty)
    assert (code, json.loads(out)["documents"]) == (0, 0)
    code, _, err = run("show", "Менделеев", "--store", empty)
    assert (code, err.count("\n")) == (1, 1)
    assert "no entity 'Менделеев'" in err
    code, out, _ = run("doctor", "--json", "--store", empty)
    assert json.loads(out)["found"]["store"].endswith("0 documents, 0 facts, sound")


def test_the_index_commands_follow_the_store_s_record(run: Run, empty: str) -> None:
    code, _, err = run("index", "verify", "--store", empty)
    assert (code, "there is no sentence index" in err) == (1, True)
    assert run("index", "rebuild", "--store", empty)[0] == 0
    assert run("index", "verify", "--store", empty)[:2] == (
        0,
        "sentence: 0 vectors, whole\nentity: 0 vectors, whole\n",
    )


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_upgrades_nothing(run: Run, empty: str, command: tuple[str, ...]) -> None:
    target = Path(empty) / "graph.db"
    make_older(target)
    code, out, err = run(*command, "--store", empty)
    assert (code, out) == (1, "")
    assert "run `kgbuild db upgrade`" in err
    assert check_database(target).state is SchemaState.OLDER


def test_upgrading_is_a_command_of_its_own(run: Run, empty: str) -> None:
    make_older(Path(empty) / "graph.db")
    assert run("db", "upgrade", "--store", empty) == (
        0,
        f"the schema went from none to {HEAD}\n",
        "",
    )
    assert run("db", "upgrade", "--store", empty)[1] == f"the schema is up to date ({HEAD})\n"
    assert run("db", "check", "--store", empty)[0] == 0


def make_older(target: Path) -> None:
    from alembic import command

    database = Database(parse_target(target), foreign_keys=False)
    with database.writing() as connection:
        command.downgrade(alembic_config(connection), "base")
    database.close()
