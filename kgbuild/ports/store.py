"""The store, by what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports.models import VectorKind
from kgbuild.types import (
    AddResult,
    AuditEntry,
    Copy,
    DeletionReport,
    Document,
    DocumentRecord,
    DocumentSummary,
    Edges,
    EdgeSources,
    EdgesWanted,
    EntitiesWanted,
    Entity,
    EntityName,
    Extent,
    ExternalId,
    Fact,
    FactsWanted,
    IndexRecord,
    Job,
    Judgement,
    KindCounts,
    Leaning,
    NamedNode,
    Nested,
    NodeStats,
    Passage,
    PassageFilter,
    Postings,
    Process,
    Reason,
    RegistryEntity,
    RegistryName,
    Relation,
    Side,
    StoredMention,
    StoredSource,
    StoreStats,
    Tallied,
    TextSpan,
    VectorBatch,
)


class WordStore(Protocol):
    """What search asks: where words stand (as :mod:`kgbuild.russian.lemmas` counts them), and what."""

    def lemma_counts(self, lemmas: Sequence[str]) -> dict[str, int]:
        """In how many sentences each of the lemmas stands; those that stand nowhere are left
        out."""
        ...

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """Every lemma with the number of sentences that hold it, in no order."""
        ...

    def postings(self, lemmas: Sequence[str], within: PassageFilter) -> Postings:
        """Where these (distinct) lemmas stand, in the sentences that the filter lets pass."""
        ...

    def extent(self) -> Extent:
        """How much text there is."""
        ...

    def sentence_rows(self, within: PassageFilter) -> NDArray[np.int64]:
        """Row ids of the sentences that the filter lets pass, ascending."""
        ...

    def entities_named(self, names: Sequence[str], most: int) -> dict[str, tuple[Entity, ...]]:
        """For each of the names that is known, at most so many of the entities that have it,
        the most mentioned first; names match as in ``Store.entities``."""
        ...

    def locate(self, spans: Sequence[TextSpan]) -> list[tuple[int, ...]]:
        """Row ids of the sentences that each span touches, in reading order."""
        ...


EntityKey = tuple[int, str]
"""Where an entity stands in the order of ``entities``: its mentions and its id."""

FactKey = tuple[float, str, str, str]
"""Where a fact stands in the order of ``facts``: confidence, relation, subject's and object's id."""


class PageStore(Protocol):
    """Reading a page at a time, from after a known place in the order: what is written
    between two pages moves no other row from one page to another."""

    def documents_page(self, after: str | None, limit: int) -> list[DocumentSummary]:
        """Documents by source, those after a source."""
        ...

    def entities_page(
        self, after: EntityKey | None, limit: int, wanted: EntitiesWanted
    ) -> list[Entity]:
        """Entities, most mentioned first, equals by id."""
        ...

    def counts(self, document: str | None = None) -> KindCounts:
        """Entities by type and facts by relation, in all documents or in those of a source
        (``*`` in it stands for anything)."""
        ...

    def facts_page(self, after: FactKey | None, limit: int, wanted: FactsWanted) -> list[Fact]:
        """Facts, most confident first (or last), equals by relation, subject's and object's id."""
        ...


class EdgeStore(Protocol):
    """Facts as bare numbers, for computing over many of them."""

    def entity_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Row ids of entities; those that aren't there are left out."""
        ...

    def links(self, wanted: EdgesWanted) -> Edges:
        """Facts, most confident first, equals by row id."""
        ...

    def tally(
        self,
        relation: str,
        side: Side,
        types: Sequence[str] | None = None,
        confidence: float = 0.0,
        most: int | None = None,
    ) -> list[Tallied]:
        """The entities (of these types) that are an end of a relation's facts on a side, with
        how many facts each has there: the most first, equals by row id, at most so many [all].
        Facts less sure than ``confidence`` don't count."""
        ...

    def edge_sources(self, facts: Sequence[int]) -> list[EdgeSources]:
        """What is said of facts (row ids), in order."""
        ...

    def linked(self, facts: Sequence[int]) -> list[Fact | None]:
        """Facts by row id, in order, with their evidence; None where one is gone."""
        ...


class JobStore(Protocol):
    """The runs over a store. Writing of them raises no generation: the graph is as it was."""

    def start_job(self, job: Job) -> Job:
        """Note a run that begins; gives it with its id."""
        ...

    def save_job(self, job: Job, taken_from: Process | None = None) -> bool:
        """Write how a job stands; False, and nothing done, where another process has it.

        ``taken_from`` is the process that had it, where this one goes on with its job.
        """
        ...

    def jobs(self, unfinished: bool = False) -> Iterator[Job]:
        """Jobs as they were written, the newest first; ``unfinished`` those that aren't done."""
        ...

    def remove_jobs(self, ids: Collection[int]) -> int:
        """Forget those of the jobs that are done or failed by now; gives their number.

        The audit log tells of it, unless there were none. An id is never given again.
        """
        ...


class Store(WordStore, PageStore, EdgeStore, JobStore, Protocol):
    """The truth: documents, what models saw in them, and the graph computed from that.

    Every method raises ``StoreError`` where the database fails. None is a wildcard.
    """

    @property
    def author(self) -> str:
        """Who changes the graph through this store, for the log."""
        ...

    # writing: one transaction a call
    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        """Record documents: what was seen in each is stored when this returns, and they wait
        for ``link``. UNCHANGED with the same source, content, extractor and normalizer, else
        REPLACED where the source is known.

        Raises:
            InputError: a record contradicts itself: none is stored.
        """
        ...

    def link(self, *, told: Callable[[Copy], None] = lambda copy: None) -> int:
        """Make the documents that wait part of the graph, so many in a transaction; gives their
        number. ``told`` is of each that turns out to be a copy of another. Interrupted, the next
        call goes on."""
        ...

    def add_document(self, record: DocumentRecord) -> AddResult:
        """``add_documents`` of one, then ``link``."""
        ...

    def delete_document(self, source: str, author: str | None = None) -> DeletionReport:
        """Remove a document with exactly what only it supported; ``author`` is who does, for the
        log, where it isn't the store's own.

        Raises:
            NotFoundError: no document has this source.
        """
        ...

    def move_document(self, old: str, new: str) -> None:
        """Give a document another source: its mentions, facts and vectors stay, and splits of
        its mentions go with it.

        Raises:
            NotFoundError: no document is called ``old``.
            InputError: one is called ``new`` already.
        """
        ...

    def add_vectors(
        self, kind: VectorKind, model: str, ids: Sequence[int], vectors: NDArray[np.float16]
    ) -> None:
        """Save vectors [len(ids), dimension] of rows; those that exist are replaced."""
        ...

    def record_index(self, record: IndexRecord) -> None:
        """Note the published index of a kind and model, in place of the one noted before.

        An index is derived: noting one doesn't raise the generation.

        Raises:
            InputError: ``made_at`` has no time zone.
            StoreReadOnlyError: this user can't write the store.
        """
        ...

    def judge(self, judgement: Judgement) -> Judgement:
        """Record a judgement and let the graph follow it; gives it with its id.

        Raises:
            InputError: its verdict is unknown, or it lacks what its verdict speaks of.
        """
        ...

    def undo(self, id: int, at: datetime, author: str | None = None) -> Judgement:
        """Take a judgement back: the graph is as if it had never been made; ``author`` as above.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        ...

    def relink(self) -> int:
        """Compute every entity again from the nodes; gives the number of nodes that moved."""
        ...

    def note(self, action: str, subject: str, detail: str = "") -> None:
        """Write an entry of the audit log for what no other method here does."""
        ...

    # reading
    def linkers(self) -> tuple[str | None, str]:
        """The fingerprints of the linker that computed all entities (None: unknown) and of the
        one that computes them now."""
        ...

    def unembedded(self, model: str) -> Iterator[tuple[str, str]]:
        """Documents with a sentence that has no vector of this model, by source, each with
        another model that it has vectors of (the last in code point order; "": none)."""
        ...

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made; those taken back only if asked for."""
        ...

    def nodes(self, around: str | None = None) -> Iterator[list[NodeStats]]:
        """Nodes in groups that can't touch each other; ``around`` a node, its group alone."""
        ...

    def reasons(self, around: str | None = None) -> Iterator[Reason]:
        """Why nodes are one entity or several; ``around`` a node, of its group alone."""
        ...

    def unjudged(self, limit: int, kinds: Mapping[str, Leaning]) -> list[Reason]:
        """The pairs that the clusterer weighed and nobody judged, the least sure first, equals by
        their nodes; ``kinds`` is what people said of a kind of pair
        (:func:`kgbuild.judging.kind_of_pair`)."""
        ...

    def unjudged_count(self) -> int:
        """How many pairs were weighed that nobody judged."""
        ...

    def node_names(self, ids: Collection[str]) -> dict[str, str]:
        """The folded names of the nodes that are there, by id."""
        ...

    def sentence_of(self, node: str) -> str | None:
        """The first sentence, by document and position, that mentions a node; None for none."""
        ...

    def node_entity(self, id: str) -> str | None:
        """The id of the entity that a node belongs to; None for an unknown node."""
        ...

    def add_external_ids(self, ids: Sequence[ExternalId]) -> int:
        """Save ids under their nodes; those known already take the new label and source.
        Gives how many are new.

        Raises:
            InputError: an id has no scheme or value, or one of more than 256 characters.
        """
        ...

    def remove_external_ids(self, entity: str, scheme: str, value: str | None = None) -> int:
        """Forget an entity's id, or with no value all of a scheme; gives how many there were."""
        ...

    def external_ids(
        self, entity: str | None = None, value: str | None = None
    ) -> Iterator[ExternalId]:
        """Ids of the entities that are in the graph now, by entity, scheme and value."""
        ...

    def named_nodes(self, blocks: Collection[str] | None = None) -> Iterator[NamedNode]:
        """The nodes of these blocks (see ``NodeFeature``) [all], by type, name and id; those that
        nothing mentions, or that have no name of their own, are left out."""
        ...

    def set_watchlist(self, name: str, entries: Sequence[RegistryEntity]) -> None:
        """Make a watch list hold just these, whose ids differ; of none, there is no such list.

        Raises:
            InputError: an entry has no id or name, or can't be stored.
        """
        ...

    def watchlists(self) -> Iterator[RegistryEntity]:
        """The entries of every watch list, by list (their ``scheme``) and id."""
        ...

    def set_registry_names(self, source: str, names: Sequence[RegistryName]) -> bool:
        """Make a register's names just these, and let the graph follow; of none, there are
        none. Gives whether they were others before: where not, nothing is written.

        Raises:
            InputError: a name is of another source, or lacks its entry, type, key or block.
        """
        ...

    def registry_names(self, source: str | None = None) -> list[RegistryName]:
        """The names of a register [of all], sorted."""
        ...

    def relations(
        self, document: str, candidates: bool = False, stated: bool = False
    ) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position; with
        ``stated`` those too that people stated of it. Or its candidates, too weak to state."""
        ...

    def copies(self, document: str | None = None) -> list[Copy]:
        """The documents that are copies, by source; those of the group of one document, be it the
        original or a copy. Copies have evidence of their own, and count as one source."""
        ...

    def has_document(self, source: str, sha256: str) -> bool:
        """Whether this source is stored with this content."""
        ...

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash, extractor and normalizer, by source."""
        ...

    def log(
        self,
        since: datetime | None = None,
        subject: str | None = None,
        action: str | None = None,
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one subject, of one kind."""
        ...

    def prune_log(
        self, before: datetime, keep: Callable[[Sequence[AuditEntry]], str]
    ) -> tuple[AuditEntry, ...]:
        """Remove the log's entries of before a moment; gives them.

        ``keep`` is handed them first, saves them elsewhere and says where; where it raises, all
        of them stay. The removal is an entry of its own, in the same transaction. Entries that
        tell of an earlier pruning stay. Without any to remove ``keep`` isn't called.
        """
        ...

    def documents(self) -> Iterator[Document]:
        """Every document, by source."""
        ...

    def document(self, source: str) -> Document | None:
        """One document."""
        ...

    def entity(self, id: str) -> Entity | None:
        """One entity by its id."""
        ...

    def nested(self, entity: str) -> Nested:
        """What is named inside the names of an entity (an id), and around them."""
        ...

    def candidates(self, entity: str, denied: bool = False) -> list[Fact]:
        """What the models' readings with an entity (an id) at an end would state, had they
        not been too weak, most confident first; without what is a fact or was judged. With
        ``denied``, what documents say isn't so, or only rumour or plan."""
        ...

    def entities(self, type: str | None = None, name: str | None = None) -> Iterator[Entity]:
        """Entities, most mentioned first; ``name`` matches canonical names and aliases,
        ignoring case and ё/е."""
        ...

    def names(self) -> Iterator[EntityName]:
        """Canonical names and the surface forms that differ from them; an entity's stand
        together, the canonical one first."""
        ...

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        document: str | None = None,
    ) -> Iterator[Fact]:
        """Facts, most confident first; ``subject`` and ``object`` are entity ids."""
        ...

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        ...

    def passages(self, sentence_ids: Sequence[int]) -> list[Passage | None]:
        """Sentences by row id, in order; None where one is gone."""
        ...

    def entities_by_row(self, ids: Sequence[int]) -> list[Entity | None]:
        """Entities by row id, in order; None where one is gone."""
        ...

    def missing_vectors(self, kind: VectorKind, model: str) -> Iterator[tuple[int, str]]:
        """Row id and text of what has no vector of this model yet."""
        ...

    def vectors(self, kind: VectorKind, model: str) -> Iterator[VectorBatch]:
        """All vectors of a kind and model, by ascending row id, in batches."""
        ...

    def vectors_of(self, kind: VectorKind, model: str, ids: Sequence[int]) -> VectorBatch:
        """The vectors of some rows by ascending row id; rows without one are left out."""
        ...

    def embedders(self, kind: VectorKind) -> list[str]:
        """Fingerprints of the models that have vectors of a kind, sorted."""
        ...

    def generation(self) -> int:
        """A counter that every write raises: an index of another generation is stale."""
        ...

    def index_record(self, kind: VectorKind, model: str) -> IndexRecord | None:
        """The index that was published last of a kind and model."""
        ...

    def stats(self) -> StoreStats:
        """Counts."""
        ...

    def check(self) -> list[str]:
        """Problems found in the database (integrity, orphans); empty when clean."""
        ...

    def close(self) -> None:
        """Release the database."""
        ...
