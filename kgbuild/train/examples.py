"""Gold documents → training batches: windows redrawn each epoch, targets of both tasks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from tokenizers import Tokenizer

from kgbuild.extract.batch import (
    RELATION_INDEX,
    Ints,
    PairBatch,
    TextBatch,
    WindowMentions,
    inside,
    locate_all,
    pair_batch,
    symmetric_labels,
    text_batch,
)
from kgbuild.extract.windows import Window, WordTable, plan, tabulate
from kgbuild.train.nerel import GoldDocument

Special = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """A document ready to be cut: its table, where its mentions lie, its relations.

    ``variants`` are the same document in capitals and without them.
    """

    document: GoldDocument
    table: WordTable
    spans: Ints
    relations: tuple[tuple[int, int, int], ...]
    variants: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainBatch:
    """Windows with targets: gold spans [G, 4] (window, word, width − 1, type), labels [P, 49]."""

    text: TextBatch
    spans: torch.Tensor
    pairs: PairBatch
    labels: torch.Tensor


def prepare(
    documents: Sequence[GoldDocument], tokenizer: Tokenizer, max_tokens: int, cases: bool = False
) -> list[Example]:
    """Tokenise documents once; relations become (subject, object, label) over mention numbers.

    ``cases`` prepares each document's variants too.
    """
    examples = []
    for document in documents:
        table = tabulate(document.text, tokenizer, max_tokens)
        number = {mention: i for i, mention in enumerate(document.mentions)}
        relations = tuple(
            (number[r.subject], number[r.object], RELATION_INDEX[r.relation])
            for r in document.relations
            if r.relation in RELATION_INDEX
        )
        spans = locate_all(table, document.mentions)
        variants = prepare(_in_other_cases(document), tokenizer, max_tokens) if cases else ()
        examples.append(Example(document, table, spans, relations, tuple(variants)))
    return examples


def _in_other_cases(document: GoldDocument) -> list[GoldDocument]:
    """The document in small letters and in capitals; letters that have no single other stay."""
    text = document.text
    lower, upper = (
        "".join(c if len(c) == 1 else old for c, old in zip(map(change, text), text, strict=True))
        for change in (str.lower, str.upper)
    )
    return [replace(document, text=changed) for changed in (lower, upper)]


def epoch_batches(
    examples: Sequence[Example],
    max_tokens: int,
    batch_tokens: int,
    shuffle: random.Random,
    recased: float = 0.0,
) -> list[list[tuple[Example, Window]]]:
    """One epoch: windows cut anew, grouped by length, the groups in random order.

    ``recased`` is the share of documents read in one of their variants.
    """
    items = [
        (chosen, window)
        for example in examples
        for chosen in [_dressed(example, recased, shuffle)]
        for window in plan(chosen.table, max_tokens, 0, shuffle)
    ]
    shuffle.shuffle(items)
    pool = sorted(items, key=lambda item: _length(*item) + shuffle.randint(0, 24))
    groups: list[list[tuple[Example, Window]]] = [[]]
    for item in pool:
        longest = max(_length(*other) for other in [*groups[-1], item])
        if groups[-1] and longest * (len(groups[-1]) + 1) > batch_tokens:
            groups.append([])
        groups[-1].append(item)
    shuffle.shuffle(groups)
    return groups


def _dressed(example: Example, recased: float, shuffle: random.Random) -> Example:
    if example.variants and shuffle.random() < recased:
        return shuffle.choice(example.variants)
    return example


def _length(example: Example, window: Window) -> int:
    table = example.table
    return int(table.last[window.end - 1] - table.first[window.start] + 3)


def collate(
    group: Sequence[tuple[Example, Window]], specials: Special, max_width: int
) -> TrainBatch:
    """Tensors and targets of a group of windows."""
    items = [(example.table, window) for example, window in group]
    found = [inside(w, e.document.mentions, e.spans) for e, w in group]
    pairs = pair_batch(items, found)
    spans = torch.from_numpy(_span_targets(found, max_width))
    labels = torch.from_numpy(_labels(group, found, pairs))
    return TrainBatch(text_batch(items, specials), spans, pairs, labels)


def _span_targets(found: Sequence[WindowMentions], max_width: int) -> Ints:
    rows = []
    for row, mentions in enumerate(found):
        width = mentions.spans[:, 1] - mentions.spans[:, 0]
        columns = (np.full(len(width), row), mentions.spans[:, 0], width, mentions.types)
        rows.append(np.unique(np.stack(columns, 1)[width < max_width], axis=0))
    return np.concatenate(rows).astype(np.int64)


def _labels(
    group: Sequence[tuple[Example, Window]], found: Sequence[WindowMentions], pairs: PairBatch
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    labels = np.zeros((len(pairs.pairs), len(RELATION_INDEX)), np.float32)
    row_of = {(s, o): i for i, (s, o) in enumerate(pairs.pairs.tolist())}
    base = 0
    for (example, _), mentions in zip(group, found, strict=True):
        local = {number: base + i for i, number in enumerate(mentions.numbers)}
        for subject, obj, label in example.relations:
            ends = local.get(subject), local.get(obj)
            for pair in (ends, ends[::-1]) if symmetric_labels()[label] else (ends,):
                if pair in row_of:
                    labels[row_of[pair], label] = 1.0
        base += len(mentions.numbers)
    return labels


def stream(
    groups: Sequence[Sequence[tuple[Example, Window]]], specials: Special, max_width: int
) -> Iterator[TrainBatch]:
    """The batches of an epoch, made as they are asked for."""
    for group in groups:
        yield collate(group, specials, max_width)
