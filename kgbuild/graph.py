"""``KnowledgeGraph``: the object a Python user holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, Unpack

from kgbuild import pipeline, reprocess, sync
from kgbuild.analytics import merging
from kgbuild.analytics.analytics import Analytics
from kgbuild.analytics.network import Cut, to_networkx
from kgbuild.ask.about import asked_about
from kgbuild.ask.asker import Asker
from kgbuild.ask.asker import Tools as AskTools
from kgbuild.ask.decision import Decision
from kgbuild.ask.features import Vectors
from kgbuild.ask.link import EntityLookup
from kgbuild.ask.names import NameIndex
from kgbuild.ask.ranker import Ranker
from kgbuild.curation import Curated
from kgbuild.display import Stream
from kgbuild.errors import InputError, NotFoundError
from kgbuild.exchange.annotations import imports
from kgbuild.exchange.annotations.annotated import Labels
from kgbuild.exchange.registers.watchlist import Watched, apply_watchlists, watched
from kgbuild.jobs import Command, running
from kgbuild.ontology import known_relation, known_type
from kgbuild.pipeline import BuildReport, Engine, Parts, Progress
from kgbuild.ports import Embedder, Extractor, Normalizer, Store, VectorIndex, VectorKind
from kgbuild.read.documents import Reader, source_of
from kgbuild.read.files import Found, find_files
from kgbuild.reprocess import Fingerprints, Outdated
from kgbuild.search.engine import Mode, Reranker, Searcher, Tools
from kgbuild.search.filters import Filters, resolve
from kgbuild.sync import SyncReport
from kgbuild.types import (
    Answer,
    AuditEntry,
    DeletionReport,
    Document,
    DocumentSummary,
    Entity,
    Fact,
    Judgement,
    Origin,
    Passage,
    PassageFilter,
    Place,
    RegistryEntity,
    SearchResults,
    StoredMention,
    StoreStats,
)

if TYPE_CHECKING:
    import networkx as nx

    from kgbuild.exchange.registers.linking import LinkReport
    from kgbuild.exchange.sparql import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Makers:
    """How to get each part when it is first needed: models load late."""

    extractor: Callable[[], Extractor]
    embedder: Callable[[], Embedder]
    normalizer: Callable[[], Normalizer]
    index: Callable[[Store, VectorKind, str], VectorIndex]
    ranker: Callable[[], Ranker]
    decision: Callable[[], Decision]
    vectors: Callable[[], Vectors]
    reranker: Callable[[], Reranker] | None = None
    options: tuple[tuple[str, str], ...] = ()
    """Flags that name other parts than the default ones, with their values: what a job that is
    gone on with has to be given again."""


class KnowledgeGraph(Curated):
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
                normalizer=lambda: self.normalizer,
                ranker=makers.ranker,
                decision=makers.decision,
                vectors=makers.vectors,
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
        paths: str | Path | Iterable[str | Path],
        progress: Progress = lambda report: None,
        reader: Reader | None = None,
        follow_links: bool = False,
        engine: Engine | None = None,
    ) -> BuildReport:
        """Add files and folders, one or many; what is stored with the same content is passed over.

        ``reader`` knows the columns of tables, and other names of paths. Symbolic links in folders
        are left, and named in the report, unless ``follow_links``. ``engine`` does the work
        elsewhere than in this process.

        Raises:
            ReadError: a path doesn't exist.
            StoreError: the store can't be written.
        """
        found = paths if isinstance(paths, Found) else find_files(_paths(paths), follow_links)
        with closing(reader or Reader()) as opened:
            flags = ["--follow-links"] * found.follow_links + list(engine.words if engine else ())
            words = self._command("ingest", flags + opened.words(found.roots), len(found))
            with running(self.store, words, progress) as run:
                if engine is None:
                    report = pipeline.build(found, self._parts(), run, opened)
                else:
                    report = engine.build(found, self.store, opened, run)
                report.failures += found.refused
                report.passed_over += found.passed_over
                report.links += found.links
                self._publish(report)
                run.saw(report)
        return report

    def sync(
        self,
        folder: str | Path,
        progress: Progress = lambda report: None,
        dry_run: bool = False,
        allow_empty: bool = False,
        follow_links: bool = False,
    ) -> SyncReport:
        """Make the graph hold what a folder holds: add, replace, move, delete.

        Symbolic links are left, and what was stored of them stays, unless ``follow_links``.

        Raises:
            InputError: the folder holds nothing, the graph does, and not ``allow_empty``.
            ReadError: the folder doesn't exist.
            StoreError: the store can't be written.
        """
        with closing(Reader()) as reader:
            if dry_run:
                found = find_files([Path(folder)], follow_links)
                return sync.dry_run(found, self.store, reader, allow_empty)
            flags = ["--allow-empty"] * allow_empty + ["--follow-links"] * follow_links
            words = [*flags, "--", source_of(Path(folder))]
            with running(self.store, self._command("sync", words), progress) as run:
                found = find_files([Path(folder)], follow_links)
                report = sync.sync(found, self._parts(), reader, run, allow_empty)
                if report.changed:
                    self._publish(report.build)
                run.saw(report.build)
        return report

    def outdated(self) -> Outdated:
        """What other models and rules than today's made, and what has to be done for it."""
        parts = self._parts()
        embedder = self.embedder.fingerprint
        now = Fingerprints(parts.extractor.fingerprint, parts.normalizer.fingerprint, embedder)
        return reprocess.plan(self.store, now)

    def reprocess(
        self, progress: Progress = lambda report: None, wanted: Outdated | None = None
    ) -> BuildReport:
        """Read, name, link and embed again what needs it, from the stored texts.

        Judgements hold. ``wanted`` is what :meth:`outdated` said, if it was asked already.
        """
        todo = self.outdated() if wanted is None else wanted
        total = len(todo.read) + len(todo.name)
        with running(self.store, self._command("reprocess", [], total), progress) as run:
            report = reprocess.reprocess(todo, self._parts(), run)
            if todo:
                self.store.note("reprocess", "graph", todo.words)
            self._publish(report)
            run.saw(report)
        return report

    @cached_property
    def _extractor(self) -> Extractor:
        return self._makers.extractor()

    def _parts(self) -> Parts:
        return Parts(self._extractor, self.normalizer, self.embedder, self.store)

    def _command(
        self, kind: str, words: Sequence[str], total: int | None = None, *flags: str
    ) -> Command:
        """What a run is asked; ``flags`` are those that the command has, of the makers' options."""
        options = [
            word for pair in self._makers.options for word in pair if not flags or pair[0] in flags
        ]
        return Command(kind, (*options, *words), source_of(Path.cwd()), total)

    def _publish(self, report: BuildReport) -> None:
        with report.stage("index"):
            for kind in ("sentence", "entity"):
                self.index(kind)
        self.watch(report)

    def watch(self, report: BuildReport) -> None:
        """Let the watch lists see what a build added; the report tells of new matches."""
        found = apply_watchlists(self.store, self.normalizer)
        report.watched = [f"{m.known.name} ({m.known.scheme}, {m.known.id})" for m in found.new]

    def set_watchlist(self, name: str, entries: Sequence[RegistryEntity]) -> Watched:
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
        mapped = [word for pair in (labels or {}).items() for word in ("--map", "=".join(pair))]
        bare = ["--no-embed"] * (not embed)
        words = ["--format", format, *mapped, *bare, "--", source_of(Path(path))]
        command = self._command("import", words, len(given.paths), "--embedder")
        with running(self.store, command, progress) as run:
            parts = Parts(given.extractor, self.normalizer, embedder, self.store)
            report = pipeline.build(given.paths, parts, run, given.read)
            self.watch(report)
            self.store.note("import", source_of(Path(path)), report.words)
            run.saw(report)
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
        return self._asker.meant(question, self.entity(entity).id)

    def explain(self, question: str, about: str | None = None) -> str:
        """How :meth:`ask` understands a question, in Russian, a step a line."""
        return self._asker.explain(self.asked(question, about))

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
            InputError: no such mode, type or relation, a date isn't one, or ``limit`` is less
                than 1.
            NotFoundError: the filter names an entity that the graph doesn't hold.
        """
        _check_limit(limit)
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

    def entities(
        self, type: str | None = None, name: str | None = None, limit: int | None = None
    ) -> Stream[Entity]:
        """Entities, most mentioned first; ``.to_pandas()`` makes a table of them.

        ``type`` is a name in any case or a Russian label («PERSON», «персона»).

        Raises:
            InputError: no such type, or ``limit`` is less than 1.
        """
        kind = None if type is None else known_type(type)
        return Stream(_limited(self.store.entities(type=kind, name=name), limit))

    def facts(
        self,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        limit: int | None = None,
    ) -> Stream[Fact]:
        """Facts, most confident first; None is a wildcard.

        ``subject`` and ``object`` are ids or names (see :meth:`entity`), ``relation`` a name
        in any case or a Russian label («SPOUSE», «супруг»). ``.to_pandas()`` makes a table of
        them, a row an evidence.

        Raises:
            InputError: no such relation, or ``limit`` is less than 1.
            NotFoundError: the graph holds no such entity.
        """
        kind = None if relation is None else known_relation(relation)
        one, other = (None if end is None else self.entity(end).id for end in (subject, object))
        return Stream(_limited(self.store.facts(subject=one, relation=kind, object=other), limit))

    def documents(self) -> Stream[DocumentSummary]:
        """What was read, by its path: media type, length and SHA-256."""
        return Stream(_documents(self.store))

    def document(self, source: str) -> Document:
        """A document with its text, as it was read.

        Raises:
            NotFoundError: no such document.
        """
        found = self.store.document(source)
        if found is None:
            raise NotFoundError(f"no document {source!r}: see  kgbuild documents")
        return found

    def export(self, what: str, path: str | Path, format: str | None = None) -> int | None:
        """Write ``mentions``, ``facts``, ``entities`` or the whole ``graph`` to a file or folder.

        ``format`` is jsonl, csv, xlsx or parquet for the tables (by default the file's
        suffix), one of :data:`kgbuild.exchange.formats.WRITERS` for the graph. Gives the
        number of rows of a table.

        Raises:
            InputError: no such thing or format, or it can't be written.
            MissingExtraError: a format's package isn't installed.
        """
        from kgbuild.exchange.formats import WRITERS
        from kgbuild.exchange.listing import export

        wanted = format or Path(path).suffix.removeprefix(".")
        if what != "graph":
            return export(self.store, what, wanted, Path(path))
        if wanted not in WRITERS:
            raise InputError(f"no format {wanted!r}: choose one of {', '.join(sorted(WRITERS))}")
        WRITERS[wanted](self.store, Path(path))
        return None

    def sparql(self, query: str) -> Table:
        """Answer a SPARQL query over the RDF view; nothing can be changed by it.

        Raises:
            InputError: it is no such query, or takes too long.
            MissingExtraError: pyoxigraph isn't installed.
        """
        from kgbuild.exchange.sparql import select

        return select(self.store, query)

    def link_wikidata(self, slice: str | Path, dry_run: bool = False) -> LinkReport:
        """Give entities their Wikidata ids from a part of its JSON dump, where they are certain.

        Raises:
            InputError: the file can't be read as a dump.
        """
        from kgbuild.exchange.registers.linking import link

        return link(self.store, self.normalizer, Path(slice), dry_run=dry_run)

    def log(
        self, since: datetime | None = None, subject: str | None = None
    ) -> Iterator[AuditEntry]:
        """Who changed what and when; ``since`` has a time zone."""
        return self.store.log(since, subject, None)

    def mentions(
        self, document: str | None = None, entity: str | None = None
    ) -> Iterator[StoredMention]:
        """Mentions by document and position."""
        return self.store.mentions(document=document, entity=entity)

    def delete(self, document: str, author: str | None = None) -> DeletionReport:
        """Remove a document with what only it supported; ``author`` is who does, for the log.

        Raises:
            NotFoundError: no such document.
        """
        return self.store.delete_document(document, author)

    def add_mention(
        self,
        document: str,
        start: int,
        end: int,
        type: str | None = None,
        entity: str | None = None,
        author: str | None = None,
    ) -> Judgement:
        """Say that a text of a document (code points ``start`` to ``end``) names an ``entity`` (a
        name or id), or one of a ``type`` that nothing else names: merge it where it is known.

        Raises:
            NotFoundError: the graph has no such document or entity.
            InputError: the place isn't in the document or is a mention already; there is no such
                type, or neither a type nor an entity is given.
        """

        def named(surface: str, kind: str) -> str:
            return self.normalizer.normalize(surface, kind).canonical

        return self.curator.mention(Place(document, start, end), named, type, entity, author)

    def merge_preview(self, one: str, other: str) -> merging.MergePreview:
        """What two entities (names or ids) would be as one: names, counts, contradictions.

        Raises:
            NotFoundError: one isn't in the graph.
            InputError: they are one already.
        """
        ends = self.entity(one), self.entity(other)
        return merging.merge_preview(self.store, *ends, self.why(*(end.id for end in ends)))

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
        return Analytics(
            self.store, lambda: EntityLookup(self.store, self.names(), self.normalizer)
        )


def _paths(given: str | Path | Iterable[str | Path]) -> list[Path]:
    """One path or several: a string is one, not its letters."""
    return [Path(path) for path in ([given] if isinstance(given, str | Path) else given)]


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}: it has to be 1 or more")


def _limited(found: Iterator[T], limit: int | None) -> Iterator[T]:
    _check_limit(limit)
    return found if limit is None else islice(found, limit)


def _documents(store: Store) -> Iterator[DocumentSummary]:
    after: str | None = None
    while page := store.documents_page(after, 1000):
        yield from page
        after = page[-1].source
