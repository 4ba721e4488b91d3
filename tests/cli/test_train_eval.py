"""``kgbuild train`` and ``kgbuild eval`` from end to end, over a tiny encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from kgbuild import wiring
from kgbuild.models import bases
from kgbuild.models.encoder import LoadedEncoder, load_encoder_folder
from kgbuild.models.folder import ModelFolder
from tests.cli.conftest import Run
from tests.train.dossier import NOTE, NOTE_FACTS
from tests.train.dossier import write as write_marked
from tests.train.gold import documents, write_brat

RECIPE = """
epochs = 2
window_tokens = 120
batch_tokens = 300
held_out = 1
[network]
frozen = 1
shared = 2
span_size = 8
pair_size = 8
max_width = 4
"""


@pytest.fixture
def trained(
    bare_run: Run, tiny_folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Data and a recipe in the folder, a tiny encoder in place of the embedded one."""

    def load(device: str = "auto", dtype: torch.dtype | None = None) -> LoadedEncoder:
        return load_encoder_folder(tiny_folder, "cpu", torch.float32)

    monkeypatch.setattr(bases, "load_base_encoder", load)
    monkeypatch.setattr(wiring, "base_encoder", load)
    (tmp_path / "r.toml").write_text(RECIPE)
    for gold in documents():
        write_brat(tmp_path / "data", gold)
    return bare_run


TRAIN = ("--data", "data", "--output", "weights", "--recipe", "r.toml")


def test_train_prints_epochs_and_where_the_weights_are(trained: Run, tmp_path: Path) -> None:
    result = trained("train", "joint", *TRAIN)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].split("  ")[0] == "epoch"
    assert [line.split()[0] for line in lines[1:3]] == ["1", "2"]
    size = sum(f.stat().st_size for f in (tmp_path / "weights").iterdir()) / 1e6
    assert lines[3].startswith(f"weights: weights ({size:.1f} MB)  thresholds: ")
    assert (tmp_path / "weights" / "weights.safetensors").is_file()


def test_eval_of_those_weights_prints_and_gives_json(trained: Run) -> None:
    trained("train", "joint", *TRAIN)
    for protocol in ("ner", "relations", "end-to-end"):
        value = trained("eval", protocol, "--data", "data", "--weights", "weights", "--json").json
        assert {"protocol", "documents", "micro", "macro", "rows", "by_label"} <= set(value)
        assert value["documents"] == 4
        assert set(value["micro"]) == {"precision", "recall", "f1", "tp", "fp", "fn", "gold"}
        gold = sum(len(d.mentions if protocol == "ner" else d.relations) for d in documents())
        assert value["micro"]["gold"] == gold
        assert value["definition"]
        table = trained("eval", protocol, "--data", "data", "--weights", "weights")
        assert any(line.startswith("micro ") for line in table.out.splitlines())
        assert value["definition"] in " ".join(table.out.split())


APART = RECIPE.replace("shared = 2", "shared = 1")


@pytest.mark.slow
def test_two_runs_are_merged_and_several_averaged(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(APART)
    for task in ("ner", "relations"):
        flags = ("--data", "data", "--output", task, "--recipe", "r.toml")
        assert trained("train", task, *flags).code == 0
    result = trained(
        "train", "merge", "--ner", "ner", "--relations", "relations", "--output", "both"
    )
    assert result.code == 0, result.err
    assert result.out.startswith("weights: both (")
    flags = ("--data", "data", "--held-out", "1", "--output", "mean")
    result = trained("train", "average", "ner", "both", *flags)
    assert result.code == 0, result.err
    assert [line.split(":")[0] for line in result.out.splitlines()] == [
        "held out ner", "held out relations", "weights",
    ]  # fmt: skip
    assert trained("eval", "ner", "--data", "data", "--weights", "mean", "--json").code == 0


def test_corrections_and_low_rank_deltas_are_flags(trained: Run, tmp_path: Path) -> None:
    write_brat(tmp_path / "extra", documents()[0])
    result = trained("train", "ner", *TRAIN, "--lora", "--extra", "extra", "--epochs", "1")
    assert result.code == 0, result.err
    result = trained("train", "ner", *TRAIN, "--lora", "--full")
    assert result.code == 1
    assert "exclude each other" in result.err


def test_an_encoder_that_is_not_there_fails_in_one_line(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    result = trained("train", "ner", *TRAIN, "--encoder", "encoder")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "lacks config.json" in result.err


@pytest.mark.parametrize(
    ("recipe", "data", "output", "reason"),
    [
        ("epochz = 1", "data", "weights", "epochz"),
        (RECIPE, "empty", "weights", "empty"),
        (RECIPE, "data", "data", "other files"),
        (RECIPE, "data", "weights", "T1 spans"),
    ],
)
def test_training_that_cannot_begin_fails_in_one_line(
    trained: Run, tmp_path: Path, recipe: str, data: str, output: str, reason: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "r.toml").write_text(recipe)
    if "T1" in reason:
        (tmp_path / "data" / "d0.ann").write_text("T1\tPERSON 0 9999\tx\n")
    result = trained("train", "ner", "--data", data, "--output", output, "--recipe", "r.toml")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert reason in result.err


def test_weights_of_another_kind_are_refused(trained: Run, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    result = trained("eval", "ner", "--data", "data", "--weights", "weights")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "weights" in result.err


def test_eval_resolution_prints_our_row_beside_common_rules(bare_run: Run, tmp_path: Path) -> None:
    (tmp_path / "ryanair__1.txt").write_bytes("Орлова видели в Туле".encode())
    (tmp_path / "ryanair__1.tsv").write_bytes(
        "0\t6\tОрлова\tОрлов\tPER\tPER-Orlov\n16\t20\tТуле\tТула\tLOC\tGPE-Tula\n".encode()
    )
    result = bare_run("eval", "resolution", "--data", ".")
    assert result.code == 0, result.err
    assert "gold mentions, no relations; 1 documents" in result.out
    for row in ("ours", "exact name and type", "naive lemma and type", "as written"):
        assert row in result.out
    as_json = bare_run("eval", "resolution", "--data", ".", "--json")
    assert json.loads(as_json.out)["clusters"]["ours"]["items"] == 2


def test_eval_resolution_with_found_mentions_and_relations(trained: Run, tmp_path: Path) -> None:
    assert trained("train", "joint", *TRAIN).code == 0
    flags = ("--predicted", "--relations", "--weights", "weights", "--json")
    result = trained("eval", "resolution", "--data", "data", *flags)
    assert result.code == 0, result.err
    values = json.loads(result.out)
    assert values["protocol"].endswith("predicted mentions, predicted relations")
    assert 0.0 <= values["found"] <= 1.0


def _linked(folder: Path, name: str, text: str, links: dict[str, tuple[str, str]]) -> None:
    """A brat file whose mentions, by surface, have a type and a Wikidata id."""
    lines = []
    for number, (surface, (type, link)) in enumerate(links.items(), 1):
        start = text.index(surface)
        lines.append(f"T{number}\t{type} {start} {start + len(surface)}\t{surface}")
        lines.append(f"N{number}\tReference T{number} Wikidata:{link}\t{surface}")
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_text("\n".join(lines) + "\n", "utf-8")


def test_train_resolution_writes_a_scorer_that_loads(bare_run: Run, tmp_path: Path) -> None:
    from kgbuild.resolve.scorer import Scorer

    data = tmp_path / "links"
    data.mkdir()
    city = ("CITY", "Q9")
    _linked(data, "a", "Пётр Орлов и Тула", {"Пётр Орлов": ("PERSON", "Q1"), "Тула": city})
    _linked(data, "b", "Орлов и Тула", {"Орлов": ("PERSON", "Q1"), "Тула": city})
    _linked(data, "c", "Антон Зубов в Пскове", {"Антон Зубов": ("PERSON", "Q2")})
    _linked(data, "d", "Зубов в Омске", {"Зубов": ("PERSON", "Q3")})
    result = bare_run("train", "resolution", "--data", "links", "--output", "made")
    assert result.code == 0, result.err
    assert "2 pairs, 1 of one person each" in result.out
    assert 0.5 <= Scorer.load(tmp_path / "made" / "scorer.json").threshold < 1.0


def test_train_resolution_says_what_is_missing(bare_run: Run, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    _linked(tmp_path / "links", "a", "Тула", {"Тула": ("CITY", "Q9")})
    result = bare_run("train", "resolution", "--data", "links", "--output", "made")
    assert result.code == 1
    assert "no pairs of names to learn from" in result.err


DOSSIER_RECIPE = RECIPE.replace("[network]", "denied = 0.5\n[network]\nreferences = 1")


@pytest.fixture
def read_dossiers(trained: Run, tmp_path: Path) -> Run:
    """Weights trained on brat files and dossiers together, the last dossier kept aside."""
    for name in ("mill", "port"):
        for number in ("01", "02"):
            write_marked(tmp_path / "dossiers" / name, number, NOTE, NOTE_FACTS)
    (tmp_path / "r.toml").write_text(DOSSIER_RECIPE)
    result = trained("train", "joint", *TRAIN, "--data", "dossiers")
    assert result.code == 0, result.err
    return trained


def test_train_and_eval_take_dossiers(read_dossiers: Run) -> None:
    for protocol, gold in (("ner", 24), ("relations", 12), ("end-to-end", 12)):
        flags = ("--data", "dossiers", "--weights", "weights")
        value = read_dossiers("eval", protocol, *flags, "--json").json
        assert value["documents"] == 4
        assert value["micro"]["gold"] == gold
        assert 0.0 <= value["calibration_error"] <= 1.0
        if protocol != "ner":
            kinds = ("named in one sentence", "through a reference", "otherwise")
            assert [value["rows"][kind]["gold"] for kind in kinds] == [4, 8, 0]
            assert value["rows"]["denied, yet stated"]["gold"] == 4
        table = read_dossiers("eval", protocol, *flags).out
        assert "expected calibration error" in table
        assert value["definition"] in " ".join(table.split())
    one = read_dossiers("eval", "ner", "--data", "dossiers/port", "--weights", "weights", "--json")
    assert one.json["documents"] == 2


def test_eval_coreference_prints_links_beside_the_baseline(read_dossiers: Run) -> None:
    flags = ("--data", "dossiers", "--weights", "weights")
    raw, given, nearest = json.loads(read_dossiers("eval", "coreference", *flags, "--json").out)
    for report in (raw, given, nearest):
        assert set(report["by_label"]) == {"overt", "zero"}
        assert report["micro"]["gold"] == 8
    assert nearest["by_label"]["overt"]["tp"] == nearest["by_label"]["zero"]["tp"] == 4
    table = read_dossiers("eval", "coreference", *flags).out
    assert table.count("links of references") == 3


def test_eval_coreference_of_weights_without_references_fails_in_one_line(
    trained: Run, tmp_path: Path
) -> None:
    write_marked(tmp_path / "mill", "01", NOTE, NOTE_FACTS)
    assert trained("train", "joint", *TRAIN, "--epochs", "1").code == 0
    result = trained("eval", "coreference", "--data", "mill", "--weights", "weights")
    assert result.code == 1
    assert "know no references" in result.err
    assert len(result.err.splitlines()) == 1
