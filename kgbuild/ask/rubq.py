"""Whether a question's relation is recognised: RuBQ's questions with mapped properties.

RuBQ 1.0 (Korablinov and Braslavski 2020, "RuBQ: A Russian Dataset for Question Answering
over Wikidata") gives each question the Wikidata properties of its query. A question counts
where a relation stands for at least one of them (``ontology.wikidata_relations``); it is
recognised where the best reading of the question holds one of those relations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kgbuild.ask.rules.question import parse_question
from kgbuild.ask.rules.shapes import comparison
from kgbuild.errors import FormatError
from kgbuild.ontology import wikidata_relations

_PROPERTY = re.compile(r"\bP\d+\b")

Recognise = Callable[[str], frozenset[str]]
"""The relations that a question is taken to ask for."""


@dataclass(frozen=True, slots=True)
class RelationQuestion:
    """A question and the relations any of which is right."""

    question: str
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Questions counted, recognised ones, the mean number of relations given, and misses."""

    questions: int
    recognised: int
    given: float
    missed: tuple[tuple[RelationQuestion, frozenset[str]], ...]

    @property
    def share(self) -> float:
        """Recognised of all."""
        return self.recognised / self.questions if self.questions else 0.0


def read_rubq(path: Path) -> list[RelationQuestion]:
    """The questions of a RuBQ file whose property a relation stands for.

    Raises:
        FormatError: it isn't such a file.
    """
    try:
        rows = json.loads(path.read_text("utf-8"))
        found = []
        for row in rows:
            names = _PROPERTY.findall(" ".join(row["question_props"] or ()))
            relations = frozenset().union(*map(wikidata_relations, names))
            if relations:
                found.append(RelationQuestion(row["question_text"], relations))
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: no RuBQ questions: {error!r}") from error
    return found


def recognition(questions: list[RelationQuestion], recognise: Recognise) -> Recognition:
    """Ask what each question is about."""
    given = [(question, recognise(question.question)) for question in questions]
    missed = tuple((q, relations) for q, relations in given if not q.relations & relations)
    mean = sum(len(relations) for _, relations in given) / len(given) if given else 0.0
    return Recognition(len(given), len(given) - len(missed), mean, missed)


def relations_asked(question: str, likeliest: Callable[[str], str] | None = None) -> frozenset[str]:
    """The relations of a question's best reading by the wordings; without one, the relation
    that is ``likeliest``."""
    compared = comparison(question)
    if compared is not None:
        return frozenset(compared[0])
    read = frozenset(asked.relation for asked in parse_question(question).relations)
    return read if read or likeliest is None else frozenset({likeliest(question)})
