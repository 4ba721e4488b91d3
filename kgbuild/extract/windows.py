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


HEADER_TOKENS = 64
"""The most tokens of a window's header."""


@dataclass(frozen=True, slots=True)
class Window:
    """Words ``[start, end)`` of a text's table, under a ``header``: runs of words that stand
    before them and say where they are (the title, the nearest headings, a table's first row)."""

    start: int
    end: int
    header: tuple[tuple[int, int], ...] = ()

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """The header's runs of words and the window's own."""
        return (*self.header, (self.start, self.end))

    @property
    def offset(self) -> int:
        """How many words the header has."""
        return sum(b - a for a, b in self.header)

    def words(self) -> NDArray[np.int64]:
        """The number in the table of each word of the window, the header's first."""
        return np.concatenate([np.arange(a, b) for a, b in self.runs])


def width(table: WordTable, window: Window) -> int:
    """Tokens of a window as the encoder reads it, with ``<s>`` and ``</s>`` around each run."""
    return sum(int(table.last[b - 1] - table.first[a]) + 3 for a, b in window.runs)


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
    outline = Outline.of(table)
    budget = max_tokens if shuffle is None else shuffle.randint(max_tokens // 2, max_tokens)
    while begin < len(units):
        header, taken = outline.over(begin, max_tokens)
        free = budget - taken
        end = begin + 1
        while end < len(units) and _tokens(table, units[begin][0], units[end][1]) <= free:
            end += 1
        if _tokens(table, units[begin][0], units[end - 1][1]) > free:
            header = ()
        windows.append(Window(units[begin][0], units[end - 1][1], header))
        if end == len(units):
            break
        again = end
        while (
            again - 1 > begin
            and _tokens(table, units[again - 1][0], units[end - 1][1]) <= overlap
            and _tokens(table, units[again - 1][0], units[end][1])
            <= max_tokens - outline.over(again - 1, max_tokens)[1]
        ):
            again -= 1
        begin, budget = again, max_tokens
    return windows


_HEADING_WORDS = 12
_FIELD = re.compile(r"[^:\n]{1,40}:\s+\S")
_MARGIN = re.compile(r"[\s#>*_\-–—•]*")


@dataclass(frozen=True, slots=True)
class Outline:
    """Which units of a text say where the units below them stand.

    A heading is a short line of its own that ends without a full stop: a title, a section,
    a speaker of a chat. A line «поле: значение» is none. ``rows`` are lines of a table, whose
    cells are divided by bars or, as the readers store them, by tabs.
    """

    table: WordTable
    headings: tuple[int, ...]
    rows: frozenset[int]

    @classmethod
    def of(cls, table: WordTable) -> Outline:
        """The outline of a text."""
        headings, rows = [], set()
        for number, (a, b) in enumerate(table.units):
            line = _line(table.text, int(table.starts[a]), int(table.ends[b - 1]))
            if line is None:
                continue
            if line.count("|") >= 2 or "\t" in line:
                rows.add(number)
            elif b - a <= _HEADING_WORDS and line[-1] not in ".!?;,…" and not _FIELD.match(line):
                headings.append(number)
        return cls(table, tuple(headings), frozenset(rows))

    def over(self, begin: int, max_tokens: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """The header of a window of ``max_tokens`` from a unit on, and the tokens it takes."""
        header = self.header(begin, min(HEADER_TOKENS, max_tokens // 4))
        return header, sum(_tokens(self.table, a, b) + 2 for a, b in header)

    def header(self, begin: int, most: int) -> tuple[tuple[int, int], ...]:
        """Runs of words of at most ``most`` tokens to stand over the units from ``begin`` on."""
        if begin == 0:
            return ()
        above = [h for h in self.headings if h < begin]
        wanted = [*above[:-2:-1], *self._first_row(begin), 0, *above[-2:-1]]
        chosen: set[int] = set()
        left = most
        for unit in dict.fromkeys(wanted):
            cost = _tokens(self.table, *self.table.units[unit]) + 2
            if cost <= left:
                chosen.add(unit)
                left -= cost
        return tuple(self.table.units[unit] for unit in sorted(chosen))

    def _first_row(self, begin: int) -> list[int]:
        """The first line of the table that a unit stands in, unless it is that line."""
        first = begin
        while first in self.rows and first - 1 in self.rows:
            first -= 1
        return [first] if first < begin else []


def _line(text: str, start: int, end: int) -> str | None:
    """The line of which ``[start, end)`` is all but the margins, or None."""
    low = text.rfind("\n", 0, start) + 1
    high = text.find("\n", end)
    high = len(text) if high < 0 else high
    if high - low > 400:
        return None
    if _MARGIN.fullmatch(text, low, start) is None and "|" not in text[low:start]:
        return None
    line = text[low:high].strip()
    return line if len(text[end:high].strip(' \t|)»"!?.…:;,*_')) == 0 else None


def _tokens(table: WordTable, word0: int, word1: int) -> int:
    """Tokens of the words ``[word0, word1)``."""
    return int(min(table.last[word1 - 1] - table.first[word0] + 1, len(table.ids)))
