"""Scores → mentions and relations: windows averaged, thresholds applied, crossings dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.batch import (
    PAIR_LABELS,
    SPAN_TYPES,
    TYPE_INDEX,
    Ints,
    allowed_labels,
    symmetric_labels,
)
from kgbuild.extract.calibration import calibrate
from kgbuild.extract.references import Floats, PairScores
from kgbuild.extract.soundness import ERA, Stretch, is_whole_name, unsound
from kgbuild.extract.windows import Window, WordTable
from kgbuild.ontology import RELATIONS
from kgbuild.russian.legal import form_behind
from kgbuild.types import Mention, Relation, by_position

_NAMED = frozenset(
    {"CITY", "COUNTRY", "DISTRICT", "FACILITY", "LOCATION", "PERSON", "PRODUCT",
     "STATE_OR_PROVINCE", "WORK_OF_ART"}
)  # fmt: skip
"""Types for which a firm's name may be taken."""
_PERSON = TYPE_INDEX["PERSON"]

WHOLE_NAME = 0.05
"""The calibrated probability that a person's first name, patronymic and surname together need."""

_EXCLUSIVE = [
    TYPE_INDEX[name]
    for name in ("CITY", "COUNTRY", "DISTRICT", "FACILITY", "LOCATION", "ORGANIZATION",
                 "STATE_OR_PROVINCE")
]  # fmt: skip
"""Types that a proper name has one of: «Красный Рог» is a town, an estate or a country seat."""

NAMED = 0.7
"""What the probabilities of such types add up to where one of them is taken."""

KEEP = 0.02
"""Spans scored lower in a window count as zero there."""


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Spans of one window scored at least ``KEEP``: rows (first word, last word, type)
    counted in the whole text, with their probabilities."""

    window: Window
    spans: Ints
    scores: Floats


def span_scores(window: Window, probabilities: Floats) -> SpanScores:
    """Probabilities [W, max_width, types] of a window → the spans worth keeping; those of the
    header are read in another window."""
    count = window.end - window.start
    own = probabilities[window.offset : window.offset + count]
    first, extra, kind = np.nonzero(own >= KEEP)
    real = first + extra < count
    first, extra, kind = first[real], extra[real], kind[real]
    spans = np.stack([first, first + extra, kind], 1)
    spans[:, :2] += window.start
    return SpanScores(window, spans, own[first, extra, kind].astype(np.float32))


@dataclass(frozen=True, slots=True)
class DecodingConfig:
    """How to read scores of one kind: Platt's (a, b) [kinds, 2] and thresholds [kinds]."""

    calibration: Floats
    thresholds: Floats


def decode_mentions(
    table: WordTable, windows: Sequence[SpanScores], config: DecodingConfig
) -> tuple[Mention, ...]:
    """A text's mentions: a span's score is its mean over the windows that hold it, calibrated;
    what can't be a mention (:mod:`kgbuild.extract.soundness`) isn't one. Marks of Markdown at
    its edges aren't of it. A person's whole name is taken from ``WHOLE_NAME`` on, a name of
    doubtful type where its types add up to ``NAMED``. A date has its era with it («в 427 году до
    н. э.»), without which it is another, and what a legal form follows is an organisation.
    """
    if not windows:
        return ()
    spans = np.concatenate([w.spans for w in windows])
    scores = np.concatenate([w.scores for w in windows])
    unique, where = np.unique(spans, axis=0, return_inverse=True)
    total = np.bincount(where.reshape(-1), scores, len(unique))
    starts = np.array([w.window.start for w in windows])
    ends = np.array([w.window.end for w in windows])
    held = np.searchsorted(starts, unique[:, 0], "right") - np.searchsorted(
        ends, unique[:, 1], "right"
    )
    mean = (total / np.maximum(held, 1)).astype(np.float32)
    scored = calibrate(mean, unique[:, 2], config.calibration)
    levels = config.thresholds[unique[:, 2]]
    keep = scored >= levels
    for at in _of_doubtful_type(unique, scored, keep).tolist():
        keep[at], scored[at] = True, levels[at]
    for at in np.flatnonzero((unique[:, 2] == _PERSON) & ~keep & (scored >= WHOLE_NAME)):
        if is_whole_name(_stretch(table, unique[at])):
            keep[at], scored[at] = True, levels[at]
    kept: dict[tuple[int, ...], float] = {}
    for score, span in zip(scored[keep].tolist(), unique[keep].tolist(), strict=True):
        if not unsound(_stretch(table, span)):
            whole = _as_firm(table, _with_era(table, _within_marks(table, span)))
            kept[whole] = max(score, kept.get(whole, 0.0))
    best = sorted(((score, list(span)) for span, score in kept.items()), reverse=True)
    return by_position(
        [
            Mention(int(table.starts[a]), int(table.ends[b]), SPAN_TYPES[k], min(score, 1.0))
            for score, (a, b, k) in without_crossings(best)
        ]
    )


def _of_doubtful_type(spans: Ints, scores: Floats, kept: NDArray[np.bool_]) -> Ints:
    """The rows of spans [n, 3] that are named for certain, though of which type isn't: none is
    kept, and the types' probabilities add up to ``NAMED``. The likeliest type is taken."""
    of_type = np.isin(spans[:, 2], _EXCLUSIVE)
    place, where = np.unique(spans[:, :2], axis=0, return_inverse=True)
    where = where.reshape(-1)
    total = np.bincount(where, scores * of_type, len(place))
    total[where[kept]] = 0.0
    order = np.lexsort((-scores, where))
    order = order[of_type[order] & (total[where[order]] >= NAMED)]
    return order[np.unique(where[order], return_index=True)[1]]


def _stretch(table: WordTable, span: Sequence[int]) -> Stretch:
    first, last, kind = span
    return Stretch(table.text, int(table.starts[first]), int(table.ends[last]), SPAN_TYPES[kind])


def _within_marks(table: WordTable, span: Sequence[int]) -> tuple[int, ...]:
    """The span without the marks of Markdown at its edges: «**Анна Белова**» is Анна Белова.
    A «#» right after a letter is the name's own: «Студия C#».
    """
    first, last, kind = span
    while last > first and _is_mark(table, last, closing=True):
        last -= 1
    while last > first and _is_mark(table, first):
        first += 1
    return first, last, kind


def _is_mark(table: WordTable, word: int, *, closing: bool = False) -> bool:
    start = int(table.starts[word])
    before = table.text[max(0, start - 6) : start].rstrip("#")[-1:] if closing else ""
    marks = "*~`" if before.isalnum() else "*~`#"
    return not table.text[start : int(table.ends[word])].strip(marks)


def _with_era(table: WordTable, span: Sequence[int]) -> tuple[int, ...]:
    """The span, a date's up to the end of the era that follows it."""
    first, last, kind = span
    if SPAN_TYPES[kind] == "DATE" and (era := ERA.match(table.text, int(table.ends[last]))):
        while last + 1 < len(table.ends) and table.ends[last] < era.end():
            last += 1
    return first, last, kind


def _as_firm(table: WordTable, span: Sequence[int]) -> tuple[int, ...]:
    """The span, an organisation's where a legal form follows: «Ромашкино (ООО)» is no town."""
    first, last, kind = span
    if SPAN_TYPES[kind] in _NAMED and form_behind(table.text, int(table.ends[last])):
        kind = TYPE_INDEX["ORGANIZATION"]
    return first, last, kind


def without_crossings(
    scored: Iterable[tuple[float, list[int]]],
) -> list[tuple[float, list[int]]]:
    """Drop spans that cross a better one: mentions nest or stand apart. Best first in and out."""
    kept: list[tuple[float, list[int]]] = []
    by_word: dict[int, list[tuple[int, int]]] = {}
    for score, (a, b, kind) in scored:
        crossed = any(
            (c < a <= d < b) or (a < c <= b < d)
            for word in range(a, b + 1)
            for c, d in by_word.get(word, ())
        )
        if not crossed:
            kept.append((score, [a, b, kind]))
            for word in range(a, b + 1):
                by_word.setdefault(word, []).append((a, b))
    return kept


def average_pairs(windows: Sequence[PairScores]) -> PairScores:
    """One row a pair: probabilities averaged over the windows that hold both mentions."""
    if not windows:
        return PairScores(np.zeros((0, 2), np.int64), np.zeros((0, PAIR_LABELS), np.float32))
    pairs = np.concatenate([w.pairs for w in windows])
    scores = np.concatenate([w.scores for w in windows])
    if len(windows) == 1:
        return PairScores(pairs, scores)
    unique, where = np.unique(pairs, axis=0, return_inverse=True)
    total = np.zeros((len(unique), scores.shape[1]), np.float32)
    np.add.at(total, where.reshape(-1), scores)
    count = np.bincount(where.reshape(-1), minlength=len(unique)).astype(np.float32)
    total /= np.maximum(count, 1)[:, None]
    return PairScores(unique, total)


def decode_relations(
    mentions: Sequence[Mention], pairs: PairScores, config: DecodingConfig
) -> tuple[Relation, ...]:
    """One label a pair: the allowed relation scored highest, where its calibrated
    probability reaches its threshold."""
    if len(pairs.pairs) == 0:
        return ()
    best, score = best_labels(mentions, pairs)
    strength = calibrate(score, best, config.calibration)
    found = [
        Relation(RELATIONS[best[i]], mentions[s], mentions[o], float(strength[i]))
        for i in np.flatnonzero((strength >= config.thresholds[best]) & (score >= 0))
        for s, o in [pairs.pairs[i].tolist()]
    ]
    return tuple(sorted(found))


def best_labels(mentions: Sequence[Mention], averaged: PairScores) -> tuple[Ints, Floats]:
    """Of each pair, the allowed relation scored highest [P] and its score [P], −1 for none.

    A symmetric relation takes the mean of both directions and stands in one: from the
    mention that comes first in the text, as annotators write it.
    """
    kinds = np.array([TYPE_INDEX[m.type] for m in mentions], np.int64)[averaged.pairs]
    scores = averaged.scores[:, : len(RELATIONS)]
    masked = np.where(allowed_labels()[kinds[:, 0], kinds[:, 1]], scores, -1.0)
    masked[:, symmetric_labels()] = _one_way(
        mentions, averaged.pairs, masked[:, symmetric_labels()]
    )
    best = masked.argmax(1)
    return best, masked[np.arange(len(best)), best].astype(np.float32)


def _one_way(mentions: Sequence[Mention], pairs: Ints, scores: Floats) -> Floats:
    """Scores [P, k] of symmetric relations: means over both directions in the first, −1 in
    the other."""
    rank = np.empty(len(mentions), np.int64)
    rank[sorted(range(len(mentions)), key=lambda i: _reading_order(mentions[i]))] = np.arange(
        len(mentions)
    )
    code = pairs[:, 0] * len(mentions) + pairs[:, 1]
    back = pairs[:, 1] * len(mentions) + pairs[:, 0]
    order = np.argsort(code)
    other = order[np.searchsorted(code[order], back).clip(max=len(code) - 1)]
    both = (code[other] == back)[:, None] & (scores >= 0) & (scores[other] >= 0)
    first = (rank[pairs[:, 0]] < rank[pairs[:, 1]])[:, None]
    mean = np.where(both, (scores + scores[other]) / 2, scores)
    return np.where(first | ~both, mean, -1.0).astype(np.float32)


def _reading_order(mention: Mention) -> tuple[int, int, str]:
    return mention.start, -mention.end, mention.type
