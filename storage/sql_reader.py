"""The reading half of ``SqlStore``: each method is one state of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import exists, select

from kgbuild.ports import Linker, VectorKind
from kgbuild.types import (
    Document,
    Entity,
    EntityName,
    Fact,
    IndexRecord,
    Judgement,
    Nested,
    Passage,
    Reason,
    SeenNode,
    StoredMention,
    StoreStats,
    VectorBatch,
)

from .candidate_rows import read_candidates
from .check import problems
from .engine import Database
from .index_rows import read_index_record
from .judgement_rows import read_judgements
from .nested_rows import read_nested
from .node_rows import component, seen_nodes
from .read import (
    entities_by_row,
    read_documents,
    read_entities,
    read_mentions,
    read_passages,
    read_stats,
)
from .read_facts import FactFilter, read_facts
from .read_names import read_names
from .schema import DocumentRow, EntityRow, MetaRow, NodeRow
from .some_vectors import read_embedders, read_vectors_of
from .vectors import read_missing, read_vectors


class SqlReader:
    """The part of ``SqlStore`` that reads; see ``kgbuild.ports.Store`` for its methods."""

    _database: Database
    _linker: Linker

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made; those taken back only if asked for."""
        with self._database.reading() as connection:
            found = read_judgements(connection, undone)
        return iter(found)

    def nodes(self, around: str | None = None) -> Iterator[list[SeenNode]]:
        """Nodes in groups that can't touch each other; ``around`` a node, its group alone."""
        with self._database.reading() as connection:
            judgements = read_judgements(connection)
            wanted = select(NodeRow.id)
            if around is not None:
                wanted = wanted.where(NodeRow.key == around)
            rest = set(connection.scalars(wanted))
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

    def node_entity(self, id: str) -> str | None:
        """The id of the entity that a node belongs to; None for an unknown node."""
        with self._database.reading() as connection:
            return connection.scalar(
                select(EntityRow.key)
                .join(NodeRow, NodeRow.entity_id == EntityRow.id)
                .where(NodeRow.key == id)
            )

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

    def entity(self, id: str) -> Entity | None:
        """One entity by its id."""
        return next(read_entities(self._database, None, None, key=id), None)

    def nested(self, entity: str) -> Nested:
        """What is named inside the names of an entity (an id), and around them."""
        with self._database.reading() as connection:
            found = [read_nested(connection, entity, inside) for inside in (True, False)]
        parts, wholes = (tuple(e for id in ids if (e := self.entity(id))) for ids in found)
        return Nested(parts, wholes)

    def candidates(self, entity: str) -> list[Fact]:
        """What relations under their threshold would state of an entity (an id)."""
        with self._database.reading() as connection:
            return read_candidates(connection, entity)

    def entities(self, type: str | None = None, name: str | None = None) -> Iterator[Entity]:
        """Entities, most mentioned first, equals by id."""
        return read_entities(self._database, type, name)

    def names(self) -> Iterator[EntityName]:
        """Canonical names and the surface forms that differ from them."""
        return read_names(self._database)

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        document: str | None = None,
    ) -> Iterator[Fact]:
        """Facts, most confident first, each with all its evidence, the strongest first."""
        return read_facts(self._database, FactFilter(subject, relation, object, document))

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        return read_mentions(self._database, document, entity)

    def passages(self, sentence_ids: Sequence[int]) -> list[Passage | None]:
        """Sentences by row id, in order; None where one is gone."""
        return read_passages(self._database, sentence_ids)

    def entities_by_row(self, ids: Sequence[int]) -> list[Entity | None]:
        """Entities by row id, in order; None where one is gone."""
        wanted = [int(id) for id in ids]
        with self._database.reading() as connection:
            found = entities_by_row(connection, wanted)
        return [found.get(id) for id in wanted]

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

    def generation(self) -> int:
        """A counter that every write raises."""
        with self._database.reading() as connection:
            return connection.scalar(select(MetaRow.value).where(MetaRow.name == "generation")) or 0

    def index_record(self, kind: VectorKind, model: str) -> IndexRecord | None:
        """The index that was published last of a kind and model."""
        with self._database.reading() as connection:
            return read_index_record(connection, kind, model)

    def stats(self) -> StoreStats:
        """Counts."""
        return read_stats(self._database)

    def check(self) -> list[str]:
        """Problems found in the database; empty when clean."""
        return problems(self._database)
