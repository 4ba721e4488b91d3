"""How well questions are answered: a file of questions with gold answers against a graph.

A question's line is ``{"question", "kind", "part", "relation", "documents", "answers"}``:
``answers`` are the canonical names that are right (none: the question has no answer, and
``kind`` is the kind of abstention that is due), ``documents`` the names, without suffix, of
the documents that hold them.

What is counted:

- answers@1: of the questions with an answer, those whose first answer is right: its text,
  or a name or alias of its entity, equals a gold answer after folding (case, ё, quotes,
  dashes). For «как связаны» the explanation must name the gold name.
- list F1: the harmonic mean of the share of the answers that are right and the share of
  gold answers that were given, averaged over the list questions.
- abstention: precision and recall of having no answer, against having none in the graph.
- facts alone: the same figures, with tentative answers taken for abstentions.
- evidence: of the right first answers, those with evidence in a document of the question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kgbuild.errors import FormatError
from kgbuild.ports import Store
from kgbuild.russian.folding import fold
from kgbuild.types import Abstention, Answer, AnswerItem


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and what it should get; see the module."""

    question: str
    kind: str
    part: str
    relation: str | None
    documents: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """A question with what it got: ``right`` first answer, ``list_f1``, ``evident``."""

    gold: GoldQuestion
    answer: Answer
    right: bool
    evident: bool
    list_f1: float

    @property
    def due(self) -> bool:
        """Whether the outcome is the due one: a right answer, or an abstention."""
        return self.right if self.gold.answers else self.answer.abstained

    @property
    def reason_due(self) -> bool:
        """Whether an unanswerable question got the due kind of abstention."""
        given = self.answer.abstention
        return given is not None and given.value == self.gold.kind


def read_questions(path: Path) -> list[GoldQuestion]:
    """Every line of a question file.

    Raises:
        FormatError: a line isn't such an object.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                found.append(_question(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError(f"{path}, line {number}: no question: {error!r}") from error
    return found


def _question(row: dict[str, Any]) -> GoldQuestion:
    return GoldQuestion(
        str(row["question"]),
        str(row["kind"]),
        str(row.get("part", "all")),
        row.get("relation"),
        tuple(row["documents"]),
        tuple(row["answers"]),
    )


def mark(
    questions: Iterable[GoldQuestion], ask: Callable[[str], Answer], store: Store
) -> list[Marked]:
    """Ask every question and compare what comes with gold."""
    return [_mark(gold, ask(gold.question), store) for gold in questions]


def _mark(gold: GoldQuestion, answer: Answer, store: Store) -> Marked:
    right = [_is_right(gold, item, store) for item in answer.answers]
    first = bool(right and right[0])
    evident = first and any(
        Path(e.document).stem in gold.documents for e in answer.answers[0].evidence
    )
    return Marked(gold, answer, first, evident, _list_f1(gold, answer.answers, right, store))


def _names(item: AnswerItem, store: Store) -> set[str]:
    entity = store.entity(item.entity) if item.entity else None
    aliases = (entity.name, *entity.aliases) if entity is not None else ()
    return {fold(name) for name in (item.text, *aliases)}


def _is_right(gold: GoldQuestion, item: AnswerItem, store: Store) -> bool:
    wanted = {fold(name) for name in gold.answers}
    if gold.kind == "connect":
        return any(name in fold(item.text) for name in wanted)
    return bool(wanted & _names(item, store))


def _list_f1(
    gold: GoldQuestion, items: Sequence[AnswerItem], right: Sequence[bool], store: Store
) -> float:
    if not items or not gold.answers:
        return 0.0
    given = set().union(*(_names(item, store) for item in items))
    precision = sum(right) / len(right)
    recall = sum(fold(name) in given for name in gold.answers) / len(gold.answers)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of some questions; a ratio without a case is None."""

    questions: int
    answerable: int
    answers_at_1: float | None
    list_f1: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    reason: float | None
    evidence: float | None

    def to_dict(self) -> dict[str, float | int | None]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def facts_alone(marked: Sequence[Marked]) -> list[Marked]:
    """The same questions, where only facts may answer."""
    return [
        Marked(m.gold, replace(m.answer, answers=(), abstention=Abstention.NO_FACT), *_NOTHING)
        if m.answer.tentative
        else m
        for m in marked
    ]


_NOTHING = False, False, 0.0


def scores(marked: Sequence[Marked]) -> Scores:
    """The figures of the module's head."""
    with_answer = [m for m in marked if m.gold.answers]
    without = [m for m in marked if not m.gold.answers]
    lists = [m for m in with_answer if m.gold.kind == "list"]
    abstained = [m for m in marked if m.answer.abstained]
    right = [m for m in with_answer if m.right]
    return Scores(
        questions=len(marked),
        answerable=len(with_answer),
        answers_at_1=_ratio(len(right), len(with_answer)),
        list_f1=_ratio(sum(m.list_f1 for m in lists), len(lists)),
        abstention_precision=_ratio(
            sum(not m.gold.answers for m in abstained), len(abstained) if without else 0
        ),
        abstention_recall=_ratio(sum(m.answer.abstained for m in without), len(without)),
        reason=_ratio(sum(m.reason_due for m in without), len(without)),
        evidence=_ratio(sum(m.evident for m in right), len(right)),
    )


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None
