"""Answers to questions, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kgbuild.display import Shown
from kgbuild.types.graph import Entity, Evidence
from kgbuild.types.search import Passage


class Abstention(Enum):
    """Why a question got no answer."""

    UNKNOWN_ENTITY = "unknown_entity"
    UNKNOWN_RELATION = "unknown_relation"
    NO_FACT = "no_fact"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class AnswerItem(Shown):
    """One answer: its text, the entity, and the fact's evidence.

    ``entity`` is "" where the answer is no entity: a count, a yes or no, a path in words.
    ``evidence`` holds that of every fact the answer rests on, hop by hop. ``about`` is the name
    of the entity that the question's name was taken for ("": of none, or of several), and
    ``subject`` its id; ``facts`` are the ids of the facts that the answer rests on. ``denied``:
    the evidence says that it isn't so, or only rumours or plans it.
    """

    text: str
    entity: str
    confidence: float
    relation: str
    evidence: tuple[Evidence, ...]
    about: str = ""
    subject: str = ""
    facts: tuple[str, ...] = ()
    denied: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Shown):
    """What a question got: answers from the graph, or an abstention with its reason.

    ``abstention`` is the kind of the reason; ``choices`` are the entities that an ambiguous
    name can mean. ``conflicting`` says that documents disagree: several answers where only
    one can be true. ``tentative`` says that no fact answers, only readings too weak for one.
    """

    question: str
    answers: tuple[AnswerItem, ...] = ()
    passages: tuple[Passage, ...] = ()
    reason: str = ""
    abstention: Abstention | None = None
    choices: tuple[Entity, ...] = ()

    conflicting: bool = False
    tentative: bool = False

    @property
    def abstained(self) -> bool:
        """True where the graph holds no answer."""
        return not self.answers
