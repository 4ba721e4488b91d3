"""Entities and facts as they are read, whole or as bare numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kgbuild.display import Shown
from kgbuild.types.text import Mention, type_name


@dataclass(frozen=True, slots=True)
class Nested:
    """Entities named inside an entity's names, and those in whose names it is named.

    «Театр имени Ермоловой» has Ермолова for a part, and Ермолова the theatre for a whole;
    the most often so first.
    """

    parts: tuple[Entity, ...]
    wholes: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Entity(Shown):
    """A node. ``aliases`` are the surface forms seen, most frequent first."""

    id: str
    type: type_name
    name: str
    aliases: tuple[str, ...] = ()
    mention_count: int = 0


@dataclass(frozen=True, slots=True)
class EntityName:
    """One of the names of an entity: its canonical name, or a surface form seen."""

    entity: str
    type: type_name
    text: str
    canonical: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a document states a fact.

    ``start``/``end``/``text`` are the passage: the sentence, or the run of
    sentences from the first mention's to the last's. ``copy_of`` is the source of the document
    that this one is a copy of ("": of none): both are one source of the fact.
    """

    document: str
    start: int
    end: int
    text: str
    subject: Mention
    object: Mention
    confidence: float
    copy_of: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Shown):
    """An edge. ``confidence`` combines the evidence: 1 − Π(1 − confidence) over documents, of
    which copies count as one; of a fact that a person accepted or stated it is 1. ``stated_by``
    is who stated it ("": documents alone do); such a fact may have no evidence."""

    relation: str
    subject: Entity
    object: Entity
    confidence: float
    evidence: tuple[Evidence, ...]
    stated_by: str = ""

    @property
    def id(self) -> str:
        """``SUBJECT:RELATION:OBJECT``, by entity ids: what accept and reject take."""
        return f"{self.subject.id}:{self.relation}:{self.object.id}"


@dataclass(frozen=True, slots=True)
class StoredMention:
    """A mention as the store returns it; ``stated``: a person added it."""

    document: str
    text: str
    mention: Mention
    entity: str
    name: str
    stated: bool = False


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A stored document without its text; ``characters`` is the text's length, ``copy_of`` the
    source of the document that it is a copy of ("": of none)."""

    source: str
    sha256: str
    media_type: str
    characters: int
    copy_of: str = ""


@dataclass(frozen=True, slots=True)
class EntitiesWanted:
    """Which entities are wanted; None is a wildcard. One of an entity's names begins with
    ``prefix``, ignoring case and ё/е; a ``document`` mentions it, in whose source ``*`` stands
    for anything."""

    types: tuple[type_name, ...] | None = None
    prefix: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class KindCounts:
    """How many entities there are of each type, and facts of each relation, the most first."""

    types: tuple[tuple[str, int], ...]
    relations: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FactsWanted:
    """Which facts are wanted; None is a wildcard. ``entity`` is an id on either side,
    ``document`` one that states the fact (``*`` in it stands for anything). ``weakest`` turns the order round: the least
    confident first, for whoever looks for what is wrong."""

    entity: str | None = None
    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    document: str | None = None
    weakest: bool = False


Side = Literal["subject", "object", "either"]
"""Which end of a fact an entity is."""


@dataclass(frozen=True, slots=True)
class EdgesWanted:
    """Which facts are wanted as numbers; None is a wildcard.

    ``entities`` are row ids, one of which is on either side; ``types`` those of the ends that
    aren't among ``entities``. ``dates`` are ids of dates, one of which is an end of the fact or
    named in a passage that states it. ``most`` bounds the facts that each of ``entities`` has on
    either side: whoever looks around a country needn't read all that is said of it.
    ``document`` is a source that states the fact, in which ``*`` stands for anything.
    """

    entities: tuple[int, ...] | None = None
    types: tuple[type_name, ...] | None = None
    relations: tuple[str, ...] | None = None
    confidence: float = 0.0
    dates: tuple[str, ...] | None = None
    most: int | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Edges:
    """Facts without names and evidence, most confident first.

    int64 [n] each: ``fact``, ``subject`` and ``object`` are row ids, ``relation`` indexes
    ``relations``; ``confidence`` is float64 [n].
    """

    fact: NDArray[np.int64]
    subject: NDArray[np.int64]
    object: NDArray[np.int64]
    relation: NDArray[np.int64]
    confidence: NDArray[np.float64]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tallied:
    """An entity (a row id) with the number of its facts of one relation."""

    entity: int
    name: str
    facts: int


@dataclass(frozen=True, slots=True)
class EdgeSources:
    """How many documents state a fact, and the names of the dates that are an end of it or
    stand in a passage that states it, sorted."""

    documents: int
    dates: tuple[str, ...]
