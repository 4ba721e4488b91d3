"""Every command: help, documentation, exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kgbuild.cli import COMMANDS, program
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command and subcommand with its words."""
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for sub in command.commands:
                yield f"{name} {sub}", command.commands[sub]


ALL = dict(every_command())


@pytest.mark.parametrize("name", ALL)
def test_a_command_has_help(bare_run: Run, name: str) -> None:
    command = ALL[name]
    assert command.help
    assert len(command.help.splitlines()[0]) > 10
    result = bare_run(*name.split(), "--help")
    assert result.code == 0
    assert "Usage:" in result.out
    assert command.help.splitlines()[0][:30] in " ".join(result.out.split())
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in (
            "help",
            "limit",
            "device",
        ):
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("name", ALL)
def test_a_command_stands_in_the_readme(name: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    top, _, sub = name.partition(" ")
    assert f"kgbuild {top}" in readme
    # the table writes subcommands as  kgbuild export mentions\\|facts
    named = re.findall(rf"kgbuild {top} ([\w|\\-]+)", readme)
    assert not sub or any(sub in re.split(r"\\?\|", words) for words in named)


def test_the_list_of_commands_is_whole(bare_run: Run) -> None:
    result = bare_run("--help")
    assert result.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.out


def test_the_version(bare_run: Run) -> None:
    result = bare_run("--version")
    assert result.code == 0
    assert "0.1" in result.out


@pytest.mark.parametrize(
    "args",
    [
        ["no-such-command"],
        ["ingest"],
        ["ingest", "--no-such-option", "x"],
        ["query"],
        ["query", "вопрос", "--file", "x.txt"],
        ["search"],
        ["search", "текст", "-k", "0"],
        ["embed", "--prompt", "nonsense"],
        ["train", "cooking", "--data", ".", "--output", "x"],
        ["train", "ner", "--data", "absent", "--output", "x"],
        ["train", "ner", "--data", ".", "--output", "x", "--epochs", "0"],
        ["eval", "ner"],
        ["export", "nonsense"],
        ["index", "nonsense"],
    ],
)
def test_wrong_usage_exits_with_2(bare_run: Run, tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "x.txt").write_text("вопрос")
    result = bare_run(*args)
    assert result.code == 2
    assert "Error" in result.err
    assert result.out == ""
    assert not (tmp_path / "kg").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["query", "Кто?"], ["search", "кто"], ["show", "Иван"], ["stats"], ["export", "mentions"],
        ["export", "facts"], ["delete", "a.txt"], ["index", "rebuild"], ["index", "verify"],
        ["db", "check"],
    ],
)  # fmt: skip
def test_without_a_store_a_command_fails_in_one_line(
    run: Run, tmp_path: Path, args: list[str]
) -> None:
    result = run(*args)
    assert result.code == 1
    assert result.out == ""
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith("kgbuild: ")
    assert "kg" in result.err
    assert not (tmp_path / "kg").exists()


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["show", "Никто Неизвестный"], "Никто Неизвестный"),
        (["delete", "absent.txt"], "absent.txt"),
    ],
)
def test_what_is_not_in_the_graph_fails_in_one_line(
    filled: Run, args: list[str], reason: str
) -> None:
    result = filled(*args)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert reason in result.err


def test_a_setting_that_cannot_be_used_fails_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kgbuild.toml").write_text('stroe = "x"\ndevise = "y"\n')
    result = run("stats")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "stroe" in result.err
    assert "devise" in result.err


def test_a_store_that_is_another_file_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kg").mkdir()
    (tmp_path / "kg" / "graph.db").write_bytes(b"not a database" * 100)
    result = run("stats")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "graph.db" in result.err


def test_doctor_tells_what_would_be_used(bare_run: Run) -> None:
    result = bare_run("doctor", "--json")
    assert result.code == 0
    assert result.json["faults"] == {}
    assert {"python", "device", "base", "extractor", "embedder", "faiss", "sqlite", "store"} == set(
        result.json["found"]
    )


def test_doctor_names_faults(bare_run: Run) -> None:
    result = bare_run("doctor", "--extractor", "nowhere", "--embedder", "nonsense", "--json")
    assert result.code == 1
    assert set(result.json["faults"]) == {"extractor", "embedder"}
    assert "nowhere" in result.json["faults"]["extractor"]


def test_models_are_listed(bare_run: Run) -> None:
    [rows] = bare_run("models", "list", "--json").jsons
    assert {"multilingual-e5-small", "BERTA", "FRIDA"} <= {row["name"] for row in rows}
    table = bare_run("models", "list")
    assert "BERTA" in table.out
