"""Mutated index files: is each noticed, and does a rebuild give the same answers?

Run:  python benchmarks/robust/index_mutations.py [--mutations 10000] [--seed 1]

Makes an index of each type over made-up vectors, then spoils its files one way a time (bits
flipped, cut short, bytes added, zeroed or exchanged; values of the manifest changed, files
missing or exchanged with another store's) and opens it. A mutation is detected where opening
refuses; after every hundredth the index is made anew from the database, without a model, and
must answer as before. Exits 1 where one got through.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from kgbuild.errors import IndexFileError
from kgbuild.types import Document, DocumentRecord, Sentence
from storage.index import build as index_build
from storage.index.faiss import build_index, open_index, open_or_rebuild
from storage.index.types import IndexType
from tests.oracle import MemoryStore

MODEL, DIMENSION, COUNT = "model-1", 32, 2000


def filled(seed: int) -> MemoryStore:
    """A store of random unit vectors."""
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(COUNT, DIMENSION))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sentences = tuple(Sentence(2 * i, 2 * i + 1) for i in range(COUNT))
    document = Document("a", "а " * COUNT, "0" * 64)
    store = MemoryStore()
    store.add_document(
        DocumentRecord(document, sentences, (), (), "x", vectors.astype(np.float16), MODEL)
    )
    return store


def spoil_bytes(path: Path, r: random.Random) -> str:
    """Change a file's bytes in one of several ways; gives its name."""
    data = bytearray(path.read_bytes())
    at = r.randrange(len(data))
    how = r.choice(
        ("bit flipped", "byte changed", "cut short", "bytes added", "zeros", "exchanged")
    )
    if how == "bit flipped":
        data[at] ^= 1 << r.randrange(8)
    elif how == "byte changed":
        data[at] = (data[at] + r.randrange(1, 256)) % 256
    elif how == "cut short":
        del data[at:]
    elif how == "bytes added":
        data[at:at] = r.randbytes(r.randrange(1, 50))
    elif how == "zeros":
        data[at : at + 64] = bytes(len(data[at : at + 64]))
    else:
        to = r.randrange(len(data))
        data[at], data[to] = data[to], data[at]
    path.write_bytes(data)
    return how


def spoil_manifest(folder: Path, other: Path, r: random.Random) -> str:
    """Change what the manifest says, or exchange files with another store's."""
    path = folder / "sentence.json"
    how = r.choice(("value", "key gone", "key added", "not JSON", "file gone", "other store's"))
    held = json.loads(path.read_text("utf-8"))
    key = r.choice(sorted(held))
    if how == "value":
        old = held[key]
        held[key] = old + r.randrange(1, 9) if isinstance(old, int) else f"{old}{r.randrange(9)}"
    elif how == "key gone":
        del held[key]
    elif how == "key added":
        held[f"more{r.randrange(99)}"] = 1
    elif how == "file gone":
        (folder / held["file"]).unlink()
        return f"manifest: {how}"
    elif how == "other store's":
        shutil.rmtree(folder)
        shutil.copytree(other, folder)
        return f"manifest: {how}"
    text = "{" if how == "not JSON" else json.dumps(held)
    path.write_text(text, "utf-8")
    return f"manifest: {how}"


def main(argv: list[str] | None = None) -> int:
    """Run the mutations and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    r = random.Random(given.seed)
    table: dict[str, Counter[str]] = {}
    chosen = index_build.choose_type
    try:
        with tempfile.TemporaryDirectory(prefix="mutations-") as place:
            for kind in IndexType:
                index_build.choose_type = lambda count, gpu=False, kind=kind: kind
                _mutate(kind, Path(place) / kind.value, given.mutations // len(IndexType), r, table)
    finally:
        index_build.choose_type = chosen
    print(f"{'mutation':26}{'made':>7}{'no change':>11}{'detected':>10}{'missed':>8}")
    for how, row in sorted(table.items()):
        print(f"{how:26}{row['made']:7}{row['same']:11}{row['detected']:10}{row['missed']:8}")
    total: Counter[str] = sum(table.values(), Counter())
    print(
        f"{total['made']} mutations of {len(IndexType)} types of index, seed {given.seed}:"
        f" {total['detected']} detected, {total['missed']} missed, {total['same']} changed"
        f" nothing; {total['rebuilt']} rebuilt, {total['differ']} of them with other answers"
    )
    return 1 if total["missed"] or total["differ"] else 0


def _mutate(
    kind: IndexType, place: Path, count: int, r: random.Random, table: dict[str, Counter[str]]
) -> None:
    store, folder, other, whole = filled(1), place / "index", place / "other", place / "whole"
    build_index(filled(2), "sentence", MODEL, other)
    build_index(store, "sentence", MODEL, whole)
    queries = np.random.default_rng(3).normal(size=(20, DIMENSION)).astype(np.float32)
    answers = open_index(store, "sentence", MODEL, whole).search(queries, 10)
    for number in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        [file] = folder.glob("*.faiss")
        spoiled = r.random() < 0.7
        how = spoil_bytes(file, r) if spoiled else spoil_manifest(folder, other, r)
        row = table.setdefault(how, Counter())
        row["made"] += 1
        if spoiled and file.read_bytes() == (whole / file.name).read_bytes():
            row["same"] += 1
            continue
        try:
            open_index(store, "sentence", MODEL, folder)
            row["missed"] += 1
        except IndexFileError:
            row["detected"] += 1
        if number % 100 == 0:
            found = open_or_rebuild(store, "sentence", MODEL, folder).search(queries, 10)
            row["rebuilt"] += 1
            row["differ"] += not (
                np.array_equal(found.ids, answers.ids)
                and np.array_equal(found.scores, answers.scores)
            )


if __name__ == "__main__":
    sys.exit(main())
