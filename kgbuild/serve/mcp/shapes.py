"""What the tools take and give, as their JSON schemas describe it.

Leaner than the service's models: an assistant pays for every word it reads. Offsets are code
points into the document's stored text, spans half-open.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kgbuild.serve.models import EntityType, Id, Mode, Question, RelationName, storable


def _told(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return text


Name = Annotated[
    Id,
    AfterValidator(_told),
    Field(description="An entity: its id (E and 16 hex digits), or a name in any case."),
]
Day = Annotated[str, Field(max_length=100), AfterValidator(storable)]


class Arguments(BaseModel):
    """Arguments of a tool; one it doesn't know is refused."""

    model_config = ConfigDict(extra="forbid")


class AskArguments(Arguments):
    """A question."""

    question: Annotated[Question, Field(description="A question in Russian.")]
    about: Annotated[
        Id | None,
        Field(description="What «он» or «её» means: an entity's id or name, of an earlier answer."),
    ] = None
    sure: Annotated[bool, Field(description="Only facts may answer: no tentative answers.")] = False


class SearchArguments(Arguments):
    """A text to look for, and what narrows the sentences that are looked at."""

    text: Annotated[Question, Field(description="Words or a description, in Russian.")]
    limit: Annotated[int, Field(ge=1, le=50, description="Most sentences.")] = 10
    mode: Annotated[Mode, Field(description="By words, by meaning, by the graph, or all.")] = (
        "hybrid"
    )
    entity: Annotated[Id | None, Field(description="It mentions this entity, id or name.")] = None
    type: Annotated[EntityType | None, Field(description="It mentions such an entity.")] = None
    relation: Annotated[RelationName | None, Field(description="It states such a fact.")] = None
    document: Annotated[
        Id | None, Field(description="Of this document; * stands for anything.")
    ] = None
    since: Annotated[Day | None, Field(description="It names a day from this on.")] = None
    until: Annotated[Day | None, Field(description="It names a day up to this.")] = None


class EntityArguments(Arguments):
    """An entity."""

    entity: Name
    facts: Annotated[int, Field(ge=0, le=100, description="Most facts.")] = 20


class NeighboursArguments(Arguments):
    """An entity and how far to look around it."""

    entity: Name
    depth: Annotated[int, Field(ge=1, le=3, description="Facts away, at most.")] = 1
    relation: Annotated[RelationName | None, Field(description="Only such facts.")] = None
    limit: Annotated[int, Field(ge=2, le=200, description="Most entities.")] = 30


class PathArguments(Arguments):
    """Two entities."""

    source: Name
    target: Name
    limit: Annotated[int, Field(ge=1, le=10, description="Most paths.")] = 3


class EvidenceArguments(Arguments):
    """A fact, by the id that other tools give."""

    fact: Annotated[Id, Field(description="SUBJECT:RELATION:OBJECT, by entity ids.")]
    context: Annotated[
        int, Field(ge=0, le=2000, description="Characters of the document on either side.")
    ] = 0
    limit: Annotated[int, Field(ge=1, le=100, description="Most citations.")] = 20


class Citation(BaseModel):
    """A sentence (or a run of them) of a document: ``text`` is the document's [start, end).

    ``place`` is where in its file that stood, if the file has pages, rows or chapters.
    ``before`` and ``after`` are the document's text around it, where it was asked for.
    """

    document: str
    start: int
    end: int
    text: str
    place: str | None = None
    confidence: float | None = None
    before: str | None = None
    after: str | None = None


class Named(BaseModel):
    """An entity in short; ``type_ru`` is what its type is called in Russian."""

    id: str
    name: str
    type: str
    type_ru: str


class Stated(BaseModel):
    """A fact. ``words`` tells it in Russian; ``citations`` are its strongest of ``evidence``."""

    fact: str
    words: str
    relation: str
    subject: Named
    object: Named
    confidence: float
    evidence: int
    citations: list[Citation]


class Answered(BaseModel):
    """One answer; ``entity`` is empty where it is a count, a yes or no, or a path in words.

    ``about`` is whom the question's name was taken for, empty where for none or for several.
    """

    text: str
    entity: str
    about: str
    relation: str
    relation_ru: str
    confidence: float
    evidence: int
    citations: list[Citation]


class AskAnswer(BaseModel):
    """Answers, or an abstention: then the graph holds none, and ``passages`` are only near.

    ``tentative`` says that the models are unsure, and no fact answers. ``total`` counts all
    answers; ``conflicting`` says that documents disagree; ``choices`` are the entities that an
    ambiguous name can mean: ask again with an id.
    """

    question: str
    abstained: bool
    abstention: Literal["unknown_entity", "unknown_relation", "no_fact", "ambiguous"] | None = None
    reason: str
    total: int
    answers: list[Answered]
    conflicting: bool
    tentative: bool
    choices: list[Named]
    passages: list[Citation]


class SearchAnswer(BaseModel):
    """The sentences that suit best, best first; ``corrections`` are words taken for others."""

    text: str
    mode: Mode
    passages: list[Citation]
    corrections: list[str]


class EntityAnswer(BaseModel):
    """An entity: its names, what is named inside its names and around them, its facts.

    ``others`` are further entities that go by the asked name.
    """

    entity: Named
    names: list[str]
    mentions: int
    parts: list[Named]
    wholes: list[Named]
    facts: list[Stated]
    truncated: bool
    others: list[Named]


class NeighboursAnswer(BaseModel):
    """The entities around one and the facts between them; ``truncated``: there are more."""

    entity: Named
    entities: list[Named]
    facts: list[Stated]
    truncated: bool
    others: list[Named]


class Way(BaseModel):
    """Facts that lead from one entity to another, in order."""

    words: str
    confidence: float
    facts: list[Stated]


class PathAnswer(BaseModel):
    """The shortest paths, the most confident first; none where four facts don't join them."""

    source: Named
    target: Named
    paths: list[Way]
    others: list[Named]


class EvidenceAnswer(BaseModel):
    """A fact and every sentence that states it, up to the limit."""

    fact: Stated
