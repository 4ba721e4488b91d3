"""Text → words, tokens and windows of whole sentences: one path for training and inference.

A text is tokenised once. A window is a run of sentences whose tokens fit the
encoder; windows overlap, so that a pair of mentions near a border is seen
whole. A sentence longer than a window is cut between words, a word longer than
a window inside.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from kgbuild.read.breaks import HYPHEN_AT_BREAK, HYPHENATION, INVISIBLE, STRESS
from kgbuild.read.sentences import split_sentences
from kgbuild.types import Sentence

_RUN = r"[\w\u0300-\u036f]+"
WORD = re.compile(rf"{_RUN}(?:(?:[{INVISIBLE}]+|{HYPHENATION}){_RUN})*|[^\w\s{INVISIBLE}]")
"""A word: a run of letters and digits, or one sign. Mentions begin and end at words.

Characters of no width and hyphenation at a line break may stand inside a word; outside,
they belong to none.
"""


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words and tokens of a text.

    ``text``: the text itself; ``starts``/``ends``: character offsets of the words; ``first``/``last``: their
    token indexes; ``units``: runs of words (a sentence, or a piece of a very long
    one); ``sentence``: the sentence index of each word.
    """

    text: str
    ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    sentence: NDArray[np.int64]
    units: tuple[tuple[int, int], ...]

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """First and last word overlapping a character span, or None where there is none."""
        a = int(np.searchsorted(self.ends, start, side="right"))
        b = int(np.searchsorted(self.starts, end, side="left")) - 1
        return (a, b) if a <= b else None


@dataclass(frozen=True, slots=True)
class Window:
    """Words ``[start, end)`` of a text's table."""

    start: int
    end: int


_ALIKE = (
    ("ё|е\u0308", "е"),
    ("Ё|Е\u0308", "Е"),
    ("[“”„‟‹›″〝〞＂]", '"'),
    ("[‘’‚‛′]", "'"),
    ("[‐‑‒–]", "-"),
)
"""Letters and signs that writers use for one another, and what the models read for them."""

_UNREAD = ((HYPHENATION, ""), (HYPHEN_AT_BREAK, "-"), (f"[{INVISIBLE}]", ""), (STRESS, ""))
"""What the models don't see: a hyphenated word is whole, a line break after a hyphen is none."""


def word_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """A copy that never joins a sign with a word, so that each token lies in one word.

    It reads ё as е, and quotation marks and hyphens of every kind as the plain ones; only
    «» stay, which say where a quotation begins and where it ends. It passes over hyphenation
    at line breaks, characters of no width and stress marks.
    """
    copy: Tokenizer = Tokenizer.from_str(tokenizer.to_str())
    plain = [normalizers.Replace(Regex(signs), sign) for signs, sign in (*_UNREAD, *_ALIKE)]
    copy.normalizer = normalizers.Sequence(
        [*plain, *([copy.normalizer] if copy.normalizer else [])]
    )
    isolate = pre_tokenizers.Split(Regex(r"[^\w\s\u0300-\u036f▁]"), "isolated")
    kept = copy.pre_tokenizer
    copy.pre_tokenizer = pre_tokenizers.Sequence([kept, isolate] if kept else [isolate])
    copy.no_truncation()
    copy.no_padding()
    return copy


def tabulate(
    text: str,
    tokenizer: Tokenizer,
    max_tokens: int,
    sentences: Sequence[Sentence] | None = None,
) -> WordTable:
    """Tokenise a text; ``max_tokens`` bounds a unit.

    Every sentence keeps its own ``<s>`` and ``</s>``: they mark its borders inside a window.
    """
    spans = split_sentences(text) if sentences is None else sentences
    encodings = tokenizer.encode_batch([text[s.start : s.end] for s in spans])
    ids: list[int] = []
    columns: list[list[int]] = [[], [], [], [], []]
    units: list[tuple[int, int]] = []
    for number, (span, encoding) in enumerate(zip(spans, encodings, strict=True)):
        base, word0 = len(ids), len(columns[0])
        ids.extend(encoding.ids)
        for row in _words(text[span.start : span.end], encoding.offsets, max_tokens):
            values = (row[0] + span.start, row[1] + span.start, row[2] + base, row[3] + base)
            for column, value in zip(columns, (*values, number), strict=True):
                column.append(value)
        units.extend(_units(columns[2], columns[3], word0, max_tokens))
    starts, ends, first, last, sentence = (np.asarray(c, np.int64) for c in columns)
    numbers = np.asarray(ids, np.int64)
    return WordTable(text, numbers, starts, ends, first, last, sentence, tuple(units))


def _words(
    sentence: str, offsets: Sequence[tuple[int, int]], max_tokens: int
) -> Iterator[tuple[int, int, int, int]]:
    """Words of a sentence as (start, end, first token, last token)."""
    if not offsets:
        return
    at = 0
    for match in WORD.finditer(sentence):
        start, end = match.span()
        while at < len(offsets) - 1 and offsets[at][1] <= start:
            at += 1
        last = at
        while last + 1 < len(offsets) and offsets[last + 1][0] < end:
            last += 1
        yield from _pieces((start, end, at, last), offsets, max_tokens)


def _pieces(
    word: tuple[int, int, int, int], offsets: Sequence[tuple[int, int]], max_tokens: int
) -> Iterator[tuple[int, int, int, int]]:
    """The word, cut where it has more than ``max_tokens`` tokens (a hash, a line of base64)."""
    start, end, first, last = word
    while last - first >= max_tokens:
        following = (i for i in range(first + max_tokens, last + 1) if offsets[i][0] > start)
        at = next(following, None)
        if at is None or offsets[at][0] >= end:
            last = first + max_tokens - 1  # one character of many tokens: its first ones stand
            break
        yield start, offsets[at][0], first, first + max_tokens - 1
        start, first = offsets[at][0], at
    yield start, end, first, last


def _units(
    first: list[int], last: list[int], word0: int, max_tokens: int
) -> Iterator[tuple[int, int]]:
    """Cut the words from ``word0`` on into runs of at most ``max_tokens`` tokens."""
    begin = word0
    for word in range(word0, len(first)):
        if word > begin and last[word] - first[begin] + 1 > max_tokens:
            yield begin, word
            begin = word
    if begin < len(first):
        yield begin, len(first)


def plan(
    table: WordTable, max_tokens: int, overlap: int, shuffle: random.Random | None = None
) -> list[Window]:
    """Windows of at most ``max_tokens`` tokens; each repeats up to ``overlap`` of the last, but
    never so many that nothing new fits beside them.

    ``shuffle`` draws a shorter first window, so that training sees a text cut
    differently each epoch.
    """
    windows: list[Window] = []
    begin, units = 0, table.units
    budget = max_tokens if shuffle is None else shuffle.randint(max_tokens // 2, max_tokens)
    while begin < len(units):
        end = begin + 1
        while end < len(units) and _tokens(table, units[begin][0], units[end][1]) <= budget:
            end += 1
        windows.append(Window(units[begin][0], units[end - 1][1]))
        if end == len(units):
            break
        again = end
        while (
            again - 1 > begin
            and _tokens(table, units[again - 1][0], units[end - 1][1]) <= overlap
            and _tokens(table, units[again - 1][0], units[end][1]) <= max_tokens
        ):
            again -= 1
        begin, budget = again, max_tokens
    return windows


def _tokens(table: WordTable, word0: int, word1: int) -> int:
    """Tokens of the words ``[word0, word1)``."""
    return int(min(table.last[word1 - 1] - table.first[word0] + 1, len(table.ids)))
