"""The one loop that runs an encoder over texts; every adapter goes through it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.embed.pooling import WINDOWS_VERSION, Windows, batches, pool, unit
from kgbuild.embed.prompts import PROMPTS_VERSION, prefix
from kgbuild.errors import InputError
from kgbuild.models.registry import Pooling, PromptFamily
from kgbuild.ports import PromptName

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from kgbuild.models.bare import BareBert

TOKEN_BUDGET = 8192
"""Tokens in a padded batch, unless the caller says otherwise."""

FLOAT_BUDGET = 1024
"""The same where a CPU works in float32: larger batches fall out of its caches, and an
embedder does a third less a second (e5-small, AVX2)."""

_SLICE = 8192  # texts tokenized and sorted together: bounds the memory for their ids


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """A model, its cutter and how its states become a vector.

    ``model`` takes ``input_ids`` and ``attention_mask`` and answers with
    ``last_hidden_state`` [b, t, dimension]; ``bare`` answers the same in inference, in less time,
    and has to go where ``model`` changes.
    """

    model: torch.nn.Module
    windows: Windows
    device: torch.device
    pad_id: int
    pooling: Pooling
    dimension: int
    token_budget: int | None = None
    bare: BareBert | None = None

    def embed(self, texts: Sequence[str], lead: str) -> NDArray[np.float32]:
        """Unit vectors float32 [len(texts), dimension] of texts that ``lead`` stands before.

        Raises:
            InputError: ``texts`` is one string, or a text isn't valid Unicode.
        """
        if isinstance(texts, str):
            raise InputError("embed takes a list of texts, not one string")
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _SLICE):
            part = texts[start : start + _SLICE]
            place = {text: row for row, text in enumerate(dict.fromkeys(part))}  # repeated: once
            vectors = self._embed_slice(list(place), lead)
            out[start : start + _SLICE] = vectors[[place[text] for text in part]]
        return out

    def _embed_slice(self, texts: Sequence[str], lead: str) -> NDArray[np.float32]:
        windows = self.windows.cut(texts, lead)
        sums = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for batch in batches([len(window.ids) for window in windows], self.budget):
            vectors = self._forward([windows[i].ids for i in batch])
            for index, vector in zip(batch, vectors, strict=True):
                sums[windows[index].text] += vector * windows[index].weight
        return unit(sums)

    @property
    def budget(self) -> int:
        """Tokens in a padded batch: what was asked for, else what suits the hardware."""
        import torch

        if self.token_budget is not None:
            return self.token_budget
        slow = self.device.type == "cpu" and next(self.model.parameters()).dtype == torch.float32
        return FLOAT_BUDGET if slow else TOKEN_BUDGET

    def _forward(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Pooled vectors float32 [b, dimension] of a batch of id lists."""
        import torch

        with torch.inference_mode():
            states, mask = self.states(rows)
            vectors = pool(states, mask, self.pooling)
        array: NDArray[np.float32] = vectors.cpu().numpy()
        return array

    def states(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Hidden states [b, t, dimension] of a batch of id lists, and its 0/1 mask [b, t]."""
        import torch

        ids = np.full((len(rows), max(map(len, rows))), self.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
        seen = torch.from_numpy(mask).to(self.device)
        given = torch.from_numpy(ids).to(self.device)
        if self.bare is not None and torch.is_inference_mode_enabled():
            return self.bare(given, seen), seen
        return self.model(input_ids=given, attention_mask=seen).last_hidden_state, seen


def fingerprint(weights: str, family: PromptFamily, pooling: Pooling) -> str:
    """A short hex digest of what decides a vector: weights, prefixes, pooling, windows."""
    parts = [weights, family, PROMPTS_VERSION, pooling, WINDOWS_VERSION]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class PromptedEmbedder:
    """The ``Embedder`` port over a :class:`SentenceEncoder`; adapters only construct it."""

    def __init__(self, encoder: SentenceEncoder, family: PromptFamily, weights: str) -> None:
        """``weights`` is a digest of the model's files."""
        self._encoder = encoder
        self._family = family
        self._fingerprint = fingerprint(weights, family, encoder.pooling)

    @property
    def fingerprint(self) -> str:
        """A short hex digest of what decides a vector: weights, prefixes, pooling, windows."""
        return self._fingerprint

    @property
    def encoder(self) -> SentenceEncoder:
        """The loop that makes the vectors, with its model and tokenizer."""
        return self._encoder

    @property
    def family(self) -> PromptFamily:
        """Which table of prefixes it reads."""
        return self._family

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.encoder.dimension

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """Vectors float32 [len(texts), dimension], L2 norm 1, in the order of ``texts``.

        Raises:
            InputError: ``texts`` is one string, a text isn't valid Unicode, or there is no
                such prompt.
        """
        return self.encoder.embed(texts, prefix(self._family, prompt))
