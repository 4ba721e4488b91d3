"""From ranked candidates to an answer: of whom, with what beside it, or none.

A candidate's probability is a share of a softmax over all candidates and «none of them»;
what leads to one entity adds up. Beside the end that answers stand the other ends of the same
path that are nearly as good: the rest of a list, conflicting values, what is true of a
namesake. Which end answers, if any, :mod:`kgbuild.ask.decision` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.asked import Asked
from kgbuild.ask.candidates import STEPS, Candidates, Proposed, Surroundings
from kgbuild.ask.comparing import agree, entity_value
from kgbuild.ask.connect import paths
from kgbuild.ask.features import CandidateView, QuestionView, look
from kgbuild.ask.outcomes import Result, evidence_of
from kgbuild.ask.ranker import SHAPES, Ranker
from kgbuild.ask.rules.shapes import least_to_ask_whether
from kgbuild.ask.shown import shown_name
from kgbuild.ask.spans import Link
from kgbuild.ontology import relation_type
from kgbuild.types import Abstention, AnswerItem, Entity, Evidence, Fact

BESIDE = 1.5
"""How far behind the best score what stands beside an answer may be."""

LEAST_SURE = 0.05
"""The confidence below which a path counts no less: its share is multiplied by how likely its
facts are true, in learning as in asking."""

MOST_ITEMS = 30
"""Answers of one question."""

NAMED_BY, TRIED = 0.3, 6
"""How much of a name a question about two must say, and how many readings are tried."""

_VALUES = frozenset({"AGE", "DATE", "MONEY", "NUMBER", "ORDINAL", "PERCENT", "TIME"})
_SINGLE = frozenset({"AGE_DIED_AT", "DATE_OF_BIRTH", "DATE_OF_DEATH", "DATE_FOUNDED_IN"})
_COUNT = frozenset({"сколько"})


@dataclass(frozen=True)
class Ranked:
    """A question's candidates in the order of their scores: ``order`` holds their places,
    ``scores`` the scores by place, ``shares`` the probabilities; ``none`` is the share of no
    answer, ``steps`` the probabilities of ``STEPS`` whatever the graph holds, and ``shape`` the
    likeliest of ``SHAPES``."""

    asked: Asked
    seen: QuestionView
    links: tuple[Link, ...]
    proposed: Proposed
    figures: CandidateView
    scores: NDArray[np.float32]
    shares: NDArray[np.float64]
    order: NDArray[np.int64]
    none: float
    steps: NDArray[np.float64]
    shape: str

    @cached_property
    def by_end(self) -> dict[int, float]:
        """The share of each end, the best first."""
        found: dict[int, float] = {}
        order = self.order
        ends, shares = self.proposed.candidates.end[order].tolist(), self.shares[order].tolist()
        for row, share in zip(ends, shares, strict=True):
            found[row] = found.get(row, 0.0) + share
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def likeliest(self) -> str:
        """The relation that is asked for, whatever the graph holds."""
        return STEPS[int(self.steps.argmax())][0]

    def relations(self, at: int) -> set[str]:
        """Those that the path at a place runs over."""
        c = self.proposed.candidates
        return {STEPS[int(c.first[at])][0], STEPS[int(c.last[at])][0]}


def rank(
    asked: Asked, links: Sequence[Link], proposed: Proposed, ranker: Ranker, seen: QuestionView
) -> Ranked:
    """The candidates of a question, scored."""
    figures = look(asked, seen, proposed)
    query = ranker.query(seen)
    sure = np.maximum(proposed.candidates.confidence, LEAST_SURE)
    scores = (ranker.scores(query, figures) + np.log(sure)).astype(np.float32)
    none = ranker.none(query, figures)
    joined = np.append(scores.astype(np.float64), none)
    powers = np.exp(joined - joined.max())
    shares = powers / powers.sum()
    shapes = ranker.shape(query)
    stated = shapes[SHAPES.index("yes_no")] >= least_to_ask_whether(asked)
    shape = "yes_no" if stated else SHAPES[int(shapes.argmax())]
    return Ranked(
        asked, seen, tuple(links), proposed, figures, scores, shares[:-1],
        np.argsort(-scores, kind="stable"), float(shares[-1]), ranker.steps(query), shape,
    )  # fmt: skip


def answered(ranked: Ranked, best: int, known: Surroundings) -> Result:
    """The answer whose best is this end (an entity's row), with what stands beside it."""
    c, by_end = ranked.proposed.candidates, ranked.by_end
    top = next(at for at in ranked.order.tolist() if int(c.end[at]) == best)
    words = c.links[int(c.start[top])].words
    beside: dict[int, int] = {}
    same = (c.first == c.first[top]) & (c.second == c.second[top])
    near = ranked.scores >= ranked.scores[top] - BESIDE
    same &= (c.fact < -1) == (c.fact[top] < -1)  # no guess beside a fact
    for at in ranked.order[(same & near)[ranked.order]].tolist():
        link = c.links[int(c.start[at])]
        if link.words == words and _alike(link, c.links[int(c.start[top])]):
            beside.setdefault(int(c.end[at]), at)
    order = sorted(beside, key=lambda row: (row != best, -by_end[row]))[:MOST_ITEMS]
    facts = known.facts([row for end in order for row in fact_rows(c, beside[end])])
    items, subjects = [], []
    for end in order:
        at = beside[end]
        path = [facts[row] for row in fact_rows(c, at) if row in facts]
        entity = ranked.proposed.entities.get(end)
        if path and entity is not None:
            start = start_of(ranked, at)
            items.append(item_of(entity, path, start))
            subjects.append(start)
    if not items:
        return abstained(ranked)
    if c.fact[top] < -1:
        return Result(tuple(replace(item, facts=()) for item in items), tentative=True)
    if _COUNT & {w.folded for w in ranked.asked.words} and _counts(ranked, best, items):
        return Result((_counted(items),))
    return Result(tuple(items), conflicting=_disagree(ranked, order, c.last[top], subjects))


def alongside(ranked: Ranked, at: int) -> list[int]:
    """All ends (rows) of facts that a path like the one at a place leads to from its start."""
    c = ranked.proposed.candidates
    same = (c.start == c.start[at]) & (c.first == c.first[at]) & (c.second == c.second[at])
    return list(dict.fromkeys(c.end[same & (c.fact >= 0)].tolist()))


def fact_rows(c: Candidates, at: int) -> list[int]:
    """The facts of the path at a place, by row."""
    return [int(row) for row in (c.fact[at], c.then[at]) if row != -1]


def _alike(one: Link, other: Link) -> bool:
    """Whether two entities are as good a reading of the same words."""
    return one.entity == other.entity or (
        one.type == other.type and abs(one.cover - other.cover) < 0.35 and one.stray == other.stray
    )


def start_of(ranked: Ranked, at: int) -> Entity | None:
    """Whom the path at a place begins with."""
    c = ranked.proposed.candidates
    link = c.links[int(c.start[at])]
    return next((e for row, e in ranked.proposed.entities.items() if e.id == link.entity), None)


def item_of(entity: Entity, path: Sequence[Fact], start: Entity | None = None) -> AnswerItem:
    """An answer that rests on the facts of a path."""
    return AnswerItem(
        text=shown_name(entity),
        entity=entity.id,
        confidence=prod(fact.confidence for fact in path),
        relation=path[-1].relation,
        evidence=once(evidence_of(path)),
        about="" if start is None else shown_name(start),
        subject="" if start is None else start.id,
        facts=tuple(fact.id for fact in path),
    )


def once(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence without what copies of one source say again in the same words."""
    said: dict[tuple[str, str], str] = {}
    return tuple(
        one
        for one in evidence
        if said.setdefault((one.copy_of or one.document, one.text), one.document) == one.document
    )


def _counts(ranked: Ranked, best: int, items: Sequence[AnswerItem]) -> bool:
    entity = ranked.proposed.entities[best]
    return entity.type not in _VALUES


def _counted(items: Sequence[AnswerItem]) -> AnswerItem:
    evidence = once([item.evidence[0] for item in items if item.evidence])
    sure = min(item.confidence for item in items)
    first = items[0]
    facts = tuple(dict.fromkeys(id for item in items for id in item.facts))
    return AnswerItem(
        str(len(items)), "", sure, first.relation, evidence, first.about, first.subject, facts
    )


def _disagree(
    ranked: Ranked, ends: Sequence[int], step: int, subjects: Sequence[Entity | None]
) -> bool:
    """Whether values stand side by side of which only one can be true."""
    relation, inverse = STEPS[int(step)]
    if inverse or relation not in _SINGLE or len({s.id for s in subjects if s}) != 1:
        return False
    values = [
        value for row in ends if (value := entity_value(ranked.proposed.entities[row])) is not None
    ]
    return any(not agree(a, b) for at, a in enumerate(values) for b in values[at + 1 :])


def connected(ranked: Ranked, known: Surroundings) -> Result:
    """The shortest paths between the two entities that a question about two names means."""
    ids = {entity.id: entity for entity in ranked.proposed.entities.values()}
    links = [link for link in ranked.links if link.entity in ids and link.cover >= NAMED_BY]
    for one in links[:TRIED]:
        for other in links[:TRIED]:
            if one.words & other.words or one.entity == other.entity:
                continue
            found = paths(known, ids[one.entity], ids[other.entity])
            if found:
                return Result(
                    tuple(
                        AnswerItem(
                            path.in_words(),
                            "",
                            path.confidence,
                            path.facts[0].relation,
                            once(evidence_of(path.facts)),
                        )
                        for path in found
                    )
                )
    return abstained(ranked)


def abstained(ranked: Ranked) -> Result:
    """Why there is no answer: an unknown name, no fact about a known one, or nothing asked."""
    asked = ranked.asked
    best = ranked.links[0] if ranked.links else None
    linked = 0
    for link in ranked.links:
        if link.cover >= 0.5 and not link.stray:
            linked |= link.words
    unknown = [
        at for at, word in enumerate(asked.words)
        if word.named and word.content and not linked >> at & 1 and not word.text.isdigit()
    ]  # fmt: skip
    if unknown:
        return Result(abstention=Abstention.UNKNOWN_ENTITY, name=_stretch(asked, unknown))
    if best is None:
        words = [w.text for w in asked.words if w.content]
        if not words:
            return Result(abstention=Abstention.UNKNOWN_RELATION)
        return Result(abstention=Abstention.UNKNOWN_ENTITY, name=" ".join(words[-3:]))
    return Result(abstention=Abstention.NO_FACT, name=best.name)


def _stretch(asked: Asked, places: Sequence[int]) -> str:
    """The first run of words at these places, as the question writes it."""
    last = places[0]
    for at in places[1:]:
        if at != last + 1:
            break
        last = at
    return asked.text[asked.words[places[0]].start : asked.words[last].end]


def described(ranked: Ranked, most: int = 5) -> list[str]:
    """How a question was understood, in Russian, a step a line."""
    c = ranked.proposed.candidates
    lines = ["имена:"]
    for link in c.links[:most]:
        said = " ".join(w.text for at, w in enumerate(ranked.asked.words) if link.words >> at & 1)
        lines.append(f"  «{said}» — {link.name} ({link.type}, {link.entity})")
    if not c.links:
        lines.append("  ни одно слово не называет ничего в графе")
    lines.append(f"кандидаты ({len(c)}), лучшие:")
    for at in ranked.order[:most].tolist():
        lines.append(f"  {ranked.shares[at]:.3f}  {_path(ranked, at)}")
    lines.append(f"  {ranked.none:.3f}  ответа нет")
    return lines


def _path(ranked: Ranked, at: int) -> str:
    c, entities = ranked.proposed.candidates, ranked.proposed.entities

    def called(row: int) -> str:
        return entities[row].name if row in entities else "?"

    parts = [c.links[int(c.start[at])].name]
    parts.append(_step(int(c.first[at])))
    if c.second[at] >= 0:
        parts += [called(int(c.middle[at])), _step(int(c.second[at]))]
    return " ".join([*parts, called(int(c.end[at]))])


def _step(step: int) -> str:
    relation, inverse = STEPS[step]
    return f"—{relation_type(relation).label('ru', inverse)} ({relation})→"
