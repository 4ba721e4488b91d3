"""Vectors kept in a folder, so that a measurement interrupted or repeated embeds nothing twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports import Embedder, PromptName

BATCH = 64
"""Texts in a file: what an interruption can cost."""


def cached_vectors(
    embedder: Embedder,
    texts: Sequence[str],
    prompt: PromptName,
    folder: Path | None,
    progress: Callable[[int], None] = lambda done: None,
) -> NDArray[np.float16]:
    """Vectors float16 [len(texts), dimension]; what ``folder`` holds isn't embedded again.

    A file holds a batch and is named by what decides its content: the embedder's
    fingerprint, the prompt and the texts. ``progress`` is told how many texts are done.
    """
    parts = [np.zeros((0, embedder.dimension), np.float16)]
    for start in range(0, len(texts), BATCH):
        batch = list(texts[start : start + BATCH])
        parts.append(_batch(embedder, batch, prompt, folder))
        progress(start + len(batch))
    return np.concatenate(parts)


def _batch(
    embedder: Embedder, texts: list[str], prompt: PromptName, folder: Path | None
) -> NDArray[np.float16]:
    if folder is None:
        return embedder.embed(texts, prompt).astype(np.float16)
    key = json.dumps([embedder.fingerprint, prompt, texts], ensure_ascii=False)
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    if path.is_file():
        kept: NDArray[np.float16] = np.load(path, allow_pickle=False)
        return kept
    vectors = embedder.embed(texts, prompt).astype(np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("wb") as file:
        np.save(file, vectors)
    draft.replace(path)
    return vectors
