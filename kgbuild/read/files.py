"""Paths → documents."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from kgbuild.errors import ReadError
from kgbuild.types import Document

MEDIA_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown"}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Files named, and the readable ones in folders named, each once and in order.

    Raises:
        ReadError: a path doesn't exist.
    """
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.suffix.lower() in MEDIA_TYPES)
            found = [p for p in inside if p.is_file() and not _hidden(p, path)]
        elif path.exists():
            found = [path]
        else:
            raise ReadError(f"{path}: no such file or folder")
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def read_document(path: Path) -> Document:
    """One file; ``source`` is the path as given.

    Raises:
        ReadError: it can't be opened, isn't a text format known here, isn't
            UTF-8 (or UTF-16 with a mark), or holds no text.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        known = ", ".join(MEDIA_TYPES)
        raise ReadError(
            f"{path}: the format {path.suffix or 'without suffix'!r} isn't read ({known} are)"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error
    text = decode(data, path)
    if not text.strip():
        raise ReadError(f"{path}: holds no text")
    return Document(str(path), text, hashlib.sha256(data).hexdigest(), media_type)


def decode(data: bytes, path: Path) -> str:
    """Bytes → text: by the byte order mark, else UTF-8.

    Raises:
        ReadError: the bytes are something else; the place is named.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{path}: isn't {encoding.upper()} (byte {error.start}): save it as UTF-8"
        ) from error
    if "\x00" in text:
        raise ReadError(f"{path}: holds NUL characters: is it a text file?")
    return text
