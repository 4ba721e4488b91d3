"""Hyper-parameters of training, read from a TOML recipe."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path

from kgbuild.errors import FormatError
from kgbuild.extract.network import NetworkConfig
from kgbuild.extract.pair_scorer import HEADS

SHIPPED = {
    "joint": "recipe.toml",
    "ner": "recipe_ner.toml",
    "relations": "recipe_relations.toml",
}
"""The recipe of each task that comes with the package."""

MOST_WEIGHT = 4.0
"""The largest weight that a rare relation gets."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Rates are AdamW's peak; ``layer_decay`` shrinks them layer by layer
    downwards; ``mask`` is the share of tokens hidden from the encoder, ``mask_mentions`` that
    of mentions hidden from the relation branch, ``recased`` that of documents read in
    capitals or without any; lengths in tokens. ``average`` is the decay of the running mean
    of the weights, which is what a run gives; 0 gives the last weights. ``rare`` weighs a
    relation's positives by (count of the commonest / its count) to this power, at most
    ``MOST_WEIGHT``. ``denied`` is the share of documents with facts between entities that are
    read with sentences negated or made hearsay, ``found`` the share of them read with mentions
    as the weights to start from find them, wrong ones and missed ones too. ``extra_weight`` is
    how often an epoch reads a document of corrections."""

    epochs: int = 8
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    weight_decay: float = 0.05
    warmup: float = 0.1
    clip: float = 1.0
    mask: float = 0.05
    mask_mentions: float = 0.0
    recased: float = 0.0
    denied: float = 0.0
    found: float = 0.0
    average: float = 0.0
    rare: float = 0.0
    extra_weight: int = 1
    window_tokens: int = 254
    batch_tokens: int = 1600
    held_out: int = 46
    seed: int = 1
    network: NetworkConfig = field(default_factory=NetworkConfig)

    def to_dict(self) -> dict[str, object]:
        """As JSON or TOML."""
        return asdict(self)


RANK = 16
"""The rank of low-rank deltas where the recipe names none."""


def reshaped(recipe: Recipe, full: bool = False, lora: bool = False) -> Recipe:
    """The recipe with every encoder layer open to training, or with low-rank deltas instead.

    Raises:
        FormatError: both are asked for.
    """
    network = recipe.network
    if full and lora:
        raise FormatError("full and lora exclude each other: choose one")
    if full:
        network = replace(network, frozen=0, rank=0)
    if lora:
        network = replace(network, rank=network.rank or RANK)
    return replace(recipe, network=network)


def load_recipe(path: Path | None = None, epochs: int | None = None, task: str = "joint") -> Recipe:
    """A recipe file, or the one shipped for a task; ``epochs`` takes precedence.

    Raises:
        FormatError: the file can't be read, names an unknown setting or gives one nonsense.
    """
    try:
        if path is None:
            text = files("kgbuild.train").joinpath(SHIPPED[task]).read_text("utf-8")
        else:
            text = path.read_text("utf-8")
        values = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: no readable recipe: {error}") from error
    network = values.pop("network", {})
    if not isinstance(network, dict):
        raise FormatError(f"{path}: network is a table of settings, not {network!r}")
    _check(path, values, Recipe)
    _check(path, network, NetworkConfig)
    if epochs is not None:
        values["epochs"] = epochs
    return Recipe(**values, network=NetworkConfig(**network))


_MAY_BE_ZERO = ("frozen", "shared", "held_out", "seed", "rank", "references")


def _check(path: Path | None, given: dict[str, object], known: type) -> None:
    """Refuse settings that ``known`` doesn't have, or that aren't values it can work with."""
    defaults = {f.name: f.default for f in fields(known)}
    if unknown := set(given) - set(defaults):
        raise FormatError(f"{path}: unknown settings: {', '.join(sorted(unknown))}")
    for name, value in given.items():
        if isinstance(defaults[name], str):
            if value not in HEADS:
                raise FormatError(f"{path}: {name} = {value!r} is none of {', '.join(HEADS)}")
            continue
        whole = isinstance(defaults[name], int)
        least = 1 if whole and name not in _MAY_BE_ZERO else 0
        number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not number or value < least:  # type: ignore[operator]
            kind = "a whole number" if whole else "a number"
            raise FormatError(f"{path}: {name} = {value!r} isn't {kind} of at least {least}")
