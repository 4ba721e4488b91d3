"""Text that was read once in a wrong encoding and saved so: «РџС‘С‚СЂ» is «Пётр».

Bytes of UTF-8 that were read in a code page are known by their pattern: no Russian text in
that page is valid UTF-8 but by design. Code pages read for one another are known as in
:mod:`kgbuild.read.encodings`, by the surprise of a Russian reader.
"""

from __future__ import annotations

import re
from functools import cache

from kgbuild.errors import ReadError
from kgbuild.read.encodings import CODE_PAGES, MOST_SURPRISE, code_page, text_surprise

READ_AS = ("cp1251", "cp1252", "koi8-r", "cp866", "mac-cyrillic")
"""The encodings in which UTF-8 is read by mistake."""
SAMPLE = 1 << 14
LEAST_PAIRS = 3
"""Fewer letters of UTF-8 read wrongly tell nothing."""
LEAST_SHARE = 0.5
"""A line is taken for read wrongly if so many of its signs beyond ASCII are of such pairs."""
LOST_SHARE = 0.05
"""With more of the signs lost a text isn't repaired."""
GAIN = 2.0
"""Bits a pair by which another page must be less surprising than what is written."""

_WESTERN = re.compile("[À-ÿ]{3}")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_LOST_SPACE = re.compile("Р (?=[РС][Ѐ-ӿ\x80-¿‘-›€№™])")
"""«Р» whose second byte, a no-break space, had become a plain one."""
_STRANGE = re.compile("[Ѐ-ӿ─-▟]{3}")


def repaired(text: str) -> str:
    """The text as it was meant; most texts come back as they are.

    Raises:
        ReadError: it was read wrongly once, and too much was lost.
    """
    if text.isascii():
        return text
    for page in READ_AS:
        pattern = _utf8_read_as(page)
        if (
            sum(1 for _ in zip(range(LEAST_PAIRS), pattern.finditer(text), strict=False))
            == LEAST_PAIRS
        ):
            found = _utf8_again(text, page)
            if found is not None:
                return found
    return _page_again(text)


def _utf8_again(text: str, page: str) -> str | None:
    """UTF-8 that was read in a page; None where the text is none such."""
    pattern, cyrillic = _utf8_shown(page), _utf8_read_as(page)
    out: list[str] = []
    letters = strange = lost = 0
    for written in text.split("\n"):
        line = _LOST_SPACE.sub("Р\xa0", written) if page == "cp1251" else written
        here = sum(1 for sign in line if not sign.isascii())
        covered = sum(len(found) for found in pattern.findall(line))
        pairs = len(cyrillic.findall(line))
        if not pairs or covered < LEAST_SHARE * here:
            out.append(written)
            continue
        out.append(
            pattern.sub(lambda found: _bytes(found[0], page).decode("utf-8", "replace"), line)
        )
        letters += pairs
        strange += here
        lost += here - covered
    if letters < LEAST_PAIRS:
        return None
    if lost > LOST_SHARE * strange:
        raise ReadError(
            f"was read as {page} once and saved so, and {lost} of its letters are lost: "
            "take the text from where it came"
        )
    return "\n".join(out)


def _page_again(text: str) -> str:
    """A Russian code page that was read as another one, or as a Western one."""
    sample = text[:SAMPLE]
    if _WESTERN.search(sample) and not _CYRILLIC.search(sample):
        found = code_page(_bytes(sample, "cp1252"))
        return text if found is None else _bytes(text, "cp1252").decode(found, "replace")
    written = text_surprise(sample)
    if not _STRANGE.search(sample) or written <= MOST_SURPRISE:
        return text
    for page in CODE_PAGES:
        raw = _bytes(sample, page)
        found = code_page(raw)
        if found in (None, page) or raw.count(b"?") > sample.count("?"):
            continue
        if text_surprise(raw.decode(found, "replace")) <= written - GAIN:
            return _bytes(text, page).decode(found, "replace")
    return text


@cache
def _utf8_read_as(page: str) -> re.Pattern[str]:
    """Cyrillic letters of UTF-8, as a page shows them."""
    return re.compile(_sequence(page, 0xD0, 0xD4, 1))


@cache
def _utf8_shown(page: str) -> re.Pattern[str]:
    """Any character of UTF-8 beyond ASCII, as a page shows it."""
    sizes = ((0xC2, 0xE0, 1), (0xE0, 0xF0, 2), (0xF0, 0xF5, 3))
    return re.compile("|".join(_sequence(page, *size) for size in sizes))


def _sequence(page: str, first: int, end: int, following: int) -> str:
    shown = _shown(page)
    head, tail = ("".join(map(re.escape, shown[a:b])) for a, b in ((first, end), (0x80, 0xC0)))
    if page == "cp1252":  # read as Latin-1 by programs that keep to the letter
        tail += "".join(map(chr, range(0x80, 0xA0)))
    return f"[{head}][{tail}]{{{following}}}"


@cache
def _shown(page: str) -> tuple[str, ...]:
    """What a page shows for each byte; for one that it lacks, the control of its number."""
    shown = (bytes([b]).decode(page, "replace") for b in range(256))
    return tuple(chr(b) if sign == "\ufffd" else sign for b, sign in enumerate(shown))


@cache
def _bytes_of(page: str) -> dict[int, int]:
    table = {ord(sign): byte for byte, sign in enumerate(_shown(page))}
    return {sign: byte for sign, byte in table.items() if sign != byte}


def _bytes(text: str, page: str) -> bytes:
    """The bytes that a page shows so; a sign that it lacks becomes a question mark."""
    return text.translate(_bytes_of(page)).encode("latin-1", "replace")
