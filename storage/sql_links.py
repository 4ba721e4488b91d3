"""The ``LinkStore`` port over a database."""

from __future__ import annotations

from collections.abc import Sequence

from kgbuild.types import Links, LinkSources, LinksWanted

from .engine import Database
from .link_rows import read_entity_rows, read_link_sources, read_links


class SqlLinks:
    """A part of ``SqlStore``; see ``kgbuild.ports.LinkStore``."""

    _database: Database

    def entity_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Row ids of entities; those that aren't there are left out."""
        with self._database.reading() as connection:
            return read_entity_rows(connection, ids)

    def links(self, wanted: LinksWanted) -> Links:
        """Facts, most confident first, equals by row id."""
        with self._database.reading() as connection:
            return read_links(connection, wanted)

    def link_sources(self, facts: Sequence[int]) -> list[LinkSources]:
        """What is said of facts (row ids), in order."""
        with self._database.reading() as connection:
            return read_link_sources(connection, facts)
