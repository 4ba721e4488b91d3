"""Bytes → text: by mark, as UTF-8, as UTF-16, else by the letter pairs of Russian.

The code pages are told apart by the surprise of a Russian reader: the mean cost, in bits, of
the letter pairs that the bytes spell in each of them. Case counts too: cp1251 and koi8-r swap
it, and in Mac's page only «я» and the capitals differ from cp1251.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from functools import cache
from importlib import resources

from kgbuild.errors import ReadError

CODE_PAGES = ("cp1251", "koi8-r", "cp866", "mac-cyrillic")
"""The one-byte encodings that are weighed; of equals the first."""

SAMPLE_RUNS = 20_000
"""So many runs of letters are looked at."""
LEAST_LETTERS = 4
"""Fewer Cyrillic letters than this tell nothing."""
MOST_SURPRISE = 6.0
"""Bits a pair; Russian has about 4, other bytes read as Russian more than 7."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ALPHABET = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_OTHER = len(_ALPHABET)
_PLACE = {letter: index for index, letter in enumerate(_ALPHABET)}
_SIGNS = set("«»—–„“”’‘…№°§©®•·\xa0₽€")
_LINES = {chr(c) for c in range(0x2500, 0x25A0)}  # the borders of tables in cp866
_NEIGHBOURS = set("іїєґўІЇЄҐЎ")  # Ukrainian, Belarusian
_RUN = re.compile(rb"[\x00-\x7f]?[\x80-\xff]+[\x00-\x7f]?")
_WORD = re.compile(r" ?[^\W\d_]+ ?")
_REPEATED = re.compile(rb"(.)\1{2,}", re.DOTALL)
_JUNK, _RARE = 12.0, 8.0


def decode(data: bytes) -> str:
    """The text; a mark at its beginning is dropped.

    Raises:
        ReadError: the bytes are no text in any of the encodings, which are named.
    """
    encoding, mark = detect(data)
    return decoded(data[mark:], encoding)


def decoded(data: bytes, encoding: str) -> str:
    """Bytes in a known encoding; lone surrogates pass, stray broken bytes become U+FFFD.

    Raises:
        ReadError: the text breaks off inside a character of UTF-16 or UTF-32.
    """
    if encoding.startswith(("utf-16", "utf-32")):
        try:
            return data.decode(encoding, "surrogatepass")
        except UnicodeDecodeError as error:
            raise ReadError(f"isn't {encoding.upper()} (byte {error.start})") from error
    return data.decode(encoding, "replace")


def detect(data: bytes) -> tuple[str, int]:
    """The encoding, and how many bytes its mark takes.

    Raises:
        ReadError: it is none of those known here.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name, len(mark)
    if wide := _without_mark(data):
        return wide, 0
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return ("utf-8" if _mostly_utf8(data) else _code_page(data, error.start)), 0
    return "utf-8", 0


def _without_mark(data: bytes) -> str | None:
    """UTF-16 in which one byte of two is a page number: Cyrillic's 4, or 0."""
    sample = data[: 1 << 16]
    pairs = len(sample) // 2
    if not pairs or len(data) % 2:
        return None
    even, odd = ((h := sample[at::2]).count(0) + h.count(4) for at in (0, 1))
    for high, low, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if high >= 0.8 * pairs and low <= 0.2 * pairs and pairs >= 4:
            return name
    return None


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 in which something broke: a cut at the end, a stray byte among many letters."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    letters = len(text) - broken - sum(map(text.count, map(chr, range(128))))
    return letters >= 20 * broken


def code_page(data: bytes) -> str | None:
    """The Cyrillic code page in which bytes read as Russian, if they do in any."""
    best, cost, letters = _least_surprise(data)
    return best if cost <= MOST_SURPRISE and letters >= LEAST_LETTERS else None


def _code_page(data: bytes, first: int) -> str:
    """The Cyrillic code page in which the bytes surprise least."""
    found = code_page(data)
    if found is None:
        tried = ", ".join(("UTF-8", "UTF-16", *CODE_PAGES))
        raise ReadError(
            f"isn't UTF-8 (byte {first}), nor Russian text in another encoding "
            f"({tried} were tried): save it as UTF-8"
        )
    return found


def _least_surprise(data: bytes) -> tuple[str, float, int]:
    """The best page, mean bits of a pair in it, and how many letters it makes."""
    runs = (m[0] for m in itertools.islice(_RUN.finditer(data), SAMPLE_RUNS))
    pairs: Counter[tuple[int, int]] = Counter()
    for run in runs:
        pairs.update(itertools.pairwise(_REPEATED.sub(rb"\1\1", run[: 1 << 16])))
    costs = {page: surprise(pairs, page) for page in CODE_PAGES}
    best = min(costs, key=costs.__getitem__)
    letters = sum(n for (_, b), n in pairs.items() if _folded(bytes([b]), best) < _OTHER)
    return best, costs[best], letters


def surprise(pairs: Counter[tuple[int, int]], page: str) -> float:
    """Mean bits of the pairs of bytes, read in a code page."""
    signs = _signs(page)
    total = sum(pairs.values())
    cost = sum(n * _cost(signs[a], signs[b]) for (a, b), n in pairs.items())
    return cost / total if total else _JUNK


def text_surprise(text: str) -> float:
    """Mean bits of the pairs of characters of a text's words that have letters beyond ASCII."""
    pairs = Counter(
        pair for word in _WORD.findall(text) if not word.isascii()
        for pair in itertools.pairwise(word)
    )  # fmt: skip
    total = pairs.total()
    return sum(n * _cost(*pair) for pair, n in pairs.items()) / total if total else 0.0


@cache
def _signs(page: str) -> str:
    return "".join(bytes([b]).decode(page, "replace") for b in range(256))


def _folded(byte: bytes, page: str) -> int:
    return _PLACE.get(byte.decode(page, "replace").lower(), _OTHER)


@cache
def _cost(one: str, other: str) -> float:
    """Bits of the second character after the first."""
    if one in _LINES or other in _LINES:
        return _JUNK if one.isalpha() or other.isalpha() else 4.0
    for sign in (one, other):
        if sign.lower() not in _PLACE and not sign.isascii() and sign not in _SIGNS:
            return _RARE if sign in _NEIGHBOURS else _JUNK
        if sign.isascii() and sign.isalpha():
            return _RARE
    first, second = (_PLACE.get(sign.lower(), _OTHER) for sign in (one, other))
    cost = _table()[first][second]
    cost += 4.0 * ((one in _SIGNS) + (other in _SIGNS))
    if other.isupper():
        cost += 8.0 if one.islower() else 1.5
    return cost


@cache
def _table() -> tuple[tuple[float, ...], ...]:
    """Bits of a letter after a letter, made by ``benchmarks/quality/letter_pairs.py``."""
    lines = resources.files("kgbuild.read").joinpath("letter_pairs.txt").read_text("ascii").split()
    return tuple(tuple(int(digit, 36) / 2 for digit in line) for line in lines)
