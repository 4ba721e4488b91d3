"""What a ``/predict`` may come to: its pairs and the bytes of its answer, counted before any
work is done for it.

Every ordered pair of entities that the ontology relates and that a window of the model can hold
is scored and answered, so that both grow with the square of what is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kgbuild.ontology import ALLOWED, ENTITY_TYPES
from kgbuild.types import Mention

REACH = 254
"""Words apart at which no window holds two entities any more: a word has a token at least."""

_LINE = 200
"""Bytes of a relation in the answer, its names aside."""

_RUN = re.compile(r"\S+")
_HYPHENS = "-\u00ad\u2010\u2011\u00ac"

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Size:
    """At most so many ordered pairs, and so many bytes of an answer."""

    pairs: int
    answer: int


def size_of(text: str, mentions: Sequence[Mention]) -> Size:
    """The most that a chunk with these mentions, in reading order, can come to."""
    if len(mentions) < 2:
        return Size(0, 0)
    number = {name: at for at, name in enumerate(ENTITY_TYPES)}
    types = np.array([number[m.type] for m in mentions])
    words = np.searchsorted(_words(text), [m.start for m in mentions], "right")
    seen = np.zeros((len(mentions) + 1, len(number)), np.int64)
    np.cumsum(types[:, None] == np.arange(len(number)), axis=0, out=seen[1:])
    first = np.searchsorted(words, words - REACH, "right")
    last = np.searchsorted(words, words + REACH, "left")
    near = seen[last] - seen[first]
    near[np.arange(len(types)), types] -= 1  # itself
    related = _related()
    outgoing = (near * related[types]).sum(1)
    incoming = (near * related.T[types]).sum(1)
    ends = _json_ends(text)
    names = np.array([ends[m.end] - ends[m.start] for m in mentions])
    pairs = int(outgoing.sum())
    return Size(pairs, int(((outgoing + incoming) * names).sum()) + pairs * _LINE)


@cache
def _related() -> Counts:
    """[29, 29]: 1 where some relation may join a subject's and an object's type."""
    number = {name: at for at, name in enumerate(ENTITY_TYPES)}
    table = np.zeros((len(number), len(number)), np.int64)
    for _, subject, object in ALLOWED:
        table[number[subject], number[object]] = 1
    return table


def _words(text: str) -> Counts:
    """Where words begin that surely have a token: not what a hyphen may join with the word
    before it."""
    starts, joined = [], False
    for found in _RUN.finditer(text):
        if not joined and any(map(str.isalnum, found[0])):
            starts.append(found.start())
        joined = found[0][-1] in _HYPHENS
    return np.array(starts, np.int64)


def _json_ends(text: str) -> Counts:
    """The bytes of JSON that the text before each place comes to."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    sizes = np.select(
        [codes < 0x20, (codes == 0x22) | (codes == 0x5C), codes < 0x80, codes < 0x800,
         codes < 0x10000],
        [6, 2, 1, 2, 3],
        4,
    )  # fmt: skip
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
