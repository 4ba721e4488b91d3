"""Choosing models: the settings' file, the change of embedders, the embeddings' table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from models_support import tiny_embedder

from kgbuild import wiring
from kgbuild.cli import switching
from kgbuild.config import change_settings
from kgbuild.errors import InputError
from tests.cli.conftest import Run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TEXTS = {
    "one.txt": "Иван Петров работает в Газпроме. Мария Иванова живёт в Москве.",
    "two.txt": "Завод выпускает трубы. Театр открыл сезон. Река вышла из берегов.",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two real embedders whose vectors have 32 and 48 numbers."""
    folder = tmp_path_factory.mktemp("models")
    return tiny_embedder(folder / "old", 32), tiny_embedder(folder / "new", 48, seed=4)


@pytest.fixture
def graph(run: Run, monkeypatch: pytest.MonkeyPatch, models: tuple[Path, Path]) -> Run:
    """A graph with the first embedder's vectors; extraction is a fake, embedders aren't."""
    monkeypatch.setattr(wiring, "make_embedder", REAL_MAKER)
    for name, text in TEXTS.items():
        Path(name).write_text(text, "utf-8")
    assert run("models", "use", models[0]).code == 0
    assert run("ingest", *TEXTS).code == 0
    return run


REAL_MAKER = wiring.make_embedder


def settings() -> dict[str, object]:
    return tomllib.loads(Path("kgbuild.toml").read_text("utf-8"))


def test_a_graph_without_vectors_takes_a_choice_at_once(
    run: Run, models: tuple[Path, Path]
) -> None:
    Path("kgbuild.toml").write_text('# mine\nstore = "kg"\nembedder = "BERTA"\n', "utf-8")
    result = run("models", "use", models[1])
    assert "no vectors yet" in result.out
    assert settings() == {"store": "kg", "embedder": str(models[1])}
    assert "# mine" in Path("kgbuild.toml").read_text("utf-8")


def test_the_old_embedder_answers_until_the_new_one_is_complete(
    graph: Run, models: tuple[Path, Path]
) -> None:
    old, new = map(str, models)
    before = graph("search", "театр", "--mode", "semantic", "--json").jsons
    result = graph("models", "use", new)
    assert "index rebuild --embed" in result.out
    assert settings() == {"embedder": old, "next_embedder": new}
    assert graph("search", "театр", "--mode", "semantic", "--json").jsons == before
    done = graph("index", "rebuild", "--embed")
    assert "sentence: 5 vectors" in done.out
    assert settings() == {"embedder": new}
    after = graph("search", "театр", "--mode", "semantic", "--json").jsons
    assert {row["text"] for row in after} == {row["text"] for row in before}
    assert [row["score"] for row in after] != [row["score"] for row in before]


def test_back_to_the_embedder_in_use_withdraws_the_choice(
    graph: Run, models: tuple[Path, Path]
) -> None:
    graph("models", "use", models[1])
    assert "goes on with" in graph("models", "use", models[0]).out
    assert settings() == {"embedder": str(models[0])}


def test_a_flag_changes_nothing_for_others(graph: Run, models: tuple[Path, Path]) -> None:
    graph("models", "use", models[1])
    assert graph("index", "rebuild", "--embed", "--embedder", models[1]).code == 0
    assert settings()["embedder"] == str(models[0])


def test_an_interruption_loses_nothing(
    graph: Run, models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kgbuild import pipeline

    graph("models", "use", models[1])
    real = pipeline.embed_entities

    def broken(store: object, embedder: object, **_: object) -> int:
        def stop(made: int) -> None:
            raise KeyboardInterrupt

        return real(store, embedder, batch=2, progress=stop)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "embed_entities", broken)
    assert graph("index", "rebuild", "--embed").code == 130
    assert settings()["next_embedder"] == str(models[1])
    assert graph("search", "театр", "--mode", "semantic", "--json").jsons
    monkeypatch.setattr(pipeline, "embed_entities", real)
    assert "sentence: 5 vectors" in graph("index", "rebuild", "--embed").out
    assert settings() == {"embedder": str(models[1])}


SLOWLY = """
import sys, time
from kgbuild import pipeline
real = pipeline.embed_entities

def said(made):
    print("made", made, flush=True)
    time.sleep(60)

pipeline.embed_entities = lambda store, embedder, **_: real(store, embedder, 2, said)
from kgbuild.cli import main
sys.argv = ["kgbuild", "index", "rebuild", "--embed"]
main()
"""


def test_a_kill_between_loses_nothing(graph: Run, models: tuple[Path, Path]) -> None:
    graph("models", "use", models[1])
    before = graph("search", "театр", "--mode", "semantic", "--json").jsons
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    work = subprocess.Popen(
        [sys.executable, "-c", SLOWLY], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert work.stdout is not None
    assert work.stdout.readline() == "made 2\n"
    work.send_signal(signal.SIGKILL)
    work.communicate()
    assert settings()["next_embedder"] == str(models[1])
    assert graph("search", "театр", "--mode", "semantic", "--json").jsons == before
    with wiring.open_graph(wiring.Settings()) as opened:
        made = REAL_MAKER(wiring.Settings(embedder=str(models[1]))).fingerprint
        kept = sum(
            len(b.ids) for kind in ("entity", "sentence") for b in opened.store.vectors(kind, made)
        )  # type: ignore[arg-type]
    assert kept == 2
    assert "sentence: 5 vectors" in graph("index", "rebuild", "--embed").out
    assert settings() == {"embedder": str(models[1])}


def test_a_change_in_the_background_ends_by_itself(
    graph: Run, models: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert "makes the vectors" in graph("models", "use", models[1], "--start").out
    deadline = time.monotonic() + 200
    while settings() != {"embedder": str(models[1])} and time.monotonic() < deadline:
        assert graph("search", "театр", "--mode", "semantic", "--json").jsons
        time.sleep(0.5)
    for process in switching._LEFT_RUNNING:
        process.wait(60)
    assert settings() == {"embedder": str(models[1])}, Path("kg/rebuild.log").read_text("utf-8")


def test_an_embedder_that_is_not_here_is_not_chosen(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    result = run("models", "use", "LaBSE-ru-turbo")
    assert result.code == 1
    assert "kgbuild models pull LaBSE-ru-turbo" in result.err
    assert not Path("kgbuild.toml").exists()


def test_the_environment_s_embedder_would_win(
    run: Run, monkeypatch: pytest.MonkeyPatch, models: tuple[Path, Path]
) -> None:
    monkeypatch.setenv("KGBUILD_EMBEDDER", "BERTA")
    result = run("models", "use", models[0])
    assert result.code == 1
    assert "KGBUILD_EMBEDDER" in result.err


def test_a_setting_in_a_table_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "kgbuild.toml"
    path.write_text('store = """\nembedder = \n"""\n', "utf-8")
    with pytest.raises(InputError, match="by hand"):
        change_settings({"embedder": "BERTA"}, path)
    assert "embedder = \n" in path.read_text("utf-8")


def test_the_list_shows_prefixes_and_commits(bare_run: Run) -> None:
    rows = {row["name"]: row for row in bare_run("models", "list", "--json").json}
    assert len(rows["FRIDA"]["revision"]) == 40
    assert rows["USER-bge-m3"]["licence"] == "Apache-2.0"
    assert rows["multilingual-e5-large"]["prefixes"] == "e5"
    assert rows["multilingual-e5-small"]["here"] == "package"


def test_embeddings_are_measured_by_prompt(
    bare_run: Run, models: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    data = tmp_path / "data"
    data.mkdir()
    rows = "sentence1,sentence2,similarity_score\nКот спит,Кот спал,5\nКот,Река,1\nДом,Дома,4\n"
    (data / "stsb_dev.csv").write_text(rows, "utf-8")
    flags = ("--embedder", models[0], "--beside", models[1], "--prompt", "all", "--task", "sts")
    found = bare_run("eval", "embeddings", "--data", data, *flags, "--json").json
    assert [(row["embedder"], row["prompt"]) for row in found] == [
        (name, prompt) for name in ("old", "new") for prompt in ("search_query", "search_document", "none")
    ]  # fmt: skip
    assert all(-1 <= row["scores"]["STS"] <= 1 for row in found)
    table = bare_run("eval", "embeddings", "--data", data, "--embedder", models[0], "--task", "sts")
    assert "STS: similarity of meaning, Spearman" in table.out
