"""Asks one store: link → expand → rank → decide, with what they need made when needed.

The graph proposes what could answer, a trained ranker reads which of it is asked for, and a
threshold decides whether to say it. Questions of fixed shapes («как связаны», «кто старше»)
and wordings that are known word for word are read by rule beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kgbuild.ask.about import asked_about
from kgbuild.ask.answer import Passages, by_wordings, with_passages
from kgbuild.ask.asked import Asked, read_question
from kgbuild.ask.candidates import Surroundings, propose
from kgbuild.ask.decide import (
    Ranked,
    abstained,
    connected,
    decide,
    described,
    lacks,
    rank,
    verified,
)
from kgbuild.ask.features import Vectors, view
from kgbuild.ask.link import Linker
from kgbuild.ask.names import NameIndex
from kgbuild.ask.outcomes import Result
from kgbuild.ask.ranker import Ranker
from kgbuild.ask.spans import Link, SpanLinker, link_of
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Answer

SURE = 0.6
"""The share from which a ranked answer counts before what the wordings read: chosen on the
dossiers' development questions and on our own."""


DENIED = 0.65
"""The share that a ranked answer needs where wordings and ranker agree which relation is asked
for, the graph lacks the fact, and a path over other relations would answer: a town where
somebody lives is not where they work."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What questions are read with; each is asked for when it is first needed."""

    normalizer: Callable[[], Normalizer]
    ranker: Callable[[], Ranker]
    vectors: Callable[[], Vectors]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of one generation of a store."""

    generation: int
    names: NameIndex
    spans: SpanLinker
    around: Surroundings


class Asker:
    """Answers questions; the names of the store are read again where it has changed."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store, self._tools = store, tools
        self._held: _Known | None = None
        self._last: tuple[str, int, Ranked] | None = None

    def ask(self, question: str, passages: Passages | None = None, sure: bool = False) -> Answer:
        """The answer to a question, or why there is none and the nearest passages; ``sure``
        leaves readings too weak for a fact out of it."""
        return with_passages(question, self._result(question, sure), passages)

    def explain(self, question: str) -> str:
        """How a question is understood: names, the best candidates, the threshold."""
        known = self._known
        ranked = self._ranked(question, self._linker(known), known)
        return described(ranked, self._tools.ranker())

    def meant(self, question: str, entity: str) -> str:
        """The question with an entity's id in the place of the name that can mean it."""
        asked = read_question(question)
        for link in self._known.spans.links(asked):
            places = [at for at in range(len(asked.words)) if link.words >> at & 1]
            together = places and places[-1] - places[0] + 1 == len(places)
            if link.entity == entity and together:
                start, end = asked.words[places[0]].start, asked.words[places[-1]].end
                return f"{asked.text[:start]}{entity}{asked.text[end:]}"
        return asked_about(question, entity)

    def names(self) -> NameIndex:
        """All names of the graph."""
        return self._known.names

    @property
    def _known(self) -> _Known:
        generation = self._store.generation()
        if self._held is None or self._held.generation != generation:
            names = NameIndex.of(self._store)
            around = Surroundings(self._store)
            self._held = _Known(generation, names, SpanLinker(names), around)
        return self._held

    def _links(self, asked: Asked, linker: Linker, known: _Known) -> list[Link]:
        """What the words may name; an id names its entity and leaves no doubt."""
        ids = [
            link_of(entity, at)
            for at, word in enumerate(asked.words)
            for entity in linker.by_id(word.text)
        ]
        return ids or known.spans.links(asked)

    def _ranked(self, question: str, linker: Linker, known: _Known) -> Ranked:
        """A question's candidates; those of the last question are kept, for whoever asks for an
        answer and then how it came about."""
        last = self._last
        if last is not None and last[:2] == (question, known.generation):
            return last[2]
        asked = read_question(question)
        links = self._links(asked, linker, known)
        seen = view(asked, links, self._tools.vectors())
        found = rank(asked, links, propose(links, known.around), self._tools.ranker(), seen)
        self._last = (question, known.generation, found)
        return found

    def _linker(self, known: _Known) -> Linker:
        return Linker(self._store, known.names, self._tools.normalizer(), known.around)

    def _result(self, question: str, sure: bool) -> Result:
        known = self._known  # one state of the graph, read once
        linker = self._linker(known)
        spoken = by_wordings(question, linker, not sure)
        said = bool(spoken.items) and not spoken.tentative
        if said and not spoken.items[0].entity:
            return spoken  # a shape with a grammar of its own: yes or no, a count, a path
        ranked = self._ranked(question, linker, known)
        if said and ranked.share < SURE:
            return spoken
        if ranked.share < DENIED and lacks(ranked, self._tools.ranker(), spoken.relations):
            return spoken
        around = known.around
        if ranked.shape == "yes_no":
            found = verified(ranked, around)
        elif ranked.shape == "connection":
            found = connected(ranked, self._store)
        else:
            found = decide(ranked, self._tools.ranker(), around)
        if found.items:
            return found
        return spoken if spoken.items or spoken.choices else abstained(ranked)
