"""What ``/v1`` takes and gives, as OpenAPI describes it.

The answers mirror :mod:`kgbuild.types` and are read off its values by their fields. Offsets
are code points into the document's stored text, spans half-open. Times are in UTC.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kgbuild.ontology import ENTITY_TYPES, RELATIONS

Item = TypeVar("Item")


def storable(text: str) -> str:
    """The text, if a database can hold it.

    Raises:
        ValueError: it holds a lone surrogate or a NUL character.
    """
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("holds a lone surrogate, which is no character")
    if "\x00" in text:
        raise ValueError("holds a NUL character")
    return text


Text = Annotated[str, AfterValidator(storable)]
Id = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(storable)]
Within = Annotated[
    Id | None,
    Query(description="A document's source; `*` in it stands for anything: `folder/*`."),
]
Question = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(storable)]
EntityType = Enum("EntityType", {name: name for name in ENTITY_TYPES}, type=str)  # type: ignore[misc]
RelationName = Enum("RelationName", {name: name for name in RELATIONS}, type=str)  # type: ignore[misc]
Mode = Literal["hybrid", "lexical", "semantic", "graph"]


class Answered(BaseModel):
    """A value that is read off a dataclass."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[Item]):
    """A page of a list; ``next`` is the cursor of the page after it, null at the end."""

    items: list[Item]
    next: str | None = None


class DocumentSummary(Answered):
    """A document without its text; ``characters`` is the text's length, ``title`` its first line
    where that can be a heading, else its name; ``added_at`` is when its content came, null
    where the log doesn't reach back; ``copy_of`` is the document that it is a copy of, "" for
    none: copies count as one source."""

    source: str
    sha256: str
    media_type: str
    characters: int
    title: str
    added_at: datetime | None
    copy_of: str = ""


class Span(Answered):
    """A typed span with the probability that it is one."""

    start: int
    end: int
    type: str
    score: float


class StoredMention(BaseModel):
    """A mention in a document, and the entity that it names."""

    document: str
    start: int
    end: int
    text: str
    type: str
    score: float
    entity: str
    name: str


class Document(BaseModel):
    """A document with its text and what was found in it, in reading order."""

    source: str
    sha256: str
    media_type: str
    title: str
    added_at: datetime | None
    copy_of: str = ""
    text: str
    mentions: list[StoredMention]


class Deletion(Answered):
    """What left the graph with a document, and what stays on other evidence."""

    document: str
    mentions: int
    facts_removed: int
    facts_kept: int
    entities_removed: int
    entities_kept: int


class Failure(BaseModel):
    """A document that wasn't read, and why."""

    document: str
    reason: str


JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class Job(BaseModel):
    """An upload on its way into the graph.

    ``done`` of ``documents`` are dealt with. A job is done when all are, failed documents
    included; it is failed where it could not be done, and ``failed`` says why.
    """

    id: str
    state: JobState
    documents: list[str]
    done: int = 0
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    failed: list[Failure] = []
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Entity(Answered):
    """An entity; ``aliases`` are its surface forms, the most frequent first."""

    id: str
    type: str
    name: str
    aliases: list[str]
    mention_count: int


class Evidence(Answered):
    """Where a document states a fact: the passage with the two mentions in it."""

    document: str
    start: int
    end: int
    text: str
    subject: Span
    object: Span
    confidence: float


class Fact(Answered):
    """A relation between two entities, with all its evidence, the strongest first;
    ``stated_by`` is the person on whose word it stands, empty where on documents' alone."""

    id: str
    relation: str
    subject: Entity
    object: Entity
    confidence: float
    evidence: list[Evidence]
    stated_by: str


class Neighbourhood(BaseModel):
    """The entities within ``depth`` facts of one, and the facts between them.

    ``truncated`` says that there are more than the limit let through.
    """

    centre: str
    depth: int
    entities: list[Entity]
    facts: list[Fact]
    truncated: bool


class Path(BaseModel):
    """Facts that lead from one entity to another, in order; ``words`` tells them in Russian."""

    facts: list[Fact]
    confidence: float
    words: str


class Paths(BaseModel):
    """The shortest paths between two entities, the most confident first."""

    source: Entity
    target: Entity
    paths: list[Path]


class AnswerItem(Answered):
    """One answer; ``entity`` is empty where it is a count, a yes or no, or a path in words.

    ``about`` is whom the question's name was taken for, empty where for none or for several:
    namesakes answer side by side. ``subject`` is the id of that entity, ``facts`` the ids of
    the facts that the answer rests on. ``denied``: the evidence says that it isn't so, or only
    rumours or plans it.
    """

    text: str
    entity: str
    confidence: float
    relation: str
    evidence: list[Evidence]
    about: str = ""
    subject: str = ""
    facts: list[str] = []
    denied: bool = False


class Passage(Answered):
    """A sentence of a document; ``highlights`` are spans in the document that matched."""

    document: str
    start: int
    end: int
    text: str
    score: float
    highlights: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = []
    found_by: list[str] = []


class AskRequest(BaseModel):
    """A question in Russian; ``explain`` asks for the plan in words.

    ``meaning`` is the id of the entity that an ambiguous name in it means: one of an earlier
    answer's ``choices``. ``sure`` leaves tentative answers out.
    """

    question: Question
    explain: bool = False
    sure: bool = False
    meaning: Id | None = None


class Answer(BaseModel):
    """Answers from the graph, or an abstention with its reason and the nearest passages."""

    question: str
    abstained: bool
    answers: list[AnswerItem]
    passages: list[Passage]
    abstention: Literal["unknown_entity", "unknown_relation", "no_fact", "ambiguous"] | None
    reason: str
    choices: list[Entity]
    conflicting: bool
    tentative: bool
    plan: str | None = None


class SearchRequest(BaseModel):
    """A text to look for; the filters narrow the sentences that are looked at."""

    text: Question
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    mode: Mode = "hybrid"
    entity: Id | None = None
    type: EntityType | None = None
    relation: RelationName | None = None
    document: Id | None = None
    since: Annotated[str, Field(max_length=100), AfterValidator(storable)] | None = None
    until: Annotated[str, Field(max_length=100), AfterValidator(storable)] | None = None


class Correction(Answered):
    """A word that stands nowhere, and the known word that was taken for it."""

    asked: str
    meant: str


class SearchAnswer(BaseModel):
    """The sentences that suit a text best."""

    text: str
    mode: Mode
    passages: list[Passage]
    corrections: list[Correction]


class Place(Answered):
    """A mention's place."""

    document: Id
    start: Annotated[int, Field(ge=0, le=2**31 - 1)]
    end: Annotated[int, Field(ge=0, le=2**31 - 1)]


class JudgementRequest(BaseModel):
    """What a person says of the graph.

    same, not_same and unsure take two entities, ``subject`` and ``object``; accept and reject
    a ``fact`` by its id; split an entity, ``subject``, and the ``mentions`` to move out;
    rename and retype an entity, ``subject``, and its name or type, ``value``; state a fact,
    ``subject``, ``relation`` and ``object``, with the ``document`` and ``sentence`` that say it;
    mention takes one place in ``mentions`` and its entity, ``subject``, or a ``type``; with the
    words that were seen there as ``value`` it is refused where others stand there by now.
    ``author`` is for a service without tokens: else the token tells who judges.
    """

    verdict: Literal[
        "same",
        "not_same",
        "unsure",
        "accept",
        "reject",
        "split",
        "rename",
        "retype",
        "state",
        "mention",
    ]
    subject: Id | None = None
    object: Id | None = None
    fact: Id | None = None
    mentions: Annotated[list[Place], Field(max_length=1000)] = []
    value: Id | None = None
    relation: RelationName | None = None
    document: Id | None = None
    sentence: Id | None = None
    type: EntityType | None = None
    author: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)] | None = (
        None
    )


class Judgement(BaseModel):
    """A judgement as it is kept; ``value`` is the name or type that it gives, or the text that
    states a fact, of which ``mentions`` are the subject's, the object's and its own place;
    or the text of a mention that is added, with its ``type`` and canonical ``name``."""

    id: int
    verdict: str
    subject: str
    relation: str | None
    object: str | None
    value: str | None
    type: str | None
    name: str | None
    mentions: list[Place]
    author: str
    made_at: datetime
    undone_at: datetime | None


class Reason(Answered):
    """Why two names are one entity or two; ``score`` is null where a rule decided."""

    one: str
    other: str
    joined: bool
    rule: str
    score: float | None


class Doubt(BaseModel):
    """Two names that may be one entity, for a person to judge, with a sentence of each ("" where
    there is none)."""

    one: Entity
    other: Entity
    reason: Reason
    sentences: tuple[str, str]


class Count(BaseModel):
    """How many there are of a name."""

    name: str
    count: int


class Stats(BaseModel):
    """Counts of the graph."""

    generation: int
    documents: int
    sentences: int
    mentions: int
    relation_mentions: int
    entities: int
    facts: int
    evidence: int
    unlinked: int
    entities_by_type: list[Count]
    facts_by_relation: list[Count]


class TypeLabel(BaseModel):
    """An entity type and what it is called."""

    name: str
    label_ru: str
    label_en: str


class RelationLabel(BaseModel):
    """A relation: what its object is to its subject, and the other way round."""

    name: str
    label_ru: str
    label_en: str
    inverse_ru: str
    inverse_en: str
    symmetric: bool


class Ontology(BaseModel):
    """The types and relations that the graph knows."""

    types: list[TypeLabel]
    relations: list[RelationLabel]
