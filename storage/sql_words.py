"""The ``WordStore`` port over a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.types import Entity, Extent, PassageFilter, Postings, TextSpan

from .engine import Database
from .passage_rows import conditions, read_located, read_named, read_sentence_rows
from .words import read_extent, read_lemma_counts, read_postings, read_vocabulary


class SqlWords:
    """The part of ``SqlStore`` that search by words needs; see ``kgbuild.ports.WordStore``."""

    _database: Database

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

    def entities_named(self, names: Sequence[str], most: int) -> dict[str, tuple[Entity, ...]]:
        """For each known name at most so many of its entities, the most mentioned first."""
        return read_named(self._database, names, most)

    def locate(self, spans: Sequence[TextSpan]) -> list[tuple[int, ...]]:
        """Row ids of the sentences that each span touches, in reading order."""
        return read_located(self._database, spans)
