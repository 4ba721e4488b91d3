"""Pages of the in-memory store: the whole order, cut after a place in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from kgbuild.ports import EntityKey, FactKey
from kgbuild.types import Document, DocumentSummary, Entity, Fact, FactsWanted

from .rules import fold


class MemoryPages:
    """The ``PageStore`` port over the iterators of the store it is mixed into."""

    if TYPE_CHECKING:  # the store's own

        def documents(self) -> Iterator[Document]: ...  # noqa: D102

        def entities(  # noqa: D102
            self, type: str | None = None, name: str | None = None
        ) -> Iterator[Entity]: ...

        def facts(  # noqa: D102
            self,
            subject: str | None = None,
            relation: str | None = None,
            object: str | None = None,
            document: str | None = None,
        ) -> Iterator[Fact]: ...

    def documents_page(self, after: str | None, limit: int) -> list[DocumentSummary]:
        """Documents by source, those after a source."""
        rest = (d for d in self.documents() if after is None or d.source > after)
        return [
            DocumentSummary(d.source, d.sha256, d.media_type, len(d.text))
            for d in islice(rest, limit)
        ]

    def entities_page(
        self, after: EntityKey | None, limit: int, type: str | None, prefix: str | None
    ) -> list[Entity]:
        """Entities, most mentioned first, equals by id."""
        beginning = "" if prefix is None else fold(prefix)
        rest: Iterable[Entity] = (
            e
            for e in self.entities(type=type)
            if any(fold(name).startswith(beginning) for name in (e.name, *e.aliases))
            and (after is None or (-e.mention_count, e.id) > (-after[0], after[1]))
        )
        return list(islice(rest, limit))

    def facts_page(self, after: FactKey | None, limit: int, wanted: FactsWanted) -> list[Fact]:
        """Facts, most confident first (or last), equals by relation and ids."""
        sign = 1 if wanted.weakest else -1

        def key(fact: Fact) -> FactKey:
            return sign * fact.confidence, fact.relation, fact.subject.id, fact.object.id

        rest: Iterable[Fact] = (
            fact
            for fact in self.facts(wanted.subject, wanted.relation, wanted.object, wanted.document)
            if wanted.entity in (None, fact.subject.id, fact.object.id)
            and (after is None or key(fact) > (sign * after[0], *after[1:]))
        )
        return list(islice(sorted(rest, key=key) if wanted.weakest else rest, limit))
