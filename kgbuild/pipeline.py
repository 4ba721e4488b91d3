"""The way of a document: read → split → mentions → relations → resolve → store → link → index."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgbuild import deadline
from kgbuild.errors import KgbuildError, StoreError
from kgbuild.ports import Embedder, Extractor, Normalizer, Store, VectorKind
from kgbuild.read.documents import Known, Outcome, PassedOver, Reader, Refusal, Unchanged
from kgbuild.read.sentences import split_sentences
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import AddResult, Copy, Document, DocumentRecord, Sentence

log = logging.getLogger(__name__)

BATCH_DOCUMENTS, BATCH_CHARACTERS = 32, 60_000
"""How much text the models are given at once."""

STAGES = ("read", "split", "extract", "resolve", "embed", "store", "link", "index")

LINK_EVERY = 256
"""After so many new documents they are linked, so that a long run can be asked meanwhile."""


Kept = Callable[[Document, Sequence[Sentence]], NDArray[np.float16] | None]
"""The vectors of a document's sentences that are there already, float16 [sentences, dimension]."""


def _none_kept(document: Document, sentences: Sequence[Sentence]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the line is made from; without an embedder no vectors are made, nor where ``kept``
    has them."""

    extractor: Extractor
    normalizer: Normalizer
    embedder: Embedder | None
    store: Store
    kept: Kept = _none_kept


@dataclass(slots=True)
class BuildReport:
    """What a build did: counts by result, failures with their reasons, files of types that
    aren't read, symbolic links that weren't followed, documents that are copies of others,
    entries of watch lists that are named now and weren't before, seconds by stage."""

    results: dict[AddResult, int] = field(default_factory=lambda: dict.fromkeys(AddResult, 0))
    failures: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @property
    def done(self) -> int:
        """Documents dealt with, failed ones included."""
        return sum(self.results.values()) + len(self.failures)

    @property
    def words(self) -> str:
        """What was done, in few words."""
        counts = [f"{count} {result.value}" for result, count in self.results.items() if count]
        return ", ".join([*counts, *[f"{len(self.failures)} failed"] * bool(self.failures)])

    def add(self, more: BuildReport) -> None:
        """Take in what another process did; stages of several at once add up."""
        for result, count in more.results.items():
            self.results[result] += count
        self.failures += more.failures
        self.passed_over += more.passed_over
        self.copies += more.copies
        for name, seconds in more.seconds.items():
            self.seconds[name] += seconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began


Progress = Callable[[BuildReport], None]
Read = Callable[[Path, Known], Iterator[Outcome]]
"""Makes a path documents, or says what became of them; raises nothing for a document."""


class Engine(Protocol):
    """Where ingest's work is done; see :class:`kgbuild.distributed.engine.RayEngine`."""

    @property
    def words(self) -> Sequence[str]:
        """The flags that choose it, for the job."""
        ...

    def build(
        self, paths: Iterable[Path], store: Store, reader: Reader, progress: Progress
    ) -> BuildReport:
        """As :func:`build`, with parts of its own."""
        ...


def build(
    paths: Iterable[Path],
    parts: Parts,
    progress: Progress = lambda report: None,
    read: Read | None = None,
) -> BuildReport:
    """Put documents into the store, batch by batch, and link what is new.

    ``read`` makes a path documents [a :class:`Reader`]. One that can't be read or processed
    is reported and left out; the others go on. Interrupted, the store holds whole documents
    only.

    Raises:
        StoreError: the store fails: nothing more can be saved.
    """
    report = BuildReport()
    with closing(Reader()) as reader:
        documents = _new_documents(paths, parts.store, report, progress, read or reader)
        add_documents(documents, parts, report, progress)
    embed_missing(parts, report)
    return report


def record(
    paths: Iterable[Path], parts: Parts, read: Read, progress: Progress = lambda report: None
) -> BuildReport:
    """As :func:`build`, as far as the store has the documents: they wait to be linked.

    Several processes may record into one store at once; one of them, or another, links.

    Raises:
        StoreError: the store fails: nothing more can be saved.
    """
    report = BuildReport()
    documents = _new_documents(paths, parts.store, report, progress, read)
    for _ in _recorded(documents, parts, report, progress):
        pass
    return report


def add_documents(
    documents: Iterable[Document], parts: Parts, report: BuildReport, progress: Progress
) -> None:
    """Process documents and put them into the store, whatever is stored under their sources;
    then link what is new, and now and then before."""
    waiting = 0
    for recorded in _recorded(documents, parts, report, progress):
        waiting += recorded
        if waiting >= LINK_EVERY:
            link(parts.store, report)
            waiting = 0
    link(parts.store, report)


def _recorded(
    documents: Iterable[Document], parts: Parts, report: BuildReport, progress: Progress
) -> Iterator[int]:
    """Process documents and store them, batch by batch: how many were, after each."""
    for batch in _batches(documents):
        failed = len(report.failures)
        records = _isolated(batch, parts, report)
        with report.stage("store"):
            results = _record(records, parts.store, report)
        for result in results:
            report.results[result] += 1
            progress(report)
        if len(report.failures) > failed:
            progress(report)
        yield len(results)


def link(store: Store, report: BuildReport) -> None:
    """Make every stored document part of the graph, also those that an earlier run left."""
    deadline.renew()
    with report.stage("link"):
        store.link(told=report.copies.append)


def _record(
    records: Sequence[DocumentRecord], store: Store, report: BuildReport
) -> list[AddResult]:
    """Store a batch in one transaction; where one can't be stored, each alone."""
    deadline.renew()
    try:
        return store.add_documents(records)
    except StoreError:
        raise
    except KgbuildError:
        results: list[AddResult] = []
        for record in records:
            deadline.renew()
            with reported(record.document.source, report):
                results += store.add_documents([record])
        return results


def embed_missing(parts: Parts, report: BuildReport) -> None:
    """Vectors for entities (and sentences) that have none of the embedder yet."""
    if parts.embedder is not None:
        with report.stage("index"):
            embed_entities(parts.store, parts.embedder)


def _new_documents(
    paths: Iterable[Path],
    store: Store,
    report: BuildReport,
    progress: Progress,
    read: Read,
) -> Iterator[Document]:
    """Documents to process: unreadable ones are reported, unchanged ones passed over."""
    for path in paths:
        deadline.renew()
        outcomes = read(path, store.has_document)
        while True:
            with report.stage("read"):
                outcome = next(outcomes, None)
            if outcome is None:
                break
            if isinstance(outcome, Document):
                yield outcome
                continue
            if isinstance(outcome, Refusal):
                report.failures.append((outcome.source, outcome.reason))
            elif isinstance(outcome, Unchanged):
                report.results[AddResult.UNCHANGED] += 1
            elif isinstance(outcome, PassedOver):
                report.passed_over.append(outcome.source)
            progress(report)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _isolated(batch: Sequence[Document], parts: Parts, report: BuildReport) -> list[DocumentRecord]:
    """The records of a batch; where making them fails, of each document alone."""
    deadline.renew()
    if len(batch) > 1:
        try:
            return _records(batch, parts, report)
        except KgbuildError:
            return [one for document in batch for one in _isolated([document], parts, report)]
    with reported(batch[0].source, report):
        return _records(batch, parts, report)
    return []


@contextmanager
def reported(source: str, report: BuildReport) -> Iterator[None]:
    """Turn what a document can't be processed for into a failure in the report."""
    try:
        yield
    except StoreError:
        raise
    except KgbuildError as error:
        report.failures.append((source, f"{source}: {error}"))


def _records(batch: Sequence[Document], parts: Parts, report: BuildReport) -> list[DocumentRecord]:
    """Split, extract, embed and resolve."""
    texts = [document.text for document in batch]
    with report.stage("split"):
        sentences = [split_sentences(text) for text in texts]
    with report.stage("extract"):
        extractions = parts.extractor.extract(texts)
    embedder = parts.embedder
    vectors: Sequence[NDArray[np.float16] | None] = [None] * len(batch)
    if embedder is not None:
        with report.stage("embed"):
            vectors = _vectors(batch, sentences, parts, embedder)
    records = []
    for document, spans, extraction, mine in zip(
        batch, sentences, extractions, vectors, strict=True
    ):
        with report.stage("resolve"):
            resolved = resolve_document(
                document, extraction.mentions, extraction.relations, parts.normalizer
            )
        records.append(
            DocumentRecord(
                document,
                spans,
                resolved.mentions,
                extraction.relations,
                parts.extractor.fingerprint,
                mine,
                None if embedder is None else embedder.fingerprint,
                resolved.nodes,
                (*extraction.candidates, *extraction.denied),
                parts.normalizer.fingerprint,
            )
        )
    return records


def _vectors(
    batch: Sequence[Document],
    sentences: Sequence[Sequence[Sentence]],
    parts: Parts,
    embedder: Embedder,
) -> list[NDArray[np.float16]]:
    """Vectors of each document's sentences: those that are kept, and new ones of the others."""
    kept = [parts.kept(*pair) for pair in zip(batch, sentences, strict=True)]
    new = [at for at, vectors in enumerate(kept) if vectors is None]
    made = _embed([batch[at].text for at in new], [sentences[at] for at in new], embedder)
    filled = dict(zip(new, made, strict=True))
    return [filled[at] if found is None else found for at, found in enumerate(kept)]


def _embed(
    texts: Sequence[str], sentences: Sequence[Sequence[Sentence]], embedder: Embedder
) -> list[NDArray[np.float16]]:
    """Vectors of each text's sentences, all embedded at once."""
    if not texts:
        return []
    found = [
        text[s.start : s.end] for text, spans in zip(texts, sentences, strict=True) for s in spans
    ]
    vectors = embedder.embed(found, "search_document").astype(np.float16)
    ends = np.cumsum([len(spans) for spans in sentences])
    return np.split(vectors, ends[:-1])


def embed_entities(
    store: Store,
    embedder: Embedder,
    batch: int = 512,
    progress: Callable[[int], None] = lambda made: None,
) -> int:
    """Vectors for entities (and sentences) that have none of this embedder yet.

    Each batch is saved as it is made, so that an interruption loses no more than one.
    ``progress`` is told how many vectors are made; gives their number in the end.
    """
    made = 0
    for kind, rows in missing_vectors(store, embedder.fingerprint, batch):
        deadline.renew()
        made += embed_rows(store, embedder, kind, rows)
        progress(made)
    return made


Rows = Sequence[tuple[int, str]]
"""Row ids and texts."""


def missing_vectors(
    store: Store, model: str, batch: int = 512
) -> Iterator[tuple[VectorKind, Rows]]:
    """What has no vector of a model yet, so much at once.

    The rows are read as they are needed: a large graph's wouldn't fit into memory.
    """
    kinds: tuple[VectorKind, ...] = ("entity", "sentence")
    for kind in kinds:
        pending = store.missing_vectors(kind, model)
        while rows := list(islice(pending, batch)):
            yield kind, rows


def embed_rows(store: Store, embedder: Embedder, kind: VectorKind, rows: Rows) -> int:
    """Make and save the vectors of rows, one at least; gives their number."""
    ids, texts = zip(*rows, strict=True)
    vectors = embedder.embed(list(texts), "search_document").astype(np.float16)
    store.add_vectors(kind, embedder.fingerprint, ids, vectors)
    return len(ids)
