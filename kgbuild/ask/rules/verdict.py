"""Whether something is so: «да» where a path between two names says it, «нет» where documents
deny it or the graph has another in its place, else no answer.

How likely a path is what a question states was learnt by logistic regression on the training
dossiers' questions of this kind, over the shipped ranker and gold graphs (docs/experiments.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from math import prod

import numpy as np

from kgbuild.ask.candidates import STEPS, Surroundings
from kgbuild.ask.decide import NAMED_BY, TRIED, Ranked, abstained, fact_rows, once, start_of
from kgbuild.ask.features import FIGURES
from kgbuild.ask.outcomes import NO, YES, Result, evidence_of
from kgbuild.ask.shown import shown_name
from kgbuild.ports import Store
from kgbuild.types import AnswerItem

WEIGHTS = {"share": 0.292, "likeliest step": 0.532, "names left": -1.307, "end alike": 0.271}
BIAS = 1.249
"""Of the logarithm of a path's share, of how far its likelier step is behind the likeliest one
(its logarithm), and of two of ``FIGURES``."""

LIKELY = 0.5
"""From which «да» is said: of dossiers kept aside, 91 of 124 that are so reach it and 31 of 177
that aren't (38 and 6 by the share alone, from 0.018 on)."""

INSTEAD = 0.15
"""How likely a relation must be asked for, so that its only other end says «нет»: of dossiers
kept aside, rightly for 30 of 33."""

_LOOKED_AT, _INSTEAD_OF, _ASKED = 5, 40, 3
"""How many paths between two names are weighed, among how many of the best candidates another
end is looked for, and over how many of the likeliest relations a denial counts."""

_LEAST = 1e-6
_NAMED, _ALIKE, _LEFT, _ENDS = (
    FIGURES.index(name) for name in ("end named", "end alike", "names left", "ends")
)


def whether(ranked: Ranked, known: Surroundings, store: Store) -> Result:
    """The answer to a question whether something is so."""
    weighed = [(_likelihood(ranked, at), at) for at in islice(_between(ranked), _LOOKED_AT)]
    best, at = max(weighed, default=(0.0, -1), key=lambda one: one[0])
    if best >= LIKELY:
        return _said(ranked, at, YES, known, best)
    denied = contested(ranked, store)
    if denied.items:
        return denied
    other = _instead(ranked)
    return abstained(ranked) if other is None else _said(ranked, other, NO, known)


def _between(ranked: Ranked) -> Iterator[int]:
    """Paths (their places) to what the question names elsewhere, the best first."""
    for at in ranked.order.tolist():
        figures = ranked.figures.figures[at]
        if ranked.proposed.candidates.fact[at] >= 0 and figures[_NAMED] + figures[_ALIKE] > 0:
            yield at


def _likelihood(ranked: Ranked, at: int) -> float:
    c, figures = ranked.proposed.candidates, ranked.figures.figures[at]
    step = max(float(ranked.steps[c.first[at]]), float(ranked.steps[c.last[at]]))
    score = (
        BIAS
        + WEIGHTS["share"] * math.log(max(float(ranked.shares[at]), _LEAST))
        + WEIGHTS["likeliest step"] * math.log(max(step, _LEAST) / float(ranked.steps.max()))
        + WEIGHTS["names left"] * float(figures[_LEFT])
        + WEIGHTS["end alike"] * float(figures[_ALIKE])
    )
    return 1 / (1 + math.exp(-score))


def _instead(ranked: Ranked) -> int | None:
    """A fact (its place) of the relation asked for that has the only end of it, and another
    than the one asked about."""
    c = ranked.proposed.candidates
    best: list[int] = ranked.order[:_INSTEAD_OF].tolist()
    for at in best:
        figures = ranked.figures.figures[at]
        if c.second[at] >= 0 or c.fact[at] < 0 or figures[_NAMED] > 0 or figures[_ENDS] > 0:
            continue
        end, start = ranked.proposed.entities.get(int(c.end[at])), c.links[int(c.start[at])]
        if end is None or ranked.steps[c.first[at]] < INSTEAD:
            continue
        if any(not link.words & start.words and link.type == end.type for link in ranked.links):
            return at
    return None


def contested(ranked: Ranked, store: Store) -> Result:
    """«Нет» where documents deny, rumour or plan what a question about two names asks; else an
    abstention."""
    asked = {STEPS[int(step)][0] for step in np.argsort(-ranked.steps)[:_ASKED]}
    links = [link for link in ranked.links if link.cover >= NAMED_BY][:TRIED]
    by_entity = {link.entity: link for link in links}
    for link in links:
        for fact in store.candidates(link.entity, denied=True):
            ends = by_entity.get(fact.subject.id), by_entity.get(fact.object.id)
            if fact.relation not in asked or ends[0] is None or ends[1] is None:
                continue
            if not ends[0].words & ends[1].words:
                whom = shown_name(fact.subject)
                said = once(fact.evidence)
                item = AnswerItem(NO, "", fact.confidence, fact.relation, said, whom,
                                  fact.subject.id, denied=True)  # fmt: skip
                return Result((item,))
    return abstained(ranked)


def _said(
    ranked: Ranked, at: int, text: str, known: Surroundings, likelihood: float = 1.0
) -> Result:
    """What a path says, as sure as its facts and the likelihood that it is what is asked."""
    c = ranked.proposed.candidates
    facts = list(known.facts(fact_rows(c, at)).values())
    start = start_of(ranked, at)
    sure = likelihood * prod(fact.confidence for fact in facts)
    item = AnswerItem(
        text,
        "",
        sure,
        STEPS[int(c.last[at])][0],
        once(evidence_of(facts)),
        about="" if start is None else shown_name(start),
        subject="" if start is None else start.id,
        facts=tuple(fact.id for fact in facts),
    )
    return Result((item,))
