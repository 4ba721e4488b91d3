"""``SqlStore``: the store in SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from kgbuild.errors import StoreError
from kgbuild.judging import JudgedLinker, checked_judgement, current_author, in_words
from kgbuild.ports import EntityClusterer, VectorKind
from kgbuild.types import (
    AddResult,
    AuditEntry,
    Copy,
    DeletionReport,
    DocumentRecord,
    ExternalId,
    IndexRecord,
    Job,
    Judgement,
    Process,
    RegistryEntity,
    RegistryName,
)

from .database import (
    ContestedError,
    Database,
    collector_resting,
    is_writable,
    parse_target,
    shown_target,
)
from .documents.versions import write_linker
from .documents.write import move, record_all, remove_reported
from .graph.judgements import (
    read_judgements,
    recompute_aggregates,
    record,
    replace_known,
    take_back,
)
from .graph.linking import entities_of_nodes, relink
from .graph.nodes import component
from .graph.pairs import are_kept, weigh_all
from .graph.unlinked import anything_waits, link_new
from .jobs import delete_jobs, insert_job, jobs_in_words, update_job
from .log import PRUNE, note, note_all, prune, raise_generation
from .migrate import SchemaState, refuse_missing, refuse_unusable, schema_version, upgrade_database
from .reader import SqlReader
from .registers.external import (
    checked_external,
    checked_registry_names,
    checked_watchlist,
    external_words,
    remove_external,
    write_external,
    write_watchlist,
)
from .registers.names import linker_now
from .rules import checked, checked_index
from .vectors import (
    write_index_record,
    write_vectors,
)

LINKED_AT_ONCE = 320
"""Documents that are linked in one transaction: more than a run lets wait, so that no few of them
are left to look through the same names again for."""


class SqlStore(SqlReader):
    """The ``Store`` port over SQLAlchemy; see ``kgbuild.ports.Store`` for its methods.

    A writer holds the writer's lock for one transaction, so two programs that add
    documents take turns; readers never wait for it. Use ``open`` to make one, and
    ``with`` or ``close`` to release it. Threads may share a store.
    """

    def __init__(
        self, database: Database, linker: EntityClusterer | None = None, author: str | None = None
    ) -> None:
        self._database = database
        self._linker = linker or JudgedLinker()
        self._author = author or current_author()

    @classmethod
    def open(
        cls,
        target: str | os.PathLike[str],
        create: bool = True,
        readonly: bool = False,
        timeout: float = 10.0,
        linker: EntityClusterer | None = None,
        author: str | None = None,
    ) -> SqlStore:
        """Open a SQLite file or a ``postgresql://`` URL.

        ``create`` makes a store where there is none and upgrades the schema of an older
        one; without it a store that this user can't write is opened for reading.
        ``timeout`` is how many seconds to wait for another writer. ``linker`` says which
        names are one entity; without one only judgements join names. ``author`` is whom the
        log names; the user who runs this program, if nobody is given.

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
        store = cls(Database(url, readonly=readonly, timeout=timeout), linker, author)
        try:
            store._prepare(target, create and not readonly)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, target: str | os.PathLike[str], create: bool) -> None:
        with self._database.reading() as connection:
            version = schema_version(connection)
        shown = shown_target(self._database.url)
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
            upgrade_database(
                target, create=True, timeout=self._database.timeout, author=self._author
            )

    def add_documents(self, records: Sequence[DocumentRecord]) -> list[AddResult]:
        """Record documents in one transaction; :meth:`link` makes them part of the graph.

        In PostgreSQL documents of new sources are recorded beside other programs' and beside a
        writer; what replaces others waits for its turn.

        Raises:
            InputError: a record contradicts itself: none is written.
        """
        sound = [checked(record) for record in records]
        if not self._database.is_sqlite:
            with suppress(ContestedError), self._database.recording() as connection:
                return self._record(connection, sound, alone=False)
        with self._database.writing(alone=True) as connection:
            return self._record(connection, sound, alone=True)

    def _record(
        self, connection: Connection, sound: Sequence[DocumentRecord], alone: bool
    ) -> list[AddResult]:
        with collector_resting():
            results = record_all(connection, sound, alone)
        done = {AddResult.ADDED: "add", AddResult.REPLACED: "replace"}
        entries = [
            (done[result], record.document.source, record.extractor)
            for result, record in zip(results, sound, strict=True)
            if result in done
        ]
        note_all(connection, self._author, entries)
        return results

    def add_document(self, record: DocumentRecord) -> AddResult:
        """Record a document, then link what is new; the same source and content is UNCHANGED,
        other content REPLACED.

        Raises:
            InputError: the record contradicts itself.
        """
        [result] = self.add_documents([record])
        self.link()
        return result

    def link(
        self, most: int = LINKED_AT_ONCE, told: Callable[[Copy], None] = lambda copy: None
    ) -> int:
        """Link the documents that are new, at most so many in a transaction; gives their
        number. ``told`` is of each that is a copy. Interrupted, a later call goes on."""
        self._keep_pairs()
        linked = 0
        while self._waits():
            with self._database.writing() as connection, collector_resting():
                documents, copies = link_new(connection, self._linker, most)
            linked += documents
            for copy in copies:
                told(copy)
        return linked

    def _keep_pairs(self) -> None:
        """Weigh all pairs of a graph that an older kgbuild made, once."""
        with self._database.reading() as connection:
            kept = are_kept(connection)
        if not kept:
            with self._database.writing() as connection:
                weigh_all(connection, self._linker, read_judgements(connection))

    def _waits(self) -> bool:
        with self._database.reading() as connection:
            return anything_waits(connection)

    def delete_document(self, source: str, author: str | None = None) -> DeletionReport:
        """Remove a document with exactly what only it supported.

        Raises:
            NotFoundError: no document has this source.
        """
        with self._database.writing() as connection:
            report = remove_reported(connection, source, self._linker)
            note(connection, author or self._author, "delete", source, report.gone)
        return report

    def move_document(self, old: str, new: str) -> None:
        """Give a document another source; splits of its mentions go with it.

        Raises:
            NotFoundError: no document is called ``old``.
            InputError: one is called ``new`` already.
        """
        with self._database.writing(alone=True) as connection:
            move(connection, old, new, self._linker)
            note(connection, self._author, "move", new, f"from {old}")
            raise_generation(connection)

    def judge(self, judgement: Judgement) -> Judgement:
        """Record a judgement and let the graph follow it; gives it with its id.

        Raises:
            InputError: its verdict is unknown, or it lacks what its verdict speaks of.
        """
        sound = checked_judgement(judgement)
        with self._database.writing() as connection:
            recorded = record(connection, sound, self._linker)
            said = in_words(recorded)
            note(connection, recorded.author, "judge", f"judgement {recorded.id}", said)
            raise_generation(connection)
        return recorded

    def undo(self, id: int, at: datetime, author: str | None = None) -> Judgement:
        """Take a judgement back: the graph is as if it had never been made.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        with self._database.writing() as connection:
            undone = take_back(connection, id, at, self._linker)
            note(connection, author or self._author, "undo", f"judgement {id}", in_words(undone))
            raise_generation(connection)
        return undone

    def relink(self) -> int:
        """Compute every entity again from the nodes; gives the number of nodes that moved."""
        self.link()
        with self._database.writing() as connection:
            judgements = read_judgements(connection)
            before = entities_of_nodes(connection)
            rest = set(before)
            while rest:
                group = component(connection, {next(iter(rest))}, judgements)
                rest -= group
                recompute_aggregates(
                    connection, relink(connection, self._linker, group, judgements), judgements
                )
            # A node that nothing mentions gets an entity and loses it again: it didn't move.
            now = entities_of_nodes(connection)
            moved = sum(now[node] != entity for node, entity in before.items())
            note(connection, self._author, "relink", "graph", f"{moved} nodes moved")
            write_linker(connection, linker_now(connection, self._linker))
            if moved:
                raise_generation(connection)
        return moved

    def add_external_ids(self, ids: Sequence[ExternalId]) -> int:
        """Save ids under their nodes; gives how many are new.

        Raises:
            InputError: an id has no scheme or value, or too long a one.
        """
        sound = checked_external(ids)
        with self._database.writing() as connection:
            new = write_external(connection, sound)
            if sound:
                note(connection, self._author, "external", *external_words(sound, new))
                raise_generation(connection)
        return new

    def remove_external_ids(self, entity: str, scheme: str, value: str | None = None) -> int:
        """Forget an entity's id, or with no value all of a scheme; gives how many there were."""
        with self._database.writing() as connection:
            gone = remove_external(connection, entity, scheme, value)
            if gone:
                what = f"{gone} removed: {scheme}:{value or '*'}"
                note(connection, self._author, "external", entity, what)
                raise_generation(connection)
        return gone

    def set_watchlist(self, name: str, entries: Sequence[RegistryEntity]) -> None:
        """Make a watch list hold just these; of none, there is no such list.

        Raises:
            InputError: an entry has no id or name, or can't be stored.
        """
        sound = checked_watchlist(name, entries)
        with self._database.writing() as connection:
            write_watchlist(connection, name, sound)
            note(connection, self._author, "watch", name, f"{len(sound)} entries")
            raise_generation(connection)

    def set_registry_names(self, source: str, names: Sequence[RegistryName]) -> bool:
        """Make a register's names just these, and let the graph follow.

        Raises:
            InputError: a name is of another source, or lacks a part.
        """
        sound = checked_registry_names(source, names)
        if self.registry_names(source) == sound:
            return False
        with self._database.writing() as connection:
            renamed = replace_known(connection, source, sound, self._linker)
            note(connection, self._author, "aliases", source, f"{len(sound)} names")
            raise_generation(connection)
        return renamed

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

    def start_job(self, job: Job) -> Job:
        """Note a run that begins; gives it with its id."""
        with self._database.writing() as connection:
            return replace(job, id=insert_job(connection, job))

    def save_job(self, job: Job, taken_from: Process | None = None) -> bool:
        """Write how a job stands; False, and nothing done, where another process has it."""
        with self._database.writing() as connection:
            return update_job(connection, job, taken_from or job.process)

    def remove_jobs(self, ids: Collection[int]) -> int:
        """Forget those of the jobs that are done or failed by now; gives their number."""
        with self._database.writing() as connection:
            gone = delete_jobs(connection, ids)
            if gone:
                note(connection, self._author, PRUNE, "jobs", jobs_in_words(gone))
        return len(gone)

    def note(self, action: str, subject: str, detail: str = "") -> None:
        """Write an entry of the audit log for what no other method here does."""
        with self._database.writing() as connection:
            note(connection, self._author, action, subject, detail)

    def prune_log(
        self, before: datetime, keep: Callable[[Sequence[AuditEntry]], str]
    ) -> tuple[AuditEntry, ...]:
        """Remove the log's entries of before a moment, once ``keep`` has saved them."""
        with self._database.writing() as connection:
            return prune(connection, self._author, before, keep)

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
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"can't make the folder {folder}: {error}") from error
