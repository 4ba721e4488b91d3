"""A small embedder that makes its teacher's vectors: distillation as BERTA was made of FRIDA.

The student reads each text with its teacher's prefix, pools by the mean and learns two
things: the teacher's vector (mean squared error, through a linear map where the lengths
differ) and the teacher's similarities between the texts of a batch. Source: the card of
BERTA (https://huggingface.co/sergeyzh/BERTA). Seeded; an interrupted run goes on after its
last checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

from kgbuild.embed.pooling import pool
from kgbuild.embed.prompts import PREFIXES
from kgbuild.errors import InputError, WeightsError
from kgbuild.models.encoder import choose_dtype
from kgbuild.models.registry import PromptFamily
from kgbuild.train.distillation.student import Student, open_to_training, trained_state
from kgbuild.train.distillation.texts import PromptedText

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]

_POOLED = 50  # batches whose texts are sorted together by length: little padding, much chance


@dataclass(frozen=True, slots=True)
class DistillRecipe:
    """Hyper-parameters. ``similarity`` weighs the second loss; ``checkpoint`` is in steps."""

    texts: int = 8000
    held_out: int = 200
    epochs: int = 3
    batch: int = 32
    max_tokens: int = 96
    rate: float = 3e-4
    warmup: float = 0.05
    similarity: float = 10.0
    clip: float = 1.0
    checkpoint: int = 50
    seed: int = 1


@dataclass(frozen=True, slots=True)
class DistillReport:
    """One epoch: mean losses, and on held-out texts the mean cosine to the teacher's vector
    (0 where the lengths differ) and the correlation of similarities."""

    epoch: int
    mse: float
    similarity: float
    held_out_cosine: float
    held_out_correlation: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts as token ids, with the teacher's vectors float32 [len(rows), dimension]."""

    rows: Sequence[tuple[int, ...]]
    vectors: NDArray[np.float32]


def lesson_of(
    student: Student,
    family: PromptFamily,
    texts: Sequence[PromptedText],
    vectors: NDArray[np.float32],
    max_tokens: int,
) -> Lesson:
    """What the student reads; texts of more than ``max_tokens`` tokens are left out."""
    rows, kept = [], []
    for number, item in enumerate(texts):
        windows = student.encoder.windows.cut([item.text], PREFIXES[family][item.prompt])
        if len(windows) == 1 and len(windows[0].ids) <= max_tokens:
            rows.append(windows[0].ids)
            kept.append(number)
    return Lesson(rows, vectors[kept])


def losses(student: Tensor, teacher: Tensor, lift: nn.Module) -> tuple[Tensor, Tensor]:
    """The mean squared error of vectors, and that of similarities within the batch.

    ``student`` [b, d] and ``teacher`` [b, D] have length 1; ``lift`` maps d to D.
    """
    error = (lift(student) - teacher).square().sum(1).mean()
    gap = student @ student.T - teacher @ teacher.T
    pairs = max(len(gap) * (len(gap) - 1), 1)
    return error, gap.square().fill_diagonal_(0).sum() / pairs


class Distiller:
    """A training run: the student, its optimizer, and the folder of its checkpoints."""

    def __init__(
        self, student: Student, dimension: int, recipe: DistillRecipe, folder: Path, key: str
    ) -> None:
        """``dimension`` is the teacher's; ``key`` names what is trained, see :func:`run_key`."""
        self.encoder = student.encoder
        self.recipe, self.folder, self.key = recipe, folder, key
        self.parameters = open_to_training(self.encoder.model)
        torch.manual_seed(recipe.seed)
        same = dimension == self.encoder.dimension
        self.lift = (
            nn.Identity() if same else nn.Linear(self.encoder.dimension, dimension, bias=False)
        ).to(self.encoder.device)
        self.parameters |= {f"lift.{n}": p for n, p in self.lift.named_parameters()}
        self.optimizer = torch.optim.AdamW(
            self.parameters.values(), lr=recipe.rate, weight_decay=0.01
        )
        self.bf16 = choose_dtype(self.encoder.device) == torch.bfloat16

    def fit(self, train: Lesson, held_out: Lesson, progress: Progress) -> list[DistillReport]:
        """Train all epochs, from the last checkpoint where there is one."""
        plan = [self._batches(train, epoch) for epoch in range(self.recipe.epochs)]
        length = len(plan[0])
        total = length * self.recipe.epochs
        step, sums, reports = self._resume()
        while step < total:
            epoch, at = divmod(step, length)
            found = self._step(train, plan[epoch][at], step / total)
            sums = (sums[0] + found[0], sums[1] + found[1])
            step += 1
            progress(step, total, f"mse {sums[0] / (at + 1):.4f} sim {sums[1] / (at + 1):.5f}")
            if at + 1 == length:
                mean = (sums[0] / length, sums[1] / length)
                reports.append(DistillReport(epoch + 1, *mean, *self.agreement(held_out)))
                log.info("%s", reports[-1])
                sums = (0.0, 0.0)
            if step % self.recipe.checkpoint == 0 or at + 1 == length:
                self._save(step, sums, reports)
        self.encoder.model.requires_grad_(False)
        return reports

    def _batches(self, lesson: Lesson, epoch: int) -> list[NDArray[np.int64]]:
        """An epoch's batches of row numbers, the same whenever they are made."""
        draw = np.random.default_rng([self.recipe.seed, epoch])
        order = draw.permutation(len(lesson.rows))
        lengths = np.array([len(row) for row in lesson.rows])
        size = self.recipe.batch
        batches = []
        for start in range(0, len(order), size * _POOLED):
            pooled = order[start : start + size * _POOLED]
            pooled = pooled[np.argsort(lengths[pooled], kind="stable")]
            batches += [pooled[i : i + size] for i in range(0, len(pooled), size)]
        return [batches[i] for i in draw.permutation(len(batches))]

    def _vectors(self, rows: Sequence[tuple[int, ...]]) -> Tensor:
        with torch.autocast(self.encoder.device.type, torch.bfloat16, enabled=self.bf16):
            states, mask = self.encoder.states(rows)
        return normalize(pool(states, mask, "mean"))

    def _step(self, lesson: Lesson, batch: NDArray[np.int64], done: float) -> tuple[float, float]:
        recipe = self.recipe
        rate = recipe.rate * min((done + 1e-3) / recipe.warmup, (1 - done) / (1 - recipe.warmup))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        wanted = torch.from_numpy(lesson.vectors[batch]).to(self.encoder.device)
        error, gap = losses(self._vectors([lesson.rows[i] for i in batch]), wanted, self.lift)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(error + recipe.similarity * gap)
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), recipe.clip)
        self.optimizer.step()
        return error.item(), gap.item()

    @torch.no_grad()
    def agreement(self, lesson: Lesson) -> tuple[float, float]:
        """Mean cosine to the teacher's vectors, and the correlation of all similarities."""
        size = self.recipe.batch
        parts = [self._vectors(lesson.rows[i : i + size]) for i in range(0, len(lesson.rows), size)]
        mine, theirs = torch.cat(parts).cpu().numpy(), lesson.vectors
        upper = np.triu_indices(len(mine), 1)
        pairs = np.corrcoef((mine @ mine.T)[upper], (theirs @ theirs.T)[upper])
        same = mine.shape == theirs.shape
        return float((mine * theirs).sum(1).mean()) if same else 0.0, float(pairs[0, 1])

    def _save(self, step: int, sums: tuple[float, float], reports: Sequence[DistillReport]) -> None:
        tensors = trained_state(self.parameters)
        for name, parameter in self.parameters.items():
            for kind, value in self.optimizer.state[parameter].items():
                tensors[f"{kind}/{name}"] = value
        state = {"step": step, "sums": sums, "reports": [asdict(r) for r in reports]}
        draft = self.folder / "checkpoint.draft"
        save_file(tensors, draft, {"key": self.key, "state": json.dumps(state)})
        os.replace(draft, self.folder / "checkpoint.safetensors")

    def _resume(self) -> tuple[int, tuple[float, float], list[DistillReport]]:
        path = self.folder / "checkpoint.safetensors"
        if not path.exists():
            return 0, (0.0, 0.0), []
        try:
            with safe_open(path, "pt") as file:
                state = json.loads(file.metadata()["state"])
            tensors = load_file(path)
            with torch.no_grad():
                for name, parameter in self.parameters.items():
                    parameter.copy_(tensors[f"weight/{name}"])
                    self.optimizer.state[parameter] = {
                        kind: tensors[f"{kind}/{name}"]
                        for kind in ("step", "exp_avg", "exp_avg_sq")
                    }
            reports = [DistillReport(**report) for report in state["reports"]]
            step, sums = int(state["step"]), (float(state["sums"][0]), float(state["sums"][1]))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(
                f"{path}: not a checkpoint of this training ({error}): remove the folder to"
                " begin anew"
            ) from error
        log.info("going on after step %d of %s", step, path)
        return step, sums, reports


def run_key(
    folder: Path, teacher: str, student: str, recipe: DistillRecipe, texts: Sequence[PromptedText]
) -> str:
    """A digest of all that decides a training; the run's folder is marked with it.

    Raises:
        InputError: the folder holds another training.
    """
    parts = [teacher, student, asdict(recipe), [(t.text, t.prompt) for t in texts]]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "key"
    if mark.exists() and mark.read_text("utf-8") != key:
        raise InputError(
            f"{folder} holds a training with another teacher, student, recipe or texts:"
            " remove it, or choose another --output"
        )
    mark.write_text(key, "utf-8")
    return key
