"""Records for the store's tests, written as marked text.

``[Газпроме|ORGANIZATION|Газпром]`` is a mention with its type and canonical name,
which is its surface where it isn't given. Its entity is ``TYPE:name`` casefolded.
Sentences end with a full stop.
"""

from __future__ import annotations

import hashlib
import random
import re

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports import Store
from kgbuild.types import Document, DocumentRecord, Mention, Relation, ResolvedMention, Sentence

MARKED = re.compile(r"\[([^|\]]+)\|([A-Z]+)(?:\|([^\]]+))?\]")
EMBEDDER = "embedder-1"
DIMENSION = 4


def record(source: str, marked: str, *relations: str, vectors: bool = False) -> DocumentRecord:
    """A record of marked text; a relation reads ``0 WORKPLACE 1 0.9``, by mention number."""
    text, mentions = "", []
    end = 0
    for match in MARKED.finditer(marked):
        surface, type, name = match.group(1), match.group(2), match.group(3) or match.group(1)
        text += marked[end : match.start()]
        mention = Mention(len(text), len(text) + len(surface), type, 0.75)
        mentions.append(ResolvedMention(mention, f"{type}:{name.casefold()}", name))
        text += surface
        end = match.end()
    text += marked[end:]
    sentences = tuple(
        Sentence(found.start(), found.end()) for found in re.finditer(r"[^\s.][^.]*\.?", text)
    )
    return DocumentRecord(
        document=Document(source, text, hashlib.sha256(text.encode()).hexdigest()),
        sentences=sentences,
        mentions=tuple(mentions),
        relations=tuple(_relation(line, mentions) for line in relations),
        extractor="extractor-1",
        sentence_vectors=some_vectors(len(sentences), source) if vectors else None,
        embedder=EMBEDDER if vectors else None,
    )


def some_vectors(count: int, seed: str = "") -> NDArray[np.float16]:
    """Unit vectors, the same for the same seed."""
    generator = np.random.default_rng(list(seed.encode()))
    vectors = generator.standard_normal((count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def random_record(source: str, seed: int) -> DocumentRecord:
    """A record over a small world of names, so that documents share entities and facts."""
    chance = random.Random(seed)
    people = ["Иванов", "Петрова", "Ёлкин"]
    places = ["Москва", "Тверь", "Клин"]
    sentences, relations = [], []
    for number in range(chance.randrange(1, 4)):
        person, place = chance.choice(people), chance.choice(places)
        surface = chance.choice([person, person.upper(), person + "у"])
        name = chance.choice([person, person + " А."])
        entity = f"PERSON|{person}" if name == person else f"PERSON|{name}"
        sentences.append(f"[{surface}|{entity}] едет в [{place}|CITY] раз {seed}.")
        relations.append(f"{2 * number} LIVES {2 * number + 1} {chance.choice([0.3, 0.5, 0.9, 1])}")
        if number and chance.random() < 0.5:
            relations.append(f"{2 * number} KNOWS 0 0.{chance.randrange(1, 9)}")
    return record(source, " ".join(sentences), *relations, vectors=chance.random() < 0.5)


def contents(store: Store) -> tuple[object, ...]:
    """Everything a store shows, to compare two."""
    return (
        list(store.documents()),
        list(store.entities()),
        list(store.facts()),
        list(store.mentions()),
        store.stats(),
        store.copies(),
    )


def _relation(line: str, mentions: list[ResolvedMention]) -> Relation:
    subject, relation, object, confidence = line.split()
    ends = mentions[int(subject)].mention, mentions[int(object)].mention
    return Relation(relation, *ends, float(confidence))


GAZPROM = record(
    "b.txt",
    "[Алексей Миллер|PERSON] пришёл. Он возглавляет [Газпром|ORGANIZATION]. Идёт дождь.",
    "0 WORKPLACE 1 0.8",
    vectors=True,
)
AGAIN = record(
    "a.txt",
    "[Миллер|PERSON|Алексей Миллер] руководит [Газпромом|ORGANIZATION|Газпром] из"
    " [Петербурга|CITY|Петербург].",
    "0 WORKPLACE 1 0.5",
    "1 LOCATED 2 0.9",
    vectors=True,
)
MILLER, ORG, CITY = "PERSON:алексей миллер", "ORGANIZATION:газпром", "CITY:петербург"
