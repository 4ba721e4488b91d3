"""What ``MemoryStore`` knows of other registers, and of relations as they were seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kgbuild.types import DocumentRecord, ExternalId, Relation

from .memory_graph import Graph
from .rules import checked_external, external_words


class MemoryExternal:
    """A part of the ``Store`` port in dicts."""

    _external: dict[ExternalId, ExternalId]
    _records: dict[str, DocumentRecord]
    _graph: Graph
    _generation: int

    if TYPE_CHECKING:  # the store's own

        def _note(
            self, action: str, subject: str, detail: str = "", author: str | None = None
        ) -> None: ...

    def add_external_ids(self, ids: Sequence[ExternalId]) -> int:
        """Save ids under their nodes; gives how many are new.

        Raises:
            InputError: an id has no scheme or value, or too long a one.
        """
        sound = {one: one for one in checked_external(ids)}
        new = len(sound.keys() - self._external.keys())
        for one in sound.values():
            self._external.pop(one, None)
            self._external[one] = one
        if sound:
            self._note("external", *external_words(list(sound.values()), new))
            self._generation += 1
        return new

    def remove_external_ids(self, entity: str, scheme: str, value: str | None = None) -> int:
        """Forget an entity's id, or with no value all of a scheme; gives how many there were."""
        gone = [
            one
            for one in self._external
            if self._graph.entity_of.get(one.entity) == entity
            and one.scheme == scheme
            and value in (None, one.value)
        ]
        for one in gone:
            del self._external[one]
        if gone:
            self._note("external", entity, f"{len(gone)} removed: {scheme}:{value or '*'}")
            self._generation += 1
        return len(gone)

    def external_ids(self, entity: str | None = None) -> Iterator[ExternalId]:
        """Ids of the entities that are in the graph now, by entity, scheme and value."""
        found: dict[ExternalId, ExternalId] = {}
        for one in sorted(self._external.values()):
            now = self._graph.entity_of.get(one.entity)
            if now in self._graph.entities and entity in (None, now):
                moved = replace(one, entity=str(now))
                found.setdefault(moved, moved)
        yield from sorted(found.values())

    def relations(self, document: str) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position."""
        record = self._records.get(document)
        found = () if record is None else record.relations
        return sorted(found, key=lambda r: (r.subject, r.object, r.relation))
