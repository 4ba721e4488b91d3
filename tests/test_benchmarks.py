"""Every benchmark still runs: what it imports is there, its arguments are read, and one that needs
no models does its work on very little."""

from __future__ import annotations

import ast
import gzip
import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from kgbuild import wiring
from tests.train.gold import documents, write_brat

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "benchmarks").rglob("*.py"))
COMMANDS = [path for path in FILES if "\ndef main(" in path.read_text("utf-8")]
OURS = ("benchmarks", "kgbuild", "storage", "tests")
OPTIONAL = {"playwright", "ray"}
"""What few benchmarks need and not every machine has."""
TOLD = [ROOT / "README.md", ROOT / "README.ru.md", *sorted((ROOT / "docs").rglob("*.md"))]

PLACES = ("news", "nerel", "texts", "vectors", "dossiers")
RUNS = {
    "answers/analytics": "--entities 120 --facts-each 2 --exact 120",
    "answers/review": "--documents 8 --judgements 2",
    "index/index_recall": "--vectors {vectors} --sizes 200 --one hnsw",
    "ingest/ingest_memory": "{news} --megabytes 0.05",
    "ingest/jobs_cost": "--documents 4 --rounds 1",
    "ingest/resolution_scale": "--one 200",
    "ingest/write_and_link": "{news} --megabytes 0.05",
    "quality/check_slice": "examples/wikidata-slice.jsonl {nerel}",
    "quality/copies": "--data {dossiers}",
    "quality/letter_pairs": "{texts}",
    "quality/link": "{nerel}",
    "quality/patterns": "{nerel}/train --errors",
    "quality/values": "{nerel}/train --sample 2 --missing",
}
SERVED = {
    "index/text_search": "{news} --titles 5 --articles 30",
    "robust/store_agreement": "--operations 5",
}
MODELS = {
    "answers/ask_latency": "--facts 300 --entities 400 --questions 4",
    "ingest/hostile_stages": "--size 2000 --inputs namesakes",
}

Command = Callable[..., str]


def module(path: Path) -> ModuleType:
    """A benchmark's module; skips where this machine lacks what it needs."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if str(error.name).split(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"without {error.name}")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs a benchmark here and gives what it printed; what it changes in this process is put
    back afterwards."""
    for name in ("make_extractor", "make_embedder"):
        monkeypatch.setattr(wiring, name, getattr(wiring, name))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(ROOT)

    def run(path: Path, *words: str) -> str:
        main = module(path).main
        monkeypatch.setattr(sys, "argv", [str(path), *words])
        try:
            code = main()
        except SystemExit as end:
            code = end.code
        out, told = capfd.readouterr()
        assert not code, told
        return out

    return run


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A little of everything that benchmarks are given."""
    place = tmp_path_factory.mktemp("given")
    found = {name: place / name for name in PLACES} | {
        "news": place / "news.jsonl.gz",
        "vectors": place / "vectors.npy",
    }
    for part in ("train", "dev"):
        for gold in documents():
            write_brat(found["nerel"] / part, gold)
    found["texts"].mkdir()
    shutil.copy(next((ROOT / "examples" / "docs").glob("*.txt")), found["texts"])
    for dossier in ("apteka", "aul"):
        shutil.copytree(ROOT / "corpus" / "train_more" / dossier, found["dossiers"] / dossier)
    with gzip.open(found["news"], "wt", encoding="utf-8") as file:
        for number in range(40):
            text = (
                f"В городе Тверь собрался совет номер {number}. Говорят, что Иван"
                f" Петров{'абвгд'[number % 5]} приехал в Москву. Вчера Анна Лосева открыла завод."
            )
            article = {"title": f"Совет города Тверь номер {number}", "text": text}
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    np.save(found["vectors"], np.random.default_rng(0).normal(size=(600, 32)).astype(np.float32))
    return {name: str(path) for name, path in found.items()}


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The modules of the project with the names that a file takes from them, wherever it does,
    in programs that it starts too."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for base, names in re.findall(r"^ *from (\S+) import (.+)$", node.value, re.MULTILINE):
                yield from ((base, name.strip()) for name in names.split(","))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_is_there(path: Path) -> None:
    wanted = [(base, name) for base, name in imported(path) if base.split(".")[0] in OURS]
    for base, name in wanted:
        try:
            held = importlib.import_module(base)
        except ModuleNotFoundError as error:
            if str(error.name).split(".")[0] not in OPTIONAL:
                raise
            continue
        if not hasattr(held, name):
            importlib.import_module(f"{base}.{name}")


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_a_benchmark_says_what_it_takes(path: Path, command: Command) -> None:
    assert "usage: " in command(path, "--help")


@pytest.mark.parametrize(("name", "words"), RUNS.items(), ids=RUNS)
def test_a_benchmark_runs(name: str, words: str, command: Command, places: dict[str, str]) -> None:
    path = ROOT / "benchmarks" / f"{name}.py"
    assert re.search(r"\d", command(path, *words.format(**places).split()))


@pytest.mark.postgresql
@pytest.mark.parametrize(("name", "words"), SERVED.items(), ids=SERVED)
def test_a_benchmark_runs_beside_a_server(
    name: str, words: str, command: Command, places: dict[str, str]
) -> None:
    test_a_benchmark_runs(name, words, command, places)


@pytest.mark.model
@pytest.mark.parametrize(("name", "words"), MODELS.items(), ids=MODELS)
def test_a_benchmark_runs_with_models(name: str, words: str, places: dict[str, str]) -> None:
    """In a process of its own: one that forks once models have been used here waits for locks
    that their threads held."""
    path = ROOT / "benchmarks" / f"{name}.py"
    run = subprocess.run(
        [sys.executable, str(path), *words.format(**places).split()],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert re.search(r"\d", run.stdout)


def test_every_benchmark_that_is_told_of_is_there() -> None:
    named = {
        name
        for page in TOLD
        for name in re.findall(r"benchmarks/[\w/]+\.py", page.read_text("utf-8"))
    }
    assert len(named) > 20
    assert not {name for name in named if not (ROOT / name).exists()}
