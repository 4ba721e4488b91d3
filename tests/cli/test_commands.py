"""Every command: help, documentation, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kgbuild.cli import COMMANDS, program
from kgbuild.cli.doctor import described_kernel
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
def test_a_command_stands_in_the_reference(name: str) -> None:
    """What stands there is compared with the help in ``tests/test_docs.py``."""
    assert f"\n### {name}\n" in (ROOT / "docs" / "cli.md").read_text("utf-8")


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
        ["ingest", "--name", "letter", "x.txt"],
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
    assert list(result.json["found"]) == [
        "python", "device", "base", "extractor", "embedder", "faiss", "blas", "sqlite", "store",
    ]  # fmt: skip
    blas = result.json["found"]["blas"]
    assert re.match(r"(OpenBLAS kernel [A-Za-z]+|not an OpenBLAS)", blas), blas
    assert blas.endswith("batched search by matrix products from 800")


def test_doctor_warns_of_a_shell_that_undoes_the_fast_kernel() -> None:
    fast, slow = frozenset({"avx2", "avx512f"}), frozenset({"avx2"})
    shell = {"OPENBLAS_CORETYPE": "HASWELL"}
    undone = described_kernel("Haswell", shell, fast)
    assert "WARNING" in undone
    assert "OPENBLAS_CORETYPE=HASWELL in this shell undoes" in undone
    assert "WARNING: it didn't choose" in described_kernel("Haswell", {}, fast)
    assert described_kernel("SkylakeX", shell, fast) == "OpenBLAS kernel SkylakeX"
    assert described_kernel("Haswell", shell, slow) == "OpenBLAS kernel Haswell"
    assert "not an OpenBLAS" in described_kernel("", shell, fast)


@pytest.mark.slow
def test_the_kernel_is_the_one_that_the_shell_chose() -> None:
    """OPENBLAS_CORETYPE decides before the library loads: two processes, two kernels."""
    code = (
        "import os; from kgbuild.wiring import storage; d = storage('index.faiss');"
        "d.load_faiss(); print(d.blas_kernel())"
    )
    said = []
    for core in ("NEHALEM", "HASWELL"):
        environment = os.environ | {"OPENBLAS_CORETYPE": core}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(done.stdout.strip().upper())
    if said == ["", ""]:
        pytest.skip("this FAISS has another BLAS, or the system no /proc")
    assert said == ["NEHALEM", "HASWELL"]


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
