"""What ``MemoryStore`` knows of other registers, and of relations as they were seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kgbuild.ports import AliasLinker, Linker
from kgbuild.types import (
    DocumentRecord,
    ExternalId,
    KnownEntity,
    KnownName,
    NamedNode,
    Relation,
    SeenNode,
)

from .memory_graph import Graph
from .register_rules import (
    checked_external,
    checked_known_names,
    checked_watchlist,
    external_words,
)


class MemoryExternal:
    """A part of the ``Store`` port in dicts."""

    _external: dict[ExternalId, ExternalId]
    _records: dict[str, DocumentRecord]
    _graph: Graph
    _generation: int
    _watched: dict[str, tuple[KnownEntity, ...]]
    _known: dict[str, list[KnownName]]
    _linker: Linker
    _linked_by: str | None

    if TYPE_CHECKING:  # the store's own

        def _note(
            self, action: str, subject: str, detail: str = "", author: str | None = None
        ) -> None: ...
        def _settle(self) -> None: ...
        def nodes(self, around: str | None = None) -> Iterator[list[SeenNode]]:
            """As the port."""
            ...

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

    def external_ids(
        self, entity: str | None = None, value: str | None = None
    ) -> Iterator[ExternalId]:
        """Ids of the entities that are in the graph now, by entity, scheme and value."""
        found: dict[ExternalId, ExternalId] = {}
        for one in sorted(self._external.values()):
            now = self._graph.entity_of.get(one.entity)
            if now in self._graph.entities and entity in (None, now) and value in (None, one.value):
                moved = replace(one, entity=str(now))
                found.setdefault(moved, moved)
        yield from sorted(found.values())

    def named_nodes(self, blocks: Collection[str] | None = None) -> Iterator[NamedNode]:
        """The nodes of these blocks [all], by type, name and id."""
        found = [
            NamedNode(node.type, node.key, node.id, entity)
            for group in self.nodes()
            for node in group
            if node.type
            and (
                blocks is None
                or any(t.kind == "block" and t.value in blocks for t, _ in node.traits)
            )
            and (entity := self._graph.entity_of.get(node.id, "")) in self._graph.entities
        ]  # fmt: skip
        yield from sorted(found)

    def set_watchlist(self, name: str, entries: Sequence[KnownEntity]) -> None:
        """Make a watch list hold just these; of none, there is no such list.

        Raises:
            InputError: an entry has no id or name, or can't be stored.
        """
        sound = checked_watchlist(name, entries)
        self._watched[name] = tuple(sorted(sound, key=lambda one: one.id))
        self._note("watch", name, f"{len(sound)} entries")
        self._generation += 1

    def watchlists(self) -> Iterator[KnownEntity]:
        """The entries of every watch list, by list and id."""
        for name in sorted(self._watched):
            yield from self._watched[name]

    def set_known_names(self, source: str, names: Sequence[KnownName]) -> bool:
        """Make a register's names just these, and let the graph follow.

        Raises:
            InputError: a name is of another source, or lacks a part.
        """
        sound = checked_known_names(source, names)
        if self.known_names(source) == sound:
            return False
        current = self._linked_by == self._linker_now()
        self._known[source] = sound
        self._note("aliases", source, f"{len(sound)} names")
        self._settle()
        self._linked_by = self._linker_now() if current else self._linked_by
        return True

    def known_names(self, source: str | None = None) -> list[KnownName]:
        """The names of a register [of all], sorted."""
        sources = self._known if source is None else [source]
        return sorted(name for one in sources for name in self._known.get(one, ()))

    def _linker_now(self) -> str:
        """The fingerprint of what computes the entities, with its rule for known names where
        there are any."""
        if isinstance(self._linker, AliasLinker) and self.known_names():
            return f"{self._linker.fingerprint}:{self._linker.alias_rule}"
        return self._linker.fingerprint

    def relations(self, document: str, candidates: bool = False) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position; or its
        candidates, too weak to state."""
        record = self._records.get(document)
        if record is None:
            return []
        found = record.candidates if candidates else record.relations
        return sorted(found, key=lambda r: (r.subject, r.object, r.relation))
