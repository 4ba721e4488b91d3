"""What a sentence-transformers model folder holds, read without loading the model.

Layout: ``config.json``, ``model.safetensors`` (or its shards), a tokenizer,
``config_sentence_transformers.json`` (prompts), ``modules.json``,
``1_Pooling/config.json`` (https://sbert.net/docs/sentence_transformer/usage/custom_models.html).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.folder import sha256_of
from kgbuild.models.registry import Pooling

_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
)
_MODULES = ("Transformer", "Pooling", "Normalize")
_POOLINGS: dict[str, Pooling] = {
    "cls": "cls",
    "mean": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
}


@dataclass(frozen=True, slots=True)
class TransformerFolder:
    """A described folder. ``pooling`` is None where the folder doesn't say.

    ``prompts`` maps the folder's own prompt names to prefixes; ``weights`` are the
    safetensors files; ``sha256`` covers every file that decides a vector.
    """

    path: Path
    model_type: str
    dimension: int
    max_positions: int | None
    pad_id: int
    weights: tuple[Path, ...]
    tokenizer: Path
    pooling: Pooling | None
    prompts: dict[str, str]
    sha256: str


def open_folder(path: Path) -> TransformerFolder:
    """Read a folder's description.

    Raises:
        WeightsError: files are missing (all of them are named) or can't be read.
        ModelError: the folder asks for something that isn't supported.
    """
    weights = tuple(sorted(path.glob("*.safetensors")))
    tokenizer = next((path / name for name in _TOKENIZERS if (path / name).is_file()), None)
    missing = []
    if not (path / "config.json").is_file():
        missing.append("config.json")
    if not weights:
        missing.append("*.safetensors (pickled weights are never loaded)")
    if tokenizer is None:
        missing.append(f"a tokenizer ({', '.join(_TOKENIZERS)})")
    if missing or tokenizer is None:
        raise WeightsError(f"the model folder {path} lacks {', '.join(missing)}")
    config = _read(path / "config.json")
    positions, pad = config.get("max_position_embeddings"), config.get("pad_token_id")
    dimension = config.get("hidden_size", config.get("d_model"))
    if not isinstance(dimension, int):
        raise WeightsError(f"{path / 'config.json'} holds neither hidden_size nor d_model")
    _check_modules(path / "modules.json")
    return TransformerFolder(
        path=path,
        model_type=str(config.get("model_type", "")),
        dimension=dimension,
        max_positions=positions if isinstance(positions, int) else None,
        pad_id=pad if isinstance(pad, int) else 0,
        weights=weights,
        tokenizer=tokenizer,
        pooling=_pooling(path / "1_Pooling" / "config.json"),
        prompts=_prompts(path / "config_sentence_transformers.json"),
        sha256=_digest(path, (path / "config.json", tokenizer, *weights)),
    )


def _check_modules(path: Path) -> None:
    if not path.is_file():
        return
    modules = _read_any(path)
    if not isinstance(modules, list):
        raise WeightsError(f"{path} doesn't hold a JSON list")
    types = [str(module.get("type") if isinstance(module, dict) else module) for module in modules]
    others = [name for name in types if name.rpartition(".")[2] not in _MODULES]
    if others:
        raise ModelError(
            f"{path} lists {', '.join(others)}: only {', '.join(_MODULES)} are supported"
        )


def _pooling(path: Path) -> Pooling | None:
    """The pooling that ``1_Pooling/config.json`` asks for, in its older or newer form."""
    if not path.is_file():
        return None
    config = _read(path)
    mode = config.get("pooling_mode")
    asked = [str(mode)] if mode is not None else []
    asked += [
        name for name, on in config.items() if name.startswith("pooling_mode_") and on is True
    ]
    if len(asked) != 1 or asked[0] not in _POOLINGS:
        raise ModelError(f"{path} asks for the pooling {asked}: only mean and cls are supported")
    if config.get("include_prompt") is False:
        raise ModelError(f"{path} leaves the prompt out of the mean: that isn't supported")
    return _POOLINGS[asked[0]]


def _prompts(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    prompts = _read(path).get("prompts") or {}
    if not isinstance(prompts, dict):
        raise WeightsError(f"{path}: prompts is not an object")
    return {str(name): str(value) for name, value in prompts.items()}


def _digest(root: Path, files: tuple[Path, ...]) -> str:
    """SHA-256 over the names and SHA-256 of the files."""
    total = hashlib.sha256()
    for file in files:
        try:
            digest = sha256_of(file)
        except OSError as error:
            raise WeightsError(f"can't read {file}: {error}") from error
        total.update(f"{file.relative_to(root).as_posix()} {digest}\n".encode())
    return total.hexdigest()


def _read(path: Path) -> dict[str, object]:
    value = _read_any(path)
    if not isinstance(value, dict):
        raise WeightsError(f"{path} doesn't hold a JSON object")
    return value


def _read_any(path: Path) -> object:
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"can't read {path}: {error}") from error
    return value
