"""The README and docs/ against the program: commands, options, links, examples, references."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from tests.cli.conftest import Run, bare_run, run  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[1]
READMES = (ROOT / "README.md", ROOT / "README.ru.md")
PAGES = (*READMES, *sorted((ROOT / "docs").glob("*.md")))


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = reference()
COMMANDS: dict[str, click.Command] = dict(REFERENCE.commands())


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.M)


def told(page: Path) -> Iterator[list[str]]:
    """The words of each line of a console block that calls the program."""
    for block in blocks(page, "console"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if line.startswith(("$ kgbuild ", "$ python cli.py ")):
                yield words[1 + (words[0] == "python") :]


@pytest.mark.parametrize("name", ["cli.md", "python.md"])
def test_a_reference_is_what_the_program_says(name: str) -> None:
    written = (ROOT / "docs" / name).read_text("utf-8")
    assert written == REFERENCE.page(name), "run  python docs/reference.py"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_is_short(readme: Path) -> None:
    assert len(readme.read_text("utf-8").splitlines()) <= 150


def test_both_readmes_say_the_same() -> None:
    english, russian = (path.read_text("utf-8") for path in READMES)
    for pattern in (r"^#", r"^\|", r"^- ", r"^```", r"\]\(docs/[\w/.-]+\)"):
        both = [re.findall(pattern, text, re.M) for text in (english, russian)]
        assert len(both[0]) == len(both[1]) > 0, pattern
    tables = [re.findall(r"0\.\d{3}", text) for text in (english, russian)]
    assert tables[0] == tables[1]
    commands = [[*told(path)][1:] for path in READMES]  # the first names FOLDER, or ПАПКА
    assert commands[0] == commands[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.M)
    text = re.sub(r"`[^`\n]*`", "", text)  # code is no link
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"\w+:", target):
            path, _, anchor = target.partition("#")
            assert (page.parent / path).exists(), target
            if anchor and path:
                heads = re.findall(r"^#+ (.*)", (page.parent / path).read_text("utf-8"), re.M)
                assert anchor in {re.sub(r"[^\w]+", "-", head.lower()) for head in heads}, target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_command_that_is_shown_exists_with_its_options(page: Path) -> None:
    for words in told(page):
        rest = list(words)
        while rest and rest[0].startswith("--"):
            assert rest[0] in ("--store", "--db"), words
            rest = rest[2:]
        name = " ".join(rest[:2]) if " ".join(rest[:2]) in COMMANDS else rest[0]
        assert name in COMMANDS, words
        known = {o for parameter in COMMANDS[name].params for o in parameter.opts} | {"--help"}
        flags = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
        assert flags <= known, words


def test_every_command_of_a_table_in_python_exists() -> None:
    """The table that says what each command is from Python."""
    import kgbuild
    from kgbuild.analytics.analytics import Analytics

    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|$", page.partition(REFERENCE.MARK)[0], re.M)
    named = {word for commands, _ in rows for word in re.findall(r"`([\w-]+)`", commands)}
    alone = {"train", "eval", "models", "serve", "mcp", "doctor"}
    assert named | alone == {name for name in COMMANDS if " " not in name}
    for _, python in rows:
        for called in re.findall(r"graph\.(\w+)", python):
            assert hasattr(kgbuild.KnowledgeGraph, called) or called == "store", called
    assert hasattr(Analytics, "bridges")


@pytest.fixture
def sample_folder(tmp_path: Path) -> Path:
    """``examples/docs`` in the working folder, in small."""
    folder = tmp_path / "examples" / "docs"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Менделеев работает в Газпроме.", "utf-8")
    return folder


@pytest.mark.parametrize("page", [*READMES, ROOT / "docs" / "python.md"], ids=lambda p: p.name)
def test_the_examples_in_python_run(run: Run, sample_folder: Path, page: Path) -> None:  # noqa: F811
    """Over stand-ins for the models: that the calls are right; answers are tested elsewhere."""
    page_text = page.read_text("utf-8").partition(REFERENCE.MARK)[0]
    [block] = [b for b in blocks(page, "python") if b in page_text]
    exec(compile(block, page.name, "exec"), {})
    assert Path("kg/graph.db").exists()


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_everyday_commands_run(run: Run, sample_folder: Path, readme: Path) -> None:  # noqa: F811
    shutil.copytree(sample_folder, "ПАПКА")
    shutil.copytree(sample_folder, "FOLDER")
    everyday = [words for words in told(readme) if words[0] != "serve"]
    assert [words[0] for words in everyday] == ["ingest", "query", "search", "show", "export"]
    for words in everyday:
        assert run(*words).code == 0, words
    head, *rows = Path("facts.csv").read_text("utf-8-sig").splitlines()
    assert "Менделеев" in rows[0], head
