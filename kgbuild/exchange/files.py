"""Files and folders that appear when they are whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact

_XML_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``, renamed to it at the end.

    Raises:
        InputError: it can't be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        os.close(handle)
        draft = Path(name)
        try:
            yield draft
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror or error}") from error


@contextmanager
def whole_text(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file with ``\\n`` at line ends that appears when it is whole."""
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside ``path``, renamed to it at the end.

    Raises:
        InputError: there is something at ``path``, or it can't be written.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path}: exists and isn't an empty folder: give a new one")
    try:
        draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:40]}."))
        try:
            yield draft
            draft.chmod(0o755)
            draft.replace(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror or error}") from error


_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def unique_name(text: str, otherwise: str, used: set[str]) -> str:
    """A name for a file, at most 80 characters and 120 bytes, that no other has yet.

    ``text`` holds characters that every file system takes; what no system takes at a name's
    ends, and names that Windows keeps to itself, are changed. ``used`` holds the names given,
    casefolded, and takes this one.
    """
    base = text.strip("._ ")[:80] or otherwise
    while len(base.encode()) > 120:
        base = base[:-10]
    base = base.strip("._ ") or otherwise
    base = f"{base}_" if _RESERVED.fullmatch(base) else base
    name, number = base, 2
    while name.casefold() in used:
        name, number = f"{base}~{number}", number + 1
    used.add(name.casefold())
    return name


def xml_text(text: str) -> str:
    """A text without the characters that XML 1.0 can't hold: each becomes U+FFFD."""
    return _XML_ILLEGAL.sub(REPLACEMENT, text)


def xml_escaped(json: str) -> str:
    """JSON whose characters that XML 1.0 can't hold are ``\\u`` escapes: nothing is lost."""
    return _XML_ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity with its ids elsewhere, each ``scheme:value``."""

    entity: Entity
    external: tuple[str, ...]


def entity_rows(store: Store) -> Iterator[EntityRow]:
    """Every entity, most mentioned first."""
    external: dict[str, list[str]] = defaultdict(list)
    for one in store.external_ids():
        external[one.entity].append(f"{one.scheme}:{one.value}")
    for entity in store.entities():
        yield EntityRow(entity, tuple(external.get(entity.id, ())))


def sources(fact: Fact) -> list[str]:
    """The documents that state a fact, each once, in code point order."""
    return sorted({evidence.document for evidence in fact.evidence})
