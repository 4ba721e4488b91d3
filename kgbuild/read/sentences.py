"""Text → sentences, with razdel."""

from __future__ import annotations

from collections.abc import Iterator

from kgbuild.read.breaks import flowing_runs
from kgbuild.types import Sentence

MAX_PARAGRAPH = 20_000
"""razdel's cost grows faster than the text's length: longer paragraphs are fed to it in pieces."""


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Sentences in reading order; none is empty.

    None crosses a line break, save where the break only wraps the text or hyphenates a
    word (:mod:`kgbuild.read.breaks`). None is longer than ``MAX_PARAGRAPH``.
    """
    return tuple(
        Sentence(start, end) for run in flowing_runs(text) for start, end in _sentences(text, *run)
    )


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a run; one that the end of a piece cuts is read again in the next."""
    from razdel import sentenize

    while start < end:
        stop = _piece(text, start, end)
        found = [(start + p.start, start + p.stop) for p in sentenize(text[start:stop])]
        found = [(a, b) for a, b in found if text[a:b].strip()]
        if stop < end and len(found) > 1:
            stop = found.pop()[0]
        yield from found
        start = stop


def _piece(text: str, start: int, end: int) -> int:
    """Where a piece of at most ``MAX_PARAGRAPH`` ends: at white space, where there is any."""
    if end - start <= MAX_PARAGRAPH:
        return end
    cut = text.rfind(" ", start, start + MAX_PARAGRAPH) + 1
    return cut if cut > start else start + MAX_PARAGRAPH
