"""Readers beside a writer: does each see whole documents and a generation that only grows?

Run:  python benchmarks/robust/readers.py [--readers 8] [--seconds 600]

The writer is a process that adds, replaces and deletes documents of a SQLite store; each
reader is a process that opens it for reading and, again and again, reads the generation,
the documents with their mentions, and facts with their evidence. Exits 1 on any error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from storage.sql import SqlStore
from tests.storage.samples import random_record


@dataclass(frozen=True, slots=True)
class Outcome:
    """Reads and writes that were done, errors of any process, problems found at the end."""

    reads: int
    written: int
    errors: list[str]
    problems: list[str]


def write(target: Path, seconds: float) -> int:
    """Add, replace and delete documents; gives the number of writes."""
    end, count = time.monotonic() + seconds, 0
    with SqlStore.open(target) as store:
        while time.monotonic() < end:
            name = f"d{count % 20}"
            if count % 7 == 6 and store.document(name) is not None:
                store.delete_document(name)
            else:
                store.add_document(random_record(name, count))
            count += 1
    return count


def read(target: Path, seconds: float) -> int:
    """Read until the time is over; gives the number of reads."""
    end, count, last = time.monotonic() + seconds, 0, 0
    with SqlStore.open(target, readonly=True) as store:
        while time.monotonic() < end:
            now = store.generation()
            if now < last:
                raise AssertionError(f"generation fell from {last} to {now}")
            last = now
            for document in store.documents():
                for seen in store.mentions(document.source):
                    if seen.mention.end > len(document.text):
                        again = store.document(document.source)
                        if again is not None and again.sha256 == document.sha256:
                            raise AssertionError(f"{document.source}: a mention past the end")
            for fact in store.facts():
                if not fact.evidence:
                    raise AssertionError(f"a fact without evidence: {fact}")
            count += 1
    return count


def run(target: Path, readers: int, seconds: float) -> Outcome:
    """One writer and some readers, each in a process of its own."""
    SqlStore.open(target).close()
    kinds = ["write", *["read"] * readers]
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, "--work", kind, str(target), "--seconds", str(seconds)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for kind in kinds
    ]  # fmt: skip
    done = {"write": 0, "read": 0}
    errors = []
    for kind, worker in zip(kinds, workers, strict=True):
        out, err = worker.communicate()
        if worker.returncode:
            errors.append(
                err.strip().splitlines()[-1] if err.strip() else f"exit {worker.returncode}"
            )
        else:
            done[kind] += json.loads(out)
    with SqlStore.open(target, create=False) as store:
        problems = store.check()
    return Outcome(done["read"], done["write"], errors, problems)


def main() -> int:
    """Run and print, or be one of the workers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        kind, target = given.work
        print({"write": write, "read": read}[kind](Path(target), given.seconds))
        return 0
    with tempfile.TemporaryDirectory(prefix="readers-") as place:
        found = run(Path(place) / "graph.db", given.readers, given.seconds)
    print(
        f"{given.readers} readers, {given.seconds:.0f} s: {found.reads} reads,"
        f" {found.written} writes, errors {found.errors}, problems {found.problems}"
    )
    return 1 if found.errors or found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
