"""One file a format, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kgbuild.read.encodings import decode
from kgbuild.read.formats.chats import (
    TELEGRAM,
    TELEGRAM_PAGE,
    VK_PAGE,
    WHATSAPP,
    read_chat_page,
    read_telegram,
    read_whatsapp,
)
from kgbuild.read.formats.docx import read_docx
from kgbuild.read.formats.epub import read_epub
from kgbuild.read.formats.html import read_html
from kgbuild.read.formats.mail import read_mail
from kgbuild.read.formats.markdown import read_markdown
from kgbuild.read.formats.odt import read_odt
from kgbuild.read.formats.office import read_pptx, read_xlsx
from kgbuild.read.formats.pdf import read_pdf
from kgbuild.read.formats.rtf import read_rtf
from kgbuild.read.formats.table import read_csv, read_jsonl
from kgbuild.read.parts import Item, Job, Piece


def read_plain(job: Job) -> Iterator[Piece]:
    """The whole text as one piece."""
    yield Piece(decode(job.file.read()))


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ZIP, EML = "application/zip", "message/rfc822"

PLAIN = frozenset({"text/plain"})
"""What needs no parser: it is read where it is wanted."""

ONE: dict[str, Callable[[Job], Iterator[Piece]]] = {
    "text/plain": read_plain,
    "text/markdown": read_markdown,
    "text/html": read_html,
    "application/pdf": read_pdf,
    "text/rtf": read_rtf,
    "application/epub+zip": read_epub,
    EML: read_mail,
    DOCX: read_docx,
    ODT: read_odt,
    XLSX: read_xlsx,
    PPTX: read_pptx,
}
"""Media type → the parser of a file that is one document."""

MANY: dict[str, Callable[[Job], Iterator[Item]]] = {
    "text/csv": read_csv,
    "application/jsonl": read_jsonl,
    TELEGRAM: read_telegram,
    WHATSAPP: read_whatsapp,
    TELEGRAM_PAGE: read_chat_page,
    VK_PAGE: read_chat_page,
}
"""Media type → the parser of a file that holds many."""
