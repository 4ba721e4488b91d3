"""What ``SqlStore`` knows of other registers, and of relations as they were seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kgbuild.ports import Linker
from kgbuild.types import ExternalId, KnownEntity, KnownName, NamedNode, Relation

from .audit_rows import note
from .engine import Database
from .external_rows import read_external, read_relations, remove_external, write_external
from .judgement_rows import replace_known
from .known_rows import read_known
from .register_rules import (
    checked_external,
    checked_known_names,
    checked_watchlist,
    external_words,
)
from .watched_rows import read_named, read_watchlists, write_watchlist
from .write import raise_generation


class SqlExternal:
    """A part of the ``Store`` port over SQLAlchemy."""

    _database: Database
    _author: str
    _linker: Linker

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
            found = sorted(set(read_named(connection, blocks)))
        return iter(found)

    def set_watchlist(self, name: str, entries: Sequence[KnownEntity]) -> None:
        """Make a watch list hold just these; of none, there is no such list.

        Raises:
            InputError: an entry has no id or name, or can't be stored.
        """
        sound = checked_watchlist(name, entries)
        with self._database.writing() as connection:
            write_watchlist(connection, name, sound)
            note(connection, self._author, "watch", name, f"{len(sound)} entries")
            raise_generation(connection)

    def watchlists(self) -> Iterator[KnownEntity]:
        """The entries of every watch list, by list and id."""
        with self._database.reading() as connection:
            found = read_watchlists(connection)
        return iter(found)

    def set_known_names(self, source: str, names: Sequence[KnownName]) -> bool:
        """Make a register's names just these, and let the graph follow.

        Raises:
            InputError: a name is of another source, or lacks a part.
        """
        sound = checked_known_names(source, names)
        if self.known_names(source) == sound:
            return False
        with self._database.writing() as connection:
            renamed = replace_known(connection, source, sound, self._linker)
            note(connection, self._author, "aliases", source, f"{len(sound)} names")
            raise_generation(connection)
        return renamed

    def known_names(self, source: str | None = None) -> list[KnownName]:
        """The names of a register [of all], sorted."""
        with self._database.reading() as connection:
            return read_known(connection, source)

    def relations(self, document: str, candidates: bool = False) -> list[Relation]:
        """Every relation that was seen in a document, judged or not, by position; or its
        candidates, too weak to state."""
        with self._database.reading() as connection:
            return read_relations(connection, document, candidates)
