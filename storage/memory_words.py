"""The ``WordStore`` port over records: every answer is counted anew from the texts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.russian.lemmas import lemma_text
from kgbuild.types import (
    DocumentRecord,
    Entity,
    Extent,
    PassageFilter,
    Postings,
    Sentence,
    TextSpan,
)

from .memory_graph import Graph
from .passage_rows import touched
from .rules import fold


class MemoryWords:
    """The part of ``MemoryStore`` that search by words needs."""

    _records: dict[str, DocumentRecord]
    _sentences: dict[int, tuple[str, Sentence]]
    _document_rows: dict[str, int]
    _graph: Graph

    def lemma_counts(self, lemmas: Sequence[str]) -> dict[str, int]:
        """In how many sentences each lemma stands, of those that stand somewhere."""
        wanted = set(lemmas)
        return {lemma: count for lemma, count in self.vocabulary() if lemma in wanted}

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """Every lemma with the number of sentences that hold it."""
        counts: Counter[str] = Counter()
        for row in self._sentences:
            counts.update(self._counts(row).keys())
        yield from counts.items()

    def postings(self, lemmas: Sequence[str], within: PassageFilter) -> Postings:
        """Where these lemmas stand, in the sentences that the filter lets pass."""
        found = []
        for row in map(int, self.sentence_rows(within)):
            source, span = self._sentences[row]
            counts = self._counts(row)
            found += [
                (index, row, self._document_rows[source], counts[lemma], span.end - span.start)
                for index, lemma in enumerate(lemmas)
                if lemma in counts
            ]
        ids = np.array([entry[:3] for entry in found], dtype=np.int64).reshape(-1, 3)
        sizes = np.array([entry[3:] for entry in found], dtype=np.float64).reshape(-1, 2)
        return Postings(ids[:, 0], ids[:, 1], ids[:, 2], sizes[:, 0], sizes[:, 1])

    def extent(self) -> Extent:
        """How much text there is."""
        characters: Counter[int] = Counter()
        for source, span in self._sentences.values():
            characters[self._document_rows[source]] += span.end - span.start
        documents = sorted(characters)
        return Extent(
            np.array(documents, dtype=np.int64),
            np.array([characters[row] for row in documents], dtype=np.float64),
            len(self._sentences),
        )

    def sentence_rows(self, within: PassageFilter) -> NDArray[np.int64]:
        """Row ids of the sentences that the filter lets pass, ascending."""
        rows = [row for row in sorted(self._sentences) if self._passes(row, within)]
        return np.array(rows, dtype=np.int64)

    def entities_named(self, names: Sequence[str], most: int) -> dict[str, tuple[Entity, ...]]:
        """For each known name at most so many of its entities, the most mentioned first."""
        known: dict[str, list[Entity]] = defaultdict(list)
        for entity in sorted(self._graph.entities.values(), key=lambda e: (-e.mention_count, e.id)):
            for folded in {fold(name) for name in (entity.name, *entity.aliases)}:
                known[folded].append(entity)
        return {name: tuple(known[fold(name)][:most]) for name in names if fold(name) in known}

    def locate(self, spans: Sequence[TextSpan]) -> list[tuple[int, ...]]:
        """Row ids of the sentences that each span touches, in reading order."""
        of: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for row, (source, sentence) in self._sentences.items():
            of[source].append((sentence.start, sentence.end, row))
        return [touched(sorted(of[span.document]), span) for span in spans]

    def _counts(self, row: int) -> Counter[str]:
        source, span = self._sentences[row]
        return Counter(
            lemma_text(self._records[source].document.text[span.start : span.end]).split()
        )

    def _passes(self, row: int, within: PassageFilter) -> bool:
        source, span = self._sentences[row]
        pattern = within.document
        if pattern is not None and not re.fullmatch(
            ".*".join(map(re.escape, pattern.split("*"))), source, re.DOTALL
        ):
            return False
        mentioned = [
            resolved
            for resolved in self._records[source].mentions
            if resolved.mention.start < span.end and resolved.mention.end > span.start
        ]
        entities = {resolved.entity for resolved in mentioned}
        return (
            (within.entity is None or within.entity in entities)
            and (within.any_of is None or not entities.isdisjoint(within.any_of))
            and (within.type is None or within.type in {m.mention.type for m in mentioned})
            and (within.relation is None or self._states(within.relation, source, span))
        )

    def _states(self, relation: str, source: str, span: Sentence) -> bool:
        return any(
            evidence.document == source and evidence.start < span.end and evidence.end > span.start
            for fact in self._graph.facts
            if fact.relation == relation
            for evidence in fact.evidence
        )
