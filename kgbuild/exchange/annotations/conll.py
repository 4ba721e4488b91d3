"""CoNLL files: a token a line with its tag last, blank lines between sentences.

Tags are BIO, with or without B- at every beginning, or BIOES/BILOU. Two to four columns, parted
by white space; the others (part of speech, chunk) are passed over. ``-DOCSTART-`` or
``# newdoc`` begins a document. The format knows tokens and not the text: sentences become
lines, tokens are parted by spaces except at punctuation. It can't say that mentions nest, and
has no relations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kgbuild.errors import FormatError
from kgbuild.exchange.annotations.annotated import Annotated, lines_of
from kgbuild.types import Mention

_TAG = re.compile(r"(?:([BIESLU])-(.+)|O)")
_NEW = re.compile(r"-DOCSTART-|#\s*newdoc\b")
_ATTACHED = frozenset(",.;:!?…)]}»”%")
_OPENING = frozenset("([{«„“")

Numbered = tuple[int, str]
"""A line with its number in the file."""


def read_conll(path: Path) -> Iterator[Annotated]:
    """The documents of a file, ``#1``, ``#2``, … in order."""
    for number, lines in enumerate(_documents(lines_of(path)), 1):
        try:
            yield _document(f"#{number}", lines)
        except FormatError as error:
            yield Annotated(f"#{number}", fault=str(error))


def _documents(lines: Iterable[str]) -> Iterator[list[Numbered]]:
    """The lines of each document that has any token."""
    found: list[Numbered] = []
    for number, line in enumerate(lines, 1):
        if _NEW.match(line):
            if any(text.strip() for _, text in found):
                yield found
            found = []
        elif not line.startswith("# "):
            found.append((number, line))
    if any(text.strip() for _, text in found):
        yield found


def _document(name: str, lines: list[Numbered]) -> Annotated:
    text, mentions, glue = "", list[Mention](), True
    last: tuple[str, str] = ("O", "")
    for number, line in lines:
        columns = line.split()
        if not columns:
            glue, last = True, ("O", "")
            text += "" if text.endswith("\n") or not text else "\n"
            continue
        if not 2 <= len(columns) <= 4:
            raise FormatError(f"line {number}: has {len(columns)} columns, not 2 to 4")
        mark, label = _tag(columns[-1], number)
        token = columns[0]
        text += "" if glue or token in _ATTACHED else " "
        begins = mark in "BSU" or (mark != "O" and (label != last[1] or last[0] in "ESLUO"))
        if begins:
            mentions.append(Mention(len(text), len(text) + len(token), label))
        elif mark != "O":
            mentions[-1] = Mention(mentions[-1].start, len(text) + len(token), label)
        text += token
        glue, last = token in _OPENING, (mark, label)
    return Annotated(name, text.rstrip("\n"), tuple(mentions))


def _tag(tag: str, number: int) -> tuple[str, str]:
    found = _TAG.fullmatch(tag)
    if found is None:
        raise FormatError(f"line {number}: {tag!r} is no tag: write O, B-TYPE or I-TYPE last")
    return (found[1] or "O"), (found[2] or "")
