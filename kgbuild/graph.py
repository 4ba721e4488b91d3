"""``KnowledgeGraph``: the object a Python user holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Unpack

from kgbuild import pipeline, sync
from kgbuild.analytics.analytics import Analytics
from kgbuild.analytics.network import Cut, to_networkx
from kgbuild.ask.about import asked_about, asked_meaning
from kgbuild.ask.asker import Asker, GuesserFor
from kgbuild.ask.asker import Tools as AskTools
from kgbuild.ask.link import Linker
from kgbuild.ask.names import NameIndex
from kgbuild.ask.plan import Plan, Several, describe
from kgbuild.curation import Curator, Doubt
from kgbuild.display import Stream
from kgbuild.errors import NotFoundError
from kgbuild.exchange import imports
from kgbuild.exchange.annotated import Labels
from kgbuild.exchange.watchlist import Watched, apply_watchlists, watched
from kgbuild.pipeline import BuildReport, Parts, Progress
from kgbuild.ports import Embedder, Extractor, Normalizer, Store, VectorIndex, VectorKind
from kgbuild.read.documents import Reader
from kgbuild.read.files import Found, find_files
from kgbuild.search.engine import Mode, Reranker, Searcher, Tools
from kgbuild.search.filters import Filters, resolve
from kgbuild.sync import SyncReport
from kgbuild.types import (
    Answer,
    DeletionReport,
    Entity,
    Fact,
    Judgement,
    KnownEntity,
    Origin,
    Passage,
    PassageFilter,
    Reason,
    SearchResults,
    StoredMention,
    StoreStats,
)

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Makers:
    """How to get each part when it is first needed: models load late."""

    extractor: Callable[[], Extractor]
    embedder: Callable[[], Embedder]
    normalizer: Callable[[], Normalizer]
    index: Callable[[Store, VectorKind, str], VectorIndex]
    guesser: GuesserFor | None = None
    reranker: Callable[[], Reranker] | None = None


class KnowledgeGraph:
    """A graph in a store: build it, ask it, read it. Use as a context manager, or close it."""

    def __init__(self, store: Store, makers: Makers) -> None:
        self.store = store
        self._makers = makers
        self._embedder: Embedder | None = None
        self._normalizer: Normalizer | None = None
        self._indexes: dict[VectorKind, tuple[int, VectorIndex]] = {}
        self._asker = Asker(
            store,
            AskTools(
                embedder=lambda: self.embedder,
                extractor=lambda: self._extractor,
                normalizer=lambda: self.normalizer,
                entities=lambda: self.index("entity"),
                guesser=makers.guesser,
            ),
        )
        self._searcher = Searcher(
            store,
            Tools(
                embedder=lambda: self.embedder,
                normalizer=lambda: self.normalizer,
                index=lambda: self.index("sentence"),
                reranker=makers.reranker,
            ),
        )

    def __enter__(self) -> KnowledgeGraph:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the store."""
        self.store.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder, loaded on first use."""
        if self._embedder is None:
            self._embedder = self._makers.embedder()
        return self._embedder

    @property
    def normalizer(self) -> Normalizer:
        """The normaliser, loaded on first use."""
        if self._normalizer is None:
            self._normalizer = self._makers.normalizer()
        return self._normalizer

    def ingest(
        self,
        paths: Iterable[str | Path],
        progress: Progress = lambda report: None,
        reader: Reader | None = None,
    ) -> BuildReport:
        """Add files and folders; what is stored with the same content is passed over.

        ``reader`` knows the columns of tables, and other names of paths.

        Raises:
            ReadError: a path doesn't exist.
            StoreError: the store can't be written.
        """
        found = paths if isinstance(paths, Found) else find_files([Path(path) for path in paths])
        with closing(reader or Reader()) as opened:
            report = pipeline.build(found, self._parts(), progress, opened)
        report.failures += found.refused
        report.passed_over += found.passed_over
        self._publish(report)
        return report

    def sync(
        self,
        folder: str | Path,
        progress: Progress = lambda report: None,
        dry_run: bool = False,
        allow_empty: bool = False,
    ) -> SyncReport:
        """Make the graph hold what a folder holds: add, replace, move, delete.

        Raises:
            InputError: the folder holds nothing, the graph does, and not ``allow_empty``.
            ReadError: the folder doesn't exist.
            StoreError: the store can't be written.
        """
        with closing(Reader()) as reader:
            if dry_run:
                return sync.dry_run(Path(folder), self.store, reader, allow_empty)
            report = sync.sync(Path(folder), self._parts(), reader, progress, allow_empty)
        if report.changed:
            self._publish(report.build)
        return report

    def outdated(self) -> list[str]:
        """Documents that another extractor read; imported annotations aren't meant."""
        now = self._extractor.fingerprint
        return [
            s.source
            for s in self.store.sources()
            if s.extractor != now and not s.extractor.startswith(imports.FINGERPRINTS)
        ]

    def reprocess(self, progress: Progress = lambda report: None) -> BuildReport:
        """Read the outdated documents again, from their stored texts; judgements hold."""
        report = pipeline.reprocess(self.outdated(), self._parts(), progress)
        self._publish(report)
        return report

    @cached_property
    def _extractor(self) -> Extractor:
        return self._makers.extractor()

    def _parts(self) -> Parts:
        return Parts(self._extractor, self.normalizer, self.embedder, self.store)

    def _publish(self, report: BuildReport) -> None:
        with report.stage("index"):
            for kind in ("sentence", "entity"):
                self.index(kind)
        self.watch(report)

    def watch(self, report: BuildReport) -> None:
        """Let the watch lists see what a build added; the report tells of new matches."""
        found = apply_watchlists(self.store, self.normalizer)
        report.watched = [f"{m.known.name} ({m.known.scheme}, {m.known.id})" for m in found.new]

    def set_watchlist(self, name: str, entries: Sequence[KnownEntity]) -> Watched:
        """Put a watch list in place of the one of this name; none removes it.

        Raises:
            InputError: an entry can't be stored.
        """
        self.store.set_watchlist(name, entries)
        return apply_watchlists(self.store, self.normalizer)

    def watched(self) -> Watched:
        """Who of the watch lists the graph names."""
        return watched(self.store, self.normalizer)

    def import_annotated(
        self,
        path: str | Path,
        format: str = "brat",
        labels: Mapping[str, str] | None = None,
        embed: bool = True,
        progress: Progress = lambda report: None,
    ) -> BuildReport:
        """Add annotated documents, as if a model had found the annotations.

        ``format`` is brat (a folder), conll, spacy or label-studio (a file, or a folder of
        them); ``labels`` says what labels are here, "" leaves one out. Without ``embed`` no
        vectors are made.

        Raises:
            InputError: there is nothing of that format, or ``labels`` leads to nothing known.
            StoreError: the store can't be written.
        """
        given = imports.opened(Path(path), format, Labels(labels or {}))
        embedder = self.embedder if embed else None
        parts = Parts(given.extractor, self.normalizer, embedder, self.store)
        report = pipeline.build(given.paths, parts, progress, given.read)
        self.watch(report)
        return report

    def index(self, kind: VectorKind) -> VectorIndex:
        """The vector index of sentences or entities, rebuilt where it is missing or stale."""
        generation = self.store.generation()
        held = self._indexes.get(kind)
        if held is None or held[0] != generation:
            made = self._makers.index(self.store, kind, self.embedder.fingerprint)
            held = (generation, made)
            self._indexes[kind] = held
        return held[1]

    def ask(self, question: str, about: str | None = None, sure: bool = False) -> Answer:
        """Answer a question in Russian from the graph, or abstain with the nearest passages.

        ``about`` is the entity (id or name) that «он» or «её» means: an earlier answer's.
        Where no fact answers, readings too weak for a fact may, and the answer is marked as
        tentative; not with ``sure``.

        Raises:
            NotFoundError: the graph doesn't hold the entity that the question is about.
        """
        return self._asker.ask(self.asked(question, about), self.search_passages, sure)

    def answer(self, question: str) -> Answer:
        """As :meth:`ask`, without passages where there is no answer."""
        return self._asker.ask(question)

    def asked(self, question: str, about: str | None) -> str:
        """The question with the entity that it is about named in it, by id."""
        return question if about is None else asked_about(question, self.entity(about).id)

    def meant(self, question: str, entity: str) -> str:
        """The question with an entity (id or name) in the place of the name that can mean it."""
        return asked_meaning(question, self._asker.plan(question), self.entity(entity).id)

    def plan(self, question: str, about: str | None = None) -> Plan | Several:
        """What :meth:`ask` would look up."""
        return self._asker.plan(self.asked(question, about))

    def explain(self, question: str, about: str | None = None) -> str:
        """What :meth:`ask` would look up, in Russian, a step a line."""
        return describe(self.plan(question, about))

    def place(self, source: str, start: int) -> Origin | None:
        """Where in its file a character of a document stood; None for a plain text."""
        document = self.store.document(source)
        origins = () if document is None else document.origins
        return next((o for o in reversed(origins) if o.start <= start), None)

    def names(self) -> NameIndex:
        """All names of the graph, read again where the store has changed."""
        return self._asker.names()

    def search(
        self, text: str, limit: int = 10, mode: Mode = "hybrid", **filters: Unpack[Filters]
    ) -> SearchResults:
        """The sentences that suit a text best: by words, meaning and the graph together.

        ``mode`` may be lexical, semantic or graph alone; for the filters see
        :class:`kgbuild.search.filters.Filters`.

        Raises:
            InputError: no such mode, type or relation, or a date isn't one.
            NotFoundError: the filter names an entity that the graph doesn't hold.
        """
        within = PassageFilter()
        if any(value is not None for value in filters.values()):
            within = resolve(self.store, filters, self.normalizer)
        return self._searcher.search(text, limit, mode, within)

    def search_passages(self, text: str, limit: int) -> tuple[Passage, ...]:
        """The sentences nearest in meaning, best first; scores are cosines."""
        index = self.index("sentence")
        if index.count == 0:
            return ()
        hits = index.search(self.embedder.embed([text], "search_query"), min(limit, index.count))
        ids = [int(i) for i in hits.ids[0] if i >= 0]
        found = zip(self.store.passages(ids), hits.scores[0], strict=False)
        return tuple(
            Passage(p.document, p.start, p.end, p.text, float(score))
            for p, score in found
            if p is not None
        )

    def entity(self, name_or_id: str) -> Entity:
        """An entity by id or by name; of several, the one mentioned most. Last of all an id
        elsewhere counts (``Q9106``), where one entity has it.

        Raises:
            NotFoundError: the graph has none.
        """
        found = self.store.entity(name_or_id)
        if found is None:
            canonical = [
                self.normalizer.normalize(name_or_id, t).canonical
                for t in ("PERSON", "ORGANIZATION")
            ]
            for name in dict.fromkeys([name_or_id, *canonical]):
                found = next(self.store.entities(name=name), None)
                if found is not None:
                    break
        if found is None:
            known = {one.entity for one in self.store.external_ids(value=name_or_id)}
            found = self.store.entity(*known) if len(known) == 1 else None
        if found is None:
            raise NotFoundError(f"no entity {name_or_id!r} in the graph: try  kgbuild search")
        return found

    def entities(self, type: str | None = None, name: str | None = None) -> Stream[Entity]:
        """Entities, most mentioned first; ``.to_pandas()`` makes a table of them."""
        return Stream(self.store.entities(type=type, name=name))

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
    ) -> Stream[Fact]:
        """Facts, most confident first; None is a wildcard, subject and object are ids.

        ``.to_pandas()`` makes a table of them, a row an evidence.
        """
        return Stream(self.store.facts(subject=subject, relation=relation, object=object))

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        return self.store.mentions(document=document, entity=entity)

    def delete(self, document: str) -> DeletionReport:
        """Remove a document with what only it supported.

        Raises:
            NotFoundError: no such document.
        """
        return self.store.delete_document(document)

    @property
    def curator(self) -> Curator:
        """Judgements and explanations; the methods below are its short names."""
        return Curator(self.store, self.entity)

    def merge(self, one: str, other: str, author: str | None = None) -> Judgement:
        """Say that two entities (names or ids) are one.

        Raises:
            NotFoundError: one isn't in the graph.
            InputError: they are one already.
        """
        return self.curator.judge("same", one, other, author)

    def judge(self, verdict: str, one: str, other: str, author: str | None = None) -> Judgement:
        """Say that two entities are the ``same``, ``not_same``, or that you are ``unsure``."""
        return self.curator.judge(verdict, one, other, author)

    def split(self, entity: str, mentions: Sequence[str], author: str | None = None) -> Judgement:
        """Move mentions (``DOCUMENT:START-END`` or ``DOCUMENT``) out of an entity."""
        return self.curator.split(entity, mentions, author)

    def accept(self, fact: str, author: str | None = None) -> Judgement:
        """Say that a fact (``fact.id``) is true: its confidence becomes 1."""
        return self.curator.judge_fact("accept", fact, author)

    def reject(self, fact: str, author: str | None = None) -> Judgement:
        """Say that a fact (``fact.id``) is false: it is shown no more."""
        return self.curator.judge_fact("reject", fact, author)

    def undo(self, judgement: int) -> Judgement:
        """Take a judgement back.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        return self.store.undo(judgement, datetime.now(UTC))

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made."""
        return self.store.judgements(undone)

    def why(self, one: str, other: str) -> list[Reason]:
        """The rules, scores and judgements that joined or parted two entities or nodes."""
        return self.curator.why(one, other)

    def review(self, limit: int = 20) -> list[Doubt]:
        """The pairs of names that the scorer is least sure of, unjudged ones only."""
        return self.curator.review(limit)

    def parts(self, entity: str) -> list[Entity]:
        """The entities whose names stand inside an entity's name."""
        return self.curator.parts(entity)

    def relink(self) -> int:
        """Compute every entity again; gives the number of names that moved."""
        return self.store.relink()

    def stats(self) -> StoreStats:
        """Counts."""
        return self.store.stats()

    def to_networkx(self, **cut: Unpack[Cut]) -> nx.MultiDiGraph[str]:
        """Entities as nodes, facts as edges: see :func:`kgbuild.analytics.network.to_networkx`."""
        return to_networkx(self.store, **cut)

    @cached_property
    def analytics(self) -> Analytics:
        """Centralities, communities, paths, bridges, timelines: one method an analysis."""
        return Analytics(self.store, lambda: Linker(self.store, self.names(), self.normalizer))


def nearest_names(graph: KnowledgeGraph, text: str, limit: int = 5) -> Sequence[Entity]:
    """Entities whose names are nearest in meaning to a text."""
    index = graph.index("entity")
    if index.count == 0:
        return ()
    hits = index.search(graph.embedder.embed([text], "search_query"), min(limit, index.count))
    found = graph.store.entities_by_row([int(i) for i in hits.ids[0] if i >= 0])
    return [entity for entity in found if entity is not None]
