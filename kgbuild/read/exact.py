"""Reading a text without touching it: annotations made elsewhere count its characters."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kgbuild.errors import ReadError
from kgbuild.types import Document


def read_exact(path: Path) -> Document:
    """A UTF-8 text exactly as it stands in its file, line ends and all.

    Raises:
        ReadError: it can't be opened, isn't UTF-8, or holds no text or NULs.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"{path}: isn't UTF-8 (byte {error.start}): save it as UTF-8") from error
    if "\0" in text:
        raise ReadError(f"{path}: holds NUL characters: is it a text file?")
    if not text.strip():
        raise ReadError(f"{path}: holds no text")
    return Document(str(path), text, hashlib.sha256(data).hexdigest())
