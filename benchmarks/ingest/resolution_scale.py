"""Cost of resolution against size: CPU seconds and peak memory at 10,000, 100,000 … mentions.

Run:  python benchmarks/ingest/resolution_scale.py [--sizes 10000 100000] [--news FILE.jsonl.gz]
      python benchmarks/ingest/resolution_scale.py --names [--sizes 10000 100000 1000000]

Documents are sentences with the names put in anew: of people (first name, patronymic and a
made-up surname, in every length that texts use), cities and organizations, few of them often
and most of them seldom (Zipf). The sentences are a few templates, or those of a news file
({"text"} a line) whose capitalised words are replaced. Each size runs in a process of its
own, over an empty SQLite store: resolving a document, linking it across documents and
writing it. Models don't run. Prints a line a size; the last column is the time of the last
tenth of the documents over that of the first (1 would be a cost that doesn't grow).

``--names`` resolves nothing: it counts the different names that have a surname of a document,
which is what linking it asks about, in the first and the last tenth.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import Document, DocumentRecord, Mention, Relation, Sentence
from storage.sql import SqlStore

MENTIONS = 24
"""Mentions a document."""

SENTENCES = (
    "{} приехал в {} и встретился с руководством {}.",
    "{} рассказал, что в {} открылось отделение {}.",
    "По словам {}, жители {} пишут в {}.",
)
TYPES = ("PERSON", "CITY", "ORGANIZATION")
GIVEN = ("Иван", "Пётр", "Олег", "Сергей", "Борис", "Антон", "Роман", "Егор", "Павел", "Денис")
PATRONYMICS = ("Иванович", "Петрович", "Олегович", "Сергеевич", "Борисович", "Павлович")
STARTS = ("Бар", "Вел", "Гор", "Дол", "Жар", "Зор", "Кор", "Лад", "Мир", "Нес", "Пол", "Рост")
MIDDLES = ("ан", "ем", "ил", "он", "ут", "яг", "ест", "озл", "арк", "ипл", "", "овк")
SURNAME_ENDS = ("ов", "ев", "ин", "ский")
CITY_ENDS = ("ск", "град", "поль", "ово")
_WORD = re.compile(r"[А-ЯЁ][а-яё]{2,}")


def _rank(chance: random.Random, count: int) -> int:
    """A rank below ``count``, the low ones likelier (about Zipf's law)."""
    return min(int(count ** chance.random()), count) - 1


def _stem(number: int) -> str:
    first, rest = number % len(STARTS), number // len(STARTS)
    second, third = rest % len(MIDDLES), rest // len(MIDDLES) % len(MIDDLES)
    return STARTS[first] + MIDDLES[second] + MIDDLES[third]


def person(chance: random.Random) -> str:
    """A person's name, in full, with initials or as a surname."""
    number = _rank(chance, 200_000)
    surname = _stem(number) + SURNAME_ENDS[number % len(SURNAME_ENDS)]
    given = GIVEN[number // 7 % len(GIVEN)]
    patronymic = PATRONYMICS[number // 71 % len(PATRONYMICS)]
    forms = (f"{given} {surname}", f"{given} {patronymic} {surname}", surname,
             f"{given[0]}. {patronymic[0]}. {surname}")  # fmt: skip
    return forms[_rank(chance, len(forms))]


def name(chance: random.Random, type: str) -> str:
    """A name of a type."""
    if type == "PERSON":
        return person(chance)
    number = _rank(chance, 20_000)
    if type == "CITY":
        return _stem(number) + CITY_ENDS[number % len(CITY_ENDS)]
    return f"{_stem(number)}пром" if number % 2 else f"Союз {_stem(number).lower()}ов"


def templates(news: Path | None) -> list[str]:
    """Sentences with ``{}`` where a name goes."""
    if news is None:
        return list(SENTENCES)
    found: list[str] = []
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        for line in lines:
            for sentence in re.split(r"(?<=[.!?])\s+", json.loads(line)["text"]):
                slots = _WORD.sub("{}", re.sub(r"[{}]", "", sentence))
                if slots.count("{}") in (2, 3) and len(slots) < 300:
                    found.append(slots)
    return found


def document(number: int, sentences: list[str]) -> DocumentRecord:
    """A document with its mentions resolved by themselves; the same for the same number."""
    chance = random.Random(number)
    text, mentions, spans, relations = "", [], [], []
    while len(mentions) < MENTIONS:
        start, first = len(text), len(mentions)
        pieces = chance.choice(sentences).split("{}")
        for place, piece in enumerate(pieces[:-1]):
            type = TYPES[place % len(TYPES)]
            filled = name(chance, type)
            text += piece
            mentions.append(Mention(len(text), len(text) + len(filled), type))
            text += filled
        text += pieces[-1]
        spans.append(Sentence(start, len(text)))
        text += " "
        relations.append(Relation("LIVES", mentions[first], mentions[first + 1], 0.7))
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = Document(f"{number}.txt", text, digest)
    found = resolve_document(made, mentions, relations, RussianNormalizer())
    return DocumentRecord(
        made, tuple(spans), found.mentions, tuple(relations), "none", nodes=found.nodes
    )


def measure(size: int, news: Path | None) -> None:
    """Run one size and print its line."""
    sentences = templates(news)
    count = max(size // MENTIONS, 10)
    tenth = count // 10
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.db", linker=RussianLinker()) as store,
    ):
        marks = [time.process_time()]
        for number, record in enumerate(_records(count, sentences), 1):
            store.add_document(record)
            if number in (tenth, count - tenth, count):
                marks.append(time.process_time())
        stats = store.stats()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total = marks[3] - marks[0]
    growth = (marks[3] - marks[2]) / (marks[1] - marks[0])
    print(
        f"{stats.mentions:>9}  {stats.documents:>9}  {stats.entities:>8}  {total:>8.1f}"
        f"  {1000 * total / count:>11.2f}  {peak:>8.0f}  {growth:>6.2f}",
        flush=True,
    )


def count_names(size: int) -> None:
    """Print how many names share the surnames of a document as the graph grows."""
    known: dict[str, set[str]] = defaultdict(set)
    asked: list[int] = []
    for number in range(max(size // MENTIONS, 10)):
        chance = random.Random(number)
        people: list[str] = []
        for _ in range(MENTIONS // len(TYPES)):
            chance.choice(SENTENCES)
            people += [name(chance, type) for type in TYPES][:1]
        for one in people:
            known[one.split()[-1]].add(one)
        asked.append(sum(len(known[surname]) for surname in {one.split()[-1] for one in people}))
    tenth = len(asked) // 10
    first, last = sum(asked[:tenth]) / tenth, sum(asked[-tenth:]) / tenth
    print(f"{size:>9,} mentions: {first:.1f} names in the first tenth, {last:.1f} in the last"
          f" ({last / first:.2f} times), {len(known):,} surnames")  # fmt: skip


def _records(count: int, sentences: list[str]) -> Iterator[DocumentRecord]:
    return (document(number, sentences) for number in range(count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--news", type=Path)
    parser.add_argument("--names", action="store_true", help="count, resolve nothing")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        measure(given.one, given.news)
        return
    if given.names:
        for size in given.sizes:
            count_names(size)
        return
    print(" mentions  documents  entities  CPU secs  ms/document   peak MB  growth", flush=True)
    for size in given.sizes:
        more = [] if given.news is None else ["--news", str(given.news)]
        subprocess.run([sys.executable, __file__, "--one", str(size), *more], check=True)


if __name__ == "__main__":
    main()
