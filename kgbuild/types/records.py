"""What goes into the store and out of it, and who did so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from kgbuild.types.nodes import NameNode, ResolvedMention
from kgbuild.types.text import Document, Relation, Sentence


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """Everything one document adds to the graph: the unit of a transaction.

    ``sentence_vectors`` is float16 [len(sentences), dimension] made by ``embedder``
    (a fingerprint), or None. ``relations`` refer to mentions in ``mentions``.
    ``extractor`` is the fingerprint of what found the mentions and relations, ``normalizer`` of
    what named them ("": unknown). ``nodes`` tell more of the nodes that the mentions name; one
    that isn't among them is known by its id. ``candidates`` are relations that no fact is made
    of, too weak or denied: see ``Store.candidates``.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    mentions: tuple[ResolvedMention, ...]
    relations: tuple[Relation, ...]
    extractor: str
    sentence_vectors: NDArray[np.float16] | None = None
    embedder: str | None = None
    nodes: tuple[NameNode, ...] = ()
    candidates: tuple[Relation, ...] = ()
    normalizer: str = ""


class AddResult(Enum):
    """What ``Store.add_document`` did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Copy:
    """A document whose text is that of another one, or nearly, by the sources of both: the
    original is the first of them that was stored."""

    source: str
    original: str


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
class DeletionImpact:
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
    facts: tuple[DeletionImpact, ...] = ()
    entities: tuple[DeletionImpact, ...] = ()

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
