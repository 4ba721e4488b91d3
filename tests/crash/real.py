"""Kills the real command line over the real models, and checks what is left.

Run:  python -m crash.real --kills 20 --seed 1    (PYTHONPATH=.:tests)

``python cli.py ingest docs`` reads a few of the sample documents with the embedded models. It is
killed (SIGKILL) at random: some time after its start, or when so many of its documents stand in
the database. What stood there before, as another process read it, has to stand there after; then
the same command goes on. When all documents are in, the next store begins. Prints a line a kill;
exit code 1 where something was lost, doubled or left unsound.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgbuild.errors import StoreError
from kgbuild.jobs import listed
from kgbuild.pipeline import Parts
from kgbuild.ports import Store
from kgbuild.reprocess import named_again
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import JobState
from storage.database import sqlite_driver
from storage.index.faiss import open_index
from storage.sql import SqlStore
from tests.oracle import MemoryStore

ROOT = Path(__file__).parents[2]
DOCUMENTS = 8
LIMIT = 600.0
"""Seconds a command may take on a busy machine."""


def require(holds: bool, what: str) -> None:
    """As assert, but also where assertions are off."""
    if not holds:
        raise AssertionError(what)


@dataclass(frozen=True)
class Seen:
    """What was in the database when somebody looked: sources with hashes, and counts of jobs."""

    documents: frozenset[tuple[str, str]] = frozenset()
    done: int = 0


class Place:
    """A folder with documents and the graph that the command makes of them."""

    def __init__(self, folder: Path, documents: int = DOCUMENTS) -> None:
        self.folder = folder
        self.documents = documents
        docs = folder / "docs"
        docs.mkdir(parents=True)
        for path in sorted((ROOT / "examples" / "docs").glob("*.txt"))[:documents]:
            shutil.copy(path, docs)

    def start(self) -> subprocess.Popen[bytes]:
        """The command at work."""
        command = [sys.executable, str(ROOT / "cli.py"), "ingest", "docs"]
        return subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def open(self, readonly: bool = True) -> SqlStore:
        """The store, as another process sees it."""
        return SqlStore.open(
            self.folder / "kg" / "graph.db", create=False, readonly=readonly, linker=RussianLinker()
        )

    def look(self) -> Seen:
        """What is committed now; nothing while there is no whole schema yet."""
        path = self.folder / "kg" / "graph.db"
        if not path.exists():
            return Seen()
        driver = sqlite_driver()
        connection = driver.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)
        try:
            connection.execute("BEGIN")
            rows = connection.execute("SELECT source, sha256 FROM documents").fetchall()
            [(done,)] = connection.execute("SELECT coalesce(max(done), 0) FROM jobs").fetchall()
        except driver.OperationalError:
            return Seen()
        finally:
            connection.close()
        return Seen(frozenset(rows), done)


def killed(place: Place, chance: random.Random) -> tuple[str, Seen, bool]:
    """Start the command and kill it: how, what was last seen before, and whether in time."""
    before = len(place.look().documents)
    wanted = chance.randint(before, place.documents - 1)
    seconds = chance.uniform(0, 6) if chance.random() < 0.3 else LIMIT
    pause = chance.uniform(0, 0.3)
    began, seen = time.monotonic(), Seen()
    with place.start() as process:
        while process.poll() is None and time.monotonic() - began < seconds:
            seen = place.look()
            if len(seen.documents) > wanted:
                time.sleep(pause)
                break
            time.sleep(0.01)
        in_time = process.poll() is None
        seen = place.look()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    how = f"after {seconds:.1f} s" if seconds < LIMIT else f"with {wanted + 1} documents in"
    return how, seen, in_time


def check(place: Place, seen: Seen) -> None:
    """Nothing that was there is lost, nothing is there twice, the graph is its documents'."""
    now = place.look()
    require(seen.documents <= now.documents, f"lost: {seen.documents - now.documents}")
    if not now.documents and not (place.folder / "kg" / "graph.db").exists():
        return
    try:
        opened = place.open(readonly=False)
    except StoreError as error:
        require("is empty" in str(error), str(error))  # killed before its schema was there
        return
    with opened as store:
        require(store.check() == [], f"check: {store.check()}")
        jobs = list(listed(store))
        require(all(job.state is not JobState.RUNNING for job in jobs), "a dead job runs")
        require(len(jobs) <= 1, f"one command has {len(jobs)} jobs")
        require(all(seen.done <= job.done <= len(now.documents) for job in jobs), f"{jobs}, {seen}")
        same_as_new(store)


def same_as_new(store: Store) -> None:
    """The graph is the one that the stored mentions and relations give when resolved anew."""
    store.link()  # what a kill between record and linking left
    fresh = MemoryStore(RussianLinker())
    parts = Parts(Unused(), RussianNormalizer(), None, store)
    for source in store.sources():
        document = store.document(source.source)
        assert document is not None
        fresh.add_document(named_again(document, source.extractor, parts))
    for name in ("entities", "facts", "mentions"):
        mine, theirs = (list(getattr(one, name)()) for one in (store, fresh))
        require(mine == theirs, f"the {name} aren't those of the documents")


class Unused:
    """An extractor that nobody asks."""

    fingerprint = "unused"

    def extract(self, texts: object) -> list[object]:
        """Never."""
        raise NotImplementedError


def finish(place: Place) -> None:
    """The command to its end: everything is in, and the indexes are the database's."""
    process = place.start()
    _, errors = process.communicate(timeout=LIMIT)
    require(process.returncode == 0, errors.decode())
    check(place, Seen())
    with place.open() as store:
        require(store.stats().documents == place.documents, "documents are missing")
        [job] = listed(store)
        whole = JobState.DONE, place.documents, place.documents
        require((job.state, job.done, job.total) == whole, str(job))
        [model] = store.embedders("sentence")
        for kind in ("sentence", "entity"):
            require(not list(store.missing_vectors(kind, model)), f"{kind} vectors are missing")
            index = open_index(store, kind, model, place.folder / "kg" / "index")
            ids = np.concatenate([batch.ids for batch in store.vectors(kind, model)])
            require(np.array_equal(np.sort(index.ids()), ids), f"the {kind} index has other rows")


def run(folder: Path, kills: int, seed: int, documents: int = DOCUMENTS) -> int:
    """So many kills that came in time; gives them."""
    chance, number, done = random.Random(seed), 0, 0
    place = Place(folder / "0", documents)
    while done < kills:
        how, seen, in_time = killed(place, chance)
        check(place, seen)
        done += in_time
        print(f"{how}: {len(seen.documents)} documents seen, "
              f"{'killed' if in_time else 'had ended'}", flush=True)  # fmt: skip
        if len(place.look().documents) == documents and done < kills:
            finish(place)
            number += 1
            place = Place(folder / str(number), documents)
    finish(place)
    print(f"seed {seed}: {done} kills, {number + 1} graphs finished, nothing lost")
    return done


def main() -> int:
    """Run the kills; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kgbuild-real-") as folder:
        try:
            run(Path(folder), chosen.kills, chosen.seed)
        except AssertionError as error:
            print(f"FAILED: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
