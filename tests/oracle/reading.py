"""What ``MemoryStore`` reads for search, pages, edges and names inside names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports import EntityKey, FactKey
from kgbuild.russian.lemmas import lemma_text
from kgbuild.types import (
    Document,
    DocumentRecord,
    DocumentSummary,
    Edges,
    EdgeSources,
    EdgesWanted,
    EntitiesWanted,
    Entity,
    Extent,
    Fact,
    FactsWanted,
    KindCounts,
    Nested,
    PassageFilter,
    Postings,
    Sentence,
    Side,
    StoredMention,
    Tallied,
    TextSpan,
)
from storage.graph.edges import chosen, foremost, links_of
from storage.rules import fold, lies_in, ranked
from storage.search.passages import touched

from .graph import Graph


class MemoryLinks:
    """The ``EdgeStore`` port over the graph of the store it is mixed into."""

    if TYPE_CHECKING:  # the store's own
        _graph: Graph
        _rows: dict[int, str]

        def mentions(
            self, document: str | None = None, entity: str | None = None
        ) -> Iterator[StoredMention]: ...

    def entity_rows(self, ids: Sequence[str]) -> dict[str, int]:
        """Row ids of entities; those that aren't there are left out."""
        row_of = {key: row for row, key in self._rows.items()}
        return {id: row_of[id] for id in ids if id in row_of}

    def links(self, wanted: EdgesWanted) -> Edges:
        """Facts, most confident first, equals by row id."""
        row_of = {key: row for row, key in self._rows.items()}
        found = links_of(
            (at, row_of[f.subject.id], row_of[f.object.id], f.relation, f.confidence)
            for at, f in enumerate(self._graph.facts)
            if self._wanted(f, row_of, wanted)
        )
        if wanted.most is None or wanted.entities is None:
            return found
        return chosen(found, foremost(found, wanted.entities, wanted.most))

    def linked(self, facts: Sequence[int]) -> list[Fact | None]:
        """Facts by row id, in order; None where one is gone."""
        known = self._graph.facts
        return [known[at] if 0 <= at < len(known) else None for at in map(int, facts)]

    def tally(
        self,
        relation: str,
        side: Side,
        types: Sequence[str] | None = None,
        confidence: float = 0.0,
        most: int | None = None,
    ) -> list[Tallied]:
        """Entities at a side of a relation's facts with their number, the most first."""
        row_of = {key: row for row, key in self._rows.items()}
        counted: Counter[tuple[int, str]] = Counter(
            (row_of[end.id], end.name)
            for f in self._graph.facts
            if f.relation == relation and f.confidence >= confidence
            for end, name in ((f.subject, "subject"), (f.object, "object"))
            if side in (name, "either") and (types is None or end.type in types)
        )
        found = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:most]
        return [Tallied(row, name, facts) for (row, name), facts in found]

    def edge_sources(self, facts: Sequence[int]) -> list[EdgeSources]:
        """What is said of facts (row ids), in order."""
        found = []
        for fact in (self._graph.facts[int(at)] for at in facts):
            dates = sorted({date.name for date in self._dates(fact)})
            found.append(EdgeSources(len({e.document for e in fact.evidence}), tuple(dates)))
        return found

    def _wanted(self, fact: Fact, row_of: dict[str, int], wanted: EdgesWanted) -> bool:
        around = set(wanted.entities or ())
        others = [e for e in (fact.subject, fact.object) if row_of[e.id] not in around]
        return (
            (wanted.entities is None or len(others) < 2)
            and (wanted.types is None or all(e.type in wanted.types for e in others))
            and (wanted.relations is None or fact.relation in wanted.relations)
            and fact.confidence >= wanted.confidence
            and (wanted.dates is None or any(d.id in wanted.dates for d in self._dates(fact)))
            and (
                wanted.document is None
                or any(fits(e.document, wanted.document) for e in fact.evidence)
            )
        )

    def _dates(self, fact: Fact) -> list[Entity]:
        entities = [fact.subject, fact.object]
        for evidence in fact.evidence:
            entities += [
                self._graph.entities[m.entity]
                for m in self.mentions(document=evidence.document)
                if m.mention.start >= evidence.start and m.mention.end <= evidence.end
            ]
        return [entity for entity in entities if entity.type == "DATE"]


class MemoryNested:
    """A part of the ``Store`` port over the mentions of the store it is mixed into."""

    _graph: Graph

    if TYPE_CHECKING:  # the store's own

        def mentions(
            self, document: str | None = None, entity: str | None = None
        ) -> Iterator[StoredMention]: ...

    def nested(self, entity: str) -> Nested:
        """What is named inside the names of an entity (an id), and around them."""
        parts: Counter[str] = Counter()
        wholes: Counter[str] = Counter()
        for _, group in groupby(self.mentions(), key=lambda stored: stored.document):
            seen = list(group)
            for mine in (stored for stored in seen if stored.entity == entity):
                for other in (stored for stored in seen if stored.entity != entity):
                    if lies_in(other.mention, mine.mention):
                        parts[other.entity] += 1
                    elif lies_in(mine.mention, other.mention):
                        wholes[other.entity] += 1
        first, second = (
            tuple(
                self._graph.entities[id] for id in sorted(found, key=lambda key: (-found[key], key))
            )
            for found in (parts, wholes)
        )
        return Nested(first, second)


class MemoryPages:
    """The ``PageStore`` port over the iterators of the store it is mixed into."""

    _graph: Graph

    if TYPE_CHECKING:  # the store's own

        def documents(self) -> Iterator[Document]: ...

        def entities(
            self, type: str | None = None, name: str | None = None
        ) -> Iterator[Entity]: ...

        def facts(
            self,
            subject: str | None = None,
            relation: str | None = None,
            object: str | None = None,
            document: str | None = None,
        ) -> Iterator[Fact]: ...

    def documents_page(self, after: str | None, limit: int) -> list[DocumentSummary]:
        """Documents by source, those after a source."""
        rest = (d for d in self.documents() if after is None or d.source > after)
        return [
            DocumentSummary(
                d.source,
                d.sha256,
                d.media_type,
                len(d.text),
                self._graph.copies.get(d.source, ""),
            )
            for d in islice(rest, limit)
        ]

    def entities_page(
        self, after: EntityKey | None, limit: int, wanted: EntitiesWanted
    ) -> list[Entity]:
        """Entities, most mentioned first, equals by id."""
        beginning = "" if wanted.prefix is None else fold(wanted.prefix)
        rest: Iterable[Entity] = (
            e
            for e in self.entities()
            if (wanted.types is None or e.type in wanted.types)
            and any(fold(name).startswith(beginning) for name in (e.name, *e.aliases))
            and (
                wanted.document is None
                or any(fits(m.document, wanted.document) for m in self.mentions(entity=e.id))
            )
            and (after is None or (-e.mention_count, e.id) > (-after[0], after[1]))
        )
        return list(islice(rest, limit))

    def counts(self, document: str | None = None) -> KindCounts:
        """Entities by type and facts by relation."""
        entities = self.entities_page(None, 1_000_000, EntitiesWanted(document=document))
        facts = self.facts_page(None, 1_000_000, FactsWanted(document=document))
        types = Counter(entity.type for entity in entities)
        relations = Counter(fact.relation for fact in facts)
        return KindCounts(
            tuple((name, types[name]) for name in ranked(types)),
            tuple((name, relations[name]) for name in ranked(relations)),
        )

    def facts_page(self, after: FactKey | None, limit: int, wanted: FactsWanted) -> list[Fact]:
        """Facts, most confident first (or last), equals by relation and ids."""
        sign = 1 if wanted.weakest else -1

        def key(fact: Fact) -> FactKey:
            return sign * fact.confidence, fact.relation, fact.subject.id, fact.object.id

        rest: Iterable[Fact] = (
            fact
            for fact in self.facts(wanted.subject, wanted.relation, wanted.object)
            if (
                wanted.document is None
                or any(fits(e.document, wanted.document) for e in fact.evidence)
            )
            and wanted.entity in (None, fact.subject.id, fact.object.id)
            and (after is None or key(fact) > (sign * after[0], *after[1:]))
        )
        return list(islice(sorted(rest, key=key) if wanted.weakest else rest, limit))


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
        if within.document is not None and not fits(source, within.document):
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


def fits(source: str, pattern: str) -> bool:
    """Whether a source is as given, or fits where ``*`` stands for anything."""
    return (
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), source, re.DOTALL) is not None
    )
