"""Distillation with small real models: what is learnt, what an interruption costs, what loads."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from models_support import tiny_embedder

from kgbuild.embed import TransformerEmbedder
from kgbuild.errors import InputError, WeightsError
from kgbuild.train.distillation.distill import Distiller, DistillRecipe, losses
from kgbuild.train.distillation.run import DistillOrder, distill, speed_ratio
from kgbuild.train.distillation.student import kept_layers, student_of_layers
from kgbuild.train.distillation.texts import choose_texts, read_texts, teacher_vectors

pytestmark = pytest.mark.slow

RECIPE = DistillRecipe(texts=96, held_out=16, epochs=3, batch=16, rate=3e-3, checkpoint=2)
WORDS = ("кот", "дом", "река", "завод", "театр", "город", "письмо", "дорога", "озеро", "хлеб")


def silent(done: int, total: int, state: str) -> None:
    pass


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> TransformerEmbedder:
    return TransformerEmbedder.open(tiny_embedder(tmp_path_factory.mktemp("teacher"), 32, 4))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 lines of words in other orders."""
    draw = np.random.default_rng(5)
    lines = [" ".join(draw.choice(WORDS, size=3 + i % 4)) for i in range(120)]
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def order(texts: Path, output: Path, student: str = "2") -> DistillOrder:
    return DistillOrder(student, (texts,), output)


def test_a_student_comes_nearer_to_its_teacher_and_loads(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    reports = distill(order(texts, tmp_path / "student"), teacher, None, RECIPE, silent)
    assert [r.epoch for r in reports] == [1, 2, 3]
    assert reports[-1].mse < 0.7 * reports[0].mse
    assert reports[-1].held_out_cosine > reports[0].held_out_cosine + 0.03
    student = TransformerEmbedder.open(tmp_path / "student")
    assert (student.family, student.dimension) == ("e5", 32)
    held = [t.text for t in choose_texts(read_texts([texts]), 16, "e5", RECIPE.seed)]
    cosines = (student.embed(held, "search_query") * teacher.embed(held, "search_query")).sum(1)
    assert cosines.mean() == pytest.approx(reports[-1].held_out_cosine, abs=0.1)
    assert json.loads((tmp_path / "student" / "distillation.json").read_text())["layers"] == [0, 3]
    assert speed_ratio(student, teacher, held, rounds=1) > 0


def test_sentence_transformers_reads_the_folder(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    sbert = pytest.importorskip("sentence_transformers")
    distill(order(texts, tmp_path / "student"), teacher, None, replace(RECIPE, epochs=1), silent)
    theirs = sbert.SentenceTransformer(str(tmp_path / "student"), device="cpu")
    line = ["кот дом река"]
    ours = TransformerEmbedder.open(tmp_path / "student").embed(line, "search_query")
    found = theirs.encode(line, prompt_name="search_query")
    np.testing.assert_allclose(found, ours, atol=1e-4)


def test_an_interrupted_training_ends_the_same(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    whole = distill(order(texts, tmp_path / "whole"), teacher, None, RECIPE, silent)

    def stop(done: int, total: int, state: str) -> None:
        if state.startswith("mse") and done == 8:  # inside the second epoch
            raise KeyboardInterrupt

    broken = order(texts, tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        distill(broken, teacher, None, RECIPE, stop)
    assert not broken.output.exists()
    assert distill(broken, teacher, None, RECIPE, silent) == whole
    one, two = (tmp_path / n / "model.safetensors" for n in ("whole", "broken"))
    assert one.read_bytes() == two.read_bytes()


def test_teacher_s_vectors_are_made_once(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    chosen = choose_texts(read_texts([texts]), 40, "e5", 1)
    path = tmp_path / "teacher.npy"
    first = teacher_vectors(teacher, chosen, path, silent)
    for row, item in enumerate(chosen[:5]):
        np.testing.assert_allclose(
            first[row], teacher.embed([item.text], item.prompt)[0], atol=1e-5
        )

    class Never:
        dimension = 32

        def embed(self, *_: object) -> None:
            raise AssertionError("embedded again")

    assert (teacher_vectors(Never(), chosen, path, silent) == first).all()  # type: ignore[arg-type]


def test_a_shorter_student_learns_through_a_map(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    small = TransformerEmbedder.open(tiny_embedder(tmp_path / "small", 16, 2))
    reports = distill(order(texts, tmp_path / "student", "small"), teacher, small, RECIPE, silent)
    assert reports[-1].mse < reports[0].mse
    assert reports[-1].held_out_cosine == 0.0
    assert TransformerEmbedder.open(tmp_path / "student").dimension == 16


def test_another_training_in_the_same_folder_is_refused(
    teacher: TransformerEmbedder, texts: Path, tmp_path: Path
) -> None:
    short = replace(RECIPE, epochs=1)
    distill(order(texts, tmp_path / "student"), teacher, None, short, silent)
    with pytest.raises(InputError, match="exists already"):
        distill(order(texts, tmp_path / "student"), teacher, None, short, silent)
    (tmp_path / "student").rename(tmp_path / "aside")
    with pytest.raises(InputError, match="another teacher, student, recipe or texts"):
        distill(order(texts, tmp_path / "student"), teacher, None, RECIPE, silent)
    (tmp_path / "student.run" / "checkpoint.safetensors").write_bytes(b"cut")
    with pytest.raises(WeightsError, match="not a checkpoint"):
        distill(order(texts, tmp_path / "student"), teacher, None, short, silent)


def test_only_layers_are_trained(teacher: TransformerEmbedder, tmp_path: Path) -> None:
    student = student_of_layers(teacher.encoder, "quarter")
    run = Distiller(student, 32, RECIPE, tmp_path, "key")
    assert not [name for name in run.parameters if "word_embeddings" in name]
    assert [name for name in run.parameters if name.startswith("encoder.layer.1.")]
    assert len(student.encoder.model.encoder.layer) == 2  # type: ignore[union-attr, arg-type]
    assert len(teacher.encoder.model.encoder.layer) == 4  # type: ignore[union-attr, arg-type]


def test_layers_are_spread_evenly() -> None:
    assert kept_layers(12, 3) == (0, 5, 11)
    assert kept_layers(24, 6) == (0, 4, 9, 13, 18, 23)
    assert kept_layers(4, 4) == (0, 1, 2, 3)
    with pytest.raises(InputError, match="2 to 4"):
        kept_layers(4, 5)


def test_the_losses() -> None:
    one = torch.eye(2)
    error, gap = losses(one, one, torch.nn.Identity())
    assert (error.item(), gap.item()) == (0.0, 0.0)
    turned = one[[1, 0]]  # every vector wrong, every similarity right
    error, gap = losses(turned, one, torch.nn.Identity())
    assert (error.item(), gap.item()) == (2.0, 0.0)
    error, gap = losses(torch.tensor([[1.0, 0], [1, 0]]), one, torch.nn.Identity())
    assert (error.item(), gap.item()) == (1.0, 1.0)


def test_texts_of_articles_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.gz"
    row = {
        "title": "Театр  открыл сезон",
        "text": "Сезон открылся вчера вечером. Да. Зал был полон людей.",
    }
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    lines = tmp_path / "lines.txt"
    lines.write_text("Театр открыл сезон\nкоротко\nЕщё одна длинная строка\n", "utf-8")
    assert read_texts([path, lines]) == [
        "Театр открыл сезон", "Сезон открылся вчера вечером.", "Зал был полон людей.",
        "Ещё одна длинная строка",
    ]  # fmt: skip


def test_more_texts_begin_with_the_same_and_all_prefixes_are_read(texts: Path) -> None:
    all_texts = read_texts([texts])
    few, many = (choose_texts(all_texts, count, "e5", 1) for count in (10, 90))
    assert many[:10] == few
    assert {item.prompt for item in many} == {"search_query", "search_document", "none"}
    assert choose_texts(all_texts, 10, "e5", 2) != few
