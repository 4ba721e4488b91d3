"""The values that travel between the stages.

Offsets are always indexes of code points into ``Document.text``; a span is
half-open, ``[start, end)``. Everything here is frozen: a stage takes values
and gives new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from kgbuild.display import Shown

type_name = str
"""One of NEREL's 29 entity types, see :mod:`kgbuild.ontology`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read. ``source`` is the path as ingested, ``sha256`` of the content."""

    source: str
    text: str
    sha256: str
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """A sentence's span in its document."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A span with an entity type; mentions nest. ``score`` is a probability in [0, 1]."""

    start: int
    end: int
    type: type_name
    score: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """An ordered, typed pair of mentions of one document; ``confidence`` in [0, 1]."""

    relation: str
    subject: Mention
    object: Mention
    confidence: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the models saw in one document."""

    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A normalised name: ``key`` identifies (casefolded), ``canonical`` is shown."""

    key: str
    canonical: str


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """A mention with the entity it names. ``entity`` is the entity's stable id."""

    mention: Mention
    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """Everything one document adds to the graph: the unit of a transaction.

    ``sentence_vectors`` is float16 [len(sentences), dimension] made by ``embedder``
    (a fingerprint), or None. ``relations`` refer to mentions in ``mentions``.
    ``extractor`` is the fingerprint of what found the mentions and relations.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    mentions: tuple[ResolvedMention, ...]
    relations: tuple[Relation, ...]
    extractor: str
    sentence_vectors: NDArray[np.float16] | None = None
    embedder: str | None = None


class AddResult(Enum):
    """What ``Store.add_document`` did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What left the graph with a document, and what survived on other evidence."""

    document: str
    mentions: int
    facts_removed: int
    facts_kept: int
    entities_removed: int
    entities_kept: int


@dataclass(frozen=True, slots=True)
class Entity(Shown):
    """A node. ``aliases`` are the surface forms seen, most frequent first."""

    id: str
    type: type_name
    name: str
    aliases: tuple[str, ...] = ()
    mention_count: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a document states a fact.

    ``start``/``end``/``text`` are the passage: the sentence, or the run of
    sentences from the first mention's to the last's.
    """

    document: str
    start: int
    end: int
    text: str
    subject: Mention
    object: Mention
    confidence: float


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Shown):
    """An edge. ``confidence`` combines the evidence: 1 − Π(1 − confidence) over documents."""

    relation: str
    subject: Entity
    object: Entity
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class StoredMention:
    """A mention as the store returns it."""

    document: str
    text: str
    mention: Mention
    entity: str
    name: str


@dataclass(frozen=True, slots=True)
class Passage(Shown):
    """A sentence of a document, with the score that found it.

    ``highlights`` are the spans that matched, in reading order, as offsets into the
    document; ``found_by`` names the lists that held it.
    """

    document: str
    start: int
    end: int
    text: str
    score: float = 0.0
    highlights: tuple[tuple[int, int], ...] = ()
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a query that stands nowhere, and the known word that was taken for it."""

    asked: str
    meant: str


@dataclass(frozen=True, slots=True, repr=False)
class SearchResults(Shown, Sequence[Passage]):
    """What a search found, best first; a sequence of passages.

    A hybrid or graph score is a share of the best possible one; a lexical score is BM25,
    a semantic one a cosine.
    """

    query: str
    mode: str
    passages: tuple[Passage, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def __len__(self) -> int:
        return len(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        return self.passages[index]


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Which sentences are wanted: every part that is given has to hold, None is a wildcard.

    ``entity`` is an entity's id and ``type`` an entity type that the sentence mentions,
    ``relation`` one that a fact's evidence states in it, ``document`` a source, in which
    ``*`` stands for any run of characters, ``any_of`` ids of which it mentions at least one.
    """

    entity: str | None = None
    type: type_name | None = None
    relation: str | None = None
    document: str | None = None
    any_of: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A place in a stored document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Postings:
    """Where lemmas stand: one row a lemma and sentence, in no order.

    ``lemma`` int64 [n] indexes the lemmas asked for; ``sentence`` and ``document`` int64 [n]
    are row ids; ``count`` and ``length`` float64 [n] are how often the lemma stands in the
    sentence, and the sentence's length in characters.
    """

    lemma: NDArray[np.int64]
    sentence: NDArray[np.int64]
    document: NDArray[np.int64]
    count: NDArray[np.float64]
    length: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much text there is: document row ids int64 [d], ascending, the characters of each
    one's sentences float64 [d], and the number of all sentences."""

    documents: NDArray[np.int64]
    characters: NDArray[np.float64]
    sentences: int


@dataclass(frozen=True, slots=True)
class AnswerItem(Shown):
    """One answer: its text, the entity, and the fact's evidence."""

    text: str
    entity: str
    confidence: float
    relation: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Shown):
    """What a question got: answers from the graph, or an abstention with its reason."""

    question: str
    answers: tuple[AnswerItem, ...] = ()
    passages: tuple[Passage, ...] = ()
    reason: str = ""

    @property
    def abstained(self) -> bool:
        """True where the graph holds no answer."""
        return not self.answers


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts of a store; ``entities_by_type`` and ``facts_by_relation`` are sorted by count."""

    documents: int
    sentences: int
    mentions: int
    relation_mentions: int
    entities: int
    facts: int
    evidence: int
    entities_by_type: tuple[tuple[str, int], ...] = ()
    facts_by_relation: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Vectors of one kind from the store: int64 [n] row ids, float16 [n, dimension]."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """A published vector index as its store knows it.

    ``model`` is the embedder's fingerprint, ``generation`` the store's when the index
    was made, ``count`` its rows, ``sha256`` the index file's, ``made_at`` in UTC.
    """

    kind: str
    model: str
    generation: int
    count: int
    sha256: str
    made_at: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class SearchHits:
    """Nearest rows of ``n`` queries: scores float32 [n, k], ids int64 [n, k] (-1 pads)."""

    scores: NDArray[np.float32]
    ids: NDArray[np.int64]


def by_position(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Mentions in reading order, the longer first where two start together."""
    return tuple(sorted(mentions, key=lambda m: (m.start, -m.end, m.type)))
