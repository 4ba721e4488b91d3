"""Hyper-parameters of training, read from a TOML recipe."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from importlib.resources import files
from pathlib import Path

from kgbuild.errors import FormatError
from kgbuild.extract.network import NetworkConfig


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Rates are AdamW's peak; ``layer_decay`` shrinks them layer by layer
    downwards; ``mask`` is the share of tokens hidden from the encoder; lengths in tokens."""

    epochs: int = 8
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    weight_decay: float = 0.05
    warmup: float = 0.1
    clip: float = 1.0
    mask: float = 0.05
    window_tokens: int = 254
    batch_tokens: int = 1600
    held_out: int = 46
    seed: int = 1
    network: NetworkConfig = field(default_factory=NetworkConfig)

    def to_dict(self) -> dict[str, object]:
        """As JSON or TOML."""
        return asdict(self)


def load_recipe(path: Path | None = None, epochs: int | None = None) -> Recipe:
    """A recipe file, or the shipped ``recipe.toml``; ``epochs`` takes precedence.

    Raises:
        FormatError: the file can't be read or names an unknown setting.
    """
    try:
        if path is None:
            text = files("kgbuild.train").joinpath("recipe.toml").read_text("utf-8")
        else:
            text = path.read_text("utf-8")
        values = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: no readable recipe: {error}") from error
    network = values.pop("network", {})
    for given, known in ((values, Recipe), (network, NetworkConfig)):
        unknown = set(given) - {f.name for f in fields(known)}
        if unknown:
            raise FormatError(f"{path}: unknown settings: {', '.join(sorted(unknown))}")
    if epochs is not None:
        values["epochs"] = epochs
    return Recipe(**values, network=NetworkConfig(**network))
