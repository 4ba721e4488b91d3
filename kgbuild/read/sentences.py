"""Text → sentences, with razdel and rules for what it misses.

razdel (Kukushkin) looks at ten characters on either side of a sign. What needs more is
decided here: a full stop with no blank after it, a letter that names a thing («в секторе М.»)
and isn't an initial, an abbreviation before a word that can't be a name, a bracket or a
quotation that goes on, the mark of a note after a full stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild import deadline
from kgbuild.read.breaks import flowing_runs
from kgbuild.types import Sentence

MAX_PARAGRAPH = 20_000
"""razdel's cost grows faster than the text's length: longer paragraphs are fed to it in pieces."""

_CLOSED = (
    "я|ты|он|она|оно|мы|вы|они|его|её|ее|их|ему|ей|им|это|этот|эта|эти|тот|та|те|там|тут|здесь|"
    "тогда|потом|затем|теперь|сейчас|когда|если|хотя|чтобы|однако|также|кроме|после|перед|"
    "в|во|с|со|к|у|о|об|от|до|из|за|для|при|под|над|через|между|среди|и|а|но|не|как|что|кто|где"
)
"""Pronouns, prepositions, conjunctions and adverbs of place and time: the closed classes, less
those that are surnames too («По», «Ли»)."""
_LETTERED = (
    "сектор|пункт|литер|букв|точк|подъезд|корпус|блок|вариант|квартал|терминал|секци|витамин|"
    "гепатит|категори|позици|строени|отсек|павильон"
)
"""What a letter alone names in Russian, and hardly anybody owns: stems."""
_OPENING = '[«"(\\[„“—–-]'

_AFTER_SHORT = re.compile(
    rf"\.(?=\s+{_OPENING}?(?:{'|'.join(word.capitalize() for word in _CLOSED.split('|'))})\s+[\w«\"(])"
)
_AFTER_LETTER = re.compile(
    rf"\b(?:{_LETTERED})[а-яё]{{0,4}}\s+[«\"]?[А-ЯЁA-Z][»\"]?\.(?=\s+«?[А-ЯЁ][а-яё])"
)
_UNSPACED = re.compile(
    rf"(?:(?<![А-Яа-яЁё])([А-Яа-яЁё]+)|\d{{3}}|[»\")\]])(\.{{1,3}}|[!?…]+)(?={_OPENING}?[А-ЯЁ])"
)
_NOTE = re.compile(r"\s?(?:\[\d{1,3}\])+(?=\s|$)")
_AFTER_NOTE = re.compile(r"[.!?…][»\")]?(?:\[\d{1,3}\])+(?=\s+[А-ЯЁ«A-Z])")
_WORD = re.compile(r"[^\W\d_]{3,}")
LONGEST_INSIDE = 300
"""Characters of a bracket or a quotation that doesn't end the sentence around it."""
_PAIRS = {"(": ")", "«": "»"}
_GOES_ON = re.compile(r"\s*(?:[,;:–—-]|[а-яё])")


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
        deadline.check()
        stop = _piece(text, start, end)
        found = [(start + p.start, start + p.stop) for p in sentenize(text[start:stop])]
        found = [(a, b) for a, b in found if text[a:b].strip()]
        if stop < end and len(found) > 1:
            stop = found.pop()[0]
        yield from _joined(text, [part for span in found for part in _parted(text, *span)])
        start = stop


def _piece(text: str, start: int, end: int) -> int:
    """Where a piece of at most ``MAX_PARAGRAPH`` ends: at white space, where there is any."""
    if end - start <= MAX_PARAGRAPH:
        return end
    cut = text.rfind(" ", start, start + MAX_PARAGRAPH) + 1
    return cut if cut > start else start + MAX_PARAGRAPH


def _parted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence of razdel's, cut where it holds several."""
    for at in sorted({*_ends(text, start, end), end}):
        stop = at
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if stop > start:
            yield start, stop
        start = at
        while start < end and text[start].isspace():
            start += 1


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    word = _WORD.search(text, start, end)
    for rule in (_AFTER_SHORT, _AFTER_LETTER, _AFTER_NOTE):
        for found in rule.finditer(text, start, end):
            if word is not None and word.end() <= found.end():  # not the number of an item
                yield found.end()
    for found in _UNSPACED.finditer(text, start, end):
        last, sign = found[1], found[2]
        if last is None or not sign.startswith(".") or len(sign) > 1 or _ends_sentence(last):
            yield found.end()


def _ends_sentence(word: str) -> bool:
    """Whether a full stop after a word with no blank after it is the end of a sentence.

    Not after abbreviations («ул.Ленина»), initials, and names with a full stop inside
    («Яндекс.Музыка»).
    """
    from razdel.segmenters.sokr import HEAD_SOKRS, SOKRS

    return len(word) >= 3 and word.islower() and word not in SOKRS and word not in HEAD_SOKRS


def _joined(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences put together that a bracket or a quotation holds together, and the mark of a
    note with the sentence before it."""
    last: tuple[int, int] | None = None
    for start, end in spans:
        begin = start
        if last is not None:
            note = _NOTE.match(text, begin, end)
            if note is not None:
                last = (last[0], note.end())
                begin = note.end()
                while begin < end and text[begin].isspace():
                    begin += 1
                if begin == end:
                    continue
            if _is_inside(text, last, end, spans[-1][1]):
                last = (last[0], end)
                continue
            yield last
        last = (begin, end)
    if last is not None:
        yield last


def _is_inside(text: str, span: tuple[int, int], end: int, whole: int) -> bool:
    """Whether a sentence breaks off inside a bracket, or inside a quotation that the next one
    (which ends at ``end``) closes, and goes on after it."""
    start, stop = span
    for opening, closing in _PAIRS.items():
        opened = text.rfind(opening, max(start, stop - LONGEST_INSIDE), stop)
        if opened < 0 or text.find(closing, opened, stop) >= 0:
            continue
        if not _WORD.search(text, start, opened):  # the whole sentence is inside
            continue
        furthest = whole if opening == "(" else end
        closed = text.find(closing, stop, min(furthest, opened + LONGEST_INSIDE))
        if closed >= 0 and _GOES_ON.match(text, closed + 1, whole):
            return True
    return False
