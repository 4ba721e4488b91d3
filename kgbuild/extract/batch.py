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
from kgbuild.extract.windows import Window, WordTable, width
from kgbuild.types import Mention

REFERENCES = {"PERSON_REFERENCE": "PERSON", "ORGANIZATION_REFERENCE": "ORGANIZATION"}
"""Spans that refer to an entity without naming it (pronouns, descriptions, verbs whose
subject is left out), and the type of what they refer to."""

SPAN_TYPES = (*ontology.ENTITY_TYPES, *REFERENCES)
TYPE_INDEX = {name: index for index, name in enumerate(SPAN_TYPES)}
RELATION_INDEX = {name: index for index, name in enumerate(ontology.RELATIONS)}
DENIED, COREFERENCE = len(RELATION_INDEX), len(RELATION_INDEX) + 1
"""The pair scorer's columns after the relations: that what joins a pair is denied, rumoured
or planned; that a reference means a mention."""

PAIR_LABELS = COREFERENCE + 1

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
    ``related`` [P]: whether a relation may join them; the others are pairs of a reference
    and what it may mean.
    """

    entities: torch.Tensor
    pairs: torch.Tensor
    features: torch.Tensor
    related: torch.Tensor


@dataclass(frozen=True, slots=True)
class WindowMentions:
    """The mentions that lie inside a window, in reading order: their numbers in the
    text's list, their words and types."""

    numbers: tuple[int, ...]
    spans: Ints
    types: Ints


@cache
def allowed_labels() -> NDArray[np.bool_]:
    """[31, 31, 49]: whether the ontology allows a relation between two types; a reference
    counts as what it refers to."""
    n = len(ontology.ENTITY_TYPES)
    table = np.zeros((n, n, len(RELATION_INDEX)), np.bool_)
    for relation, subject, obj in ontology.ALLOWED:
        table[TYPE_INDEX[subject], TYPE_INDEX[obj], RELATION_INDEX[relation]] = True
    return np.asarray(table[standing()[:, None], standing()[None, :]])


@cache
def standing() -> Ints:
    """[31]: the entity type that each type of span stands for."""
    return np.array([TYPE_INDEX[REFERENCES.get(name, name)] for name in SPAN_TYPES], np.int64)


@cache
def coreferent_pairs() -> NDArray[np.bool_]:
    """[31, 31]: whether a reference of the first type may mean a mention of the second."""
    kinds = np.arange(len(SPAN_TYPES))
    same = standing()[:, None] == kinds[None, :]
    return np.asarray(same & (standing() != kinds)[:, None])


@cache
def allowed_pairs() -> NDArray[np.bool_]:
    """[31, 31]: whether any relation is allowed between two types."""
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
    lengths = np.array([width(table, window) for table, window in items])
    counts = [window.offset + window.end - window.start for _, window in items]
    ids = np.full((len(items), lengths.max()), pad, np.int64)
    first, last = np.zeros((2, len(items), max(counts)), np.int64)
    words = np.zeros((len(items), max(counts)), np.bool_)
    for row, (table, window) in enumerate(items):
        at = word = 0
        for begin, end in window.runs:
            a, b = int(table.first[begin]), int(table.last[end - 1]) + 1
            ids[row, at], ids[row, at + 1 : at + 1 + b - a], ids[row, at + 1 + b - a] = (
                bos, table.ids[a:b], eos,
            )  # fmt: skip
            first[row, word : word + end - begin] = table.first[begin:end] - a + at + 1
            last[row, word : word + end - begin] = table.last[begin:end] - a + at + 1
            at, word = at + b - a + 2, word + end - begin
        words[row, :word] = True
    mask = np.arange(ids.shape[1])[None, :] < lengths[:, None]
    return TextBatch(*(torch.from_numpy(array) for array in (ids, mask, first, last, words)))


def locate_all(table: WordTable, mentions: Sequence[Mention]) -> Ints:
    """First and last word of each mention [n, 2]; −1 where a mention covers no word."""
    spans = np.full((len(mentions), 2), -1, np.int64)
    for row, mention in enumerate(mentions):
        if (found := table.locate(mention.start, mention.end)) is not None:
            spans[row] = found
    return spans


def inside(window: Window, mentions: Sequence[Mention], spans: Ints) -> WindowMentions:
    """The mentions wholly inside a window or its header, with words counted from its start."""
    held, places, offset = [], [], 0
    for begin, end in window.runs:
        hold = np.flatnonzero((spans[:, 0] >= begin) & (spans[:, 1] < end))
        held.append(hold)
        places.append(spans[hold] - begin + offset)
        offset += end - begin
    numbers, local = np.concatenate(held), np.concatenate(places)
    types = np.array([TYPE_INDEX[mentions[i].type] for i in numbers.tolist()], np.int64)
    order = np.lexsort((types, -local[:, 1], local[:, 0]))
    return WindowMentions(tuple(numbers[order].tolist()), local[order], types[order])


def pair_batch(
    items: Sequence[tuple[WordTable, Window]], found: Sequence[WindowMentions]
) -> PairBatch:
    """Every ordered pair of a window's mentions whose types the ontology relates, and every
    reference with each mention that it may mean.

    What a reference is related to stands in its sentence or the next one. Two mentions of
    the header are a pair of another window.
    """
    entities, pairs, features, related, base = [], [], [], [], 0
    for row, ((table, window), mentions) in enumerate(zip(items, found, strict=True)):
        n = len(mentions.types)
        rows = np.full((n, 1), row, np.int64)
        entities.append(np.concatenate([rows, mentions.spans, mentions.types[:, None]], 1))
        kinds = mentions.types[:, None], mentions.types[None, :]
        apart = ~np.eye(n, dtype=np.bool_)
        apart &= (mentions.spans[:, 1] >= window.offset)[:, None] | (
            mentions.spans[:, 1] >= window.offset
        )[None, :]
        related_here = allowed_pairs()[kinds] & apart & _within_reach(table, window, mentions)
        subject, obj = np.nonzero(related_here | (coreferent_pairs()[kinds] & apart))
        pairs.append(np.stack([subject, obj], 1) + base)
        features.append(pair_features(table, window, mentions, (subject, obj)))
        related.append(related_here[subject, obj])
        base += n
    columns = (entities, pairs, features, related)
    return PairBatch(*(torch.from_numpy(np.concatenate(x)) for x in columns))


def _within_reach(table: WordTable, window: Window, mentions: WindowMentions) -> NDArray[np.bool_]:
    """[n, n]: true but for references of which the other stands sentences apart."""
    sentence = table.sentence[window.words()[mentions.spans[:, 0]]]
    referring = mentions.types != standing()[mentions.types]
    near = np.abs(sentence[:, None] - sentence[None, :]) <= 1
    return np.asarray(near | ~(referring[:, None] | referring[None, :]))


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
    spans, words = mentions.spans, window.words()
    sentence = table.sentence[words[spans[:, 0]]]
    apart = np.clip(sentence[obj] - sentence[subject], -2, 2) + 2
    columns = (
        *_placing(spans[subject], spans[obj]),
        apart,
        _likeness(table, words[spans], pairs),
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
