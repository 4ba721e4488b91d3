"""What the ranker sees of a question and of the candidates for its answer.

Of a question: its vector, as asked and with its names masked, and which words and pairs of
words stand in it, hashed. Of a candidate: its relations and types (as numbers, for the
ranker has vectors of its own for them) and figures about names, coverage and shape. The
best are looked at closer: their evidence, and how near it is to the question.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.asked import Asked
from kgbuild.ask.candidates import STEPS, Edge, Proposed
from kgbuild.ask.connect import named as has_name
from kgbuild.ask.spans import Link
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.types import Entity

BUCKETS = 4096
"""Hashed words and pairs of words of a question."""

MASK = "N"
"""What stands for a name in a masked question."""

TYPE = {name: number for number, name in enumerate(ENTITY_TYPES)}
NAMES = frozenset(
    {"PERSON", "ORGANIZATION", "CITY", "COUNTRY", "DISTRICT", "FACILITY", "FAMILY", "LOCATION"}
    | {"STATE_OR_PROVINCE", "WORK_OF_ART", "PRODUCT", "AWARD", "DATE", "MONEY", "LAW"}
)
"""Types whose names are masked in a question."""

PREFIX = 5
"""Letters that the forms of a word mostly share."""

FIGURES: tuple[str, ...] = (
    "cover", "weight", "quality", "stray", "whole", "rivals", "mentions", "written as a name",
    "place", "of the best", "around it", "rival share",
    "two facts", "back", "middle named", "middle cover", "around middle", "middle alike",
    "middle degree", "middle has a name",
    "end named", "end named by the same", "end cover", "end alike", "around end", "end mentions",
    "end words", "end has a name", "end is a start",
    "ends", "ends of middle", "ways to end", "confidence",
    "covered", "names left", "left", "words",
)  # fmt: skip
"""Figures of every candidate, in order."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as the ranker sees it: ``vector`` float32 [768], ``buckets`` int64 [k] of
    hashed words, ``weights`` float64 [words] of what each word says, ``masked`` its text."""

    vector: NDArray[np.float32]
    buckets: NDArray[np.int64]
    weights: NDArray[np.float64]
    masked: str


Vectors = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit vectors [n, 384] of questions."""


def view(asked: Asked, links: Sequence[Link], vectors: Vectors) -> QuestionView:
    """A question as the ranker sees it."""
    hidden = _hidden(asked, links)
    masked = mask_words(asked, hidden)
    found = vectors([asked.text, masked])
    weights = [
        0.0 if not word.content else 2.0 if word.named or hidden >> at & 1 else 1.0
        for at, word in enumerate(asked.words)
    ]
    return QuestionView(
        found.reshape(-1), buckets(asked, hidden), np.array(weights, dtype=np.float64), masked
    )


def _hidden(asked: Asked, links: Sequence[Link]) -> int:
    """A mask of the words that name something."""
    hidden = 0
    for at, word in enumerate(asked.words):
        if word.named and word.content:
            hidden |= 1 << at
    for link in links[:8]:
        sure = link.type in NAMES and link.cover >= 0.5 and link.weight >= 4
        if sure and not any(
            word.known and not word.named
            for at, word in enumerate(asked.words)
            if link.words >> at & 1
        ):
            hidden |= link.words
    return hidden


def mask_words(asked: Asked, hidden: int) -> str:
    """The question with every run of hidden words as one mask."""
    parts: list[str] = []
    end = 0
    for at, word in enumerate(asked.words):
        if hidden >> at & 1:
            if not (at and hidden >> (at - 1) & 1):
                parts += [asked.text[end : word.start], MASK]
            end = word.end
    return "".join([*parts, asked.text[end:]])


def buckets(asked: Asked, hidden: int) -> NDArray[np.int64]:
    """Hashed lemmas, beginnings and pairs of a question's words, names as one mask."""
    said: list[str] = []
    for at, word in enumerate(asked.words):
        one = MASK if hidden >> at & 1 else word.lemmas[0]
        if not said or one != MASK or said[-1] != MASK:
            said.append(one)
    grams = [f"1 {one}" for one in said if one != MASK]
    grams += [f"5 {one[:PREFIX]}" for one in said if len(one) > PREFIX]
    grams += [f"2 {one} {other}" for one, other in zip(["^", *said], [*said, "$"], strict=True)]
    hashed = {zlib.crc32(gram.encode()) % BUCKETS for gram in grams}
    return np.array(sorted(hashed), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class CandidateView:
    """Candidates as the ranker sees them: ``paths`` int64 [n, 5] (first step, last step,
    types of start, middle and end), ``figures`` float32 [n, f]; a step or type that a path
    lacks is the number after the last. ``named`` uint64 [n]: masks of the words that name
    something of the path."""

    paths: NDArray[np.int64]
    figures: NDArray[np.float32]
    named: NDArray[np.uint64]


def _masks(rows: Sequence[int], of: Mapping[int, int]) -> NDArray[np.uint64]:
    return np.array([of.get(row, 0) for row in rows], dtype=np.uint64)


def _weigh(masks: NDArray[np.uint64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weight of the words that each mask holds."""
    bits = np.arange(len(weights), dtype=np.uint64)
    held = (masks[:, None] >> bits[None, :]) & np.uint64(1)
    weighed: NDArray[np.float64] = held.astype(np.float64) @ weights
    return weighed


def _alike(entity: Entity, prefixes: Mapping[str, int]) -> int:
    """A mask of the question's words that an entity's name has a beginning in common with."""
    mask = 0
    for beginning in _beginnings(entity.name):
        mask |= prefixes.get(beginning, 0)
    return mask


@lru_cache(maxsize=1 << 15)
def _beginnings(name: str) -> tuple[str, ...]:
    """What the words of a name begin with."""
    words = name.casefold().replace("ё", "е").split()
    return tuple(word.strip("«»\"'(),.:;")[:PREFIX] for word in words)


def prefixes(asked: Asked) -> dict[str, int]:
    """A mask of the question's words by each of their beginnings."""
    found: dict[str, int] = {}
    for at, word in enumerate(asked.words):
        if word.content:
            for one in {word.folded, *word.lemmas[:2]}:
                if len(one) >= 4:
                    key = one[:PREFIX]
                    found[key] = found.get(key, 0) | 1 << at
    return found


def _supported(
    rows: Sequence[int], around: Mapping[int, Sequence[Edge]], named: Mapping[int, Link]
) -> dict[int, int]:
    """For each entity a mask of the words that name one of its neighbours."""
    found = {}
    for row in rows:
        mask = 0
        for edge in around.get(row, ()):
            link = named.get(edge.to)
            if link is not None and link.cover >= 0.4:
                mask |= link.words
        found[row] = mask
    return found


def _counts(*columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many rows have the same values in these columns, of each row."""
    if len(columns[0]) == 0:
        return np.zeros(0)
    _, inverse, counts = np.unique(
        np.stack(columns, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    return counts[inverse.reshape(-1)].astype(np.float64)


def look(asked: Asked, seen: QuestionView, proposed: Proposed) -> CandidateView:
    """The figures of every candidate."""
    c = proposed.candidates
    links, entities, named = c.links, proposed.entities, proposed.named
    n = len(c)
    if not n:
        return CandidateView(
            np.zeros((0, 5), dtype=np.int64),
            np.zeros((0, len(FIGURES)), dtype=np.float32),
            np.zeros(0, dtype=np.uint64),
        )
    weights = seen.weights
    start_rows = [row for link in links for row in [_row_of(link, named)]]
    every = sorted({*c.end.tolist(), *c.middle.tolist()} - {-1})
    begun = prefixes(asked)
    word_mask = {row: named[row].words for row in every if row in named}
    alike_mask = {row: _alike(entities[row], begun) for row in every if row in entities}
    around_mask = _supported([*every, *start_rows], proposed.around, named)

    known = [entities.get(row) for row in every]
    mentions = np.array([math.log1p(e.mention_count) if e else 0.0 for e in known])
    lengths = np.array([len(e.name.split()) if e else 0.0 for e in known])
    has = np.array([1.0 if e and has_name(e) else 0.0 for e in known])
    types = np.array([TYPE.get(e.type, 0) if e else 0 for e in known], dtype=np.int64)
    cover = np.array([named[row].cover if row in named else 0.0 for row in every])
    degree = np.array([math.log1p(len(proposed.around.get(row, ()))) for row in every])

    end_at = np.searchsorted(every, c.end)
    has_middle = c.middle >= 0
    middle_at = np.where(has_middle, np.searchsorted(every, c.middle), 0)
    two = has_middle.astype(np.float64)

    own = np.array([link.words for link in links], dtype=np.uint64)[c.start]
    middle_mask = np.where(has_middle, _masks(every, word_mask)[middle_at], np.uint64(0))
    end_mask = _masks(every, word_mask)[end_at]
    middle_like = np.where(has_middle, _masks(every, alike_mask)[middle_at], np.uint64(0)) & ~own
    end_like = _masks(every, alike_mask)[end_at] & ~own
    start_around = np.array([around_mask[row] for row in start_rows], dtype=np.uint64)[c.start]
    middle_around = np.where(has_middle, _masks(every, around_mask)[middle_at], np.uint64(0))
    end_around = _masks(every, around_mask)[end_at]
    covered = own | middle_mask | middle_like | end_like
    supported = covered | start_around | middle_around | end_around
    names_only = np.where(weights > 1, weights, 0.0)
    all_weight = max(float(weights.sum()), 1e-6)

    link_figures = np.array(_link_figures(asked, links, start_rows, entities), dtype=np.float64)
    same_pair = c.second >= 0
    back = same_pair & (c.first // 2 == np.where(same_pair, c.second, -2) // 2)
    columns = [
        link_figures[c.start],
        _weigh(start_around & ~own, weights),
        _rival_share(links, start_rows, entities)[c.start],
        two,
        back.astype(np.float64),
        _weigh(middle_mask & ~own, weights),
        cover[middle_at] * two,
        _weigh(middle_around & ~(own | middle_mask), weights) * two,
        _weigh(middle_like, weights) * two,
        degree[middle_at] * two,
        has[middle_at] * two,
        _weigh(end_mask & ~own, weights),
        _weigh(end_mask & own, weights),
        cover[end_at],
        _weigh(end_like, weights),
        _weigh(end_around & ~(own | end_mask), weights),
        mentions[end_at],
        lengths[end_at] / 4,
        has[end_at],
        np.isin(c.end, start_rows).astype(np.float64),
        np.log(_counts(c.start, c.first, c.second)),
        np.log(_counts(c.start, c.first, c.second, c.middle)),
        np.log(_counts(c.end)),
        c.confidence,
        _weigh(supported, weights) / all_weight,
        _weigh(~supported, names_only) / 2,
        _weigh(~supported, weights) / 4,
        np.full(n, len(asked.content) / 8),
    ]
    figures = np.column_stack([col if col.ndim > 1 else col[:, None] for col in columns])
    start_types = np.array([TYPE.get(link.type, 0) for link in links], dtype=np.int64)[c.start]
    none = len(TYPE)
    paths = np.stack(
        [
            np.where(has_middle, c.first, len(STEPS)),
            c.last,
            start_types,
            np.where(has_middle, types[middle_at], none),
            types[end_at],
        ],
        axis=1,
    )
    return CandidateView(paths, figures.astype(np.float32), covered)


def _row_of(link: Link, named: Mapping[int, Link]) -> int:
    return next(row for row, other in named.items() if other.entity == link.entity)


def _link_figures(
    asked: Asked, links: Sequence[Link], rows: Sequence[int], entities: Mapping[int, Entity]
) -> list[list[float]]:
    best = max((link.score for link in links), default=1.0)
    found = []
    for at, (link, row) in enumerate(zip(links, rows, strict=True)):
        words = [w for i, w in enumerate(asked.words) if link.words >> i & 1]
        written = sum(w.named for w in words) / max(len(words), 1)
        mentions = math.log1p(entities[row].mention_count) if row in entities else 0.0
        found.append(
            [link.cover, link.weight / 10, link.quality, float(link.stray), float(link.whole),
             math.log(link.rivals), mentions, written, at / 16, link.score / max(best, 1e-6)]
        )  # fmt: skip
    return found


def _rival_share(
    links: Sequence[Link], rows: Sequence[int], entities: Mapping[int, Entity]
) -> NDArray[np.float64]:
    """Of the mentions of all starts that the same words name, an entity's share."""
    count = [entities[row].mention_count if row in entities else 0 for row in rows]
    total: dict[int, int] = {}
    for link, mentions in zip(links, count, strict=True):
        total[link.words] = total.get(link.words, 0) + mentions
    return np.array([m / max(total[link.words], 1) for link, m in zip(links, count, strict=True)])
