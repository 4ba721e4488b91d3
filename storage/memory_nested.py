"""Names inside names, in the in-memory store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from kgbuild.types import Nested, StoredMention

from .memory_graph import Graph
from .rules import lies_in


class MemoryNested:
    """A part of the ``Store`` port over the mentions of the store it is mixed into."""

    _graph: Graph

    if TYPE_CHECKING:  # the store's own

        def mentions(  # noqa: D102
            self, document: str | None = None, entity: str | None = None
        ) -> Iterator[StoredMention]: ...

    def nested(self, entity: str) -> Nested:
        """What is named inside the names of an entity (an id), and around them."""
        parts: Counter[str] = Counter()
        wholes: Counter[str] = Counter()
        for _, group in groupby(self.mentions(), key=lambda stored: stored.document):
            seen = list(group)
            for mine in (stored for stored in seen if stored.entity == entity):
                for other in (stored for stored in seen if stored.entity != entity):
                    if lies_in(other.mention, mine.mention):
                        parts[other.entity] += 1
                    elif lies_in(mine.mention, other.mention):
                        wholes[other.entity] += 1
        first, second = (
            tuple(
                self._graph.entities[id] for id in sorted(found, key=lambda key: (-found[key], key))
            )
            for found in (parts, wholes)
        )
        return Nested(first, second)
