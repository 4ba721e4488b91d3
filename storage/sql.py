"""``SqlStore``: the store in SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from kgbuild.errors import StoreError
from kgbuild.judging import JudgedLinker, checked_judgement
from kgbuild.ports import Linker, VectorKind
from kgbuild.types import (
    AddResult,
    DeletionReport,
    Document,
    DocumentRecord,
    Entity,
    EntityName,
    Fact,
    IndexRecord,
    Judgement,
    Passage,
    Reason,
    SeenNode,
    StoredMention,
    StoreStats,
    VectorBatch,
)

from .check import problems
from .engine import Database, is_writable, parse_target
from .index_rows import read_index_record, write_index_record
from .judgement_rows import read_judgements, record, settle, take_back
from .linking import relink
from .migrate import (
    SchemaState,
    refuse_missing,
    refuse_unusable,
    schema_version,
    upgrade_database,
)
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
from .rules import checked, checked_index
from .schema import DocumentRow, EntityRow, MetaRow, NodeRow
from .sql_pages import SqlPages
from .sql_words import SqlWords
from .vectors import read_missing, read_vectors, write_vectors
from .write import add, raise_generation, remove


class SqlStore(SqlWords, SqlPages):
    """The ``Store`` port over SQLAlchemy; see ``kgbuild.ports.Store`` for its methods.

    A writer holds the writer's lock for one transaction, so two programs that add
    documents take turns; readers never wait for it. Use ``open`` to make one, and
    ``with`` or ``close`` to release it. Threads may share a store.
    """

    def __init__(self, database: Database, linker: Linker | None = None) -> None:
        self._database = database
        self._linker = linker or JudgedLinker()

    @classmethod
    def open(
        cls,
        target: str | os.PathLike[str],
        create: bool = True,
        readonly: bool = False,
        timeout: float = 10.0,
        linker: Linker | None = None,
    ) -> SqlStore:
        """Open a SQLite file or a ``postgresql://`` URL.

        ``create`` makes a store where there is none and upgrades the schema of an older
        one; without it a store that this user can't write is opened for reading.
        ``timeout`` is how many seconds to wait for another writer. ``linker`` says which
        names are one entity; without one only judgements join names.

        Raises:
            StoreError: it can't be opened, isn't a graph, or another version's.
            StoreBusyError: its schema has to change while another writer is at it.
        """
        url = parse_target(target)
        if readonly or not create:
            refuse_missing(url)
            readonly = readonly or not is_writable(url)
        if create and not readonly and url.get_backend_name() == "sqlite":
            _make_folder(Path(str(url.database)).parent)
        store = cls(Database(url, readonly=readonly, timeout=timeout), linker)
        try:
            store._prepare(target, create and not readonly)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, target: str | os.PathLike[str], create: bool) -> None:
        with self._database.reading() as connection:
            version = schema_version(connection)
        shown = os.fspath(target)
        refuse_unusable(version, shown)
        if version.state is SchemaState.EMPTY and not create:
            raise StoreError(f"{shown} is empty: make a graph with  kgbuild ingest PATH")
        if version.state is SchemaState.OLDER and not create:
            raise StoreError(
                f"{shown} has schema {version.revision}, this kgbuild needs {version.head}:"
                " run `kgbuild db upgrade`"
            )
        self._database.set_journal()
        if version.state is not SchemaState.CURRENT:
            upgrade_database(target, create=True, timeout=self._database.timeout)

    # writing

    def add_document(self, record: DocumentRecord) -> AddResult:
        """Add a document; the same source and content is UNCHANGED, other content REPLACED.

        Raises:
            InputError: the record contradicts itself.
        """
        sound = checked(record)
        with self._database.writing() as connection:
            return add(connection, sound, self._linker)

    def delete_document(self, source: str) -> DeletionReport:
        """Remove a document with exactly what only it supported.

        Raises:
            NotFoundError: no document has this source.
        """
        with self._database.writing() as connection:
            return remove(connection, source, self._linker)

    def judge(self, judgement: Judgement) -> Judgement:
        """Record a judgement and let the graph follow it; gives it with its id.

        Raises:
            InputError: its verdict is unknown, or it lacks what its verdict speaks of.
        """
        sound = checked_judgement(judgement)
        with self._database.writing() as connection:
            id = record(connection, sound, self._linker)
            raise_generation(connection)
        return replace(sound, id=id, made_at=sound.made_at.astimezone(UTC))

    def undo(self, id: int, at: datetime) -> Judgement:
        """Take a judgement back: the graph is as if it had never been made.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        with self._database.writing() as connection:
            undone = take_back(connection, id, at, self._linker)
            raise_generation(connection)
        return undone

    def relink(self) -> int:
        """Compute every entity again from the nodes; gives the number of nodes that moved."""
        moved = 0
        with self._database.writing() as connection:
            judgements = read_judgements(connection)
            rest = set(connection.scalars(select(NodeRow.id)))
            while rest:
                group = component(connection, {next(iter(rest))}, judgements)
                rest -= group
                touched = relink(connection, self._linker, group, judgements)
                settle(connection, touched, judgements)
                moved += touched.nodes
            if moved:
                raise_generation(connection)
        return moved

    def add_vectors(
        self, kind: VectorKind, model: str, ids: Sequence[int], vectors: NDArray[np.float16]
    ) -> None:
        """Save vectors; those that exist are replaced, rows that are gone are left out."""
        with self._database.writing() as connection:
            if write_vectors(connection, kind, model, ids, vectors):
                raise_generation(connection)

    def record_index(self, record: IndexRecord) -> None:
        """Note the published index of a kind and model; the generation stays."""
        sound = checked_index(record)
        with self._database.writing() as connection:
            write_index_record(connection, sound)

    # reading

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

    def close(self) -> None:
        """Release the database; later use raises ``StoreError``."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"can't make the folder {folder}: {error}") from error
