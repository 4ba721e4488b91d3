"""What a benchmark reads off an encoder: texts cut to a length, both poolings, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgbuild.embed.inference import PromptedEmbedder
from kgbuild.embed.pooling import batches, pool
from kgbuild.embed.prompts import prefix
from kgbuild.ports import PromptName


class BothPoolings:
    """The ``Embedder`` port with the vectors of both poolings side by side, [n, 2 × dimension].

    The first half is the first token's vector, the second the mean of all, each as long as
    the network makes it (embedders elsewhere give length 1). A text's tokens from ``max_tokens`` on aren't read (special tokens count), as in
    benchmarks; embedders elsewhere read texts whole.
    """

    def __init__(self, embedder: PromptedEmbedder, max_tokens: int) -> None:
        encoder = embedder.encoder
        self._embedder = embedder
        self._windows = replace(
            encoder.windows, max_tokens=min(max_tokens, encoder.windows.max_tokens)
        )

    @property
    def fingerprint(self) -> str:
        """The embedder's, and the cut."""
        return f"{self._embedder.fingerprint}-cls+mean-as-is-{self._windows.max_tokens}"

    @property
    def dimension(self) -> int:
        """Twice the embedder's."""
        return 2 * self._embedder.dimension

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """Vectors float32 [len(texts), 2 × dimension].

        Raises:
            InputError: a text isn't valid Unicode, or there is no such prompt.
        """
        import torch

        encoder, size = self._embedder.encoder, self._embedder.dimension
        rows = self._windows.first(texts, prefix(self._embedder.family, prompt))
        out = np.zeros((len(texts), 2 * size), np.float32)
        for batch in batches([len(row) for row in rows], encoder.budget):
            with torch.inference_mode():
                states, mask = encoder.states([rows[i] for i in batch])
                halves = (pool(states, mask, "cls"), pool(states, mask, "mean"))
            for half, vectors in enumerate(halves):
                out[batch, half * size : (half + 1) * size] = vectors.float().cpu().numpy()
        return out


def word_vectors(
    embedder: PromptedEmbedder, texts: Sequence[Sequence[str]], prompt: PromptName
) -> list[NDArray[np.float32]]:
    """Of each text, given as words, the mean of each word's token vectors, [words, dimension].

    The prefix's words stand before the text's. Words that don't fit the model are zeros.
    """
    import torch

    encoder = embedder.encoder
    windows, lead = encoder.windows, prefix(embedder.family, prompt).split()
    rows, owners = [], []
    for words in texts:
        encoding = windows.tokenizer.encode(
            [*lead, *words], is_pretokenized=True, add_special_tokens=False
        )
        rows.append((*windows.head, *encoding.ids[: windows.room], *windows.tail))
        owners.append(np.array(encoding.word_ids[: windows.room], dtype=np.int64) - len(lead))
    out = [np.zeros((len(words), embedder.dimension), np.float32) for words in texts]
    for batch in batches([len(row) for row in rows], encoder.budget):
        with torch.inference_mode():
            states, _ = encoder.states([rows[i] for i in batch])
        for number, vectors in zip(batch, states.float().cpu().numpy(), strict=True):
            start = len(windows.head)
            _mean_by_word(out[number], vectors[start:], owners[number])
    return out


def _mean_by_word(
    out: NDArray[np.float32], vectors: NDArray[np.float32], owners: NDArray[np.int64]
) -> None:
    """Fill rows of ``out`` with the means of the vectors that belong to them."""
    mine = owners >= 0
    np.add.at(out, owners[mine], vectors[: len(owners)][mine])
    counts = np.bincount(owners[mine], minlength=len(out))
    out /= np.maximum(counts, 1)[:, None]
