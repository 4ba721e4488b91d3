"""The models that kgbuild knows by name, and which one a setting means.

A card says what can't be read from the weights: what the model is for, its prefixes, its
licence. Figures and licences are those of the models' own cards
(https://huggingface.co/intfloat/multilingual-e5-small, .../sergeyzh/BERTA,
.../ai-forever/FRIDA).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kgbuild.errors import ModelError, WeightsError

Kind = Literal["embedder", "extractor"]
Profile = Literal["embedded", "reference"]
Pooling = Literal["mean", "cls"]
PromptFamily = Literal["e5", "frida"]
"""Which table of prefixes a model was trained with, see :mod:`kgbuild.embed.prompts`."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known about a model before it is opened.

    ``dimension`` is the length of its vectors, ``max_tokens`` what one pass may read,
    prefix and special tokens included. ``hub_id`` is None for weights that come with the
    package; ``folder`` is set where the weights are a local folder.
    """

    name: str
    kind: Kind
    profile: Profile
    hub_id: str | None
    dimension: int
    pooling: Pooling
    max_tokens: int
    prompts: PromptFamily
    licence: str
    folder: Path | None = None


E5_SMALL = ModelCard(
    name="multilingual-e5-small",
    kind="embedder",
    profile="embedded",
    hub_id=None,
    dimension=384,
    pooling="mean",
    max_tokens=512,
    prompts="e5",
    licence="MIT",
)

BERTA = ModelCard(
    name="BERTA",
    kind="embedder",
    profile="reference",
    hub_id="sergeyzh/BERTA",
    dimension=768,
    pooling="mean",
    max_tokens=512,
    prompts="frida",
    licence="MIT",
)

FRIDA = ModelCard(
    name="FRIDA",
    kind="embedder",
    profile="reference",
    hub_id="ai-forever/FRIDA",
    dimension=1536,
    pooling="cls",
    max_tokens=512,
    prompts="frida",
    licence="MIT",
)

CARDS: tuple[ModelCard, ...] = (E5_SMALL, BERTA, FRIDA)

_BY_PROFILE = {"embedded": E5_SMALL, "reference": BERTA}
_BY_MODEL_TYPE = {"bert": BERTA, "t5": FRIDA}


def embedder_for(spec: str | Path, folder: Path | None = None) -> ModelCard:
    """The card of an embedder named by profile, name, hub id or folder.

    ``folder`` says where the named model's weights are. A folder given as ``spec`` must say
    itself which model it holds: ``config.json`` by its ``model_type``, and
    ``config_sentence_transformers.json`` by naming the prompt ``search_query``.

    Raises:
        WeightsError: the folder doesn't exist or its ``config.json`` can't be read.
        ModelError: no such model, or the folder doesn't say which model it holds.
    """
    card = _named(str(spec))
    if card is None and folder is None and Path(spec).is_dir():
        folder = Path(spec)
        card = _held_by(folder)
    if card is None:
        known = ", ".join([*_BY_PROFILE, *(card.name for card in CARDS)])
        raise ModelError(
            f"no embedder {str(spec)!r}: it is neither a folder here nor one of {known}"
        )
    if folder is None:
        return card
    if card.hub_id is None:
        raise ModelError(f"{card.name} comes with the package: it isn't read from {folder}")
    return replace(card, folder=folder, dimension=_dimension(folder))


def _named(spec: str) -> ModelCard | None:
    if spec in _BY_PROFILE:
        return _BY_PROFILE[spec]
    wanted = spec.casefold()
    for card in CARDS:
        if wanted in (card.name.casefold(), (card.hub_id or card.name).casefold()):
            return card
    return None


def _held_by(folder: Path) -> ModelCard:
    model_type = _read_json(folder / "config.json").get("model_type")
    card = _BY_MODEL_TYPE.get(str(model_type))
    settings = folder / "config_sentence_transformers.json"
    prompts = _read_json(settings).get("prompts") if settings.is_file() else None
    if card is None or not isinstance(prompts, dict) or "search_query" not in prompts:
        raise ModelError(
            f"can't tell which model {folder} holds (model_type {model_type!r}, prompts"
            f" {prompts!r} in {settings.name}): give the model's name with the folder"
        )
    return card


def _dimension(folder: Path) -> int:
    config = _read_json(folder / "config.json")
    value = config.get("hidden_size", config.get("d_model"))
    if not isinstance(value, int):
        raise WeightsError(f"{folder / 'config.json'} holds neither hidden_size nor d_model")
    return value


def _read_json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"can't read {path}: {error}") from error
    if not isinstance(value, dict):
        raise WeightsError(f"{path} doesn't hold a JSON object")
    return value
