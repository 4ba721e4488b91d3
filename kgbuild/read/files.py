"""Paths → files: folders are walked, what isn't read is named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kgbuild.errors import ReadError
from kgbuild.read.documents import source_of
from kgbuild.read.sniff import SUFFIXES


@dataclass(slots=True)
class Found:
    """The files to read, what was refused on the way to them, and what isn't read.

    ``roots`` are the paths that were named. ``refused`` holds sources and reasons; ``passed_over``
    the files of folders whose suffix isn't one of :data:`kgbuild.read.sniff.SUFFIXES`; ``links``
    the symbolic links in folders that weren't followed, unless ``follow_links``.
    """

    files: list[Path] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    follow_links: bool = False

    def __iter__(self) -> Iterator[Path]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def find_files(paths: Iterable[Path], follow_links: bool = False) -> Found:
    """Files named, and those in folders named whose suffix is known, each once and in order.

    Hidden files and folders are passed over in silence. A symbolic link in a folder may lead out
    of what was named, to whatever this user may read: it isn't followed unless ``follow_links``.
    Then one that leads back to a folder it stands in, or nowhere, is refused, as is a folder that
    can't be opened; the others go on. A link that is named itself is followed.

    Raises:
        ReadError: a path doesn't exist.
    """
    found = Found(follow_links=follow_links)
    seen: set[Path] = set()
    for path in paths:
        found.roots.append(path)
        if path.is_dir():
            inside = Found(follow_links=follow_links)
            _walk(path, inside, ())
            for file in sorted(inside.files):
                _add(file, found, seen)
            found.refused += inside.refused
            found.passed_over += sorted(inside.passed_over)
            found.links += sorted(inside.links)
        elif path.exists() or path.is_symlink():
            _add(path, found, seen)
        else:
            raise ReadError(f"{path}: no such file or folder")
    return found


def _add(file: Path, found: Found, seen: set[Path]) -> None:
    if file not in seen:
        seen.add(file)
        found.files.append(file)


def _walk(folder: Path, found: Found, above: tuple[tuple[int, int], ...]) -> None:
    """``above`` are device and inode of the folders on the way down."""
    source = source_of(folder)
    try:
        status = folder.stat()
        here = (status.st_dev, status.st_ino)
        if here in above:
            found.refused.append((source, f"{source}: a link back to a folder it stands in"))
            return
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found.refused.append((source, f"{source}: can't be opened: {error.strerror}"))
        return
    for entry in entries:
        if not entry.name.startswith("."):
            _entry(entry, Path(entry.path), found, (*above, here))


def _entry(
    entry: os.DirEntry[str], path: Path, found: Found, above: tuple[tuple[int, int], ...]
) -> None:
    if entry.is_symlink() and not found.follow_links:
        found.links.append(source_of(path))
        return
    try:
        folder, file = entry.is_dir(), entry.is_file()
    except OSError as error:  # a link to itself
        found.refused.append((source_of(path), f"{source_of(path)}: {error.strerror}"))
        return
    if folder:
        _walk(path, found, above)
    elif path.suffix.lower() not in SUFFIXES or not (file or entry.is_symlink()):
        found.passed_over.append(source_of(path))
    elif not file:
        reason = "a link that leads nowhere, or to no file"
        found.refused.append((source_of(path), f"{source_of(path)}: {reason}"))
    else:
        found.files.append(path)
