"""The last thing that happens to a text before it is stored; nothing rewrites it after.

Line ends become ``\\n``, decomposed letters (NFD, as macOS writes them) become composed ones,
lone surrogates, which no database takes, become U+FFFD, stray NULs go.
"""

from __future__ import annotations

import re
import unicodedata

from kgbuild.errors import ReadError

NUL_SHARE = 0.01
"""A text with more NULs than this isn't one."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# Unicode's stream-safe format has at most 30 marks on a letter; putting longer runs in order
# takes time with the square of their length.
_DECOMPOSED = re.compile(f"[^\\W\\d_{_MARKS}][{_MARKS}]{{1,30}}")


def clean_text(text: str) -> str:
    """The text as it is stored.

    Raises:
        ReadError: it holds so many NULs that it is no text.
    """
    if nuls := text.count("\0"):
        if nuls > NUL_SHARE * len(text):
            raise ReadError("holds NUL characters: is it a text file?")
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
        text = _DECOMPOSED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return text
