"""What parsers give: pieces of text that know where in the file they stood.

Nothing here loads numpy: the process that runs the parsers lives in little memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from kgbuild.errors import ReadError
from kgbuild.read.clean import clean_text
from kgbuild.read.limits import TEXT, Budget
from kgbuild.read.mojibake import repaired

Place = tuple[int, int, str, str]
"""Start and end in the text, what the place is counted in (page, row, …), and its value."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document's text; ``kind`` and ``value`` say where it stands («page», «3»)."""

    text: str
    kind: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A document that a parser made. ``name`` follows the file's source, "" for the file itself."""

    name: str
    text: str
    sha256: str
    media_type: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is known with this content: it wasn't parsed."""

    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a file that can't be read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A member whose type isn't read."""

    name: str


Item = Part | Kept | Refused | Skipped


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table hold the text and the name of a row; None: guess, and number."""

    text: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A file to parse: ``known(name, sha256)`` says that a part is stored with this content.

    ``suffix`` (lower case, with its dot) is the file name's; ``name`` is what its parts'
    names begin with; ``named`` says that the user asked for this very file. ``budget`` is that of the
    whole file that this one lies in, and None for a whole file.
    """

    file: BinaryIO
    suffix: str
    columns: Columns
    known: Callable[[str, str], bool]
    name: str = ""
    depth: int = 0
    named: bool = True
    budget: Budget | None = None


def assembled(pieces: Iterable[Piece]) -> tuple[str, tuple[Place, ...]]:
    """The text of the pieces, cleaned, a blank line between pieces of different places; where a
    page ends inside a word a line end.

    Raises:
        ReadError: it is too long, holds no text, or was garbled beyond repair.
    """
    texts: list[str] = []
    places: list[Place] = []
    at, kind = 0, ""
    for piece in pieces:
        text = clean_text(repaired(piece.text))
        text = text.rstrip() if piece.kind == "page" else text
        if at:
            over_page = kind == piece.kind == "page" and _goes_on(texts[-1], text)
            texts.append("\n" if over_page else "\n\n")
            at += len(texts[-1])
        if piece.kind and text:
            places.append((at, at + len(text), piece.kind, piece.value))
        texts.append(text)
        kind = piece.kind
        at += len(text)
        if at > TEXT:
            raise ReadError(
                f"holds more than {TEXT >> 20} million characters: cut it into smaller files"
            )
    whole = "".join(texts)
    if not whole.strip():
        raise ReadError("holds no text")
    return whole, tuple(places)


def _goes_on(before: str, after: str) -> bool:
    """Whether a text ends inside a word that the next one ends: «родил-», «ся»."""
    return (
        len(before) > 1
        and before[-1] in "-‐\u00ad"
        and before[-2].isalpha()
        and after[:1].islower()
    )


def file_hash(file: BinaryIO) -> str:
    """SHA-256 of a file, which is left at its beginning."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
