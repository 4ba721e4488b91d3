"""RTF, with striprtf."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.errors import ReadError, require
from kgbuild.read.parts import Job, Piece

_CODE_PAGE = re.compile(rb"\\ansicpg(\d{3,5})")


def read_rtf(job: Job) -> Iterator[Piece]:
    """The text as one piece.

    Raises:
        MissingExtraError: striprtf isn't installed.
        ReadError: it isn't RTF inside.
    """
    strip = require("striprtf.striprtf", extra="formats").rtf_to_text
    data = job.file.read()
    said = _CODE_PAGE.search(data[:4096])
    # Bytes above 127 stand as \'xx; stray raw ones are of the page that the file names.
    page = f"cp{said[1].decode()}" if said else "cp1251"
    try:
        text = strip(data.decode(page, "replace"), encoding=page, errors="replace")
    except (LookupError, ValueError, IndexError) as error:
        raise ReadError(f"isn't whole RTF: {error}") from error
    yield Piece(text)
