"""Files of each format, written by hand, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.robust import bad_documents as bad
from kgbuild.read.documents import Outcome, Reader
from kgbuild.read.sentences import split_sentences
from kgbuild.types import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def outcomes(path: Path, data: bytes | str) -> list[Outcome]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    reader = Reader()
    try:
        return list(reader(path))
    finally:
        reader.close()


def texts(path: Path, data: bytes | str) -> list[str]:
    """The texts of the documents of a file; anything else than a document fails."""
    found = outcomes(path, data)
    assert all(isinstance(one, Document) for one in found), found
    return [one.text for one in found if isinstance(one, Document)]


def text_of(path: Path, data: bytes | str) -> str:
    [text] = texts(path, data)
    return text


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text)]


def docx(body: str, **members: str) -> bytes:
    """``members``: name under ``word/`` without its suffix → its body; ``styles`` too."""

    def wrap(tag: str, inside: str) -> bytes:
        return f'<?xml version="1.0"?><w:{tag} {W}>{inside}</w:{tag}>'.encode()

    files = {"word/document.xml": wrap("document", f"<w:body>{body}</w:body>")}
    files |= {f"word/{name}.xml": wrap(name, inside) for name, inside in members.items()}
    return bad.zipped(files)


def run(text: str, letters: str = "") -> str:
    shown = f"<w:rPr>{letters}</w:rPr>" if letters else ""
    return f'<w:r>{shown}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def rtf(body: str, head: str = r"\ansi\ansicpg1251\uc1", page: str = "cp1251") -> bytes:
    escaped = "".join(c if c.isascii() else f"\\'{c.encode(page)[0]:02x}" for c in body)
    return f"{{\\rtf1{head} {escaped}}}".encode("ascii")


def members(outcome: list[Outcome]) -> Iterator[tuple[str, str]]:
    """Name inside the file and kind of each outcome."""
    for one in outcome:
        yield one.source.partition("!/")[2], type(one).__name__
