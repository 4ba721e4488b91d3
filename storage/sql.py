"""``SqlStore``: the store in SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from kgbuild.errors import StoreError
from kgbuild.ports import VectorKind
from kgbuild.types import (
    AddResult,
    DeletionReport,
    Document,
    DocumentRecord,
    Entity,
    Fact,
    IndexRecord,
    Passage,
    StoredMention,
    StoreStats,
    VectorBatch,
)

from .check import problems
from .engine import Database, is_writable, parse_target
from .index_rows import read_index_record, write_index_record
from .migrate import (
    SchemaState,
    refuse_missing,
    refuse_unusable,
    schema_version,
    upgrade_database,
)
from .read import (
    entities_by_row,
    read_documents,
    read_entities,
    read_mentions,
    read_passages,
    read_stats,
)
from .read_facts import FactFilter, read_facts
from .rules import checked, checked_index
from .schema import DocumentRow, MetaRow
from .sql_words import SqlWords
from .vectors import read_missing, read_vectors, write_vectors
from .write import add, raise_generation, remove


class SqlStore(SqlWords):
    """The ``Store`` port over SQLAlchemy; see ``kgbuild.ports.Store`` for its methods.

    A writer holds the writer's lock for one transaction, so two programs that add
    documents take turns; readers never wait for it. Use ``open`` to make one, and
    ``with`` or ``close`` to release it. Threads may share a store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(
        cls,
        target: str | os.PathLike[str],
        create: bool = True,
        readonly: bool = False,
        timeout: float = 10.0,
    ) -> SqlStore:
        """Open a SQLite file or a ``postgresql://`` URL.

        ``create`` makes a store where there is none and upgrades the schema of an older
        one; without it a store that this user can't write is opened for reading.
        ``timeout`` is how many seconds to wait for another writer.

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
        store = cls(Database(url, readonly=readonly, timeout=timeout))
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
            return add(connection, sound)

    def delete_document(self, source: str) -> DeletionReport:
        """Remove a document with exactly what only it supported.

        Raises:
            NotFoundError: no document has this source.
        """
        with self._database.writing() as connection:
            return remove(connection, source)

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
