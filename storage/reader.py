"""Reading a store: each method is one state of the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from kgbuild.judging import by_doubt, unjudged_pairs
from kgbuild.ports import EntityClusterer, EntityKey, FactKey, VectorKind
from kgbuild.types import (
    AuditEntry,
    Copy,
    Document,
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

from .check import problems
from .database import Database, chunked
from .documents.copies import read_copies
from .documents.mentions import read_relations
from .documents.read import (
    mentioned_in,
    read_counts,
    read_documents,
    read_mentions,
    read_sources,
    read_stats,
    source_is,
)
from .documents.versions import read_linker, read_unembedded
from .graph.candidates import read_candidates
from .graph.edges import read_link_sources, read_links, read_tally
from .graph.entities import (
    _beginning,
    entities_by_row,
    entity_of_key,
    read_entities,
    read_entity_rows,
    read_named,
    read_names,
    read_nested,
)
from .graph.facts import FactFilter, fact_page, facts_by_row, read_facts
from .graph.judgements import read_judgements
from .graph.nodes import component, seen_nodes
from .graph.pairs import are_kept, count_pairs, least_sure
from .jobs import read_jobs
from .log import read_log
from .registers.external import (
    read_external,
    read_named_nodes,
    read_watchlists,
)
from .registers.names import linker_now, read_known
from .rules import fold
from .schema import (
    AliasRow,
    CopyRow,
    DocumentRow,
    EntityRow,
    MentionRow,
    MetaRow,
    NodeRow,
    SentenceRow,
)
from .search.passages import conditions, read_located, read_passages, read_sentence_rows
from .search.words import read_extent, read_lemma_counts, read_postings, read_vocabulary
from .vectors import (
    read_embedders,
    read_index_record,
    read_missing,
    read_vectors,
    read_vectors_of,
)

_GENERATION = select(MetaRow.value).where(MetaRow.name == "generation")

_AT_ONCE = 20_000
"""So many nodes are read in one go; of more a group that can touch each other at a time."""


@cache
def _first_sentence() -> Select[str]:
    length = SentenceRow.stop - SentenceRow.start
    begins = and_(MentionRow.start >= SentenceRow.start, MentionRow.start < SentenceRow.stop)
    return (
        select(func.substr(DocumentRow.text, SentenceRow.start + 1, length))
        .select_from(NodeRow)
        .join(AliasRow, AliasRow.node_id == NodeRow.id)
        .join(MentionRow, MentionRow.alias_id == AliasRow.id)
        .join(DocumentRow, DocumentRow.id == MentionRow.document_id)
        .join(SentenceRow, and_(SentenceRow.document_id == DocumentRow.id, begins))
        .where(NodeRow.key == bindparam("node"))
        .order_by(DocumentRow.source, MentionRow.start)
        .limit(1)
    )


class SqlReader:
    """The reading half of ``SqlStore``; see ``kgbuild.ports.Store`` for its methods."""

    _database: Database
    _linker: EntityClusterer
    _author: str

    @property
    def author(self) -> str:
        """Who changes the graph through this store, for the log."""
        return self._author

    def has_document(self, source: str, sha256: str) -> bool:
        """Whether this source is stored with this content."""
        same = exists().where(DocumentRow.source == source, DocumentRow.sha256 == sha256)
        with self._database.reading() as connection:
            return bool(connection.scalar(select(same)))

    def documents(self) -> Iterator[Document]:
        """Every document, by source."""
        return read_documents(self._database)

    def document(self, source: str) -> Document | None:
        """One document."""
        return next(read_documents(self._database, source), None)

    def documents_page(self, after: str | None, limit: int) -> list[DocumentSummary]:
        """Documents by source, those after a source."""
        original = aliased(DocumentRow)
        query = (
            select(
                DocumentRow.source,
                DocumentRow.sha256,
                DocumentRow.media_type,
                func.length(DocumentRow.text),
                func.coalesce(original.source, ""),
            )
            .outerjoin(CopyRow, CopyRow.document_id == DocumentRow.id)
            .outerjoin(original, original.id == CopyRow.original_id)
            .order_by(DocumentRow.source)
            .limit(limit)
        )
        if after is not None:
            query = query.where(DocumentRow.source > after)
        with self._database.reading() as connection:
            return [DocumentSummary(*row) for row in connection.execute(query)]

    def copies(self, document: str | None = None) -> list[Copy]:
        """The documents that are copies, by source; those of the group of one document."""
        with self._database.reading() as connection:
            return read_copies(connection, document)

    def sources(self) -> Iterator[StoredSource]:
        """Every document's source, content hash, extractor and normalizer, by source."""
        with self._database.reading() as connection:
            found = read_sources(connection)
        return (StoredSource(*row) for row in found)

    def stats(self) -> StoreStats:
        """Counts."""
        return read_stats(self._database)

    def counts(self, document: str | None = None) -> KindCounts:
        """Entities by type and facts by relation."""
        return read_counts(self._database, document)

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        return read_mentions(self._database, document, entity)

    def relations(
        self, document: str, candidates: bool = False, stated: bool = False
    ) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position; with
        ``stated`` those too that people stated of it. Or its candidates, too weak to state."""
        with self._database.reading() as connection:
            return read_relations(connection, document, candidates, stated)

    def entity(self, id: str) -> Entity | None:
        """One entity by its id."""
        with self._database.reading() as connection:
            return entity_of_key(connection, id)

    def entities(self, type: str | None = None, name: str | None = None) -> Iterator[Entity]:
        """Entities, most mentioned first, equals by id."""
        return read_entities(self._database, type, name)

    def entities_by_row(self, ids: Sequence[int]) -> list[Entity | None]:
        """Entities by row id, in order; None where one is gone."""
        wanted = [int(id) for id in ids]
        with self._database.reading() as connection:
            found = entities_by_row(connection, wanted)
        return [found.get(id) for id in wanted]

    def entities_page(
        self, after: EntityKey | None, limit: int, wanted: EntitiesWanted
    ) -> list[Entity]:
        """Entities, most mentioned first, equals by id."""
        count, key = EntityRow.mention_count, EntityRow.key
        query = select(EntityRow.id).order_by(count.desc(), key).limit(limit)
        if wanted.types is not None:
            query = query.where(EntityRow.type.in_(wanted.types))
        if wanted.prefix is not None:
            query = query.where(_beginning(fold(wanted.prefix)))
        if wanted.document is not None:
            named = source_is(wanted.document, self._database.is_sqlite)
            query = query.where(EntityRow.id.in_(mentioned_in(named)))
        if after is not None:
            query = query.where(or_(count < after[0], and_(count == after[0], key > after[1])))
        with self._database.reading() as connection:
            ids = connection.scalars(query).all()
            found = entities_by_row(connection, ids)
        return [found[id] for id in ids]

    def entities_named(self, names: Sequence[str], most: int) -> dict[str, tuple[Entity, ...]]:
        """For each known name at most so many of its entities, the most mentioned first."""
        return read_named(self._database, names, most)

    def entity_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Row ids of entities; those that aren't there are left out."""
        with self._database.reading() as connection:
            return read_entity_rows(connection, ids)

    def names(self) -> Iterator[EntityName]:
        """Canonical names and the surface forms that differ from them."""
        return read_names(self._database)

    def nested(self, entity: str) -> Nested:
        """What is named inside the names of an entity (an id), and around them."""
        with self._database.reading() as connection:
            found = [read_nested(connection, entity, inside) for inside in (True, False)]
        parts, wholes = (tuple(e for id in ids if (e := self.entity(id))) for ids in found)
        return Nested(parts, wholes)

    def candidates(self, entity: str, denied: bool = False) -> list[Fact]:
        """What relations under their threshold would state of an entity (an id), or what is
        denied of it."""
        with self._database.reading() as connection:
            return read_candidates(connection, entity, denied)

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        document: str | None = None,
    ) -> Iterator[Fact]:
        """Facts, most confident first, each with all its evidence, the strongest first."""
        return read_facts(self._database, FactFilter(subject, relation, object, document))

    def facts_page(self, after: FactKey | None, limit: int, wanted: FactsWanted) -> list[Fact]:
        """Facts, most confident first (or last), equals by relation and ids."""
        with self._database.reading() as connection:
            ids = connection.scalars(
                fact_page(after, limit, wanted, self._database.is_sqlite)
            ).all()
            found = facts_by_row(connection, ids)
        return [found[id] for id in ids]

    def links(self, wanted: EdgesWanted) -> Edges:
        """Facts, most confident first, equals by row id."""
        with self._database.reading() as connection:
            return read_links(connection, wanted)

    def tally(
        self,
        relation: str,
        side: Side,
        types: Sequence[str] | None = None,
        confidence: float = 0.0,
        most: int | None = None,
    ) -> list[Tallied]:
        """Entities at a side of a relation's facts with their number, the most first."""
        with self._database.reading() as connection:
            return read_tally(connection, relation, side, types, confidence, most)

    def edge_sources(self, facts: Sequence[int]) -> list[EdgeSources]:
        """What is said of facts (row ids), in order."""
        with self._database.reading() as connection:
            return read_link_sources(connection, facts)

    def linked(self, facts: Sequence[int]) -> list[Fact | None]:
        """Facts by row id, in order, with their evidence; None where one is gone."""
        wanted = [int(fact) for fact in facts]
        with self._database.reading() as connection:
            found = facts_by_row(connection, list(dict.fromkeys(wanted)))
        return [found.get(fact) for fact in wanted]

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made; those taken back only if asked for."""
        with self._database.reading() as connection:
            found = read_judgements(connection, undone)
        return iter(found)

    def nodes(self, around: str | None = None) -> Iterator[list[NodeStats]]:
        """Nodes in groups that can't touch each other; ``around`` a node, its group alone."""
        with self._database.reading() as connection:
            judgements = read_judgements(connection)
            wanted = select(NodeRow.id)
            if around is not None:
                wanted = wanted.where(NodeRow.key == around)
            rest = set(connection.scalars(wanted))
            if around is None and len(rest) <= _AT_ONCE:
                everything = [node for _, node in seen_nodes(connection, rest)]
        if around is None and len(rest) <= _AT_ONCE:
            if everything:
                yield everything
            return
        while rest:
            with self._database.reading() as connection:
                group = component(connection, {min(rest)}, judgements)
                found = [node for _, node in seen_nodes(connection, group)]
            rest -= group
            yield found

    def reasons(self, around: str | None = None) -> Iterator[Reason]:
        """Why nodes are one entity or several; ``around`` a node, of its group alone."""
        judgements = list(self.judgements())
        for group in self.nodes(around):
            yield from self._linker.reasons(group, judgements)

    def unjudged(self, limit: int, kinds: Mapping[str, Leaning]) -> list[Reason]:
        """The pairs that were weighed and nobody judged, the least sure first; ``kinds`` is what
        people said of a kind of pair."""
        with self._database.reading() as connection:
            if are_kept(connection):
                return least_sure(connection, limit, kinds)
        names = {node.id: node.key for group in self.nodes() for node in group}
        return by_doubt(self._weighed(), kinds, names)[:limit]

    def unjudged_count(self) -> int:
        """How many pairs were weighed that nobody judged."""
        with self._database.reading() as connection:
            if are_kept(connection):
                return count_pairs(connection)
        return len(self._weighed())

    def _weighed(self) -> list[Reason]:
        return unjudged_pairs(self.reasons(), self.judgements())

    def node_names(self, ids: Collection[str]) -> dict[str, str]:
        """The folded names of the nodes that are there, by id."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in chunked(sorted(ids)):
                named = select(NodeRow.key, NodeRow.name_key).where(NodeRow.key.in_(some))
                found.update((id, name) for id, name in connection.execute(named))
        return found

    def sentence_of(self, node: str) -> str | None:
        """The first sentence, by document and position, that mentions a node; None for none."""
        with self._database.reading() as connection:
            return connection.scalar(_first_sentence(), {"node": node})

    def node_entity(self, id: str) -> str | None:
        """The id of the entity that a node belongs to; None for an unknown node."""
        with self._database.reading() as connection:
            return connection.scalar(
                select(EntityRow.key)
                .join(NodeRow, NodeRow.entity_id == EntityRow.id)
                .where(NodeRow.key == id)
            )

    def linkers(self) -> tuple[str | None, str]:
        """The linker that computed all entities (None: unknown), and the one that does now."""
        with self._database.reading() as connection:
            return read_linker(connection), linker_now(connection, self._linker)

    def external_ids(
        self, entity: str | None = None, value: str | None = None
    ) -> Iterator[ExternalId]:
        """Ids of the entities that are in the graph now, by entity, scheme and value."""
        with self._database.reading() as connection:
            found = read_external(connection, entity, value)
        return iter(found)

    def named_nodes(self, blocks: Collection[str] | None = None) -> Iterator[NamedNode]:
        """The nodes of these blocks [all], by type, name and id."""
        with self._database.reading() as connection:
            found = sorted(set(read_named_nodes(connection, blocks)))
        return iter(found)

    def watchlists(self) -> Iterator[RegistryEntity]:
        """The entries of every watch list, by list and id."""
        with self._database.reading() as connection:
            found = read_watchlists(connection)
        return iter(found)

    def registry_names(self, source: str | None = None) -> list[RegistryName]:
        """The names of a register [of all], sorted."""
        with self._database.reading() as connection:
            return read_known(connection, source)

    def lemma_counts(self, lemmas: Sequence[str]) -> dict[str, int]:
        """In how many sentences each lemma stands, of those that stand somewhere."""
        return read_lemma_counts(self._database, lemmas)

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """Every lemma with the number of sentences that hold it, in no order."""
        return read_vocabulary(self._database)

    def postings(self, lemmas: Sequence[str], within: PassageFilter) -> Postings:
        """Where these lemmas stand, in the sentences that the filter lets pass."""
        return read_postings(self._database, lemmas, conditions(self._database, within))

    def extent(self) -> Extent:
        """How much text there is."""
        return read_extent(self._database)

    def sentence_rows(self, within: PassageFilter) -> NDArray[np.int64]:
        """Row ids of the sentences that the filter lets pass, ascending."""
        return read_sentence_rows(self._database, within)

    def locate(self, spans: Sequence[TextSpan]) -> list[tuple[int, ...]]:
        """Row ids of the sentences that each span touches, in reading order."""
        return read_located(self._database, spans)

    def passages(self, sentence_ids: Sequence[int]) -> list[Passage | None]:
        """Sentences by row id, in order; None where one is gone."""
        return read_passages(self._database, sentence_ids)

    def missing_vectors(self, kind: VectorKind, model: str) -> Iterator[tuple[int, str]]:
        """Row id and text of what has no vector of this model yet."""
        return read_missing(self._database, kind, model)

    def vectors(self, kind: VectorKind, model: str) -> Iterator[VectorBatch]:
        """All vectors of a kind and model, by ascending row id, in batches."""
        return read_vectors(self._database, kind, model)

    def vectors_of(self, kind: VectorKind, model: str, ids: Sequence[int]) -> VectorBatch:
        """The vectors of some rows by ascending row id; rows without one are left out."""
        return read_vectors_of(self._database, kind, model, ids)

    def embedders(self, kind: VectorKind) -> list[str]:
        """Fingerprints of the models that have vectors of a kind, sorted."""
        return read_embedders(self._database, kind)

    def unembedded(self, model: str) -> Iterator[tuple[str, str]]:
        """Documents with a sentence that lacks a vector of this model, and another model's."""
        return read_unembedded(self._database, model)

    def generation(self) -> int:
        """A counter that every write raises."""
        with self._database.reading() as connection:
            return connection.scalar(_GENERATION) or 0

    def index_record(self, kind: VectorKind, model: str) -> IndexRecord | None:
        """The index that was published last of a kind and model."""
        with self._database.reading() as connection:
            return read_index_record(connection, kind, model)

    def jobs(self, unfinished: bool = False) -> Iterator[Job]:
        """Jobs as they were written, the newest first; ``unfinished`` those that aren't done."""
        with self._database.reading() as connection:
            return iter(read_jobs(connection, unfinished))

    def log(
        self,
        since: datetime | None = None,
        subject: str | None = None,
        action: str | None = None,
    ) -> Iterator[AuditEntry]:
        """What was changed, in order, from a moment on, of one subject, of one kind."""
        with self._database.reading() as connection:
            return iter(read_log(connection, since, subject, action))

    def check(self) -> list[str]:
        """Problems found in the database; empty when clean."""
        return problems(self._database)
