"""The models that kgbuild knows by name, and which one a setting means.

A card says what can't be read from the weights: what the model is for, its prefixes, its
licence. Figures and licences are those of the models' own cards (https://huggingface.co/
and the hub id); the revisions are those that mteb 2.26 names for them.
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
PromptFamily = Literal["e5", "frida", "plain"]
"""Which table of prefixes a model was trained with, see :mod:`kgbuild.embed.prompts`."""

DISTILLED = "distillation.json"
"""In a folder of ``train embedder``: how it was made."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known about a model before it is opened.

    ``dimension`` is the length of its vectors, ``max_tokens`` what one pass may read,
    prefix and special tokens included. ``pooling`` None leaves it to the model's folder.
    ``hub_id`` is None for weights that come with the package; ``revision`` is the commit
    of the hub that is read, None for the newest. ``folder`` is set where the weights are a
    local folder. ``profile`` is what a setting may call it by, if anything.
    """

    name: str
    kind: Kind
    profile: Profile | None
    hub_id: str | None
    dimension: int
    pooling: Pooling | None
    max_tokens: int
    prompts: PromptFamily
    licence: str
    revision: str | None = None
    folder: Path | None = None


def _embedder(
    hub_id: str, revision: str, shape: tuple[int, Pooling | None, int], prompts: PromptFamily,
    licence: str = "MIT", profile: Profile | None = None,
) -> ModelCard:  # fmt: skip
    """A card of the hub; ``shape`` is dimension, pooling and longest pass."""
    name = hub_id.rpartition("/")[2]
    return ModelCard(name, "embedder", profile, hub_id, *shape, prompts, licence, revision)


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
E5_BASE = _embedder(
    "intfloat/multilingual-e5-base", "d13f1b27baf31030b7fd040960d60d909913633f",
    (768, "mean", 512), "e5",
)  # fmt: skip
E5_LARGE = _embedder(
    "intfloat/multilingual-e5-large", "ab10c1a7f42e74530fe7ae5be82e6d4f11a719eb",
    (1024, "mean", 512), "e5",
)  # fmt: skip
BERTA = _embedder(
    "sergeyzh/BERTA", "914c8c8aed14042ed890fc2c662d5e9e66b2faa7",
    (768, "mean", 512), "frida", profile="reference",
)  # fmt: skip
FRIDA = _embedder(
    "ai-forever/FRIDA", "7292217af9a9e6dbf07048f76b434ad1e2aa8b76", (1536, "cls", 512), "frida"
)
RUBERT_TINY2 = _embedder(
    "cointegrated/rubert-tiny2", "dad72b8f77c5eef6995dd3e4691b758ba56b90c3",
    (312, "cls", 2048), "plain",
)  # fmt: skip
LABSE_RU_TURBO = _embedder(
    "sergeyzh/LaBSE-ru-turbo", "1940b046c6b5e125df11722b899130329d0a46da",
    (768, None, 512), "plain",
)  # fmt: skip
USER_BGE_M3 = _embedder(
    "deepvk/USER-bge-m3", "0cc6cfe48e260fb0474c753087a69369e88709ae",
    (1024, "cls", 8192), "plain", licence="Apache-2.0",
)  # fmt: skip

CARDS: tuple[ModelCard, ...] = (
    E5_SMALL, E5_BASE, E5_LARGE, BERTA, FRIDA, RUBERT_TINY2, LABSE_RU_TURBO, USER_BGE_M3,
)  # fmt: skip

_BY_PROFILE: dict[str, ModelCard] = {card.profile: card for card in CARDS if card.profile}
_BY_MODEL_TYPE = {"bert": BERTA, "t5": FRIDA}
_FIRST_PREFIXES: dict[str, PromptFamily] = {"query: ": "e5", "search_query: ": "frida"}
"""A family by what it wants before a search query, as its folders say."""


def embedder_for(spec: str | Path, folder: Path | None = None) -> ModelCard:
    """The card of an embedder named by profile, name, hub id or folder.

    A name or hub id may end in ``@REVISION``, a commit, tag or branch of the hub.
    ``folder`` says where the named model's weights are. A folder given as ``spec`` must say
    itself which model it holds: by the prefix that its ``config_sentence_transformers.json``
    names for the prompt ``search_query``, and the ``model_type`` in its ``config.json``.

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
    if card is E5_SMALL:
        raise ModelError(f"{card.name} comes with the package: it isn't read from {folder}")
    return replace(card, folder=folder, dimension=_dimension(folder))


def _named(spec: str) -> ModelCard | None:
    spec, _, revision = spec.partition("@")
    found = _BY_PROFILE.get(spec) or next((c for c in CARDS if _is_called(c, spec)), None)
    return replace(found, revision=revision) if found and revision else found


def _is_called(card: ModelCard, spec: str) -> bool:
    return spec.casefold() in (card.name.casefold(), (card.hub_id or card.name).casefold())


def _held_by(folder: Path) -> ModelCard:
    model_type = _read_json(folder / "config.json").get("model_type")
    settings = folder / "config_sentence_transformers.json"
    prompts = _read_json(settings).get("prompts") if settings.is_file() else None
    first = prompts.get("search_query") if isinstance(prompts, dict) else None
    family = _FIRST_PREFIXES.get(str(first))
    card = _BY_MODEL_TYPE.get(str(model_type))
    if family == "e5" or (family and (folder / DISTILLED).is_file()):
        return _own_card(folder, family)
    if card is None or first is None:
        raise ModelError(
            f"can't tell which model {folder} holds (model_type {model_type!r}, prompts"
            f" {prompts!r} in {settings.name}): give the model's name with the folder"
        )
    return card


def _own_card(folder: Path, family: PromptFamily) -> ModelCard:
    """The card of a model that no card here describes, from its folder alone."""
    settings = folder / "sentence_bert_config.json"
    length = _read_json(settings).get("max_seq_length") if settings.is_file() else None
    return ModelCard(
        name=folder.resolve().name,
        kind="embedder",
        profile=None,
        hub_id=None,
        dimension=_dimension(folder),
        pooling=None,
        max_tokens=length if isinstance(length, int) else 512,
        prompts=family,
        licence="its own",
    )


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
