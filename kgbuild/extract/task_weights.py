"""Task weights: a folder with the trained part of the joint network and how to use it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild import models
from kgbuild.errors import WeightsError
from kgbuild.models.bases import EMBEDDED, BaseReference
from kgbuild.models.folder import MANIFEST, ModelFolder, publish
from kgbuild.ontology import ENTITY_TYPES, RELATIONS

if TYPE_CHECKING:
    from torch import Tensor

    from kgbuild.extract.network import JointNetwork

WEIGHTS, SETTINGS = "weights.safetensors", "settings.json"

_ROW = re.compile(r"\[\s+(\d+),\s+(\d+),\s+(\d+)\s+\]")
"""A row of a curve, as ``json`` spreads it over five lines."""


@dataclass(frozen=True, slots=True)
class ExtractionSettings:
    """How the weights were trained and how to read their scores.

    Calibrations are Platt's (a, b) and thresholds calibrated probabilities, by entity
    type and by relation; those not named take ``span_threshold`` and ``pair_threshold``.
    Relations between mentions that the weights found themselves have a calibration and
    thresholds of their own (``found_…``): there a mention may be wrong as well.
    Curves say how precise each relation was on held-out documents at which confidence
    (:mod:`kgbuild.extract.precision`), between gold mentions and between found ones.
    ``base`` is the SHA-256 of the encoder's source, ``encoder`` and ``revision`` say where
    that is found; ``tokens`` and ``overlap`` shape the windows.
    """

    base: str
    network: dict[str, int | float | str]
    tokens: int = 254
    overlap: int = 96
    span_threshold: float = 0.5
    pair_threshold: float = 0.5
    span_thresholds: dict[str, float] = field(default_factory=dict)
    pair_thresholds: dict[str, float] = field(default_factory=dict)
    span_calibration: dict[str, tuple[float, float]] = field(default_factory=dict)
    pair_calibration: dict[str, tuple[float, float]] = field(default_factory=dict)
    found_threshold: float = 0.5
    found_thresholds: dict[str, float] = field(default_factory=dict)
    found_calibration: dict[str, tuple[float, float]] = field(default_factory=dict)
    given_curves: dict[str, list[list[int]]] = field(default_factory=dict)
    found_curves: dict[str, list[list[int]]] = field(default_factory=dict)
    entity_types: tuple[str, ...] = ENTITY_TYPES
    relations: tuple[str, ...] = RELATIONS
    notes: dict[str, object] = field(default_factory=dict)
    encoder: str = EMBEDDED
    revision: str = ""

    @property
    def reference(self) -> BaseReference:
        """The encoder that the weights belong to."""
        return BaseReference(self.encoder, self.base, self.revision)


def shipped_folder() -> Path:
    """The folder of the weights that come with the package."""
    return Path(models.__file__).parent / "weights" / "joint"


def names_embedded(folder: Path | None) -> bool:
    """Whether weights (None: the shipped ones) belong to the embedded encoder.

    Raises:
        WeightsError: they can't be read.
    """
    opened = ModelFolder.open(folder or shipped_folder())
    return load_settings(opened).encoder == EMBEDDED


def save(
    network: JointNetwork, masters: dict[str, Tensor], settings: ExtractionSettings, target: Path
) -> ModelFolder:
    """Write int8 weights and settings; ``target`` is replaced where it holds weights.

    Raises:
        WeightsError: the weights don't fit the network, or ``target`` holds something else.
    """
    from safetensors.torch import save_file

    from kgbuild.models.quantise import quantise

    expected = set(network.saved_names())
    if expected != set(masters):
        raise WeightsError(f"weights to save don't fit the network: {expected ^ set(masters)}")

    def write(draft: Path) -> None:
        save_file(quantise(masters), draft / WEIGHTS)
        values = {name: getattr(settings, name) for name in ExtractionSettings.__slots__}
        text = json.dumps(values, indent=1, ensure_ascii=False)
        (draft / SETTINGS).write_text(_ROW.sub(r"[\1, \2, \3]", text) + "\n")

    if target.exists():
        refuse_other_files(target)
        for file in target.iterdir():
            file.unlink()
        target.rmdir()
    return publish(target, write)


def refuse_other_files(target: Path) -> None:
    """Saving replaces a folder: only one that is empty or holds weights may be replaced.

    Raises:
        WeightsError: ``target`` holds other files, or is one.
    """
    known = {WEIGHTS, SETTINGS, MANIFEST}
    if target.is_dir():
        other = sorted(file.name for file in target.iterdir() if file.name not in known)
    else:
        other = [target.name] if target.exists() else []
    if other:
        raise WeightsError(
            f"{target} holds other files ({', '.join(other[:3])}): choose a new folder for weights"
        )


def trained_state(network: JointNetwork) -> dict[str, Tensor]:
    """The weights that a file holds, by name."""
    named = dict(network.named_parameters())
    return {name: named[name].detach() for name in network.saved_names()}


def size_of(folder: Path) -> int:
    """Bytes of a weight folder's files."""
    return sum(file.stat().st_size for file in folder.iterdir())


def load_settings(folder: ModelFolder) -> ExtractionSettings:
    """The settings of a weight folder.

    Raises:
        WeightsError: unreadable, or made for other types or relations.
    """
    try:
        values = json.loads(folder[SETTINGS].read_text("utf-8"))
        settings = ExtractionSettings(**values)
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(f"{folder.path}: no readable {SETTINGS}: {error}") from error
    if tuple(settings.entity_types) != ENTITY_TYPES or tuple(settings.relations) != RELATIONS:
        raise WeightsError(f"{folder.path}: made for other entity types or relations")
    return settings


def widened(tensors: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a network without references → of the ``wanted`` shapes of one with."""
    import torch

    from kgbuild.extract.batch import standing

    stands = torch.from_numpy(standing())
    types, count = len(ENTITY_TYPES), len(stands)
    result = dict(tensors)
    for name in ("spans.out.weight", "spans.out.bias", "pairs.out.weight", "pairs.out.bias"):
        if name in tensors:
            result[name] = wanted[name].detach().clone()
            result[name][: len(tensors[name])] = tensors[name]
    if "pairs.types.weight" in tensors:
        result["pairs.types.weight"] = tensors["pairs.types.weight"][stands]
    if "type_inputs.weight" in tensors:
        both = torch.cat([stands, stands + types])
        result["type_inputs.weight"] = tensors["type_inputs.weight"][:, both]
        result["type_inputs.weight"][:, types:count] *= 0.5
        result["type_inputs.weight"][:, count + types :] *= 0.5
    return result


def load_into(network: JointNetwork, folder: ModelFolder, widen: bool = False) -> None:
    """Fill a network with a folder's weights.

    ``widen`` lets a network with references set out from weights without: what a reference
    is begins as what it stands for.

    Raises:
        WeightsError: the file doesn't fit the network.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from kgbuild.models.quantise import dequantise

    try:
        tensors = dequantise(load_file(folder[WEIGHTS]))
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{folder[WEIGHTS]}: can't be read: {error}") from error
    named = dict(network.named_parameters())
    names = network.saved_names()
    if widen and network.config.references and not load_settings(folder).network.get("references"):
        tensors = widened(tensors, named)
    if wrong := [n for n in names if n not in tensors or tensors[n].shape != named[n].shape]:
        raise WeightsError(f"{folder.path}: missing or of another shape: {', '.join(wrong[:3])}")
    with torch.no_grad():
        for name in names:
            named[name].copy_(tensors[name])
