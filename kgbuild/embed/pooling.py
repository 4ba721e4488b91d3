"""From tokens to one vector a text: windows, pooling, norm.

A text that fits the model is read in one pass. A longer one is never cut: its tokens are
split into windows of nearly equal length, each with the prefix and the special tokens, and
its vector is the mean of the windows' pooled vectors weighted by the text's tokens in each
(the prefix and special tokens don't count), then scaled to length 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError, ModelError
from kgbuild.models.registry import Pooling

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

WINDOWS_VERSION = 1
"""Part of every embedder's fingerprint: raise it when the rule above changes."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one pass reads: token ids of text number ``text``, and its weight there."""

    text: int
    ids: tuple[int, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Windows:
    """Cuts texts into windows of at most ``max_tokens`` ids.

    ``head`` and ``tail`` are the special tokens around every window. The tokenizer must
    neither truncate nor pad.
    """

    tokenizer: Tokenizer
    max_tokens: int
    head: tuple[int, ...]
    tail: tuple[int, ...]

    def cut(self, texts: Sequence[str], prefix: str) -> list[Window]:
        """The windows of all texts, in order; every text has at least one.

        Raises:
            InputError: a text isn't valid Unicode (a lone surrogate).
            ModelError: the prefix leaves no room for text.
        """
        full = [prefix + text for text in texts]
        windows: list[Window] = []
        for number, ids in enumerate(self._ids(full)):
            if len(ids) <= self.room:
                windows.append(Window(number, (*self.head, *ids, *self.tail), 1))
            else:
                windows.extend(self._split(number, full[number], prefix, self.room))
        return windows

    def first(self, texts: Sequence[str], prefix: str) -> list[tuple[int, ...]]:
        """The ids of each text's beginning, as much of it as one window holds.

        Raises:
            InputError: a text isn't valid Unicode (a lone surrogate).
        """
        found = self._ids([prefix + text for text in texts])
        return [(*self.head, *ids[: self.room], *self.tail) for ids in found]

    @property
    def room(self) -> int:
        """How many ids a window holds beside its special tokens."""
        return self.max_tokens - len(self.head) - len(self.tail)

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        try:
            encoded = self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        except (TypeError, UnicodeError) as error:
            raise InputError(f"a text can't be tokenized: {error}") from error
        return [encoding.ids for encoding in encoded]

    def _split(self, number: int, text: str, prefix: str, room: int) -> Iterator[Window]:
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        ids = encoding.ids
        lead = _prefix_tokens(encoding.offsets, len(prefix))
        if lead >= room:
            raise ModelError(
                f"the prefix {prefix!r} alone fills a window of {self.max_tokens} tokens"
            )
        body = ids[lead:]
        count = -(-len(body) // (room - lead))
        bounds = [len(body) * step // count for step in range(count + 1)]
        for start, end in pairwise(bounds):
            piece = (*self.head, *ids[:lead], *body[start:end], *self.tail)
            yield Window(number, piece, end - start)


def windows_of(tokenizer: Tokenizer, max_tokens: int) -> Windows:
    """A cutter that has looked up which special tokens the tokenizer puts around a text."""
    plain = tokenizer.encode("а", add_special_tokens=False).ids
    whole = tokenizer.encode("а", add_special_tokens=True).ids
    for start in range(len(whole) - len(plain) + 1):
        if whole[start : start + len(plain)] == plain:
            return Windows(
                tokenizer, max_tokens, tuple(whole[:start]), tuple(whole[start + len(plain) :])
            )
    raise ModelError("the tokenizer's special tokens don't stand around the text")


def _prefix_tokens(offsets: Sequence[tuple[int, int]], length: int) -> int:
    """How many leading tokens lie inside the first ``length`` characters."""
    if not length:
        return 0
    return next((i for i, (_, end) in enumerate(offsets) if end > length), len(offsets))


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indexes grouped by length, the longest first, for padded batches.

    A batch times its longest member stays within ``budget`` tokens; a batch has at least
    one member.
    """
    batch: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * longest > budget:
            yield batch
            batch = []
        if not batch:
            longest = lengths[index]
        batch.append(index)
    if batch:
        yield batch


def pool(hidden: Tensor, mask: Tensor, pooling: Pooling) -> Tensor:
    """One vector a row: float32 [b, d] from hidden states [b, t, d] and a 0/1 mask [b, t].

    ``mean`` is over the tokens of the mask (special tokens included, as in
    sentence-transformers), ``cls`` the first token's.
    """
    if pooling == "cls":
        return hidden[:, 0].float()
    weights = mask.unsqueeze(-1).float()
    return (hidden.float() * weights).sum(1) / weights.sum(1)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to L2 norm 1: float32 [n, d]."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return scaled
