"""One distillation from files of texts to a folder that loads as an embedder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kgbuild.embed.inference import PromptedEmbedder
from kgbuild.errors import InputError
from kgbuild.ports import Embedder
from kgbuild.train.distillation.distill import (
    Distiller,
    DistillRecipe,
    DistillReport,
    Progress,
    lesson_of,
    run_key,
)
from kgbuild.train.distillation.student import (
    QUARTER,
    save_student,
    student_of_layers,
    student_of_model,
)
from kgbuild.train.distillation.texts import choose_texts, read_texts, teacher_vectors


@dataclass(frozen=True, slots=True)
class DistillOrder:
    """What to make: ``student`` is ``quarter``, a number of layers, or a model's name."""

    student: str
    texts: tuple[Path, ...]
    output: Path

    @property
    def run_folder(self) -> Path:
        """Where teacher's vectors and checkpoints are kept."""
        return self.output.parent / f"{self.output.name}.run"


def takes_layers(student: str) -> bool:
    """Whether a student is made of its teacher's layers."""
    return student == QUARTER or student.isdigit()


def distill(
    order: DistillOrder,
    teacher: PromptedEmbedder,
    model: PromptedEmbedder | None,
    recipe: DistillRecipe,
    progress: Progress,
) -> list[DistillReport]:
    """Train and write ``order.output``; ``model`` is the student where it isn't made of layers.

    Raises:
        InputError: the texts are too few, or the folders hold something else.
        WeightsError: a checkpoint can't be read.
    """
    if order.output.exists():
        raise InputError(f"{order.output} exists already: choose another folder or remove it")
    chosen = choose_texts(read_texts(order.texts), recipe.texts, teacher.family, recipe.seed)
    if len(chosen) <= recipe.held_out + recipe.batch:
        raise InputError(f"{len(chosen)} texts are too few: {recipe.held_out} are held out")
    named = order.student if model is None else model.fingerprint
    student = student_of_model(model) if model else student_of_layers(teacher.encoder, named)
    key = run_key(order.run_folder, teacher.fingerprint, named, recipe, chosen)
    vectors = teacher_vectors(teacher, chosen, order.run_folder / "teacher.npy", progress)
    held = recipe.held_out
    parts = [
        lesson_of(student, teacher.family, chosen[part], vectors[part], recipe.max_tokens)
        for part in (slice(held, None), slice(None, held))
    ]
    run = Distiller(student, teacher.dimension, recipe, order.run_folder, key)
    reports = run.fit(parts[0], parts[1], progress)
    notes: dict[str, object] = {"teacher": teacher.fingerprint, "layers": list(student.layers)}
    notes |= {"recipe": asdict(recipe), "texts": len(parts[0].rows)}
    notes |= {"reports": [asdict(report) for report in reports]}
    save_student(student, teacher.family, order.output, notes)
    return reports


def recipe_of(count: int | None, epochs: int | None, seed: int | None) -> DistillRecipe:
    """The recipe with what was asked for in place of its defaults."""
    asked = {"texts": count, "epochs": epochs, "seed": seed}
    return DistillRecipe(**{name: value for name, value in asked.items() if value is not None})


def held_out_texts(order: DistillOrder, count: int = 64) -> list[str]:
    """Texts to compare speeds on: evenly over the order's files."""
    texts = read_texts(order.texts)
    return texts[:: max(len(texts) // count, 1)][:count]


def speed_ratio(fast: Embedder, slow: Embedder, texts: Sequence[str], rounds: int = 3) -> float:
    """How many times as many texts a second ``fast`` embeds as ``slow``.

    Both take turns on the same texts; the ratio is the median over the rounds, so that
    other work on the machine weighs on both alike.
    """
    found = []
    for model in (fast, slow):
        model.embed(texts[:8], "search_document")
    for _ in range(rounds):
        spent = []
        for model in (fast, slow):
            began = time.perf_counter()
            model.embed(texts, "search_document")
            spent.append(time.perf_counter() - began)
        found.append(spent[1] / spent[0])
    return float(np.median(found))
