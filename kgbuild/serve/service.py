"""What the routes share: the graph, the models' thread, the uploads."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

import anyio
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from kgbuild import __version__, deadline, pipeline, wiring
from kgbuild.ask.features import Vectors
from kgbuild.ask.suggest import Suggester
from kgbuild.deadline import within
from kgbuild.errors import ModelError, NotFoundError
from kgbuild.graph import KnowledgeGraph
from kgbuild.jobs import Command, listed, running
from kgbuild.pipeline import BuildReport, Parts, Progress, Read
from kgbuild.ports import Embedder, Extractor, PromptName
from kgbuild.read.documents import Reader
from kgbuild.serve.batching import ModelThread, Run
from kgbuild.serve.ledger import JobRecord, Ledger, State
from kgbuild.serve.library import Library
from kgbuild.serve.metrics import Metrics
from kgbuild.serve.picture import Pictures
from kgbuild.serve.settings import ServeSettings
from kgbuild.serve.uploads import Ingest, UploadQueue
from kgbuild.types import Job, JobState, Mention, Relation

log = logging.getLogger(__name__)
Held = TypeVar("Held")
Shown = TypeVar("Shown", bound=BaseModel)


class CardModels(Protocol):
    """What the card's API asks of an extractor."""

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        """Mentions of each text."""
        ...

    def label(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """The best label of every pair that the ontology relates."""
        ...


class Service:
    """Everything behind the routes; ``stop`` is called once, after ``start``."""

    def __init__(self, settings: ServeSettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.pictures = Pictures()
        self.answers = KeptAnswers()
        self.library = Library()
        self.models = ModelThread(
            self._load,
            settings.gather,
            settings.limits.waiting_characters,
            settings.batching,
            self.metrics.model_pass,
        )
        self.started = self.stopping = False
        self.probing = anyio.CapacityLimiter(4)
        """Threads of the probes, which no other request can hold."""
        self._extractor: Extractor | None = None
        self._embedder: Embedder | None = None
        self._shared = SharedEmbedder(self)
        self._questions = KeptVectors(self._new_questions)
        self._seen: int | None = None
        self._suggester: Suggester | None = None
        self._refreshing = threading.Lock()

    def start(self) -> None:
        """Open the graph (made where there is none) and start the threads, unless that is done.

        Raises:
            StoreError: the graph can't be opened, or another service runs over it.
        """
        if self.started:
            return
        graph = self.settings.graph
        opened = wiring.open_graph(graph, create=True)
        makers = replace(
            wiring.makers(graph),
            embedder=lambda: self._shared,
            vectors=lambda: self._question_vectors,
            extractor=lambda: self.extractor,
        )
        self.graph = KnowledgeGraph(opened.store, makers)
        try:
            graph.store.mkdir(parents=True, exist_ok=True, mode=0o700)
            _warn_of_readers(graph.store)
            self.ledger = Ledger(graph.store / "service.db")
        except BaseException:
            self.graph.close()
            raise
        self._salt = _salt(graph.database)
        ingest: Ingest = self._ingest
        self.uploads = UploadQueue(
            graph.store / "uploads",
            self.ledger,
            ingest,
            self.settings.limits,
            self.graph.store.generation,
        )
        self._gauges()
        self.models.start()
        self.uploads.start()
        self.started = True

    def stop(self) -> None:
        """End the threads and release the graph; unfinished uploads go on at the next start."""
        self.stopping = True
        self.uploads.stop()
        self.models.stop()
        self.ledger.close()
        self.graph.close()

    def admit(self, size: int) -> None:
        """Refuse an upload of so many bytes that there is no room for [``UploadQueue.admit``]."""
        self.uploads.admit(size)

    def job(self, id: str) -> JobRecord:
        """An upload as it stands, also one that another service over this graph has begun.

        Raises:
            NotFoundError: there is none of this id.
        """
        try:
            return self.uploads.job(id)
        except NotFoundError:
            for job in listed(self.graph.store):
                if job.kind == "upload" and Path(job.folder).name == id:
                    return _elsewhere(id, job)
            raise

    def etag(self) -> str:
        """A tag of the graph's state, for answers that depend on nothing else."""
        return f'"{self._salt}-{self.graph.store.generation()}"'

    def fresh(self) -> KnowledgeGraph:
        """The graph with what it derives from the store made for the store's state.

        One caller makes it, the others wait for it.
        """
        if self.graph.store.generation() != self._seen:
            # However long it takes: cut short, it would begin anew with the next question.
            with self._refreshing, within(None):
                generation = self.graph.store.generation()
                if generation != self._seen:
                    self.graph.names()
                    self.graph.index("sentence")
                    self._seen = generation
        return self.graph

    def suggester(self) -> Suggester:
        """Suggestions over the names of the store's state."""
        names = self.fresh().names()
        with self._refreshing:
            if self._suggester is None or self._suggester.names is not names:
                self._suggester = Suggester(names)
            return self._suggester

    @property
    def embedder(self) -> Embedder:
        """The embedder itself, once the models are loaded.

        Raises:
            ModelError: they can't be.
        """
        self.models.ready.wait()
        if self._embedder is None:
            raise ModelError("the models couldn't be loaded; see the log")
        return self._embedder

    @property
    def extractor(self) -> Extractor:
        """The extractor itself, once the models are loaded.

        Raises:
            ModelError: they can't be.
        """
        self.models.ready.wait()
        if self._extractor is None:
            raise ModelError("the models couldn't be loaded; see the log")
        return self._extractor

    def _question_vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions for the ranker: in shared passes, and kept for those who ask the
        same again. Until the models are there the embedder itself makes them."""
        if not (self.models.ready.is_set() and self.models.alive):
            return wiring.make_question_vectors()(texts)
        if self.embedder.fingerprint == wiring.make_question_embedder().fingerprint:
            return self._shared.embed(texts, "search_query")
        return self._questions(texts)

    def _new_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack(_result(self.models.submit("question", texts, [len(t) for t in texts])))

    def _load(self) -> dict[str, Run]:
        graph = self.settings.graph
        self._extractor = extractor = wiring.make_extractor(graph)
        embedder = wiring.make_embedder(graph)
        card = card_models(extractor)
        self._embedder = embedder

        def label(items: list[Any]) -> Sequence[Any]:
            return card.label([text for text, _ in items], [mentions for _, mentions in items])

        def question(items: list[Any]) -> Sequence[Any]:
            return list(wiring.make_question_vectors()(items))

        embed = _embed_with(embedder)
        return {"find": card.find, "label": label, "embed": embed, "question": question}

    def _ingest(self, paths: Sequence[Path], progress: Progress, read: Read) -> BuildReport:
        parts = Parts(self.extractor, self.graph.normalizer, self.embedder, self.graph.store)
        names = tuple(read.names.values()) if isinstance(read, Reader) else ()
        folder = str(paths[0].parent.absolute())
        with running(parts.store, Command("upload", names, folder, len(paths)), progress) as run:
            report = pipeline.build(paths, parts, run, read)
            self.graph.watch(report)
            run.saw(report)
        return report

    def _gauges(self) -> None:
        gauge = self.metrics.gauge
        gauge("jobs_waiting", "Uploads that aren't in the graph yet.", lambda: self.uploads.waiting)
        gauge("model_characters_waiting", "Text that waits for the models.",
              lambda: self.models.waiting)  # fmt: skip
        gauge("generation", "The store's generation: every write raises it.",
              self.graph.store.generation)  # fmt: skip


def _elsewhere(id: str, job: Job) -> JobRecord:
    """An upload of another service as far as its run is written down; an interrupted one goes on
    when that service starts again. Which documents were there before isn't told."""
    states: dict[JobState, State] = {JobState.INTERRUPTED: "queued"}
    state = states.get(job.state) or cast("State", job.state.value)
    ended = job.updated_at if state in ("done", "failed") else None
    failed = ((job.arguments[0] if job.arguments else "", job.error),) if job.failed else ()
    return JobRecord(
        job.id, id, state, job.arguments, job.started_at, job.done, job.done, failed=failed,
        started_at=job.started_at, finished_at=ended,
    )  # fmt: skip


class SharedEmbedder:
    """The ``Embedder`` port through the models' thread: requests share its passes, and vectors
    of what is asked and searched are kept."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._queries = KeptVectors(lambda texts: self._made(texts, "search_query"))

    @property
    def fingerprint(self) -> str:
        """The embedder's."""
        return self._service.embedder.fingerprint

    @property
    def dimension(self) -> int:
        """The embedder's."""
        return self._service.embedder.dimension

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """As the port; blocks until the vectors are there."""
        if texts and prompt == "search_query":
            return self._queries(texts)
        return self._made(texts, prompt)

    def _made(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        items = [(text, prompt) for text in texts]
        sizes = [len(text) for text in texts]
        rows = _result(self._service.models.submit("embed", items, sizes))
        empty = np.zeros((0, self.dimension), np.float32)
        return np.stack(rows) if rows else empty


def _result(work: Future[list[Any]]) -> list[Any]:
    """What the models' thread makes, by this work's deadline."""
    try:
        return work.result(deadline.left())
    except TimeoutError:
        work.cancel()
        deadline.check()
        raise


class _Recent(Generic[Held]):
    """What was held last by its key, at most so much. From any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Held | None:
        """What is held, from now on the newest."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def keep(self, key: str, value: Held) -> None:
        """Hold it, and forget the oldest beyond the bound."""
        with self._lock:
            self._held[key] = value
            while len(self._held) > self._most:
                self._held.popitem(last=False)


class KeptVectors:
    """Vectors of the texts that were asked for last, made once: questions come again, and many
    are one where names are masked. From any thread."""

    def __init__(self, make: Vectors, most: int = 4096) -> None:
        self._make = make
        self._recent: _Recent[NDArray[np.float32]] = _Recent(most)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors [n, d] in the order of ``texts``, of which there is one at least."""
        held = {text: self._recent.get(text) for text in texts}
        found = {text: vector for text, vector in held.items() if vector is not None}
        missing = [text for text in held if text not in found]
        if missing:
            found |= zip(missing, self._make(missing), strict=True)
            for text in missing:
                self._recent.keep(text, found[text])
        return np.stack([found[text] for text in texts])


class KeptAnswers:
    """Answers given last over one state of the graph: who asks the same gets the same, made
    once. From any thread."""

    def __init__(self, most: int = 256) -> None:
        self._recent: _Recent[BaseModel] = _Recent(most)

    def get(self, state: str, request: BaseModel, make: Callable[[], Shown]) -> Shown:
        """The answer to a request, made where none is held of this state of the graph."""
        key = f"{state} {type(request).__name__} {request.model_dump_json()}"
        held = self._recent.get(key)
        if held is None:
            held = make()
            self._recent.keep(key, held)
        return cast("Shown", held)


def _embed_with(embedder: Embedder) -> Run:
    def run(items: list[Any]) -> Sequence[Any]:
        rows: dict[int, NDArray[np.float32]] = {}
        for prompt in {prompt for _, prompt in items}:
            mine = [at for at, item in enumerate(items) if item[1] == prompt]
            vectors = embedder.embed([items[at][0] for at in mine], prompt)
            rows |= dict(zip(mine, vectors, strict=True))
        return [rows[at] for at in range(len(items))]

    return run


def card_models(extractor: Any) -> CardModels:
    """What answers the card's API: the models of the extractor, or the remote services behind
    it."""
    extractor = getattr(extractor, "models", extractor)
    if hasattr(extractor, "label"):
        found: CardModels = extractor
        return found
    return _Remote(extractor.finder, extractor.relations)


class _Remote:
    """Remote services, passed on."""

    def __init__(self, finder: Any, relations: Any) -> None:
        self.find, self.label = finder.find, relations.relate


def _warn_of_readers(folder: Path) -> None:
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        log.warning("others on this machine can open %s: chmod -R go= %s", folder, folder)


def _salt(database: str) -> str:
    """Tells states of different databases and programs apart."""
    path = Path(database)
    inode = path.stat().st_ino if "://" not in database and path.exists() else 0
    return hashlib.sha256(f"{__version__} {database} {inode}".encode()).hexdigest()[:12]
