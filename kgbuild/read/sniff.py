"""What a file is: by its first bytes where they tell, then by its suffix."""

from __future__ import annotations

from typing import BinaryIO

from kgbuild.errors import ReadError
from kgbuild.read.formats import DOCX, EML, ODT, PPTX, XLSX, ZIP
from kgbuild.read.formats.chats import TELEGRAM, WHATSAPP, chat_page, is_whatsapp
from kgbuild.read.zips import Archive

SUFFIXES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".pdf": "application/pdf",
    ".docx": DOCX,
    ".odt": ODT,
    ".xlsx": XLSX,
    ".xlsm": XLSX,
    ".pptx": PPTX,
    ".rtf": "text/rtf",
    ".epub": "application/epub+zip",
    ".eml": EML,
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".json": TELEGRAM,
    ".zip": ZIP,
}
"""Suffix → media type: these files of a folder are read."""

HEAD = 8192
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (
    (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "gzip: unpack it first"), (b"7z\xbc\xaf", "7z: unpack it first"),
    (b"Rar!", "RAR: unpack it first"), (b"\x7fELF", "a program"), (b"SQLite format 3", "a database"),
    (_OLD_OFFICE, "an old Office file: save it as docx"),
    (b"AT&TFORM", "DjVu, which isn't read"),
)  # fmt: skip
_ZIPPED = {DOCX, ODT, XLSX, PPTX, ZIP, "application/epub+zip"}


def media_type(file: BinaryIO, suffix: str) -> str:
    """The media type of a file, which is left at its beginning.

    Raises:
        ReadError: its first bytes are those of something that isn't read, or nothing tells.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    by_suffix = SUFFIXES.get(suffix)
    if head.startswith(b"%PDF-") or (by_suffix == "application/pdf" and b"%PDF-" in head[:1024]):
        return "application/pdf"
    if head.startswith(b"{\\rtf"):
        return "text/rtf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(file, by_suffix)
    for start, what in _BINARY:
        if head.startswith(start):
            raise ReadError(f"is {what}")
    if by_suffix in _ZIPPED:
        raise ReadError("isn't a whole zip file, which such a file is inside")
    if by_suffix in ("application/pdf", "text/rtf"):
        raise ReadError(f"isn't a {suffix[1:].upper()} file inside")
    return _by_words(head, by_suffix or _textual(head, suffix))


def _by_words(head: bytes, type: str) -> str:
    """A text or a page may be the export of a chat."""
    if type == "text/plain" and is_whatsapp(head):
        return WHATSAPP
    return (chat_page(head) or type) if type == "text/html" else type


def _zipped(file: BinaryIO, by_suffix: str | None) -> str:
    """By what is inside: an Office file may lack its suffix, an archive may bear it."""
    archive = Archive(file)
    file.seek(0)
    if "word/document.xml" in archive:
        return DOCX
    if "META-INF/container.xml" in archive:
        return "application/epub+zip"
    if "content.xml" in archive:
        return ODT
    for member, type in (("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX)):
        if member in archive:
            return type
    if by_suffix in _ZIPPED - {ZIP}:
        raise ReadError("has no document inside")
    return ZIP


def _textual(head: bytes, suffix: str) -> str:
    """Files of other names: HTML that says so, else text, if it isn't binary."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    return "text/plain"
