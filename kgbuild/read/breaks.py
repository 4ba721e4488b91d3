"""What a line break means: the end of a line, or only the edge of the page.

A text may be broken into lines of one width inside its sentences, and words may be
hyphenated at the breaks. Such breaks end neither a sentence nor a word; those of lists,
headings, verse and blank lines do. Offsets always count the text as stored: nothing here
rewrites it, save :func:`rejoin`, which makes a copy for reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

Span = tuple[int, int]

INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff"
"""Characters of no width, for a character class: soft hyphens, joiners, direction marks."""

_BREAK = r"[-‐¬\u00ad][ \t]*(?:\r\n|\r|\n)[ \t]*"
_SMALL = "[a-zß-öø-ÿа-яѐ-џ]"
_PARTICLES = r"(?:то|либо|нибудь|таки|ка)(?![a-zа-яё])"

_LETTER = r"(?<=[A-Za-zÀ-ÖØ-öø-ÿЀ-џ])"

HYPHENATION = rf"{_LETTER}{_BREAK}(?={_SMALL})(?!{_PARTICLES})"
"""A hyphen at a line break that only the break put into a word."""

HYPHEN_AT_BREAK = rf"{_LETTER}{_BREAK}(?=[A-Za-zÀ-ÖØ-öø-ÿЀ-џ])"
"""Any hyphen between letters at a line break; what isn't :data:`HYPHENATION` stays a hyphen."""

STRESS = "(?<=[Ѐ-џ])\u0301+"
"""An accent that marks the stressed vowel of a Russian word."""

_HYPHENATED = re.compile(HYPHENATION)
_HYPHEN = re.compile(HYPHEN_AT_BREAK)
_UNSEEN, _STRESS = re.compile(f"[{INVISIBLE}]"), re.compile(STRESS)
_BREAKS = r"\r\n\u2028\u2029\x0b\x0c\x85"
_ANY_BREAK = re.compile(rf"(?<!\s)\s*[{_BREAKS}]\s*")


def rejoin(surface: str) -> str:
    """A piece of text as one would write it on one line: «Мен-⏎делеев» → «Менделеев».

    Hyphenation at line breaks, characters of no width and stress marks go, other line
    breaks become a space. A hyphen before a capital («Санкт-⏎Петербург») or a particle
    («кто-⏎то») stays; one that a compound has anyway («научно-⏎технический») can't be told
    from hyphenation and goes.
    """
    joined = _HYPHEN.sub("-", _HYPHENATED.sub("", surface))
    return _ANY_BREAK.sub(" ", _STRESS.sub("", _UNSEEN.sub("", joined)))


LINE = re.compile(rf"[^{_BREAKS}]+")
NARROWEST, WIDEST = 40, 100
"""Widths, in characters, of the lines that programs and typists break text into."""
SLACK = 10
"""A line may end so much earlier than it had to."""
WRAPPED_SHARE = 0.6
"""In a wrapped text at least so many of the lines inside paragraphs are full."""

_SINGLE = {"\n", "\r\n", "\r"}
_MARK = re.compile(r"[ \t]*(?:[-–—−•·*▪◦‣●○■□✓✔>#|=+]|\d{1,3}(?:\.\d+)*[.)](?:\s|$)|[a-zа-яё]\))")
_HEADING = re.compile(r"[ \t]*[#=]")
_INDENT = re.compile(r"[ \t]*")


def flowing_runs(text: str) -> Iterator[Span]:
    """Runs of lines that are one flow of text, in order; most runs are one line.

    A line goes on in the next one where a word is hyphenated at the break, or where the
    text is wrapped (see :func:`wrap_width`), the line is full, and the next one begins
    neither a list item, nor a heading, nor an indented paragraph.
    """
    lines = [match.span() for match in LINE.finditer(text)]
    if not lines:
        return
    width = wrap_width(text, lines)
    begin = line = lines[0]
    for following in lines[1:]:
        if not _goes_on(text, line, following, width):
            yield begin[0], line[1]
            begin = following
        line = following
    yield begin[0], line[1]


def wrap_width(text: str, lines: Sequence[Span]) -> int | None:
    """The width a text is wrapped to, or None where its line breaks end lines.

    Wrapped: hardly a line is longer than ``WIDEST``, and most lines followed by another
    are full: the next word had no room (less ``SLACK``). Of fewer than three such lines,
    all must go on in small letters.
    """
    sizes = [b - a for a, b in lines]
    if 20 * sum(size > WIDEST for size in sizes) > len(sizes):
        return None
    pairs = [p for p in pairwise(lines) if _adjacent(text, *p)]
    if not pairs or (len(pairs) < 3 and not all(_small(text, b) for _, b in pairs)):
        return None
    lengths = sorted(len(text[a:b].rstrip()) for (a, b), _ in pairs)
    width = lengths[(len(lengths) - 1) * 19 // 20]
    full = sum(_full(text, a, b, width) for a, b in pairs)
    return width if NARROWEST <= width <= WIDEST and full >= WRAPPED_SHARE * len(pairs) else None


def _goes_on(text: str, line: Span, following: Span, width: int | None) -> bool:
    if text[line[1] : following[0]] in _SINGLE and _hyphenated(text, line):
        return True
    if width is None or not _adjacent(text, line, following):
        return False
    if _HEADING.match(text, line[0], line[1]) or not _full(text, line, following, width):
        return False
    deeper = _indent(text, following) > _indent(text, line) + 1
    return not deeper or _MARK.match(text, *line) is not None  # a list item hangs


def _hyphenated(text: str, line: Span) -> bool:
    last = line[0] + len(text[slice(*line)].rstrip()) - 1
    return any(pattern.match(text, last) for pattern in (_HYPHENATED, _HYPHEN))


def _adjacent(text: str, line: Span, following: Span) -> bool:
    """Whether two lines with words stand under each other and the second opens no item."""
    return (
        text[line[1] : following[0]] in _SINGLE
        and not text[slice(*line)].isspace()
        and not text[slice(*following)].isspace()
        and not _MARK.match(text, *following)
    )


def _full(text: str, line: Span, following: Span, width: int) -> bool:
    """Whether the first word of the next line had no room at the end of the line."""
    word = text[slice(*following)].split(maxsplit=1)[0]
    return len(text[slice(*line)].rstrip()) + 1 + len(word) > width - SLACK


def _small(text: str, line: Span) -> bool:
    return text[slice(*line)].lstrip()[:1].islower()


def _indent(text: str, line: Span) -> int:
    match = _INDENT.match(text, *line)
    return match.end() - line[0] if match else 0
