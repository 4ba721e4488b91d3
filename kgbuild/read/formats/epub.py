"""epub: the chapters of the spine in their order, each a piece with its number."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from kgbuild.errors import ReadError
from kgbuild.read.formats.html import decode_html, shown_text
from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

CONTAINER = "META-INF/container.xml"


def read_epub(job: Job) -> Iterator[Piece]:
    """The shown text of each chapter.

    Raises:
        ReadError: it is encrypted, or names no chapters.
    """
    archive = Archive(job.file, job.budget)
    if "META-INF/encryption.xml" in archive and b"EncryptedData" in archive.read(
        "META-INF/encryption.xml"
    ):
        encrypted = archive.read("META-INF/encryption.xml")
        if b"xhtml" in encrypted or b".html" in encrypted:
            raise ReadError("is encrypted (DRM)")
    [package] = _attributes(archive.read(CONTAINER), "rootfile", "full-path")[:1] or [""]
    if not package:
        raise ReadError("names no package of chapters")
    chapters = _spine(archive.read(package))
    if not chapters:
        raise ReadError("names no chapters")
    folder = posixpath.dirname(package)
    for number, href in enumerate(chapters, 1):
        member = posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))
        text = shown_text(decode_html(archive.read(member)))
        if text.strip():
            yield Piece(text, "chapter", str(number))


def _attributes(data: bytes, tag: str, attribute: str) -> list[str]:
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == tag and attribute in attributes:
            found.append(attributes[attribute])

    parse_xml(data, Handlers(start, lambda name: None, lambda text: None))
    return found


def _spine(package: bytes) -> list[str]:
    """The files of the chapters in reading order."""
    files: dict[str, str] = {}
    order: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "item" and "html" in attributes.get("media-type", ""):
            files[attributes.get("id", "")] = attributes.get("href", "")
        elif name == "itemref":
            order.append(attributes.get("idref", ""))

    parse_xml(package, Handlers(start, lambda name: None, lambda text: None))
    return [files[id] for id in order if files.get(id)]
