"""Weights made of other weights: several seeds averaged, two tasks put together.

Averaging: Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned
models improves accuracy without increasing inference time".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from kgbuild.errors import WeightsError
from kgbuild.extract import task_weights
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.task_weights import ExtractionSettings
from kgbuild.models.bases import open_base
from kgbuild.models.folder import ModelFolder
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.run import PARTS, save_with_choices

SHAPELESS = ("dropout", "noise", "rank")
"""Settings of a network that say how it was trained, not what its merged weights fit into."""

OF_MENTIONS = ("span_size", "max_width")
"""Settings of a network that shape only what finds mentions."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A weight folder in memory: float32 weights without low-rank deltas, and its settings."""

    path: Path
    settings: ExtractionSettings
    network: JointNetwork
    weights: dict[str, Tensor]

    @property
    def config(self) -> NetworkConfig:
        """The network's shape."""
        return self.network.config

    def shape(self, names: Sequence[str] | None = None) -> dict[str, object]:
        """What another folder must share with this one to be combined with it."""
        network: dict[str, object] = {**self.config.to_dict()}
        chosen = [n for n in network if n not in SHAPELESS] if names is None else names
        settings = self.settings
        return {n: network[n] for n in chosen} | {
            "base": settings.base, "tokens": settings.tokens, "overlap": settings.overlap,
        }  # fmt: skip


def read_trained(folder: Path) -> Trained:
    """A folder's weights over the encoder they name, dequantised, deltas merged.

    Raises:
        WeightsError: weights or encoder can't be used.
    """
    opened = ModelFolder.open(folder, verify=True)
    settings = task_weights.load_settings(opened)
    base = open_base(settings.reference, "cpu", torch.float32)
    network = JointNetwork(base.model, NetworkConfig(**settings.network))  # type: ignore[arg-type]
    task_weights.load_into(network, opened)
    network.merge_deltas()
    return Trained(folder, settings, network, task_weights.trained_state(network))


def average(
    folders: Sequence[Path], output: Path, held_out: Sequence[GoldDocument]
) -> ExtractionSettings:
    """The mean of several runs' weights, its calibration and thresholds fitted on held-out
    documents, without any those of the first.

    Raises:
        WeightsError: they differ in encoder, network or windows, or ``output`` holds
            other files.
    """
    task_weights.refuse_other_files(output)
    first = read_trained(folders[0])
    total = {name: tensor.clone() for name, tensor in first.weights.items()}
    for folder in folders[1:]:
        other = read_trained(folder)
        _refuse_differences(first, other, first.shape(), other.shape())
        for name, tensor in other.weights.items():
            total[name] += tensor
    mean = {name: tensor / len(folders) for name, tensor in total.items()}
    settings = replace(
        first.settings,
        network=first.config.to_dict(),
        notes={
            "average of": [
                {**_origin(folder), "times": times} for folder, times in Counter(folders).items()
            ]
        },
    )
    return save_with_choices(first.network, mean, settings, output, held_out)


def merge(
    ner: Path,
    relations: Path,
    output: Path,
    held_out: Sequence[GoldDocument] = (),
    overlap: int | None = None,
) -> ExtractionSettings:
    """One folder of two runs: mentions as the one finds them, relations as the other.

    Calibration and thresholds of each task come from its own folder, unless documents are
    given to fit them on. ``overlap`` is how many tokens neighbouring windows share when
    texts are read; None leaves it as it was.

    Raises:
        WeightsError: the runs trained layers that both tasks share, or differ in encoder,
            layers or windows, or ``output`` holds other files.
    """
    task_weights.refuse_other_files(output)
    one, other = read_trained(ner), read_trained(relations)
    layers = ("frozen", "shared")
    _refuse_differences(one, other, one.shape(layers), other.shape(layers))
    if one.config.frozen != one.config.shared:
        raise WeightsError(
            f"{ner} and {relations} trained layers that both tasks share"
            f" (frozen = {one.config.frozen}, shared = {one.config.shared}): only runs with"
            " frozen = shared in their recipes can be merged"
        )
    config = replace(other.config, **{n: getattr(one.config, n) for n in OF_MENTIONS})
    weights = _parts(one, PARTS["ner"]) | _parts(other, PARTS["relations"])
    settings = replace(
        other.settings,
        network=config.to_dict(),
        span_calibration=one.settings.span_calibration,
        span_threshold=one.settings.span_threshold,
        span_thresholds=one.settings.span_thresholds,
        overlap=other.settings.overlap if overlap is None else overlap,
        notes={"merged of": {"ner": _origin(ner), "relations": _origin(relations)}},
    )
    base = open_base(settings.reference, "cpu", torch.float32)
    network = JointNetwork(base.model, config)
    return save_with_choices(network, weights, settings, output, held_out)


def _parts(trained: Trained, parts: Sequence[str]) -> dict[str, Tensor]:
    return {n: t for n, t in trained.weights.items() if n.split(".")[0] in parts}


def _origin(folder: Path) -> dict[str, object]:
    opened = ModelFolder.open(folder)
    return {
        "folder": folder.name,
        "fingerprint": opened.fingerprint,
        "notes": task_weights.load_settings(opened).notes,
    }


def _refuse_differences(
    one: Trained, other: Trained, wanted: dict[str, object], found: dict[str, object]
) -> None:
    if differing := [name for name in wanted if wanted[name] != found[name]]:
        name = differing[0]
        raise WeightsError(
            f"{one.path} and {other.path} differ in {', '.join(differing)}"
            f" ({name}: {wanted[name]!r} and {found[name]!r}): they can't be combined"
        )
