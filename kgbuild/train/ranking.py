"""Trains the ranker of asking (:mod:`kgbuild.ask.ranker`) on questions over graphs.

A lesson is a question over a graph that holds its answer or doesn't: the candidates that the
graph proposes are the negatives of those that end in an accepted answer, and of these such as
run over a relation that the question rests on count most. Hints are wordings of which the
relation alone is known: ``question_examples.txt``, the wordings that asking reads by rule, and
RuBQ's questions. The loss is a softmax over candidates and «none of them»; a question that no
candidate answers asks for «none», more softly where the graph should have answered. Of some
lessons the right candidates are left out in a step, so that abstaining is learnt.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.asked import read_question
from kgbuild.ask.candidates import STEPS, Surroundings, propose
from kgbuild.ask.features import CandidateView, QuestionView, Vectors, look, mask_words, view
from kgbuild.ask.features import buckets as buckets_of
from kgbuild.ask.names import NameIndex
from kgbuild.ask.ranker import Member, Ranker, stats
from kgbuild.ask.romanised import in_cyrillic
from kgbuild.ask.rules.wordings import wordings
from kgbuild.ask.shown import shown_name
from kgbuild.ask.spans import SpanLinker
from kgbuild.errors import FormatError
from kgbuild.ontology import relation_type, wikidata_direction, wikidata_relations
from kgbuild.ports import Store
from kgbuild.russian.folding import fold
from kgbuild.types import Entity

MEMBERS = 3
"""Nets of a ranker."""

SIZE, HIDDEN, DROPOUT = 48, 48, 0.3
EPOCHS, RATE, DECAY, BATCH = 7, 2.5e-3, 2e-2, 32
NEGATIVES = 130
"""Candidates of a lesson beside the right ones that a step sees, drawn anew in every epoch."""

KEPT = 260
"""Candidates of a lesson beside the right ones that are kept."""

ASIDE = 0.03
"""What a right end counts that another relation leads to."""

SKIPPED = frozenset({"compare", "count", "ambiguous"})
"""Kinds of questions that are answered by rule."""

_STILL, _NEVER_SAID = 1e-4, 6e4
_SHAPE = {"yes_no": 1, "connection": 2, "connect": 2}
_STEP = {step: number for number, step in enumerate(STEPS)}
_SLOTS = {
    "WHO": "кто", "WHOM": "кого", "WHAT": "что", "WHERE": "где", "WHEN": "когда",
    "COUNT": "сколько", "WHY": "почему", "WHOSE": "чей", "SUBJECT": "что", "OBLIQUE": "чем",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a file: accepted forms of all answers, and the relations it rests on."""

    question: str
    kind: str
    forms: frozenset[str]
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with the candidates of a graph; ``right`` float32 [n] is what each counts."""

    asking: Asking
    seen: QuestionView
    view: CandidateView
    stats: NDArray[np.float32]
    right: NDArray[np.float32]
    ends: NDArray[np.int64]

    @property
    def shape(self) -> int:
        """Which of ``SHAPES`` is asked."""
        return _SHAPE.get(self.asking.kind, 0)


@dataclass(frozen=True, slots=True)
class Hint:
    """A question and the steps any of which it asks for, bool [len(STEPS)]."""

    seen: QuestionView
    steps: NDArray[np.bool_]


def read_askings(path: Path) -> list[Asking]:
    """The questions of a file: of a dossier, or with a ``relation`` each.

    Raises:
        FormatError: a line isn't a question.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            forms = {fold(f) for a in row["answers"] for f in ([a] if isinstance(a, str) else a)}
            facts = [re.sub(r"^!\s*", "", fact).split() for fact in row.get("facts") or ()]
            relations = {fact[1] for fact in facts} | set(row.get("relations") or ())
            relations |= {row["relation"]} if row.get("relation") else set()
            found.append(
                Asking(
                    in_cyrillic(row["question"]),
                    row["kind"],
                    frozenset(forms),
                    frozenset(relations),
                )
            )
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise FormatError(f"{path}, line {number}: no question: {error!r}") from error
    return found


def lessons(store: Store, askings: Iterable[Asking], vectors: Vectors, seed: int) -> list[Lesson]:
    """Questions with the candidates of a graph."""
    names = NameIndex.of(store)
    spans, around = SpanLinker(names), Surroundings(store)
    rng = np.random.default_rng(seed)
    found = []
    for asking in askings:
        if asking.kind in SKIPPED:
            continue
        asked = read_question(asking.question)
        links = spans.links(asked)
        proposed = propose(links, around)
        seen = view(asked, links, vectors)
        shown = look(asked, seen, proposed)
        c = proposed.candidates
        fits = {row: fit_of_name(asking.forms, e) for row, e in proposed.entities.items()}
        right = np.array([fits.get(row, 0.0) for row in c.end.tolist()], dtype=np.float32)
        over = _over(c.first, c.second, asking.relations)
        right *= np.where(over, 1.0 + ASIDE, ASIDE).astype(np.float32)
        kept = np.arange(len(c))
        wrong = kept[right == 0]
        if len(wrong) > KEPT:
            kept = np.sort(
                np.concatenate([kept[right > 0], rng.choice(wrong, KEPT, replace=False)])
            )
        found.append(
            Lesson(
                asking,
                seen,
                CandidateView(shown.paths[kept], shown.figures[kept], shown.named[kept]),
                stats(shown.figures),
                right[kept],
                c.end[kept],
            )
        )
    return found


def fit_of_name(forms: frozenset[str], entity: Entity) -> float:
    """Whether an entity is an accepted answer: 1 by the name shown, 0.5 by another, else 0; a
    name's words may stand in any order."""
    wanted = {_unordered(form) for form in forms}
    if _unordered(shown_name(entity)) in wanted:
        return 1.0
    return 0.5 if any(_unordered(alias) in wanted for alias in entity.aliases) else 0.0


def _unordered(name: str) -> tuple[str, ...]:
    return tuple(sorted(fold(name).split()))


def _over(
    first: NDArray[np.int64], second: NDArray[np.int64], relations: frozenset[str]
) -> NDArray[np.bool_]:
    """Which paths run over one of the relations; all where none is known."""
    if not relations:
        return np.ones(len(first), dtype=bool)
    wanted = np.array([number for (name, _), number in _STEP.items() if name in relations])
    found: NDArray[np.bool_] = np.isin(first, wanted) | np.isin(second, wanted)
    return found


def remembered(vectors: Vectors) -> Vectors:
    """The same vectors, each text embedded once."""
    held: dict[str, NDArray[np.float32]] = {}

    def found(texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in held]
        if missing:
            held.update(zip(missing, vectors(missing), strict=True))
        return np.stack([held[text] for text in texts])

    return found


def hints(rubq: Path | None, vectors: Vectors, seed: int) -> list[Hint]:
    """Wordings whose relation is known, names as N."""
    found = [*_written(), *_worded(random.Random(seed))]
    made = [_hint(text, steps, vectors, masked=True) for text, steps in found]
    if rubq is not None:
        made += [_hint(text, steps, vectors, masked=False) for text, steps in _asked(rubq)]
    return made


def _hint(text: str, steps: frozenset[int], vectors: Vectors, masked: bool) -> Hint:
    asked = read_question(text)
    hidden = 0
    for at, word in enumerate(asked.words):
        if word.text == "N" or (not masked and word.named and word.content):
            hidden |= 1 << at
    found = vectors([asked.text, mask_words(asked, hidden)]).reshape(-1)
    wanted = np.zeros(len(STEPS), dtype=bool)
    wanted[list(steps)] = True
    weights = np.zeros(len(asked.words))
    return Hint(QuestionView(found, buckets_of(asked, hidden), weights, text), wanted)


def step_of(relation: str, inverse: bool) -> int:
    """The number of a step; a symmetric relation has one direction."""
    return _STEP[relation, inverse and not relation_type(relation).symmetric]


def _written() -> Iterable[tuple[str, frozenset[int]]]:
    text = files("kgbuild.train").joinpath("question_examples.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            head, said = line.split(": ", 1)
            relation, direction = head.split()
            if relation != "NONE":
                for wording in said.split("; "):
                    asked = f"{wording[0].upper()}{wording[1:]}?"
                    yield asked, frozenset({step_of(relation, direction == "subject")})


def _worded(rng: random.Random) -> Iterable[tuple[str, frozenset[int]]]:
    """Two questions of each wording that asking reads by rule, in dictionary forms."""
    for wording in wordings().all:
        for _ in range(2):
            said = [_SLOTS.get(w, w) for w in (rng.choice(sorted(e)) for e in wording.elements)]
            said.insert(rng.choice([len(said), len(said), 1]), "N")
            step = step_of(wording.relation, wording.inverse)
            yield f"{' '.join(said)}{rng.choice(['?', ''])}", frozenset({step})


def _asked(rubq: Path) -> Iterable[tuple[str, frozenset[int]]]:
    """RuBQ's questions with the steps that their properties are, in the direction asked."""
    try:
        rows: list[dict[str, Any]] = json.loads(rubq.read_text("utf-8"))
        for row in rows:
            query = row["query"] or ""
            steps = set()
            for name in re.findall(r"\bP\d+\b", " ".join(row["question_props"] or ())):
                back = bool(re.search(rf"\?\w+\s+wdt:{name}\s+wd:", query))
                for relation in wikidata_relations(name):
                    inverse = wikidata_direction(name, relation) == "inverse"
                    steps.add(step_of(relation, inverse != back))
            if steps:
                yield row["question_text"], frozenset(steps)
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{rubq}: no RuBQ questions: {error!r}") from error


def fit(
    learnt: Sequence[Lesson],
    hinted: Sequence[Hint],
    epochs: int = EPOCHS,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Ranker:
    """Train a ranker of ``MEMBERS`` nets; ``progress`` is told the epoch of all and its loss.

    Raises:
        FormatError: no lesson has a candidate.
    """
    if not any(len(lesson.view.figures) for lesson in learnt):
        raise FormatError("the graphs propose no candidate for any of the questions")
    members = []
    for number in range(MEMBERS):

        def told(epoch: int, loss: float, before: int = number * epochs) -> None:
            progress(before + epoch, loss)

        members.append(_trained(learnt, hinted, epochs, seed + number, told))
    return Ranker(tuple(members))


def spread(figures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The standard deviation of each figure; of what doesn't vary, and so teaches nothing, one
    so large that no value of it will ever say anything (the confidence of gold facts)."""
    found: NDArray[np.float32] = figures.std(axis=0)
    return np.where(found < _STILL, _NEVER_SAID, found + 1e-2).astype(np.float32)


def _trained(
    learnt: Sequence[Lesson],
    hinted: Sequence[Hint],
    epochs: int,
    seed: int,
    progress: Callable[[int, float], None],
) -> Member:
    """One member, from its own seed."""
    import torch

    from kgbuild.train.ranking_net import Net, batch_of, joined_loss

    every = np.concatenate([lesson.view.figures for lesson in learnt])
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net(SIZE, HIDDEN, DROPOUT, every.mean(axis=0), spread(every))
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * -(-len(learnt) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=0.15
    )
    net.train()
    for epoch in range(epochs):
        order, total = rng.permutation(len(learnt)), 0.0
        for begin in range(0, len(learnt), BATCH):
            some = [learnt[at] for at in order[begin : begin + BATCH]]
            extra = [hinted[at] for at in rng.integers(0, len(hinted), BATCH)] if hinted else []
            loss = joined_loss(net, batch_of(some, NEGATIVES, rng), extra)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(some)
        progress(epoch, total / len(learnt))
    net.eval()
    return Member(net.exported())
