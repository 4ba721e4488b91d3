"""Asks one store: link → expand → rank → decide, with what they need made when needed.

The graph proposes what could answer, a trained ranker reads which of it is asked for, and a
trained decision says which of the best is the answer, if any. Questions of fixed shapes («как
связаны», «кто старше») and wordings that are known word for word are read by rule beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kgbuild.ask.about import asked_about
from kgbuild.ask.answer import Passages, by_wordings, with_passages
from kgbuild.ask.asked import Asked, read_question
from kgbuild.ask.candidates import Surroundings, propose
from kgbuild.ask.decide import (
    Ranked,
    abstained,
    alongside,
    answered,
    connected,
    described,
    rank,
)
from kgbuild.ask.decision import Decision
from kgbuild.ask.features import Vectors, view
from kgbuild.ask.link import EntityLookup
from kgbuild.ask.names import NameIndex
from kgbuild.ask.options import Options, doubtful, options_of
from kgbuild.ask.outcomes import Result
from kgbuild.ask.ranker import SHAPES, Ranker
from kgbuild.ask.romanised import in_cyrillic
from kgbuild.ask.rules.foremost import Compared, Extremes, relation_asked
from kgbuild.ask.rules.in_force import in_force_first
from kgbuild.ask.rules.superlative import Superlative, read_superlative
from kgbuild.ask.rules.verdict import whether
from kgbuild.ask.spans import Link, SpanLinker, link_of
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Abstention, Answer

LIKELIER_THAN_NOT = 0.5
"""The probability that an answer by a doubtful path needs: one from a contradicted or partial
name, one that says nothing of a name in the question, or one around what the graph lacks
(neither the town where they live nor where their wife works is where somebody works)."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What questions are read with; each is asked for when it is first needed."""

    normalizer: Callable[[], Normalizer]
    ranker: Callable[[], Ranker]
    decision: Callable[[], Decision]
    vectors: Callable[[], Vectors]


@dataclass(frozen=True, slots=True)
class Considered:
    """What there is to say to a question: by the wordings, by rank, and the options of both;
    None where a grammar of its own reads it (yes or no, a count, a path)."""

    spoken: Result
    ranked: Ranked
    options: Options | None
    around: Surroundings


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of one generation of a store."""

    generation: int
    names: NameIndex
    spans: SpanLinker
    around: Surroundings
    extremes: Extremes


class Asker:
    """Answers questions; the names of the store are read again where it has changed."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store, self._tools = store, tools
        self._held: _Known | None = None
        self._last: tuple[str, bool, int, Ranked] | None = None

    def ask(self, question: str, passages: Passages | None = None, sure: bool = False) -> Answer:
        """The answer to a question, or why there is none and the nearest passages; ``sure``
        leaves readings too weak for a fact out of it."""
        read = in_cyrillic(question)
        found = self._result(read, sure)
        found = replace(found, items=in_force_first(read, found.items))
        return replace(with_passages(read, found, passages), question=question)

    def explain(self, question: str) -> str:
        """How a question is understood: names, the best candidates, what is likely right."""
        question = in_cyrillic(question)
        extreme = read_superlative(read_question(question))
        if extreme is not None and extreme.firm:
            return self._explained(extreme)
        considered = self.considered(question)
        lines = described(considered.ranked)
        if considered.options is None:
            return "\n".join([*lines, "вопрос читается по правилам"])
        decision = self._tools.decision()
        lines.append("ответы, лучшие:")
        shares = decision.shares(considered.options)
        names = [
            considered.spoken.items[0].text
            if option.at < 0
            else considered.ranked.proposed.entities[option.end].name
            for option in considered.options.all
        ]
        for at in np.argsort(-shares[:-1], kind="stable")[:5].tolist():
            lines.append(f"  {shares[at]:.3f}  {names[at]}")
        lines.append(f"  {shares[-1]:.3f}  ответа нет")
        return "\n".join([*lines, f"ответ даётся от {decision.threshold:.2f}"])

    def _explained(self, extreme: Superlative) -> str:
        over = self._compared(extreme)
        most = "наименьшее" if extreme.scale.least else "наибольшее"
        lines = [f"вопрос о каждом: «{extreme.question}»"]
        if over is None:
            return "\n".join([*lines, "неясно, что сравнивается"])
        number = "" if over.value else "число, "
        lines.append(f"сравнивается: {number}{over.label} ({over.relation}), {most}")
        if not extreme.group:
            return "\n".join([*lines, "среди всех, о ком это известно"])
        entities = self._known.around.entities(self._group(extreme) or ())
        named = ", ".join(entity.name for entity in entities.values()) or "ни о ком"
        return "\n".join([*lines, f"среди ответов на «{extreme.group}»: {named}"])

    def meant(self, question: str, entity: str) -> str:
        """The question with an entity's id in the place of the name that can mean it."""
        question = in_cyrillic(question)
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
            self._held = _Known(generation, names, SpanLinker(names), around, Extremes(around))
        return self._held

    def _links(self, asked: Asked, linker: EntityLookup, known: _Known) -> list[Link]:
        """What the words may name; an id names its entity and leaves no doubt."""
        ids = [
            link_of(entity, at)
            for at, word in enumerate(asked.words)
            for entity in linker.by_id(word.text)
        ]
        return ids or known.spans.links(asked)

    def _ranked(self, question: str, linker: EntityLookup, known: _Known, weak: bool) -> Ranked:
        """A question's candidates; those of the last question are kept, for whoever asks for an
        answer and then how it came about."""
        last = self._last
        if last is not None and last[:3] == (question, weak, known.generation):
            return last[3]
        asked = read_question(question)
        links = self._links(asked, linker, known)
        seen = view(asked, links, self._tools.vectors())
        found = rank(asked, links, propose(links, known.around, weak), self._tools.ranker(), seen)
        self._last = (question, weak, known.generation, found)
        return found

    def _linker(self, known: _Known) -> EntityLookup:
        return EntityLookup(self._store, known.names, self._tools.normalizer(), known.around)

    def considered(self, question: str, sure: bool = False) -> Considered:
        """What there is to say to a question; ``sure`` as for :meth:`ask`."""
        known = self._known  # one state of the graph, read once
        linker = self._linker(known)
        spoken = by_wordings(question, linker, not sure)
        ranked = self._ranked(question, linker, known, not sure)
        named = bool(spoken.items and spoken.items[0].entity)
        shaped = bool(spoken.items) or ranked.shape != SHAPES[0]
        if ranked.shape == "yes_no" or (shaped and not named):
            return Considered(spoken, ranked, None, known.around)
        options = options_of(ranked, self._tools.ranker(), spoken, known.around)
        return Considered(spoken, ranked, options, known.around)

    def _result(self, question: str, sure: bool) -> Result:
        extreme = read_superlative(read_question(question))
        if extreme is None or (extreme.group and not extreme.firm):
            return self._found(question, sure)
        over = self._compared(extreme)
        if over is None and not extreme.firm:
            return self._found(question, sure)  # «кто первым …» may be told of somebody as it is
        return self._foremost(extreme, over)

    def _found(self, question: str, sure: bool) -> Result:
        considered = self.considered(question, sure)
        spoken, ranked = considered.spoken, considered.ranked
        if considered.options is not None:
            found = self._decided(considered, considered.options)
        elif spoken.items and not spoken.items[0].entity:
            return spoken
        elif ranked.shape == "yes_no":
            found = whether(ranked, considered.around, self._store)
        else:
            found = connected(ranked, considered.around)
        return found if found.items or not spoken.choices else spoken

    def _foremost(self, extreme: Superlative, over: Compared | None) -> Result:
        """Who is first, oldest, dearest; none where it isn't clear what is compared, or among
        whom."""
        if over is None:
            return Result(abstention=Abstention.UNKNOWN_RELATION)
        group = self._group(extreme) if extreme.group else None
        if extreme.group and not group:
            return Result(
                abstention=Abstention.NO_FACT,
                name=extreme.group.removeprefix("Кто из ").rstrip("?"),
            )
        return self._known.extremes.foremost(extreme, over, group)

    def _compared(self, extreme: Superlative) -> Compared | None:
        asked, ranker = read_question(extreme.question), self._tools.ranker()
        seen = view(asked, (), self._tools.vectors())
        return relation_asked(extreme, ranker.steps(ranker.query(seen)))

    def _group(self, extreme: Superlative) -> list[int] | None:
        """The entities (rows) among whom the first is asked for: all ends of the likeliest path
        that a question for them leads over."""
        considered = self.considered(extreme.group, sure=True)
        if considered.options is None or not considered.options.all:
            return None
        decision = self._tools.decision()
        shares = decision.shares(considered.options)[:-1]
        best = considered.options.all[int(shares.argmax())]
        if shares.max() < decision.threshold:
            return None
        said = considered.spoken.items if best.spoken else ()
        rows = list(considered.around.rows(item.entity for item in said if item.entity).values())
        if best.at >= 0:
            rows += alongside(considered.ranked, best.at)
        entities = considered.around.entities(rows)
        return [row for row, e in entities.items() if not extreme.types or e.type in extreme.types]

    def _decided(self, considered: Considered, options: Options) -> Result:
        """The likeliest option, where it is likely enough; or the fact that the wordings found
        around a name that the ranker knows nothing of."""
        spoken, ranked = considered.spoken, considered.ranked
        decision = self._tools.decision()
        shares = decision.shares(options)[:-1]
        best = int(shares.argmax()) if len(shares) else -1
        if best < 0:
            return abstained(ranked)
        option = options.all[best]
        doubt = doubtful(ranked, option, spoken)
        if shares[best] < (LIKELIER_THAN_NOT if doubt else decision.threshold):
            aside = any(other.at < 0 for other in options.all)
            return spoken if aside and not spoken.tentative else abstained(ranked)
        if option.at < 0:
            return spoken
        found = answered(ranked, option.end, considered.around)
        fuller = option.spoken and (
            len(spoken.items) > len(found.items) or (spoken.conflicting and not found.conflicting)
        )
        if not fuller:
            return found
        chosen = ranked.proposed.entities[option.end].id  # of a list that the wordings know whole
        items = sorted(spoken.items, key=lambda item: item.entity != chosen)
        return replace(spoken, items=tuple(items))
