"""What could be said to a question, and what speaks for each, for the last decision.

An option is an end of the best ranked candidates, or what the wordings answer. Beside the
ranker's shares it carries the figures of its best path, what the evidence of that path has in
common with the question's words, and whether the wordings agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.candidates import STEPS, Surroundings
from kgbuild.ask.decide import Ranked, fact_rows
from kgbuild.ask.features import FIGURES, PREFIX, prefixes
from kgbuild.ask.outcomes import Result
from kgbuild.ask.ranker import CLIP, STATS, Ranker, stats
from kgbuild.russian.folding import tokens
from kgbuild.types import Abstention, Fact

MOST_OPTIONS = 8
"""Ends that are looked at closer."""

MOST_EVIDENCE = 3
"""Passages of a fact that are read."""

CALIBRATION_ERROR = 0.03
"""How far confidences of facts are off on the dossiers (docs/quality.md): a lead of less says
nothing."""

SPOKEN: tuple[str, ...] = (
    "the same, a fact", "the same, tentative", "another, a fact", "another, tentative",
    "no fact of a relation of the path", "no fact of another relation", "no fact",
    "unknown name", "unknown relation", "ambiguous",
)  # fmt: skip
"""What the wordings say beside an option."""

RANKED: tuple[str, ...] = (
    "share", "share of its path", "behind the best", "before the next", "place", "none",
    "score behind the best", "first step", "last step", "likeliest relation", "there and back",
    "not among the candidates", "confidence of the wordings", "lacks what both read",
    "share of the wordings' relations", "likeliest step before its own",
)  # fmt: skip
READ: tuple[str, ...] = (
    "said in the evidence", "said in the last evidence", "names in the evidence",
    "figures in the evidence", "figures not in it", "passages", "length of the passage",
)  # fmt: skip
OPTION_FIGURES = (*RANKED, *READ, *SPOKEN, *FIGURES)
NONE_FIGURES = (
    "none", "best share", "share of its path", "options", "likeliest step",
    "the best lacks what both read", "share of the wordings' relations",
    *(f"wordings: {one}" for one in SPOKEN[4:]), "wordings answer", "wordings answer tentatively",
    *STATS,
)  # fmt: skip

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Option:
    """An end (entity row) with the place of its best path among the candidates; -1 and -1 of
    an answer that the wordings alone give. ``spoken``: the wordings answer with it."""

    end: int
    at: int
    spoken: bool


@dataclass(frozen=True, slots=True)
class Options:
    """Options with their figures: float32 [n, len(OPTION_FIGURES)], and those of no answer:
    float32 [len(NONE_FIGURES)]."""

    all: tuple[Option, ...]
    figures: NDArray[np.float32]
    none: NDArray[np.float32]


def options_of(ranked: Ranked, ranker: Ranker, spoken: Result, known: Surroundings) -> Options:
    """The options of a question and their figures."""
    c, by_end = ranked.proposed.candidates, ranked.by_end
    best_at: dict[int, int] = {}
    for at in ranked.order.tolist():
        best_at.setdefault(int(c.end[at]), at)
    said = spoken.items[0].entity if spoken.items else ""
    said_rows = _said_rows(spoken, known)
    ends = list(by_end)[:MOST_OPTIONS]
    ends += [row for row in said_rows if row in by_end and row not in ends]
    options = [Option(end, best_at[end], end in said_rows) for end in ends]
    if said and not any(row in by_end for row in said_rows[:1]):
        options.append(Option(-1, -1, True))
    shares = [by_end.get(option.end, 0.0) for option in options]
    rows = [row for option in options if option.at >= 0 for row in fact_rows(c, option.at)]
    read = _Reader(ranked, known.facts(rows))
    found = [
        [
            *_ranked_figures(ranked, option, place, shares, spoken),
            *read.figures(option),
            *(float(name == _beside(ranked, option, spoken)) for name in SPOKEN),
            *_path_figures(ranked, ranker, option),
        ]
        for place, option in enumerate(options)
    ]
    figures = np.array(found, dtype=np.float32).reshape(-1, len(OPTION_FIGURES))
    none = _none_figures(ranked, options, shares, spoken)
    return Options(tuple(options), figures, np.array(none, dtype=np.float32))


def _said_rows(spoken: Result, known: Surroundings) -> list[int]:
    """The entities (rows) that the wordings answer with: the first, and those that are as sure
    but for the error of calibration. Those that are just as sure stand in an order of their
    own."""
    if not spoken.items or not spoken.items[0].entity:
        return []
    first = spoken.items[0].confidence
    near = [
        item.entity for item in spoken.items
        if item is spoken.items[0] or 0 < first - item.confidence <= CALIBRATION_ERROR
    ]  # fmt: skip
    rows = known.rows(filter(None, near))
    return [rows[entity] for entity in near if entity in rows]


def _log(share: float) -> float:
    return math.log(max(share, _LEAST))


def _of_path(ranked: Ranked, at: int) -> float:
    """The share of all ends of a path, among which a list's share is divided."""
    c = ranked.proposed.candidates
    same = (c.start == c.start[at]) & (c.first == c.first[at]) & (c.second == c.second[at])
    return float(ranked.shares[same].sum())


def _ranked_figures(
    ranked: Ranked,
    option: Option,
    place: int,
    shares: Sequence[float],
    spoken: Result,
) -> list[float]:
    c, own, steps = ranked.proposed.candidates, shares[place], ranked.steps
    others = [share for at, share in enumerate(shares) if at != place]
    sure = spoken.items[0].confidence if option.spoken else 0.0
    if option.at < 0:
        return [_log(0), _log(0), _log(0) - _log(max(shares)), 0.0, 1.0, _log(ranked.none),
                -10.0, -5.0, -5.0, 0.0, 0.0, 1.0, sure, 0.0, 0.0, 0.0]  # fmt: skip
    first, last = int(c.first[option.at]), int(c.last[option.at])
    two = int(c.second[option.at]) >= 0
    top = float(ranked.scores[ranked.order[0]])
    return [
        _log(own),
        _log(_of_path(ranked, option.at)),
        _log(own) - _log(max(shares)),
        min(_log(own) - _log(max(others, default=0.0)), 8.0),
        place / MOST_OPTIONS,
        _log(ranked.none),
        float(ranked.scores[option.at]) - top,
        _log(float(steps[first])),
        _log(float(steps[last])),
        float(ranked.likeliest in ranked.relations(option.at)),
        float(two and first // 2 == last // 2 and first != last),
        0.0,
        sure,
        _lacking(ranked, option.at, spoken),
        _asked(ranked, spoken),
        _log(float(steps.max())) - _log(max(float(steps[first]), float(steps[last]))),
    ]


def _lacking(ranked: Ranked, at: int, spoken: Result) -> float:
    """1 where wordings and ranker read one relation in the question that the graph lacks, and
    the path at a place runs over none such; else 0."""
    both = ranked.likeliest in spoken.relations
    return float(both and not ranked.relations(at) & spoken.relations)


def _asked(ranked: Ranked, spoken: Result) -> float:
    """How likely the ranker reads a relation that the wordings read and the graph lacks."""
    named = zip(STEPS, ranked.steps.tolist(), strict=True)
    return sum((float(share) for (name, _), share in named if name in spoken.relations), 0.0)


def doubtful(ranked: Ranked, option: Option, spoken: Result) -> bool:
    """Whether an option's path begins at a name that the word beside it contradicts («Иван
    Петров» for Мария Иванова) or at a part of what names somebody whole, or says nothing of what
    the question writes as a name; or wordings and ranker read one relation that the named one
    lacks, and the path is longer than a fact or over another relation."""
    c, at = ranked.proposed.candidates, option.at
    if at < 0:
        return False
    start = c.links[int(c.start[at])]
    names = sum(
        1 << place
        for place, word in enumerate(ranked.asked.words)
        if word.named and word.content and not word.text[0].isdigit()
    )
    partial = any(
        link.whole and start.words & link.words == start.words != link.words
        for link in ranked.links
    )
    unnamed = names and not int(ranked.figures.named[at]) & names
    if (start.stray and not start.whole) or unnamed or partial:
        return True
    behind = int(c.second[at]) >= 0 or STEPS[int(c.first[at])][0] not in spoken.relations
    return ranked.likeliest in spoken.relations and behind


class _Reader:
    """What the passages of paths have in common with what the question says beside names."""

    def __init__(self, ranked: Ranked, facts: Mapping[int, Fact]) -> None:
        self._ranked, self._facts = ranked, facts
        self._begun = prefixes(ranked.asked)
        words, weights = ranked.asked.words, ranked.seen.weights
        self._digits = sum(1 << at for at, word in enumerate(words) if word.text[0].isdigit())
        self._names = sum(1 << at for at, weight in enumerate(weights) if weight > 1)

    def figures(self, option: Option) -> list[float]:
        """Those of ``READ``."""
        rows = fact_rows(self._ranked.proposed.candidates, option.at) if option.at >= 0 else []
        path = [self._facts[row] for row in rows if row in self._facts]
        if not path:
            return [0.0] * len(READ)
        rest = ~int(self._ranked.figures.named[option.at])
        said = [self._said(fact) for fact in path]
        every, last = reduce(or_, said) & rest, said[-1] & rest
        whole = max(self._weight(rest), 1.0)
        evidence = path[-1].evidence
        return [
            self._weight(every) / whole,
            self._weight(last) / whole,
            self._weight(every & self._names & ~self._digits) / 2,
            self._weight(every & self._digits) / 2,
            self._weight(rest & ~every & self._digits) / 2,
            math.log1p(len(evidence)),
            math.log1p(len(evidence[0].text)) / 5 if evidence else 0.0,
        ]

    def _said(self, fact: Fact) -> int:
        """A mask of the question's words that a fact's passages say, in whatever form."""
        mask = 0
        for evidence in fact.evidence[:MOST_EVIDENCE]:
            for word in tokens(evidence.text):
                mask |= self._begun.get(word[:PREFIX], 0)
        return mask

    def _weight(self, mask: int) -> float:
        weights = self._ranked.seen.weights
        return sum(float(weight) for at, weight in enumerate(weights) if mask >> at & 1)


def _beside(ranked: Ranked, option: Option, spoken: Result) -> str:
    """Which of ``SPOKEN`` the wordings say."""
    if spoken.items:
        same = "the same" if option.spoken else "another"
        return f"{same}, {'tentative' if spoken.tentative else 'a fact'}"
    if spoken.abstention is Abstention.NO_FACT and spoken.relations and option.at >= 0:
        over = ranked.relations(option.at) & spoken.relations
        return f"no fact of {'a relation of the path' if over else 'another relation'}"
    return _without(spoken)


def _without(spoken: Result) -> str:
    match spoken.abstention:
        case Abstention.UNKNOWN_ENTITY:
            return "unknown name"
        case Abstention.UNKNOWN_RELATION:
            return "unknown relation"
        case Abstention.AMBIGUOUS:
            return "ambiguous"
        case _:
            return "no fact of another relation" if spoken.relations else "no fact"


def _path_figures(ranked: Ranked, ranker: Ranker, option: Option) -> list[float]:
    """The figures of the best path, as the ranker sees them."""
    if option.at < 0:
        return [0.0] * len(FIGURES)
    mean, std = ranker.scale
    figures = np.clip((ranked.figures.figures[option.at] - mean) / std, -CLIP, CLIP)
    return [float(figure) for figure in figures]


def _none_figures(
    ranked: Ranked,
    options: Sequence[Option],
    shares: Sequence[float],
    spoken: Result,
) -> list[float]:
    at = options[0].at if options else -1
    without = "" if spoken.items else _without(spoken)
    return [
        _log(ranked.none),
        _log(max(shares, default=0.0)),
        _log(_of_path(ranked, at) if at >= 0 else 0.0),
        len(options) / MOST_OPTIONS,
        _log(float(ranked.steps.max())),
        _lacking(ranked, at, spoken) if at >= 0 else 0.0,
        _asked(ranked, spoken),
        *(float(name == without) for name in SPOKEN[4:]),
        float(bool(spoken.items) and not spoken.tentative),
        float(bool(spoken.items) and spoken.tentative),
        *stats(ranked.figures.figures).tolist(),
    ]
