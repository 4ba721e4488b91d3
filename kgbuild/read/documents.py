"""Paths → documents: ``documents(path)`` is the reader that everyone calls."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kgbuild.errors import KgbuildError, ReadError
from kgbuild.read.child import Child
from kgbuild.read.formats import PLAIN
from kgbuild.read.parse import parse
from kgbuild.read.parts import Columns, Item, Job, Kept, Part, Refused
from kgbuild.read.sniff import media_type
from kgbuild.types import Document, Origin

_EVERY = Columns()

PART = 4_000_000
"""Characters of a text that are one document; a longer one is stored in parts."""

Known = Callable[[str, str], bool]
"""Whether a source is stored with a content's SHA-256."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A document that is stored with this content already: it wasn't read again."""

    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that can't be read; ``reason`` names it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file inside another, of a type that isn't read."""

    source: str


Outcome = Document | Unchanged | Refusal | PassedOver


@dataclass(slots=True)
class Reader:
    """Reads files; ``names`` gives a path another source than itself (standard input)."""

    columns: Columns = _EVERY
    names: Mapping[Path, str] = field(default_factory=dict)
    _child: Child = field(default_factory=Child)

    def __call__(
        self, path: Path, known: Known = lambda source, sha256: False
    ) -> Iterator[Outcome]:
        """Every document of a file, or what became of it; nothing is raised for a document.

        Their sources are all that the file holds now: one that is stored under the file's
        source and isn't among them is gone from it. Text parts longer than ``PART``
        characters come in parts ``SOURCE#part1``, ``SOURCE#part2``, …
        """
        source = self.names.get(path, source_of(path))
        try:
            for item in self._items(path, source, known):
                yield from outcomes(item, source, known)
        except KgbuildError as error:
            yield Refusal(source, f"{source}: {error}")

    def words(self, paths: Sequence[Path]) -> list[str]:
        """How the command line is told to read these paths so; one with another name is
        standard input."""
        columns = (("--text-column", self.columns.text), ("--id-column", self.columns.id))
        flags = [word for flag, value in columns if value is not None for word in (flag, value)]
        return [*flags, "--", *("-" if path in self.names else source_of(path) for path in paths)]

    def close(self) -> None:
        """End the process that ran the parsers."""
        self._child.close()

    def _items(self, path: Path, source: str, known: Known) -> Iterator[Item]:
        suffix = os.path.splitext(source)[1].lower()

        def stored(name: str, sha256: str) -> bool:
            return known(source + name, sha256)

        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise ReadError("can't be read: it isn't a file")
            with path.open("rb") as file:
                if media_type(file, suffix) in PLAIN:
                    yield from parse(Job(file, suffix, self.columns, stored))
                    return
        except OSError as error:
            raise ReadError(f"can't be read: {error.strerror}") from error
        yield from self._child.parse(path, suffix, self.columns, stored)


def documents(path: Path, columns: Columns = _EVERY) -> Iterator[Document]:
    """The documents of a file.

    Raises:
        ReadError: one of them can't be read; it is named.
    """
    reader = Reader(columns)
    try:
        for outcome in reader(path):
            if isinstance(outcome, Refusal):
                raise ReadError(outcome.reason)
            if isinstance(outcome, Document):
                yield outcome
    finally:
        reader.close()


def source_of(path: Path) -> str:
    """A path as text; bytes that are no UTF-8 are shown as ``\\xNN``, for a database takes no
    lone surrogates."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def outcomes(item: Item, source: str, known: Known) -> Iterator[Outcome]:
    """A part of a file as documents, or what became of it; ``source`` is the file's."""
    name = source + item.name
    if isinstance(item, Part):
        yield from _cut(item, name, known)
    elif isinstance(item, Kept):
        yield Unchanged(name)
    elif isinstance(item, Refused):
        yield Refusal(name, f"{name}: {item.reason}")
    else:
        yield PassedOver(name)


def _cut(part: Part, name: str, known: Known) -> Iterator[Outcome]:
    """A part as a document, or as several where it is very long: at the last blank line, line
    end or space within ``PART`` characters."""
    text = part.text
    begin = number = 0
    while begin < len(text):
        end = len(text)
        if end - begin > PART:
            least, most = begin + PART // 2, begin + PART
            found = (text.rfind(mark, least, most) + len(mark) for mark in ("\n\n", "\n", " "))
            end = next((at for at in found if at > least), most)
        whole = end - begin == len(text)
        number += 1
        source = name if whole else f"{name}#part{number}"
        if not whole and known(source, part.sha256):
            yield Unchanged(source)
        else:
            origins = tuple(
                Origin(max(a, begin) - begin, min(b, end) - begin, kind, value)
                for a, b, kind, value in part.places
                if a < end and b > begin
            )
            yield Document(source, text[begin:end], part.sha256, part.media_type, origins)
        begin = end
