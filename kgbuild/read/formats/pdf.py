"""PDF: the text layer, each page a piece with its number."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from kgbuild.errors import ReadError
from kgbuild.read.parts import Job, Piece


def read_pdf(job: Job) -> Iterator[Piece]:
    """The text of each page.

    Raises:
        ReadError: it is encrypted, damaged, or has no text layer.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(job.file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("is encrypted: save it without its password")
        found = False
        for number, page in enumerate(reader.pages, 1):
            text = page.extract_text()
            if text.strip():
                found = True
                yield Piece(text, "page", str(number))
    except pypdf.errors.PyPdfError as error:
        raise ReadError(f"isn't a whole PDF: {error}") from error
    if not found:
        raise ReadError("has no text layer: a scan? recognise it (OCR) first")
