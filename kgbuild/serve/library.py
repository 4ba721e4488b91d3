"""The documents of a graph as a list to look through: titles, dates, folders, sort and search.

Read from the store once for each of its states: a row a document, no texts.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal

from kgbuild.ask.stems import stem, words
from kgbuild.ports import Store
from kgbuild.types import DocumentSummary

Sort = Literal["source", "newest", "oldest", "longest"]

MOST_COLLECTIONS, MOST_TITLES = 200, 20_000
_READ = 2_000
_TITLE = 120
_OPENING = re.compile(r"[^\W_].*")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document in the list; ``added`` is when it (or its present content) came, None where
    the log doesn't reach back; ``stems`` of its source are what a search compares."""

    summary: DocumentSummary
    added: datetime | None
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder of documents (or a file that holds several): ``pattern`` as a filter takes it."""

    name: str
    pattern: str
    documents: int


class Library:
    """The list, read again where the store has changed."""

    def __init__(self) -> None:
        self._held: tuple[int, tuple[Shelved, ...]] | None = None
        self._titles: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def all(self, store: Store) -> tuple[Shelved, ...]:
        """Every document, by source."""
        with self._lock:
            generation = store.generation()
            if self._held is None or self._held[0] != generation:
                self._held = (
                    generation,
                    tuple(sorted(_read(store), key=lambda one: one.summary.source)),
                )
            return self._held[1]

    def added(self, store: Store, source: str) -> datetime | None:
        """When a document's present content came."""
        found = self.one(store, source)
        return None if found is None else found.added

    def one(self, store: Store, source: str) -> Shelved | None:
        """A document of the list."""
        found = self.all(store)
        at = bisect_left(found, source, key=lambda one: one.summary.source)
        here = at < len(found) and found[at].summary.source == source
        return found[at] if here else None

    def title(self, store: Store, one: Shelved) -> str:
        """What a document of the list is called; its text is read for it once."""
        key = one.summary.source, one.summary.sha256
        title = self._titles.get(key)
        if title is None:
            document = store.document(one.summary.source)
            title = title_of(one.summary.source, "" if document is None else document.text)
            if len(self._titles) >= MOST_TITLES:
                self._titles.clear()
            self._titles[key] = title
        return title

    def find(
        self, store: Store, text: str = "", sort: Sort = "source", within: str | None = None
    ) -> list[Shelved]:
        """The documents whose source holds every word of a text (beginnings count), of a source
        or, with ``*``, of those that fit."""
        typed = [stem(word) for word in words(text)]
        found = [
            one
            for one in self.all(store)
            if (within is None or _fits(one.summary.source, within))
            and all(any(known.startswith(word) for known in one.stems) for word in typed)
        ]
        key, backwards = _SORTS[sort]
        return sorted(found, key=key, reverse=backwards)

    def collections(self, store: Store) -> list[Collection]:
        """The folders that documents lie in, as long as there are several, the fullest first."""
        folders = Counter(folder_of(one.summary.source) for one in self.all(store))
        if len(folders) < 2:
            return []
        shared = _shared([folder for folder in folders if folder])
        found = [
            Collection(folder[len(shared) :].strip("/!") or folder or "·", f"{folder}*", count)
            for folder, count in folders.most_common(MOST_COLLECTIONS)
            if folder
        ]
        return sorted(found, key=lambda one: (-one.documents, one.name))


_SORTS: dict[str, tuple[Callable[[Shelved], tuple[object, ...]], bool]] = {
    "source": (lambda one: (one.summary.source,), False),
    "newest": (lambda one: (_stamp(one), one.summary.source), True),
    "oldest": (lambda one: (_stamp(one), one.summary.source), False),
    "longest": (lambda one: (one.summary.characters, one.summary.source), True),
}


def _stamp(one: Shelved) -> float:
    return 0.0 if one.added is None else one.added.timestamp()


def folder_of(source: str) -> str:
    """What a source lies in, up to and with its ``/`` or ``!/`` or ``#``; "" for a bare name."""
    at = max(source.rfind("/"), source.rfind("#"))
    return source[: at + 1]


def name_of(source: str) -> str:
    """The last part of a source: what it is called in its folder."""
    name = PurePosixPath(source.replace("!/", "/")).name
    return name or source


def title_of(source: str, text: str) -> str:
    """What a document is called: its first line where that can be a heading, else its name."""
    first = next((line.strip() for line in text[:1000].splitlines() if line.strip()), "")
    if 3 < len(first) <= _TITLE and _OPENING.match(first) and first[-1] not in ".,;:":
        return first
    return name_of(source)


def _fits(source: str, pattern: str) -> bool:
    if "*" not in pattern:
        return source == pattern
    return fnmatchcase(source, re.sub(r"([\[?])", r"[\1]", pattern))


def _shared(folders: list[str]) -> str:
    """The folder that all of these lie in, or are."""
    least, most = min(folders), max(folders)
    at = 0
    while at < min(len(least), len(most)) and least[at] == most[at]:
        at += 1
    return least[: least.rfind("/", 0, at) + 1]


def _read(store: Store) -> list[Shelved]:
    found: list[DocumentSummary] = []
    while some := store.documents_page(found[-1].source if found else None, _READ):
        found += some
    added = {entry.subject: entry.made_at for entry in store.log() if entry.action in _COMING}
    return [
        Shelved(one, added.get(one.source), tuple(stem(word) for word in words(one.source)))
        for one in found
    ]


_COMING = frozenset({"add", "replace"})
