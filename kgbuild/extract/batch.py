"""Windows → padded arrays, and the pairs of mentions a window offers as candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from kgbuild import ontology
from kgbuild.extract.likeness import LIKENESSES, form, likeness
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
    subject and object as rows of ``entities``. ``features`` [P, 6]: buckets of
    distance, nesting, sentences apart, likeness of the names, and how many other
    mentions of the subject's and of the object's type stand between the two.
    """

    entities: torch.Tensor
    pairs: torch.Tensor
    features: torch.Tensor


@dataclass(frozen=True, slots=True)
class WindowMentions:
    """The mentions that lie inside a window, in reading order: their numbers in the
    text's list, their words and types."""

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


@cache
def symmetric_labels() -> NDArray[np.bool_]:
    """[49]: whether a relation holds in both directions where it holds in one."""
    return np.array([ontology.relation_type(name).symmetric for name in RELATION_INDEX], np.bool_)


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
    order = np.lexsort((types, -spans[hold, 1], spans[hold, 0]))
    hold, types = hold[order], types[order]
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
        features.append(pair_features(table, window, mentions, (subject, obj)))
        base += n
    return PairBatch(*(torch.from_numpy(np.concatenate(x)) for x in (entities, pairs, features)))


DISTANCES, NESTINGS, SENTENCES, RIVALS = 22, 5, 5, 5
BUCKETS = (DISTANCES, NESTINGS, SENTENCES, LIKENESSES, RIVALS, RIVALS)
"""How many values each feature of a pair can take."""

_EDGES = np.array([1, 2, 3, 5, 8, 12, 20, 35, 60, 100])
_RIVAL_EDGES = np.array([1, 2, 3, 6])


def pair_features(
    table: WordTable, window: Window, mentions: WindowMentions, pairs: tuple[Ints, Ints]
) -> Ints:
    """The features [P, 6] of pairs (subjects, objects) of a window's mentions."""
    subject, obj = pairs
    spans = mentions.spans
    sentence = table.sentence[spans[:, 0] + window.start] if len(spans) else np.zeros(0, np.int64)
    apart = np.clip(sentence[obj] - sentence[subject], -2, 2) + 2
    columns = (
        *_placing(spans[subject], spans[obj]),
        apart,
        _likeness(table, spans + window.start, pairs),
        _rivals(mentions.types, mentions.types[subject], pairs),
        _rivals(mentions.types, mentions.types[obj], pairs),
    )
    return np.stack(columns, 1).astype(np.int64)


def _placing(s: Ints, o: Ints) -> tuple[Ints, Ints]:
    """Signed word distance and nesting of spans [P, 2]."""
    after = o[:, 0] >= s[:, 0]
    gap = np.where(after, o[:, 0] - s[:, 1], s[:, 0] - o[:, 1])
    distance = np.digitize(np.maximum(gap, 0), _EDGES) + np.where(after, 0, DISTANCES // 2)
    inner = (o[:, 0] >= s[:, 0]) & (o[:, 1] <= s[:, 1])
    outer = (o[:, 0] <= s[:, 0]) & (o[:, 1] >= s[:, 1])
    crossing = (gap <= 0) & ~inner & ~outer
    return distance, inner * 1 + outer * 2 + crossing * 4


def _likeness(table: WordTable, spans: Ints, pairs: tuple[Ints, Ints]) -> Ints:
    forms = [form(table.text[table.starts[a] : table.ends[b]]) for a, b in spans.tolist()]
    kinds = np.zeros((len(forms), len(forms)), np.int64)
    for i, one in enumerate(forms):
        for j in range(i):
            kinds[i, j] = kinds[j, i] = likeness(one, forms[j])
    return np.asarray(kinds[pairs])


def _rivals(types: Ints, wanted: Ints, pairs: tuple[Ints, Ints]) -> Ints:
    """How many mentions of a type stand between two, by their order in the list."""
    counts = np.zeros((len(types) + 1, len(TYPE_INDEX)), np.int64)
    counts[1:][np.arange(len(types)), types] = 1
    counts = counts.cumsum(0)
    low, high = np.minimum(*pairs), np.maximum(*pairs)
    between: Ints = counts[high, wanted] - counts[low + 1, wanted]
    return np.asarray(np.digitize(between, _RIVAL_EDGES), np.int64)
