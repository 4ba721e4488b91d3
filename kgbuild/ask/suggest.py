"""Whom somebody who types means: entities by the beginnings of the words of their names.

Words may come in any order and case, may be unfinished, and from five letters on may hold a
typing error. A word that says what somebody is («химик») leads to those of whom a fact says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgbuild.ask.names import Entry, NameIndex, distinct
from kgbuild.ask.stems import stem, words
from kgbuild.ports import Store
from kgbuild.russian.folding import fold
from kgbuild.types import Entity, FactsWanted

FOREMOST = frozenset(
    {"PERSON", "ORGANIZATION", "FACILITY", "FAMILY", "EVENT", "PRODUCT", "WORK_OF_ART"}
    | {"CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE"}
)
"""Types of what bears a name of its own: they come before posts, dates and numbers."""

SHORTEST = 2
"""Letters from which on a word finds names that begin with it."""

_STEMS, _ENTRIES, _LOOKED = 300, 3000, 300
"""Stems that a beginning may have, names of a stem, and entities that are weighed at most."""

_CALLED, _OF_CALLING = 2, 4
"""Descriptions that are followed, and people of each."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entity, the name of it that suits best, and the description that led to it ("")."""

    entity: Entity
    name: str
    described: str = ""


class Suggester:
    """Suggestions over the names of a graph; made anew when the names are."""

    def __init__(self, names: NameIndex) -> None:
        self.names = names
        self._stems = sorted(names.stems())

    def suggest(self, store: Store, text: str, limit: int = 8) -> list[Suggestion]:
        """The entities that a text can mean, those of proper names and most mentioned first."""
        typed = words(text)
        entries = {entry.entity: entry for entry in distinct(self._entries(typed))}
        rows = store.entity_rows(list(entries)[:_LOOKED])
        known = [e for e in store.entities_by_row(list(rows.values())) if e is not None]
        known.sort(key=lambda e: _rank(e, entries[e.id], typed))
        found = [Suggestion(entity, entries[entity.id].text) for entity in known]
        called = [one for one in found if one.entity.type not in FOREMOST][:_CALLED]
        described = list(_described(store, called))
        merged = {
            one.entity.id: one
            for one in [
                *(one for one in found if one.entity.type in FOREMOST),
                *described,
                *(one for one in found if one.entity.type not in FOREMOST),
            ]
        }
        return list(merged.values())[:limit]

    def _entries(self, typed: Sequence[str]) -> Iterator[Entry]:
        """Names in which each of the words begins one."""
        holding: list[set[int]] = []
        for word in typed:
            if len(word) < SHORTEST and len(typed) > 1:
                continue  # an initial that is being typed
            stems = self._beginning(word) or self.names.near(stem(word))
            some = {e for s in stems for e in self.names.holding(s, _ENTRIES)}
            if not some:
                return
            holding.append(some)
        if not holding:
            return
        for entry in sorted(set.intersection(*sorted(holding, key=len))):
            yield self.names.entry(entry)

    def _beginning(self, word: str) -> list[str]:
        """Stems that a word, finished or not, can have: the shortest first."""
        start = stem(word) if len(word) > SHORTEST else word
        at = bisect_left(self._stems, start)
        found = []
        while at < len(self._stems) and self._stems[at].startswith(start):
            found.append(self._stems[at])
            at += 1
            if len(found) == _STEMS:
                break
        return sorted(found, key=len)


def _rank(entity: Entity, entry: Entry, typed: Iterable[str]) -> tuple[object, ...]:
    said = words(entry.text)
    literal = all(any(word.startswith(one) for word in said) for one in typed)
    whole = fold(entity.name) == " ".join(typed)
    return (entity.type not in FOREMOST, not whole, not literal, -entity.mention_count,
            entity.name, entity.id)  # fmt: skip


def _described(store: Store, called: Sequence[Suggestion]) -> Iterator[Suggestion]:
    for one in called:
        wanted = FactsWanted(object=one.entity.id, relation="WORKS_AS")
        for fact in store.facts_page(None, _OF_CALLING, wanted):
            yield Suggestion(fact.subject, fact.subject.name, one.entity.name)
