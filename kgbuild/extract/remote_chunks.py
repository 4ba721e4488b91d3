"""What of a text goes to a remote service at once: runs of whole sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgbuild.read.sentences import split_sentences
from kgbuild.types import Mention, by_position

MAX_CHARS = 1200
"""Characters in a chunk: Russian text of that length fits R-BERT's 512 tokens."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Characters ``[start, end)`` of text number ``text``."""

    text: int
    start: int
    end: int


def chunks(number: int, text: str, max_chars: int, mentions: Sequence[Mention]) -> list[Chunk]:
    """Runs of whole sentences of at most ``max_chars``; a longer sentence stands alone.

    A text that fits is one chunk, and so are sentences that a mention joins.
    """
    if len(text) <= max_chars:
        return [Chunk(number, 0, len(text))] if text.strip() else []
    found: list[Chunk] = []
    for start, end in _units(text, mentions):
        if found and end - found[-1].start <= max_chars:
            found[-1] = replace(found[-1], end=end)
        else:
            found.append(Chunk(number, start, end))
    return found


def _units(text: str, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Sentence spans in order, joined where a mention reaches over their border."""
    ordered = by_position(mentions)
    units: list[tuple[int, int]] = []
    reach, at = 0, 0
    for sentence in split_sentences(text):
        if units and reach > units[-1][1]:
            units[-1] = (units[-1][0], sentence.end)
        else:
            units.append((sentence.start, sentence.end))
        while at < len(ordered) and ordered[at].start < sentence.end:
            reach = max(reach, ordered[at].end)
            at += 1
    return units
