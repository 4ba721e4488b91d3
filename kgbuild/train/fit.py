"""Training of the joint network: seeded, resumable, on CPU or GPU."""

from __future__ import annotations

import json
import logging
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from kgbuild.errors import WeightsError
from kgbuild.extract.batch import RELATION_INDEX, SPAN_TYPES
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.words import type_marks
from kgbuild.models.encoder import choose_dtype
from kgbuild.train.examples import Example, Shares, Special, TrainBatch, collate, epoch_batches
from kgbuild.train.loss import pair_loss, span_loss
from kgbuild.train.optimizer import MasterAdamW
from kgbuild.train.recipe import MOST_WEIGHT, Recipe

log = logging.getLogger(__name__)

Task = Literal["ner", "relations", "joint"]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One epoch: mean losses in nats a word, on the training and the held-out part."""

    epoch: int
    seconds: float
    span_loss: float
    pair_loss: float
    held_out_span_loss: float
    held_out_pair_loss: float


@dataclass(slots=True)
class Trainer:
    """What a run holds: the network, its data and where it saves."""

    network: JointNetwork
    recipe: Recipe
    task: Task
    specials: Special
    mask_id: int
    device: torch.device
    folder: Path
    weights: torch.Tensor | None = None

    def fit(
        self, train: Sequence[Example], held_out: Sequence[Example], progress: Progress
    ) -> list[EpochReport]:
        """Train all epochs, from the last checkpoint where the folder has one."""
        recipe = self.recipe
        plans = [
            epoch_batches(
                train,
                recipe.window_tokens,
                recipe.batch_tokens,
                self._random(epoch),
                Shares(recipe.recased, recipe.denied, recipe.found),
            )
            for epoch in range(recipe.epochs)
        ]
        optimizer = MasterAdamW(self.network, recipe, sum(len(groups) for groups in plans))
        self.weights = relation_weights(train, recipe.rare).to(self.device)
        reports = self._resume(optimizer, plans)
        for epoch in range(len(reports), recipe.epochs):
            began = time.monotonic()
            losses = self._epoch(plans[epoch], optimizer, epoch, progress)
            with optimizer.averaged():
                held = self.losses(held_out)
            report = EpochReport(epoch + 1, time.monotonic() - began, *losses, *held)
            reports.append(report)
            self._save(optimizer, reports)
            log.info("%s", report)
        return reports

    def _random(self, epoch: int) -> random.Random:
        return random.Random(self.recipe.seed * 1000 + epoch)

    def _epoch(
        self,
        groups: Sequence[Sequence[tuple[Example, object]]],
        optimizer: MasterAdamW,
        epoch: int,
        progress: Progress,
    ) -> tuple[float, float]:
        self.network.train()
        seed = self.recipe.seed * 1000 + epoch
        torch.manual_seed(seed)  # dropout's: an epoch is the same after an interruption
        generator = torch.Generator().manual_seed(seed)
        totals, words = [0.0, 0.0], 0
        for done, group in enumerate(groups):
            batch = self._collate(group)
            self._hide(batch, generator)
            spans, pairs = self._losses(batch, self.weights)
            count = int(batch.text.words.sum())
            torch.autograd.backward((spans + pairs) / count)
            optimizer.step()
            totals = [totals[0] + spans.item(), totals[1] + pairs.item()]
            words += count
            if (done + 1) % 10 == 0:
                state = f"spans {totals[0] / words:.4f} pairs {totals[1] / words:.4f}"
                progress(epoch * len(groups) + done + 1, self.recipe.epochs * len(groups), state)
        return totals[0] / words, totals[1] / words

    def _hide(self, batch: TrainBatch, generator: torch.Generator) -> None:
        """Put the mask in place of random tokens and, where pairs are trained, of mentions."""
        recipe = self.recipe
        hidden = torch.rand(batch.text.ids.shape, generator=generator) < recipe.mask
        chosen = torch.rand(len(batch.pairs.entities), generator=generator) < recipe.mask_mentions
        if self.task == "relations" and chosen.any():
            entities = batch.pairs.entities[chosen.to(self.device)]
            marks = type_marks(batch.text, entities, len(SPAN_TYPES))
            covered = marks[..., : marks.shape[-1] // 2].sum(-1) > 0
            hidden |= covered.cpu()
        batch.text.ids[hidden.to(self.device) & batch.text.mask] = self.mask_id

    def _collate(self, group: Sequence[tuple[Example, object]]) -> TrainBatch:
        batch = collate(group, self.specials, self.recipe.network.max_width)  # type: ignore[arg-type]
        return to_device(batch, self.device)

    def _losses(
        self, batch: TrainBatch, weights: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        low = choose_dtype(self.device) is torch.bfloat16
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            states = self.network.encode(batch.text)
            zero = states.new_zeros(()).float()
            spans = pairs = zero
            if self.task != "relations":
                spans = span_loss(self.network.score_spans(states, batch.text), batch)
            if self.task != "ner":
                scores = self.network.score_pairs(states, batch.text, batch.pairs)
                pairs = pair_loss(scores, batch, weights)
        return spans, pairs

    @torch.no_grad()
    def losses(self, examples: Sequence[Example]) -> tuple[float, float]:
        """Mean span and pair losses in nats a word over examples."""
        if not examples:
            return 0.0, 0.0
        self.network.eval()
        totals, words = [0.0, 0.0], 0
        recipe = self.recipe
        for group in epoch_batches(
            examples, recipe.window_tokens, recipe.batch_tokens, random.Random(0)
        ):
            batch = self._collate(group)
            spans, pairs = self._losses(batch)
            totals = [totals[0] + float(spans), totals[1] + float(pairs)]
            words += int(batch.text.words.sum())
        return totals[0] / words, totals[1] / words

    def _save(self, optimizer: MasterAdamW, reports: Sequence[EpochReport]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / "checkpoint.draft"
        history = json.dumps([_as_dict(r) for r in reports])
        save_file(optimizer.state(), draft, {"reports": history})
        os.replace(draft, self.folder / "checkpoint.safetensors")
        (self.folder / "report.json").write_text(history + "\n", "utf-8")

    def _resume(
        self, optimizer: MasterAdamW, plans: Sequence[Sequence[object]]
    ) -> list[EpochReport]:
        path = self.folder / "checkpoint.safetensors"
        if not path.exists():
            return []
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt") as file:
                reports = [EpochReport(**r) for r in json.loads(file.metadata()["reports"])]
            optimizer.load(load_file(path), sum(len(p) for p in plans[: len(reports)]))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(
                f"{path}: not a checkpoint of this training ({error}): remove the folder to begin anew"
            ) from error
        log.info("going on after epoch %d of %s", len(reports), path)
        return reports


def relation_weights(examples: Sequence[Example], power: float) -> torch.Tensor:
    """Weights [49] of the relations' positives: rarer ones weigh more, ``power`` 0 none."""
    counts = torch.zeros(len(RELATION_INDEX))
    for example in examples:
        for _, _, label in example.relations:
            counts[label] += 1
    ratio = counts.max().clamp(min=1) / counts.clamp(min=1)
    return ratio.pow(power).clamp(max=MOST_WEIGHT)


def _as_dict(report: EpochReport) -> dict[str, float]:
    return {name: getattr(report, name) for name in EpochReport.__dataclass_fields__}


def to_device(batch: TrainBatch, device: torch.device) -> TrainBatch:
    """The same batch with every tensor on a device."""
    if device.type == "cpu":
        return batch
    text = type(batch.text)(*(getattr(batch.text, n).to(device) for n in batch.text.__slots__))
    pairs = type(batch.pairs)(*(getattr(batch.pairs, n).to(device) for n in batch.pairs.__slots__))
    others = ("spans", "unsure", "referring", "bags", "labels", "known", "coreference")
    moved = {name: getattr(batch, name).to(device) for name in others}
    return replace(batch, text=text, pairs=pairs, **moved)


def special_ids(tokenizer: Tokenizer) -> Special:
    """The ids of ``<s>``, ``</s>`` and ``<pad>`` (or BERT's own names for them)."""
    names = (("<s>", "[CLS]"), ("</s>", "[SEP]"), ("<pad>", "[PAD]"))
    found = [
        next(i for name in pair if (i := tokenizer.token_to_id(name)) is not None) for pair in names
    ]
    return found[0], found[1], found[2]
