"""All names of a graph in memory, found by the stems of their words.

Made once for each generation of the store. An entry is one name of one entity; stems point
to the entries that hold them, so a question's name costs a few set intersections however
many entities there are.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.stems import stems
from kgbuild.ports import Store
from kgbuild.types import EntityName

_TYPO_LENGTHS = (5, 9)
"""Letters from which a stem may differ by one edit, and by two."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that was found: the entity, its type, this name and its canonical one."""

    entity: str
    type: str
    text: str
    canonical: str


class NameIndex:
    """Names by the stems of their words."""

    def __init__(self, names: Iterable[EntityName]) -> None:
        self._entities: list[tuple[str, str, str]] = []
        self._texts: list[str] = []
        self._owners = array("q")
        self._lengths = array("q")
        self._postings: dict[str, array[int]] = {}
        self._by_length: dict[int, list[str]] = {}
        for name in names:
            if name.canonical:
                self._entities.append((name.entity, name.type, name.text))
            self._add(name.text)

    @classmethod
    def of(cls, store: Store) -> NameIndex:
        """The index of a store's names."""
        return cls(store.names())

    def _add(self, text: str) -> None:
        entry = len(self._texts)
        distinct = set(stems(text))
        self._texts.append(text)
        self._owners.append(len(self._entities) - 1)
        self._lengths.append(len(distinct))
        for stem in distinct:
            self._postings.setdefault(stem, array("q")).append(entry)

    def __len__(self) -> int:
        return len(self._texts)

    def count(self, stem: str) -> int:
        """How many names hold a stem."""
        return len(self._postings.get(stem, ()))

    def stems(self) -> Iterator[str]:
        """Every stem of a name."""
        return iter(self._postings)

    def holding(self, stem: str, most: int) -> Sequence[int]:
        """The first entries whose name holds a stem."""
        return self._postings.get(stem, array("q"))[:most]

    def entry(self, entry: int) -> Entry:
        """One entry by its number."""
        return self._entry(entry)

    def entity(self, entry: int) -> str:
        """The id of an entry's entity."""
        return self._entities[self._owners[entry]][0]

    @property
    def owners(self) -> NDArray[np.int64]:
        """The number of each entry's entity [n]."""
        return np.frombuffer(self._owners, np.int64)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many distinct stems each entry has [n]."""
        return np.frombuffer(self._lengths, np.int64)

    def summed(self, weight: Callable[[str], float]) -> NDArray[np.float64]:
        """The sum of a weight over each entry's distinct stems [n]."""
        total = np.zeros(len(self), np.float64)
        for stem, entries in self._postings.items():
            total[np.frombuffer(entries, np.int64)] += weight(stem)
        return total

    def stems_in(self, entry: int) -> tuple[str, ...]:
        """The distinct stems of an entry's name."""
        return _distinct_stems(self._texts[entry])

    def __contains__(self, stem: str) -> bool:
        return stem in self._postings

    def exact(self, wanted: Sequence[str]) -> list[Entry]:
        """The names that have these stems and no other, in whatever order."""
        count = len(set(wanted))
        return [self._entry(e) for e in self._holding(wanted) if self._lengths[e] == count]

    def containing(self, wanted: Sequence[str], limit: int = 2000) -> list[Entry]:
        """The first names that have these stems and maybe others."""
        return [self._entry(e) for e in self._holding(wanted)[:limit]]

    def _holding(self, wanted: Sequence[str]) -> list[int]:
        found = [self._postings.get(stem) for stem in set(wanted)]
        if not found or None in found:
            return []
        smallest, *others = sorted((f for f in found if f is not None), key=len)
        entries = set(smallest)
        for other in others:
            entries &= set(other) if len(other) < 50 * len(entries) else _shared(entries, other)
        return sorted(entries)

    def _entry(self, entry: int) -> Entry:
        entity, type, canonical = self._entities[self._owners[entry]]
        return Entry(entity, type, self._texts[entry], canonical)

    def near(self, stem: str, limit: int = 5) -> list[str]:
        """Known stems that a typing error can have made this one, the nearest first."""
        allowed = sum(len(stem) >= length for length in _TYPO_LENGTHS)
        if not allowed:
            return []
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if not self._by_length:
            for known in self._postings:
                self._by_length.setdefault(len(known), []).append(known)
        lengths = range(len(stem) - allowed, len(stem) + allowed + 1)
        found = [
            (distance, word)
            for length in lengths
            for word, distance, _ in process.extract(
                stem,
                self._by_length.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=allowed,
                limit=limit,
            )
        ]
        return [word for _, word in sorted(found)[:limit]]


@lru_cache(maxsize=1 << 16)
def _distinct_stems(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stems(text)))


def _shared(entries: set[int], posting: array[int]) -> set[int]:
    """Which entries stand in a long, sorted posting."""
    from bisect import bisect_left

    def holds(entry: int) -> bool:
        place = bisect_left(posting, entry)
        return place < len(posting) and posting[place] == entry

    return {entry for entry in entries if holds(entry)}


def distinct(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The first entry of each entity."""
    seen: set[str] = set()
    for entry in entries:
        if entry.entity not in seen:
            seen.add(entry.entity)
            yield entry
