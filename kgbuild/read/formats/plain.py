"""Plain text and Markdown: the text as it stands."""

from __future__ import annotations

from collections.abc import Iterator

from kgbuild.read.encodings import decode
from kgbuild.read.parts import Job, Piece


def read_plain(job: Job) -> Iterator[Piece]:
    """The whole text as one piece."""
    yield Piece(decode(job.file.read()))
