"""A cross-encoder as reranker: query and passage read together by one model.

Such models (Nogueira and Cho 2019, arXiv:1901.04085; bge-reranker, ms-marco-MiniLM and the
like) are transformers classifiers with one output. None is shipped: give the folder of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kgbuild.errors import ModelError, WeightsError
from kgbuild.types import Passage

if TYPE_CHECKING:
    import torch

MOST_TOKENS = 512
"""Of query and passage together; longer passages are cut at their end."""

BATCH = 16


class CrossEncoder:
    """Scores passages against a query with a classifier of one output."""

    def __init__(self, folder: Path, device: str = "auto") -> None:
        """Load the model of a folder: only safetensors, and no code of its own.

        Raises:
            WeightsError: the folder can't be read or lacks weights.
            ModelError: what it holds isn't such a classifier.
        """
        from kgbuild.models.encoder import choose_device

        self._device = choose_device(device)
        self._tokenizer, self._model = _load(folder)
        self._model.to(self._device)
        config: Any = self._model.config
        widest = getattr(config, "max_position_embeddings", MOST_TOKENS)
        # Models of RoBERTa's kind count positions from the padding's number on.
        spent = 2 if "roberta" in config.model_type else 0
        self._most = min(MOST_TOKENS, int(widest) - spent)

    def scores(self, query: str, passages: Sequence[Passage]) -> Sequence[float]:
        """The probability that each passage suits the query, in the passages' order."""
        import torch

        found: list[float] = []
        for start in range(0, len(passages), BATCH):
            texts = [passage.text for passage in passages[start : start + BATCH]]
            batch = self._tokenizer(
                [query] * len(texts),
                texts,
                truncation="longest_first",
                max_length=self._most,
                padding=True,
                return_tensors="pt",
            ).to(self._device)
            with torch.inference_mode():
                logits = self._model(**batch).logits[:, 0].float()
            found += logits.sigmoid().cpu().tolist()
        if not np.isfinite(found).all():
            raise ModelError("the reranker gives scores that are no numbers")
        return found


def _load(folder: Path) -> tuple[Any, torch.nn.Module]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    if not (folder / "config.json").is_file():
        raise WeightsError(f"{folder} holds no model (config.json): give a reranker's folder")
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder,
            dtype="float32",
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except OSError as error:
        raise WeightsError(f"can't read the reranker in {folder}: {error}") from error
    except Exception as error:  # tokenizers and safetensors raise bare Exception subclasses
        raise ModelError(f"the reranker in {folder} can't be loaded: {error}") from error
    if model.config.num_labels != 1:
        raise ModelError(
            f"{folder} has {model.config.num_labels} outputs, a reranker has one: is it a"
            " classifier of something else?"
        )
    absent = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    if absent:
        raise WeightsError(f"the weights in {folder} lack {len(absent)} tensors: {absent[0]}")
    encoder: torch.nn.Module = model.eval().requires_grad_(False)
    return tokenizer, encoder
