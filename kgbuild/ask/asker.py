"""Asks one store: what questions need of its names and of the models, made when needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kgbuild.ask.answer import NO_MODELS, Models, Passages, ask, plan
from kgbuild.ask.classifier import Guess, Guesser
from kgbuild.ask.names import NameIndex
from kgbuild.ask.plan import Plan, Several
from kgbuild.ports import Embedder, Extractor, Normalizer, Store, VectorIndex
from kgbuild.types import Answer, Entity

GuesserFor = Callable[[Embedder], Guesser | None]
"""The classifier of questions that belongs to an embedder; None for another's."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What questions are read with; each is asked for when it is first needed.

    Without ``guesser`` no model takes part. ``entities`` is the index of entities' vectors.
    """

    embedder: Callable[[], Embedder]
    extractor: Callable[[], Extractor]
    normalizer: Callable[[], Normalizer]
    entities: Callable[[], VectorIndex]
    guesser: GuesserFor | None = None


class Asker:
    """Answers questions; the names of the store are read again where it has changed."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store, self._tools = store, tools
        self._names: tuple[int, NameIndex] | None = None
        self._guesser: tuple[Guesser | None] | None = None
        self._models = NO_MODELS
        if tools.guesser is not None:
            self._models = Models(self._guess, self._spot, self._nearest)

    def ask(self, question: str, passages: Passages | None = None, sure: bool = False) -> Answer:
        """The answer to a question, or why there is none and the nearest passages; ``sure``
        leaves readings too weak for a fact out of it."""
        return ask(
            self._store,
            question,
            self._tools.normalizer(),
            passages,
            names=self.names(),
            models=replace(self._models, tentative=not sure),
        )

    def plan(self, question: str) -> Plan | Several:
        """What :meth:`ask` would look up."""
        normalizer = self._tools.normalizer()
        return plan(self._store, question, normalizer, self.names(), self._models)

    def names(self) -> NameIndex:
        """All names of the graph."""
        generation = self._store.generation()
        if self._names is None or self._names[0] != generation:
            self._names = (generation, NameIndex.of(self._store))
        return self._names[1]

    def _known_guesser(self) -> Guesser | None:
        if self._guesser is None:
            assert self._tools.guesser is not None
            self._guesser = (self._tools.guesser(self._tools.embedder()),)
        return self._guesser[0]

    def _guess(self, question: str) -> Guess | None:
        guesser = self._known_guesser()
        return None if guesser is None else guesser(question)

    def _spot(self, question: str) -> list[str]:
        """The names that the extractor finds in a question, the longest first."""
        [found] = self._tools.extractor().extract([question])
        spans = sorted(found.mentions, key=lambda m: (m.start - m.end, m.start))
        return list(dict.fromkeys(question[m.start : m.end] for m in spans))

    def _nearest(self, name: str) -> list[tuple[Entity, float]]:
        """The two entities whose names are nearest in meaning, best first, with cosines.

        None are told of an embedder whose cosines mean something else than those that the
        thresholds were chosen for.
        """
        if self._known_guesser() is None:
            return []
        index = self._tools.entities()
        if index.count == 0:
            return []
        hits = index.search(self._tools.embedder().embed([name], "search_query"), 2)
        rows = [(int(id), float(s)) for id, s in zip(hits.ids[0], hits.scores[0], strict=True)]
        rows = [(id, score) for id, score in rows if id >= 0]
        found = self._store.entities_by_row([id for id, _ in rows])
        pairs = zip(found, (score for _, score in rows), strict=True)
        return [(entity, score) for entity, score in pairs if entity is not None]
