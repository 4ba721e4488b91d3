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
class Origin:
    """Where a stretch of a text stood in its file: ``kind`` is page, row, chapter or part,
    ``value`` which one («3»)."""

    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read. ``source`` is the path as ingested, ``sha256`` of the content.

    A document inside a file is named after it: ``a.zip!/b.txt``, ``a.csv#3``. ``origins`` are
    in the order of the text and don't overlap; a plain text has none.
    """

    source: str
    text: str
    sha256: str
    media_type: str = "text/plain"
    origins: tuple[Origin, ...] = ()


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
    """What the models saw in one document; ``candidates`` are relations that they found too
    weak to state, ``denied`` those that the text denies, rumours or plans."""

    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]
    candidates: tuple[Relation, ...] = ()
    denied: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A normalised name: ``key`` identifies (casefolded), ``canonical`` is shown."""

    key: str
    canonical: str


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """A mention with what it names in its document. ``entity`` is the id of a :class:`Node`."""

    mention: Mention
    entity: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    """Something that a document says of a node and that helps to tell who it is.

    ``kind`` is ``block`` (nodes of one block may be one entity), ``alias`` (the id of
    another name's node, by which the document calls it too), ``born`` or ``died`` (a year),
    ``bears`` or ``lone`` (a first name or patronymic that somebody with a surname bears, or that
    a name without one consists of), ``reading`` (another nominative that a name's form allows
    for) or ``near`` (the id of a node that a relation joins it to). A store adds ``known``: an entry of
    a register that has this name (:func:`known_entry` reads it).
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Node:
    """A name with what one document knows of its bearer: the unit of resolution.

    Equal names get equal ids in every document. An entity is a set of nodes, named by the id
    of one of them; which nodes are one is computed from the nodes of all documents.
    ``type`` and ``key`` (the folded canonical name) belong to the id; both are "" where a
    node never joins another by itself.
    """

    id: str
    type: type_name = ""
    key: str = ""
    traits: tuple[Trait, ...] = ()


BEARS, LONE = "bears", "lone"
CROWD = 24
"""A first name or patronymic that more nodes with a surname bear says nothing alone: names that
consist of it join nobody in another document. So what one name costs stays bounded."""
NEAR_SEEN = 64
"""Of a node's neighbours the linker looks at so many: those that most documents name, of
equals the last in code point order. What an often named person costs stays bounded so."""


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node over all documents: how many hold it, and how many say each of its traits.

    Of the ``near`` traits those past the first ``NEAR_SEEN`` may be missing.
    """

    id: str
    type: type_name
    key: str
    documents: int
    traits: tuple[tuple[Trait, int], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a mention stands: a document's source and a span in it."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on the graph, with time and author.

    ``verdict`` is same, not_same or unsure (of the entities ``subject`` and ``object``), split
    (``places`` leave the entity ``subject``), accept or reject (of a fact). Entities are named
    by node ids, so a judgement holds whatever documents come and go. ``id`` is given by the
    store; ``undone_at`` is when it was taken back. ``node`` is what a split's mentions are
    called for good, once its places can't tell any more: a document of it moved.
    """

    verdict: str
    subject: str
    author: str
    made_at: datetime
    relation: str | None = None
    object: str | None = None
    places: tuple[Place, ...] = ()
    note: str = ""
    id: int = 0
    undone_at: datetime | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two names are one entity or two: the rule or scorer that says so.

    ``joined`` is the outcome; ``score`` is the scorer's probability that they are one, or
    None where a rule or a judgement decided.
    """

    one: str
    other: str
    joined: bool
    rule: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """Everything one document adds to the graph: the unit of a transaction.

    ``sentence_vectors`` is float16 [len(sentences), dimension] made by ``embedder``
    (a fingerprint), or None. ``relations`` refer to mentions in ``mentions``.
    ``extractor`` is the fingerprint of what found the mentions and relations, ``normalizer`` of
    what named them ("": unknown). ``nodes`` tell more of the nodes that the mentions name; one
    that isn't among them is known by its id. ``candidates`` are relations that no fact is made
    of: see ``Store.candidates``.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    mentions: tuple[ResolvedMention, ...]
    relations: tuple[Relation, ...]
    extractor: str
    sentence_vectors: NDArray[np.float16] | None = None
    embedder: str | None = None
    nodes: tuple[Node, ...] = ()
    candidates: tuple[Relation, ...] = ()
    normalizer: str = ""


class AddResult(Enum):
    """What ``Store.add_document`` did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Nested:
    """Entities named inside an entity's names, and those in whose names it is named.

    «Театр имени Ермоловой» has Ермолова for a part, and Ермолова the theatre for a whole;
    the most often so first.
    """

    parts: tuple[Entity, ...]
    wholes: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A document in the store: its content's SHA-256, the extractor that read it, and the
    normalizer that named its mentions ("": unknown, it was stored before that was noted)."""

    source: str
    sha256: str
    extractor: str
    normalizer: str = ""


ACTIONS = (
    "add",
    "replace",
    "move",
    "delete",
    "judge",
    "undo",
    "relink",
    "import",
    "reprocess",
    "external",
    "aliases",
    "index",
    "upgrade",
    "copy",
    "prune",
)
"""What the audit log tells of."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who changed what and when.

    ``action`` is one of :data:`ACTIONS`; ``subject`` the source of a document, a folder,
    ``judgement N``, an entity's id, an index's kind, ``graph``, or ``jobs`` or ``log`` where those
    were pruned.
    """

    id: int
    made_at: datetime
    author: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of a fact or an entity after a document that spoke of it was deleted.

    ``name`` says it in words, as it was called before. ``left`` counts the sentences of a fact,
    or the mentions of an entity, in other documents: 0 where it is gone. ``documents`` is how
    many those are, ``examples`` the first of them by source.
    """

    id: str
    name: str
    left: int = 0
    documents: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What left the graph with a document, and what survived on other evidence; ``facts`` and
    ``entities`` are both kinds by id."""

    document: str
    mentions: int
    facts_removed: int
    facts_kept: int
    entities_removed: int
    entities_kept: int
    facts: tuple[Remains, ...] = ()
    entities: tuple[Remains, ...] = ()

    @property
    def gone(self) -> str:
        """What vanished, in a few words."""
        return f"{self.facts_removed} facts, {self.entities_removed} entities gone"


class JobState(Enum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Process:
    """A process of a machine; ``birth`` tells it from a later one of its number ("": unknown)."""

    host: str
    pid: int
    birth: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A run that reads many documents: what was asked, and how far it came.

    ``arguments`` are the words of the command ``kind``, given in the folder ``folder``.
    ``done`` and ``failed`` count documents, ``total`` the files or documents there were to look
    at (None: not known yet); a file may hold several documents. ``error`` is the last failure's
    reason. ``updated_at`` is when ``process`` last wrote here: a job that is running and whose
    process lives no more was interrupted.
    """

    kind: str
    arguments: tuple[str, ...]
    folder: str
    author: str
    process: Process
    started_at: datetime
    updated_at: datetime
    state: JobState = JobState.RUNNING
    done: int = 0
    failed: int = 0
    total: int | None = None
    error: str = ""
    id: int = 0


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
    sentences from the first mention's to the last's.
    """

    document: str
    start: int
    end: int
    text: str
    subject: Mention
    object: Mention
    confidence: float


@dataclass(frozen=True, slots=True, order=True)
class ExternalId:
    """What another register calls an entity: ``scheme`` names the register (``wikidata``).

    Saved under the id of a node, so that it holds whatever documents come and go; read with
    the id of the entity that the node belongs to now. ``label`` is the register's name of it,
    ``source`` the file that said so.
    """

    entity: str
    scheme: str
    value: str
    label: str = field(default="", compare=False)
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """Somebody or something that a register lists, whether documents name it or not.

    ``scheme`` names the register, ``id`` is its own id there. ``types`` are the entity types
    it may have, none where that isn't known; ``born`` and ``died`` the years, four digits
    each, that it may have been born or have died in (several where the register isn't sure).
    ``ids`` are pairs of scheme and value: what still other registers call it.
    """

    scheme: str
    id: str
    name: str
    types: tuple[type_name, ...] = ()
    aliases: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    died: tuple[str, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the main one first."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))


@dataclass(frozen=True, slots=True, order=True)
class KnownName:
    """One of the names that a register gives an entry, as nodes' names are compared.

    ``source`` names the register, ``key`` is the folded name of a ``type``, ``block`` one of
    the blocks that its nodes stand in; ``born`` and ``died`` are the entry's years.
    """

    source: str
    entry: str
    type: type_name
    key: str
    block: str
    born: tuple[str, ...] = ()
    died: tuple[str, ...] = ()

    @property
    def trait(self) -> Trait:
        """What the linker sees of the entry at a node of this name."""
        parts = (self.source, self.entry, " ".join(self.born), " ".join(self.died))
        return Trait("known", _PARTED.join(parts))


_PARTED = "\x1f"
"""Parts the values of a ``known`` trait; no register's or entry's id holds it."""


def known_entry(trait: Trait) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """A ``known`` trait's register, entry, years of birth and years of death."""
    source, entry, born, died = trait.value.split(_PARTED)
    return source, entry, tuple(born.split()), tuple(died.split())


@dataclass(frozen=True, slots=True, order=True)
class NamedNode:
    """A node by its name: the folded ``key`` of a ``type``, and the entity it belongs to now."""

    type: type_name
    key: str
    node: str
    entity: str


@dataclass(frozen=True, slots=True, repr=False)
class Fact(Shown):
    """An edge. ``confidence`` combines the evidence: 1 − Π(1 − confidence) over documents;
    of a fact that a person accepted it is 1."""

    relation: str
    subject: Entity
    object: Entity
    confidence: float
    evidence: tuple[Evidence, ...]

    @property
    def id(self) -> str:
        """``SUBJECT:RELATION:OBJECT``, by entity ids: what accept and reject take."""
        return f"{self.subject.id}:{self.relation}:{self.object.id}"


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


class Abstention(Enum):
    """Why a question got no answer."""

    UNKNOWN_ENTITY = "unknown_entity"
    UNKNOWN_RELATION = "unknown_relation"
    NO_FACT = "no_fact"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a query that stands nowhere, and the known word that was taken for it."""

    asked: str
    meant: str


@dataclass(frozen=True, slots=True, repr=False)
class SearchResults(Shown, Sequence[Passage]):
    """What a search found, best first; a sequence of passages.

    A hybrid or graph score is a share of the best possible one; a lexical score is BM25,
    a semantic one a cosine. ``corrections`` are words taken for others, ``unknown`` words that
    no document has.
    """

    query: str
    mode: str
    passages: tuple[Passage, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()

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
class DocumentSummary:
    """A stored document without its text; ``characters`` is the text's length."""

    source: str
    sha256: str
    media_type: str
    characters: int


@dataclass(frozen=True, slots=True)
class FactsWanted:
    """Which facts are wanted; None is a wildcard. ``entity`` is an id on either side,
    ``document`` one that states the fact. ``weakest`` turns the order round: the least
    confident first, for whoever looks for what is wrong."""

    entity: str | None = None
    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    document: str | None = None
    weakest: bool = False


@dataclass(frozen=True, slots=True)
class LinksWanted:
    """Which facts are wanted as numbers; None is a wildcard.

    ``entities`` are row ids, one of which is on either side; ``types`` those of the ends that
    aren't among ``entities``. ``dates`` are ids of dates, one of which is an end of the fact or
    named in a passage that states it. ``most`` bounds the facts that each of ``entities`` has on
    either side: whoever looks around a country needn't read all that is said of it.
    """

    entities: tuple[int, ...] | None = None
    types: tuple[type_name, ...] | None = None
    relations: tuple[str, ...] | None = None
    confidence: float = 0.0
    dates: tuple[str, ...] | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
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
class LinkSources:
    """How many documents state a fact, and the names of the dates that are an end of it or
    stand in a passage that states it, sorted."""

    documents: int
    dates: tuple[str, ...]


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
    """One answer: its text, the entity, and the fact's evidence.

    ``entity`` is "" where the answer is no entity: a count, a yes or no, a path in words.
    ``evidence`` holds that of every fact the answer rests on, hop by hop. ``about`` is the name
    of the entity that the question's name was taken for ("": of none, or of several).
    """

    text: str
    entity: str
    confidence: float
    relation: str
    evidence: tuple[Evidence, ...]
    about: str = ""


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


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts of a store; ``entities_by_type`` and ``facts_by_relation`` are sorted by count.

    ``unlinked`` documents are stored, and wait for their names to become entities.
    """

    documents: int
    sentences: int
    mentions: int
    relation_mentions: int
    entities: int
    facts: int
    evidence: int
    entities_by_type: tuple[tuple[str, int], ...] = ()
    facts_by_relation: tuple[tuple[str, int], ...] = ()
    unlinked: int = 0


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
