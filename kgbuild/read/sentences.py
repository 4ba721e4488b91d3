"""Text → sentences, with razdel."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.types import Sentence

MAX_PARAGRAPH = 20_000
"""razdel's cost grows faster than the text's length: longer paragraphs are cut first."""

_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Sentences in reading order; none is empty, none crosses a line break."""
    from razdel import sentenize

    found = []
    for start, end in _paragraphs(text):
        for part in sentenize(text[start:end]):
            if part.text.strip():
                found.append(Sentence(start + part.start, start + part.stop))
    return tuple(found)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Lines of the text, cut at white space where longer than ``MAX_PARAGRAPH``."""
    for line in _LINE.finditer(text):
        start, end = line.span()
        while end - start > MAX_PARAGRAPH:
            cut = text.rfind(" ", start, start + MAX_PARAGRAPH) + 1
            cut = cut if cut > start else start + MAX_PARAGRAPH
            yield start, cut
            start = cut
        yield start, end
