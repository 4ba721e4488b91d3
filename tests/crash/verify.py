"""What must hold after a kill, and after the interrupted work has been done again."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from crash.work import NEW, NORMALIZER, OLD, Task, judgements_of, open_graph, text_of
from fakes import FakeEmbedder, FakeExtractor

from kgbuild.jobs import listed
from kgbuild.models.encoder import cache_root
from kgbuild.models.folder import ModelFolder
from kgbuild.pipeline import BuildReport, Parts, _records
from kgbuild.ports import Store
from kgbuild.resolve.link import RussianLinker
from kgbuild.types import Document, JobState
from storage.index.exact import ExactIndex
from storage.index.faiss import open_or_rebuild
from tests.oracle import MemoryStore

SECONDS = 5.0
"""In so many seconds of the next start the indexes are the database's again."""

ALLOWED = {"graph.db", "graph.db-wal", "graph.db-shm", "graph.db.lock", "sentence.json",
           "entity.json"}  # fmt: skip


RUNS = ("ingest", "jobs", "replace")
"""Kinds of work that are written down as jobs."""


def require(holds: bool, what: str) -> None:
    """As assert, but also where assertions are off."""
    if not holds:
        raise AssertionError(what)


Stand = tuple[JobState, int, int]
"""How a job stands: its state, documents done, documents in all."""


def after_kill(task: Task, acks: Sequence[str]) -> None:
    """Raise AssertionError where something acknowledged is lost, doubled or left about."""
    if task.kind == "conversion":
        _finish_conversion(task, acks)
        return
    _whole(task, acks)
    again: list[str] = []
    left = _jobs_there(task)
    os.chdir(task.place)
    task.do(again.append)
    _whole(task, again)
    _jobs_ended(task, left)
    with open_graph(task.place) as graph:
        missing = [
            row
            for kind in ("sentence", "entity")
            for row in graph.store.missing_vectors(kind, FakeEmbedder.fingerprint)
        ]
    require(task.kind not in RUNS or not missing, "vectors are missing at the end")


def _whole(task: Task, acks: Sequence[str]) -> None:
    began = time.monotonic()
    with open_graph(task.place, timeout=1.0) as graph:
        store = graph.store
        _indexes(store, task.place)
        took = time.monotonic() - began
        require(took <= SECONDS, f"the indexes took {took:.1f} s to be the database's again")
        require(store.check() == [], f"check: {store.check()}")
        _documents(task, acks, {d.source: d.text for d in store.documents()})
        _jobs(task, acks, store)
        if task.kind == "judge":
            _judgements(task, acks, store)
        require("indexed" not in acks or not store.stats().unlinked, "documents wait at the end")
        store.link()  # what a kill between record and linking left
        require(store.check() == [], f"check after linking: {store.check()}")
        _same_as_new(store)
    files = [path for path in (task.place / "kg").rglob("*") if path.is_file()]
    strays = [path.name for path in files if path.name not in ALLOWED and path.suffix != ".faiss"]
    indexes = sum(path.suffix == ".faiss" for path in files)
    require(not strays and indexes == 2, f"left about: {sorted(p.name for p in files)}")


def _documents(task: Task, acks: Sequence[str], found: dict[str, str]) -> None:
    """Each document is as before the work or as after it, and as after where it was told."""
    before = {f"docs/{n:02}.txt": text_of(n) for n in range(OLD)}
    after: dict[str, str | None] = dict(before)
    if task.kind in ("ingest", "jobs"):
        after |= {f"docs/{n:02}.txt": text_of(n) for n in range(OLD, OLD + NEW)}
    if task.kind == "replace":
        after |= {f"docs/{n:02}.txt": text_of(n, 1) for n in range(OLD)}
    if task.kind == "delete":
        after |= dict.fromkeys(before)
    told = {f"docs/{ack.split()[0]}.txt" for ack in acks if ack[:2].isdigit()}
    require(set(found) <= set(after), f"unknown documents {set(found) - set(after)}")
    for source, text in after.items():
        allowed = {text} if source in told else {text, before.get(source)}
        require(found.get(source) in allowed, f"{source} is neither as before nor as after")
    done = task.kind in RUNS and "indexed" in acks
    require(not done or found == after, "documents are missing at the end")


def _jobs(task: Task, acks: Sequence[str], store: Store) -> None:
    """No job runs, and none says less than it was told to have written, or more than is there."""
    now = list(listed(store))
    require(all(job.state is not JobState.RUNNING for job in now), "a dead job is said to run")
    told = [ack.split()[1:] for ack in acks if ack.startswith("job ")]
    if told:
        state, done = told[-1][0], int(told[-1][1])
        require(now[0].done >= done, f"a job of {done} documents says {now[0].done}")
        require(state == "running" or now[0].state.value == state, "a job's end is forgotten")
    there = store.stats().documents
    require(
        task.kind not in RUNS or all(job.done <= there for job in now),
        "a job tells of documents that aren't there",
    )


def _jobs_there(task: Task) -> list[Stand]:
    with open_graph(task.place) as graph:
        return [(job.state, job.done, job.total) for job in listed(graph.store)]


def _jobs_ended(task: Task, left: Sequence[Stand]) -> None:
    """The work that was done again went on with the job that the kill left.

    One that had ended before the kill came is left alone: doing it again is a job of its own.
    """
    if task.kind not in RUNS:
        return
    documents = OLD if task.kind == "replace" else NEW
    ended, first = (JobState.DONE, documents, documents), (JobState.DONE, OLD, OLD)
    wanted = [ended, *([ended] if left == [ended, first] else []), first]
    found = _jobs_there(task)
    require(found == wanted, f"jobs are {found} at the end, after {left}")


def _judgements(task: Task, acks: Sequence[str], store: Store) -> None:
    found = [j.verdict for j in store.judgements(undone=True)]
    wanted = [verdict for verdict, _, _ in judgements_of(task)]
    require(found == wanted[: len(found)], "judgements differ from those given")
    told = len([ack for ack in acks if ack.startswith("judged")])
    require(len(found) >= told, f"{told} judgements acknowledged, {len(found)} there")


def _same_as_new(store: Store) -> None:
    """The graph is the one that its documents and judgements give when read anew."""
    parts = Parts(FakeExtractor(), NORMALIZER, FakeEmbedder(), MemoryStore(RussianLinker()))
    documents = [Document(d.source, d.text, d.sha256) for d in store.documents()]
    if documents:
        for record in _records(documents, parts, BuildReport()):
            parts.store.add_document(record)
    for judgement in store.judgements():
        parts.store.judge(judgement)
    for name, mine, theirs in (
        ("entities", store.entities(), parts.store.entities()),
        ("mentions", store.mentions(), parts.store.mentions()),
        ("facts", store.facts(), parts.store.facts()),
    ):
        require(list(mine) == list(theirs), f"the {name} aren't those of the documents")
    require(store.stats() == parts.store.stats(), "the counts aren't those of the documents")


def _indexes(store: Store, place: Path) -> None:
    model = FakeEmbedder.fingerprint
    queries = FakeEmbedder().embed(["Иван Петров в Газпроме", "Твери"], "search_query")
    for kind in ("sentence", "entity"):
        index = open_or_rebuild(store, kind, model, place / "kg" / "index")
        exact = ExactIndex.from_store(store, kind, model)
        ids = [batch.ids for batch in store.vectors(kind, model)]
        mine = np.concatenate(ids) if ids else np.empty(0, np.int64)
        require(np.array_equal(index.ids(), mine), f"the {kind} index has other rows")
        scores = (x.search(queries, 3).scores for x in (index, exact))
        require(np.allclose(*scores, atol=1e-5), f"the {kind} index answers otherwise")


def _finish_conversion(task: Task, acks: Sequence[str]) -> None:
    os.environ["KGBUILD_CACHE"] = str(task.place / "cache")
    seen = list(cache_root().glob("[!.]*")) if cache_root().is_dir() else []
    for folder in seen:
        ModelFolder.open(folder, verify=True)
    require(bool(seen) or not acks, "an acknowledged conversion is gone")
    again: list[str] = []
    task.do(again.append)
    require(not acks or again == list(acks), "another conversion than acknowledged")
    [folder] = cache_root().iterdir()
    ModelFolder.open(folder, verify=True)
