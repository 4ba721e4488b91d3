"""``MemoryStore``: the simplest store that is right, what the SQL store is compared with.

It keeps the records and computes the whole graph from them when asked, so it
shares none of the SQL store's bookkeeping, only the rules in ``rules``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import NotFoundError
from kgbuild.judging import (
    JudgedLinker,
    by_doubt,
    checked_judgement,
    current_author,
    in_words,
    split_places,
    unjudged_pairs,
    with_own_node,
)
from kgbuild.ports import EntityClusterer
from kgbuild.types import (
    AddResult,
    AuditEntry,
    Copy,
    DeletionReport,
    Document,
    DocumentRecord,
    Entity,
    EntityName,
    ExternalId,
    Fact,
    IndexRecord,
    Job,
    Judgement,
    Leaning,
    NodeStats,
    Reason,
    RegistryEntity,
    RegistryName,
    Sentence,
    StoredMention,
    StoreStats,
    by_position,
)
from storage.rules import checked, fold, nodes_after, supports

from .graph import Graph, MemoryCandidates, computed, counted, remains, seen_in, with_stated
from .reading import MemoryLinks, MemoryNested, MemoryPages, MemoryWords
from .writing import MemoryExternal, MemoryJobs, MemoryLifecycle, MemoryVectors, VectorKey


class MemoryStore(
    MemoryWords,
    MemoryVectors,
    MemoryExternal,
    MemoryPages,
    MemoryLinks,
    MemoryLifecycle,
    MemoryJobs,
    MemoryNested,
    MemoryCandidates,
):
    """The ``Store`` port in dicts; nothing outlives the object."""

    def __init__(self, linker: EntityClusterer | None = None, author: str | None = None) -> None:
        self._linker = linker or JudgedLinker()
        self._linked_by: str | None = None
        self._author = author or current_author()
        self._jobs: dict[int, Job] = {}
        self._last_job = 0
        self._judgements: list[Judgement] = []
        self._external: dict[ExternalId, ExternalId] = {}
        self._watched: dict[str, tuple[RegistryEntity, ...]] = {}
        self._known: dict[str, list[RegistryName]] = {}
        self._read: dict[str, DocumentRecord] = {}  # as they came
        self._records: dict[str, DocumentRecord] = {}  # with what people added
        self._sentences: dict[int, tuple[str, Sentence]] = {}
        self._document_rows: dict[str, int] = {}
        self._rows: dict[int, str] = {}
        self._vectors: dict[VectorKey, dict[int, NDArray[np.float16]]] = defaultdict(dict)
        self._indexes: dict[VectorKey, IndexRecord] = {}
        self._last_row = 0
        self._log: list[AuditEntry] = []
        self._last_entry = 0
        self._generation = 0
        self._graph = Graph()

    # writing

    def add_document(self, record: DocumentRecord) -> AddResult:
        """Add a document; the same source and content is UNCHANGED, other content REPLACED.

        Raises:
            InputError: the record contradicts itself.
        """
        record = checked(record)
        source = record.document.source
        stored = self._records.get(source)
        if stored is not None and _versions(stored) == _versions(record):
            return AddResult.UNCHANGED
        if record.sentence_vectors is not None and len(record.sentences):
            self._check_dimension(str(record.embedder), record.sentence_vectors.shape[1])
        known = stored is not None
        if known:
            self._remove(source)
        self._linked_by = self._linked_by if self._records else self._linker_now()
        self._read[source] = record
        self._document_rows[source] = self._generation
        rows = [self._next_row() for _ in record.sentences]
        self._sentences.update(
            (row, (source, sentence)) for row, sentence in zip(rows, record.sentences, strict=True)
        )
        if record.sentence_vectors is not None:
            self._save("sentence", str(record.embedder), rows, record.sentence_vectors)
        self._note("replace" if known else "add", source, record.extractor)
        self._settle()
        if not known:
            self._generation += 1  # recorded, and linked: two writes, as removed and added are
        return AddResult.REPLACED if known else AddResult.ADDED

    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        """Add documents; of a record that contradicts itself none is added."""
        for record in records:
            checked(record)
        return [self.add_document(record) for record in records]

    def link(self, *, told: Callable[[Copy], None] = lambda copy: None) -> int:
        """Nothing waits: the graph is computed anew at every write."""
        return 0

    def delete_document(self, source: str, author: str | None = None) -> DeletionReport:
        """Remove a document with exactly what only it supported.

        Raises:
            NotFoundError: no document has this source.
        """
        if source not in self._records:
            raise NotFoundError(f"no document {source!r} in the graph")
        record = self._records[source]
        places = split_places(self._judgements)
        now = {m: self._graph.entity_of[n] for m, n in nodes_after(record, places).items()}
        named = {self._graph.entities[id] for id in now.values()}
        found = supports(record, now)
        keys = {(s.subject, s.relation.relation, s.object) for s in found}
        shown = self._graph.facts
        stated = [
            f for f in shown if (f.subject.id, f.relation, f.object.id) in keys and not f.stated_by
        ]
        self._remove(source)
        facts, entities = remains(stated, named, self._graph.facts, list(self.mentions()))
        report = DeletionReport(
            document=source,
            mentions=len(record.mentions),
            facts_removed=sum(not fact.left for fact in facts),
            facts_kept=sum(fact.left > 0 for fact in facts),
            entities_removed=sum(not entity.left for entity in entities),
            entities_kept=sum(entity.left > 0 for entity in entities),
            facts=facts,
            entities=entities,
        )
        self._note("delete", source, report.gone, author)
        return report

    def judge(self, judgement: Judgement) -> Judgement:
        """Record a judgement and let the graph follow it; gives it with its id.

        Raises:
            InputError: its verdict is unknown, or it lacks what its verdict speaks of.
        """
        sound = with_own_node(checked_judgement(judgement), self._judgements)
        made_at = sound.made_at.astimezone(UTC)
        recorded = replace(sound, id=len(self._judgements) + 1, made_at=made_at)
        self._judgements.append(recorded)
        self._note("judge", f"judgement {recorded.id}", in_words(recorded), recorded.author)
        self._settle()
        return recorded

    def undo(self, id: int, at: datetime, author: str | None = None) -> Judgement:
        """Take a judgement back: the graph is as if it had never been made.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        if id not in {j.id for j in self.judgements()}:
            raise NotFoundError(f"no judgement {id} that holds: see  kgbuild judgements")
        undone = replace(self._judgements[id - 1], undone_at=at.astimezone(UTC))
        self._judgements[id - 1] = undone
        self._note("undo", f"judgement {id}", in_words(undone), author)
        self._settle()
        return undone

    def relink(self) -> int:
        """Nothing moves: entities are computed anew at every write."""
        self._note("relink", "graph", "0 nodes moved")
        self._linked_by = self._linker_now()
        return 0

    def _remove(self, source: str) -> None:
        del self._read[source]
        gone = [row for row, (owner, _) in self._sentences.items() if owner == source]
        for row in gone:
            del self._sentences[row]
        self._drop_vectors("sentence", gone)
        self._settle()

    def _settle(self) -> None:
        """Compute the graph again; entities that are gone or renamed lose their vectors."""
        before = self._graph
        self._records = {s: with_stated(r, self._judgements) for s, r in self._read.items()}
        self._graph = computed(
            self._records,
            self._document_rows,
            self._linker,
            self._judgements,
            self.registry_names(),
        )
        now = self._graph.entities
        self._drop_vectors(
            "entity",
            [
                row
                for row, key in self._rows.items()
                if key not in now or now[key].name != before.entities[key].name
            ],
        )
        self._rows = {row: key for row, key in self._rows.items() if key in now}
        known = set(self._rows.values())
        self._rows |= {self._next_row(): key for key in now if key not in known}
        self._generation += 1

    def _next_row(self) -> int:
        self._last_row += 1
        return self._last_row

    # reading

    def copies(self, document: str | None = None) -> list[Copy]:
        """The documents that are copies, by source; those of the group of one document."""
        known = self._graph.copies
        found = [Copy(*pair) for pair in sorted(known.items())]
        if document is None:
            return found
        return [copy for copy in found if copy.original == known.get(document, document)]

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made; those taken back only if asked for."""
        yield from [j for j in self._judgements if undone or j.undone_at is None]

    def nodes(self, around: str | None = None) -> Iterator[list[NodeStats]]:
        """All nodes as one group, if ``around`` is among them."""
        found = seen_in(self._records, split_places(self._judgements), self.registry_names())
        if found and (around is None or around in {node.id for node in found}):
            yield found

    def reasons(self, around: str | None = None) -> Iterator[Reason]:
        """Why nodes are one entity or several; ``around`` a node, of its group alone."""
        judgements = list(self.judgements())
        for group in self.nodes(around):
            yield from self._linker.reasons(group, judgements)

    def unjudged(self, limit: int, kinds: Mapping[str, Leaning]) -> list[Reason]:
        """The pairs that were weighed and nobody judged, the least sure first."""
        names = {node.id: node.key for group in self.nodes() for node in group}
        return by_doubt(self._weighed(), kinds, names)[:limit]

    def unjudged_count(self) -> int:
        """How many pairs were weighed that nobody judged."""
        return len(self._weighed())

    def _weighed(self) -> list[Reason]:
        return unjudged_pairs(self.reasons(), self.judgements())

    def node_names(self, ids: Collection[str]) -> dict[str, str]:
        """The folded names of the nodes that are there, by id."""
        return {n.id: n.key for group in self.nodes() for n in group if n.id in set(ids)}

    def sentence_of(self, node: str) -> str | None:
        """The first sentence, by document and position, that mentions a node; None for none."""
        for source in sorted(self._records):
            record = self._records[source]
            nodes = nodes_after(record, split_places(self._judgements))
            for mention in by_position([m for m, id in nodes.items() if id == node]):
                for sentence in record.sentences:
                    if sentence.start <= mention.start < sentence.end:
                        return record.document.text[sentence.start : sentence.end]
        return None

    def node_entity(self, id: str) -> str | None:
        """The id of the entity that a node belongs to; None for an unknown node."""
        return self._graph.entity_of.get(id)

    def has_document(self, source: str, sha256: str) -> bool:
        """Whether this source is stored with this content."""
        record = self._records.get(source)
        return record is not None and record.document.sha256 == sha256

    def documents(self) -> Iterator[Document]:
        """Every document, by source."""
        for source in sorted(self._records):
            yield self._records[source].document

    def document(self, source: str) -> Document | None:
        """One document."""
        record = self._records.get(source)
        return None if record is None else record.document

    def entity(self, id: str) -> Entity | None:
        """One entity by its id."""
        return self._graph.entities.get(id)

    def entities(self, type: str | None = None, name: str | None = None) -> Iterator[Entity]:
        """Entities, most mentioned first, equals by id."""
        for entity in sorted(self._graph.entities.values(), key=lambda e: (-e.mention_count, e.id)):
            names = {fold(surface) for surface in (entity.name, *entity.aliases)}
            if type in (None, entity.type) and (name is None or fold(name) in names):
                yield entity

    def names(self) -> Iterator[EntityName]:
        """Canonical names and the surface forms that differ from them."""
        for entity in self._graph.entities.values():
            for name in dict.fromkeys((entity.name, *entity.aliases)):
                yield EntityName(entity.id, entity.type, name, name == entity.name)

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        document: str | None = None,
    ) -> Iterator[Fact]:
        """Facts, most confident first, each with all its evidence, the strongest first."""
        for fact in self._graph.facts:
            if (
                subject in (None, fact.subject.id)
                and relation in (None, fact.relation)
                and object in (None, fact.object.id)
                and (document is None or any(e.document == document for e in fact.evidence))
            ):
                yield fact

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        for source in sorted(self._records):
            if document not in (None, source):
                continue
            record = self._records[source]
            nodes = nodes_after(record, split_places(self._judgements))
            entity_of = {mention: self._graph.entity_of[id] for mention, id in nodes.items()}
            read = {resolved.mention for resolved in self._read[source].mentions}
            for mention in by_position(list(entity_of)):
                key = entity_of[mention]
                if entity in (None, key):
                    text = record.document.text[mention.start : mention.end]
                    name = self._graph.entities[key].name
                    yield StoredMention(source, text, mention, key, name, mention not in read)

    def generation(self) -> int:
        """A counter that every write raises."""
        return self._generation

    def stats(self) -> StoreStats:
        """Counts."""
        return counted(self._records, self._graph)

    def check(self) -> list[str]:
        """Nothing can be wrong that isn't computed anew."""
        return []

    def close(self) -> None:
        """Nothing to release."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _versions(record: DocumentRecord) -> tuple[str, str, str]:
    """A document's content and what read it."""
    return record.document.sha256, record.extractor, record.normalizer
