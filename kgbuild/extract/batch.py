"""Windows → padded arrays, and the pairs of mentions a window offers as candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from kgbuild import ontology
from kgbuild.extract.windows import Window, WordTable
from kgbuild.types import Mention

TYPE_INDEX = {name: index for index, name in enumerate(ontology.ENTITY_TYPES)}
RELATION_INDEX = {name: index for index, name in enumerate(ontology.RELATIONS)}

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Windows as tensors: token ids [B, L] with mask, token indexes of words [B, W] with mask."""

    ids: torch.Tensor
    mask: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor
    words: torch.Tensor


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Mentions and candidate pairs of a batch of windows.

    ``entities`` [N, 4]: window, first word, last word, type. ``pairs`` [P, 2]:
    subject and object as rows of ``entities``. ``features`` [P, 3]: buckets of
    distance, nesting and sentences apart.
    """

    entities: torch.Tensor
    pairs: torch.Tensor
    features: torch.Tensor


@dataclass(frozen=True, slots=True)
class WindowMentions:
    """The mentions that lie inside a window: their numbers in the text's list and words."""

    numbers: tuple[int, ...]
    spans: Ints
    types: Ints


@cache
def allowed_labels() -> NDArray[np.bool_]:
    """[29, 29, 49]: whether the ontology allows a relation between two types."""
    n = len(TYPE_INDEX)
    table = np.zeros((n, n, len(RELATION_INDEX)), np.bool_)
    for relation, subject, obj in ontology.ALLOWED:
        table[TYPE_INDEX[subject], TYPE_INDEX[obj], RELATION_INDEX[relation]] = True
    return table


@cache
def allowed_pairs() -> NDArray[np.bool_]:
    """[29, 29]: whether any relation is allowed between two types."""
    return np.asarray(allowed_labels().any(-1))


def text_batch(
    items: Sequence[tuple[WordTable, Window]], specials: tuple[int, int, int]
) -> TextBatch:
    """Pad windows to one length; ``specials`` are the ids of ``<s>``, ``</s>`` and padding."""
    bos, eos, pad = specials
    slices = [(t.first[w.start], t.last[w.end - 1] + 1) for t, w in items]
    length = int(max(b - a for a, b in slices)) + 2
    width = max(w.end - w.start for _, w in items)
    ids = np.full((len(items), length), pad, np.int64)
    first, last = np.zeros((2, len(items), width), np.int64)
    words = np.zeros((len(items), width), np.bool_)
    for row, ((table, window), (a, b)) in enumerate(zip(items, slices, strict=True)):
        ids[row, 0], ids[row, 1 : b - a + 1], ids[row, b - a + 1] = bos, table.ids[a:b], eos
        count = window.end - window.start
        first[row, :count] = table.first[window.start : window.end] - a + 1
        last[row, :count] = table.last[window.start : window.end] - a + 1
        words[row, :count] = True
    mask = np.arange(length)[None, :] < np.array([b - a + 2 for a, b in slices])[:, None]
    return TextBatch(*(torch.from_numpy(array) for array in (ids, mask, first, last, words)))


def locate_all(table: WordTable, mentions: Sequence[Mention]) -> Ints:
    """First and last word of each mention [n, 2]; −1 where a mention covers no word."""
    spans = np.full((len(mentions), 2), -1, np.int64)
    for row, mention in enumerate(mentions):
        if (found := table.locate(mention.start, mention.end)) is not None:
            spans[row] = found
    return spans


def inside(window: Window, mentions: Sequence[Mention], spans: Ints) -> WindowMentions:
    """The mentions wholly inside a window, with words counted from its start."""
    hold = np.flatnonzero((spans[:, 0] >= window.start) & (spans[:, 1] < window.end))
    types = np.array([TYPE_INDEX[mentions[i].type] for i in hold.tolist()], np.int64)
    return WindowMentions(tuple(hold.tolist()), spans[hold] - window.start, types)


def pair_batch(
    items: Sequence[tuple[WordTable, Window]], found: Sequence[WindowMentions]
) -> PairBatch:
    """Every ordered pair of a window's mentions whose types the ontology relates."""
    entities, pairs, features, base = [], [], [], 0
    for row, ((table, window), mentions) in enumerate(zip(items, found, strict=True)):
        n = len(mentions.types)
        rows = np.full((n, 1), row, np.int64)
        entities.append(np.concatenate([rows, mentions.spans, mentions.types[:, None]], 1))
        allowed = allowed_pairs()[mentions.types[:, None], mentions.types[None, :]].copy()
        np.fill_diagonal(allowed, False)
        subject, obj = np.nonzero(allowed)
        pairs.append(np.stack([subject, obj], 1) + base)
        sentence = table.sentence[mentions.spans[:, 0] + window.start] if n else np.zeros(0, int)
        features.append(pair_features(mentions.spans, sentence, subject, obj))
        base += n
    return PairBatch(*(torch.from_numpy(np.concatenate(x)) for x in (entities, pairs, features)))


DISTANCES, NESTINGS, SENTENCES = 22, 5, 5
_EDGES = np.array([1, 2, 3, 5, 8, 12, 20, 35, 60, 100])


def pair_features(spans: Ints, sentence: Ints, subject: Ints, obj: Ints) -> Ints:
    """Buckets [P, 3] of signed word distance, nesting, and signed sentence distance (±2)."""
    s, o = spans[subject], spans[obj]
    after = o[:, 0] >= s[:, 0]
    gap = np.where(after, o[:, 0] - s[:, 1], s[:, 0] - o[:, 1])
    distance = np.digitize(np.maximum(gap, 0), _EDGES) + np.where(after, 0, DISTANCES // 2)
    inner = (o[:, 0] >= s[:, 0]) & (o[:, 1] <= s[:, 1])
    outer = (o[:, 0] <= s[:, 0]) & (o[:, 1] >= s[:, 1])
    crossing = (gap <= 0) & ~inner & ~outer
    nesting = inner * 1 + outer * 2 + crossing * 4
    apart = np.clip(sentence[obj] - sentence[subject], -2, 2) + 2
    return np.stack([distance, nesting, apart], 1).astype(np.int64)
