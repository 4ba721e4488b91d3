"""One training run from a folder of annotations to a folder of weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from kgbuild.errors import FormatError, InputError, WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.network import JointNetwork
from kgbuild.extract.windows import word_tokenizer
from kgbuild.models.bases import EMBEDDED, Base, BaseReference, find_base
from kgbuild.models.encoder import LoadedEncoder, choose_device, choose_dtype
from kgbuild.models.folder import ModelFolder
from kgbuild.train.corpora.corpus import read_corpus
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import prepare
from kgbuild.train.fit import EpochReport, Progress, Task, Trainer, special_ids
from kgbuild.train.found import LOOSE, with_found
from kgbuild.train.partial import with_unsaid, with_unsure
from kgbuild.train.recipe import Recipe
from kgbuild.train.thresholds import choose_for_pairs, choose_for_spans

MASKS = ("<mask>", "[MASK]", "<unk>", "[UNK]")
"""What hides a token in training: the first of these that the tokenizer knows."""

BEGINNING = 67280421310721
"""Seeds the scorers' first weights whatever the recipe's seed (this is torch's own): weights
of several runs can be averaged only where the runs set out from one point."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """The epochs, and the thresholds that were best on the held-out documents."""

    reports: tuple[EpochReport, ...]
    thresholds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Order:
    """What to train, on what, and where the weights go.

    ``data`` are folders of brat annotations or of dossiers. ``start`` is a weight folder to begin with: then a single task trains only its own
    branch and scorer, and the other task's answers stay as they were. ``encoder`` is
    ``embedded``, a model folder or a hub name; ``extra`` folders hold corrections, ``partial``
    ones annotations that leave mentions out (:mod:`kgbuild.train.partial`).
    """

    task: Task
    data: tuple[Path, ...]
    output: Path
    start: Path | None = None
    device: str = "auto"
    encoder: str = EMBEDDED
    extra: tuple[Path, ...] = ()
    partial: tuple[Path, ...] = ()

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
        FormatError: the data can't be read, or the windows are too long for the encoder.
        WeightsError: the encoder can't be used, or the output folder holds other files.
        ModelError: the recipe's network can't be built on the encoder.
    """
    task_weights.refuse_other_files(order.output)
    corpus = read_corpus(order.data, order.extra, recipe.held_out, recipe.extra_weight)
    learnt = as_start_sees(order, recipe, corpus.train)
    corpus = replace(corpus, train=learnt)
    place = choose_device(order.device)
    base = find_base(order.encoder)
    encoder = base.load(str(place), torch.float32)
    if recipe.window_tokens + 2 > encoder.max_length:
        raise FormatError(
            f"window_tokens = {recipe.window_tokens}: the encoder reads {encoder.max_length - 2}"
        )
    torch.manual_seed(BEGINNING)
    network = trainable(encoder, recipe, order, base.reference)
    tokenizer = word_tokenizer(encoder.tokenizer)
    mask = next(i for t in MASKS if (i := tokenizer.token_to_id(t)) is not None)
    trainer = Trainer(
        network, recipe, order.task, special_ids(tokenizer), mask, place, order.run_folder
    )
    tokens = recipe.window_tokens
    references = recipe.network.references > 0
    variants = recipe.recased > 0, recipe.denied > 0
    with denormals_flushed():
        reports = trainer.fit(
            prepare(corpus.train, tokenizer, tokens, *variants, references),
            prepare(corpus.held_out, tokenizer, tokens, references=references),
            progress,
        )
    chosen = finish(order, recipe, base, corpus.held_out)
    thresholds = {"span": chosen.span_threshold, "pair": chosen.pair_threshold}
    return TrainResult(tuple(reports), thresholds)


def as_start_sees(
    order: Order, recipe: Recipe, documents: tuple[GoldDocument, ...]
) -> tuple[GoldDocument, ...]:
    """The documents to learn from and those of the ``partial`` folders, with what the weights
    to start from find in them where the order or the recipe asks for it.

    Raises:
        InputError: there are none to start from, or mentions are to be learnt from found ones.
    """
    if recipe.found and order.task != "relations":
        raise InputError(f"found = {recipe.found} in the recipe is for relations, not {order.task}")
    if not order.partial and not recipe.found:
        return documents
    if order.start is None:
        raise InputError(
            "--partial and found in the recipe need weights that see what annotators left out "
            "and find mentions: give --start"
        )
    extractor = JointExtractor.open(order.start, device=order.device)
    partial = with_unsure(read_corpus(order.partial).train, extractor)
    if order.task != "ner":
        partial = with_unsaid(partial, extractor)
    if recipe.found:
        partial = with_found(partial, extractor)
        documents = with_found(documents, extractor, LOOSE)
    return *documents, *partial


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Inside, this thread takes denormal numbers for zero, as vanishing gradients cost ten times
    as much as others; after it, Python's arithmetic is exact again."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def trainable(
    encoder: LoadedEncoder, recipe: Recipe, order: Order, reference: BaseReference | None = None
) -> JointNetwork:
    """The network with the parts to train open to gradients; its encoder layers in bfloat16
    where the hardware computes in it, elsewhere in float32, which is many times faster there.

    Raises:
        WeightsError: the weights to start from don't fit, or belong to another encoder.
    """
    network = JointNetwork(encoder.model, recipe.network).to(encoder.device)
    if order.start is not None:
        start = ModelFolder.open(order.start, verify=True)
        if reference and task_weights.load_settings(start).base != reference.sha256:
            raise WeightsError(f"{order.start}: trained on another encoder than {order.encoder}")
        task_weights.load_into(network, start, widen=True)
    for name in ("embeddings", "frozen", "trunk", "mention_branch", "relation_branch"):
        getattr(network, name).to(choose_dtype(encoder.device))
    saved = set(network.saved_names())
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name in saved and name.split(".")[0] in order.parts)
    return network


def finish(
    order: Order, recipe: Recipe, base: Base, held_out: Sequence[GoldDocument]
) -> task_weights.ExtractionSettings:
    """Write the last checkpoint as weights, then choose their thresholds and write those too."""
    network = JointNetwork(base.load("cpu", torch.float32).model, recipe.network)
    if order.start is not None:
        task_weights.load_into(network, ModelFolder.open(order.start), widen=True)
    kind = "average/" if recipe.average else "weight/"
    weights = task_weights.trained_state(network) | {
        name.removeprefix(kind): tensor
        for name, tensor in load_file(order.run_folder / "checkpoint.safetensors").items()
        if name.startswith(kind)
    }
    settings = task_weights.ExtractionSettings(
        base.reference.sha256, recipe.network.to_dict(), recipe.window_tokens,
        notes={"recipe": recipe.to_dict(), "task": order.task},
        encoder=base.reference.name, revision=base.reference.revision,
    )  # fmt: skip
    return save_with_choices(network, weights, settings, order.output, held_out)


def save_with_choices(
    network: JointNetwork,
    weights: dict[str, torch.Tensor],
    settings: task_weights.ExtractionSettings,
    output: Path,
    held_out: Sequence[GoldDocument],
) -> task_weights.ExtractionSettings:
    """Write weights, fit calibration and thresholds with them as they are saved, write again."""
    task_weights.save(network, weights, settings, output)
    chosen = with_choices(settings, JointExtractor.open(output), held_out)
    if chosen is not settings:
        task_weights.save(network, weights, chosen, output)
    return chosen


def with_choices(
    settings: task_weights.ExtractionSettings,
    extractor: JointExtractor,
    held_out: Sequence[GoldDocument],
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
        "thresholds_in_raw_text": pairs.found_levels.trial.to_dict(),
    }
    return replace(
        settings, notes=notes,
        span_calibration=spans.calibration, pair_calibration=pairs.calibration,
        span_threshold=spans.levels.common, span_thresholds=spans.levels.own,
        pair_threshold=pairs.levels.common, pair_thresholds=pairs.levels.own,
        found_calibration=pairs.found_calibration,
        found_threshold=pairs.found_levels.common, found_thresholds=pairs.found_levels.own,
        given_curves=pairs.given_curves, found_curves=pairs.found_curves,
    )  # fmt: skip
