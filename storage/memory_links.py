"""Links of the in-memory store: a fact's row id is its place in the order of all facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kgbuild.types import Entity, Fact, Links, LinkSources, LinksWanted, StoredMention

from .link_rows import links_of
from .memory_graph import Graph


class MemoryLinks:
    """The ``LinkStore`` port over the graph of the store it is mixed into."""

    if TYPE_CHECKING:  # the store's own
        _graph: Graph
        _rows: dict[int, str]

        def mentions(  # noqa: D102
            self, document: str | None = None, entity: str | None = None
        ) -> Iterator[StoredMention]: ...

    def entity_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Row ids of entities; those that aren't there are left out."""
        row_of = {key: row for row, key in self._rows.items()}
        return {id: row_of[id] for id in ids if id in row_of}

    def links(self, wanted: LinksWanted) -> Links:
        """Facts, most confident first, equals by row id."""
        row_of = {key: row for row, key in self._rows.items()}
        return links_of(
            (at, row_of[f.subject.id], row_of[f.object.id], f.relation, f.confidence)
            for at, f in enumerate(self._graph.facts)
            if self._wanted(f, row_of, wanted)
        )

    def link_sources(self, facts: Sequence[int]) -> list[LinkSources]:
        """What is said of facts (row ids), in order."""
        found = []
        for fact in (self._graph.facts[int(at)] for at in facts):
            dates = sorted({date.name for date in self._dates(fact)})
            found.append(LinkSources(len({e.document for e in fact.evidence}), tuple(dates)))
        return found

    def _wanted(self, fact: Fact, row_of: dict[str, int], wanted: LinksWanted) -> bool:
        around = set(wanted.entities or ())
        others = [e for e in (fact.subject, fact.object) if row_of[e.id] not in around]
        return (
            (wanted.entities is None or len(others) < 2)
            and (wanted.types is None or all(e.type in wanted.types for e in others))
            and (wanted.relations is None or fact.relation in wanted.relations)
            and fact.confidence >= wanted.confidence
            and (wanted.dates is None or any(d.id in wanted.dates for d in self._dates(fact)))
        )

    def _dates(self, fact: Fact) -> list[Entity]:
        entities = [fact.subject, fact.object]
        for evidence in fact.evidence:
            entities += [
                self._graph.entities[m.entity]
                for m in self.mentions(document=evidence.document)
                if m.mention.start >= evidence.start and m.mention.end <= evidence.end
            ]
        return [entity for entity in entities if entity.type == "DATE"]
