"""NEREL in brat's stand-off format: texts with nested mentions and relations.

Loukachevitch et al. 2021, "NEREL: A Russian Dataset with Nested Named Entities,
Relations and Events". Discontinuous mentions are read as their hull, relations
repeated word for word once; a line that isn't brat is skipped and counted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from kgbuild.errors import FormatError
from kgbuild.types import Mention, Relation, by_position

log = logging.getLogger(__name__)
T = TypeVar("T")

_TEXT_BOUND = re.compile(r"(T\d+)\t(\w+) (\d+ \d+(?:;\d+ \d+)*)\t")
_RELATION = re.compile(r"R\d+\t(\w+) Arg1:(T\d+) Arg2:(T\d+)")
_REFERENCE = re.compile(r"N\d+\tReference (T\d+) (\w+:\S+)")
_NO_ITEM = ":NULL"
"""How the corpus writes that Wikidata has no such item: it links nothing to nothing."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A pronoun or description (``overt``), or a verb whose subject is left out (``zero``),
    and the entity it refers to."""

    start: int
    end: int
    kind: str
    entity: str


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """A relation between two entities, by their ids."""

    subject: str
    relation: str
    object: str


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """An annotated text; ``links`` maps a mention to its Wikidata id.

    Dossiers say more: ``entities`` which entity each mention is, ``references`` what else
    refers to one, ``facts`` what the document states between entities wherever it does, and
    ``denied`` what it denies, rumours or plans. In NEREL these are empty: there relations
    are known only where they are annotated. ``unsure`` are spans of which the annotation says
    nothing, neither that they are mentions nor that they aren't, ``unsaid`` such facts, and
    ``strangers`` entities of whose facts it says nothing. ``as_found`` is the document with the
    mentions that weights find in it (:mod:`kgbuild.train.found`).
    """

    name: str
    text: str
    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]
    links: dict[Mention, str]
    skipped_lines: int = 0
    entities: dict[Mention, str] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    facts: tuple[Fact, ...] = ()
    denied: tuple[Fact, ...] = ()
    unsure: tuple[Mention, ...] = ()
    unsaid: tuple[Fact, ...] = ()
    strangers: frozenset[str] = frozenset()
    as_found: GoldDocument | None = None

    @property
    def by_entities(self) -> bool:
        """Whether facts are annotated between entities and not between mentions."""
        return bool(self.entities)

    def with_relations(self, relations: tuple[Relation, ...]) -> GoldDocument:
        """The same document with other relations between mentions."""
        return replace(self, relations=relations)

    def by_entity(self) -> dict[str, list[Mention]]:
        """The mentions of each entity in reading order."""
        found: dict[str, list[Mention]] = {}
        for mention in self.mentions:
            found.setdefault(self.entities[mention], []).append(mention)
        return found


def read_folder(folder: Path) -> list[GoldDocument]:
    """Every ``.ann`` of a folder with its ``.txt``, by name.

    Raises:
        FormatError: the folder holds none, or a pair isn't complete.
    """
    paths = sorted(folder.glob("*.ann"))
    if not paths:
        raise FormatError(f"{folder}: no .ann files: give a folder of brat annotations")
    return [read_document(path) for path in paths]


def read_document(path: Path) -> GoldDocument:
    """One annotation file with the text beside it.

    Raises:
        FormatError: the text is missing or a span lies outside it.
    """
    try:
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    found: dict[str, Mention] = {}
    relations: dict[Relation, None] = {}
    links: dict[Mention, str] = {}
    skipped = 0
    for line in sorted((line for line in lines if line), key=lambda line: line[0] != "T"):
        if match := _TEXT_BOUND.match(line):
            found[match[1]] = _mention(path, match, len(text))
        elif (match := _RELATION.match(line)) and match[2] in found and match[3] in found:
            relations[Relation(match[1], found[match[2]], found[match[3]])] = None
        elif (match := _REFERENCE.match(line)) and match[1] in found:
            if not match[2].endswith(_NO_ITEM):
                links[found[match[1]]] = match[2]
        elif line[0] not in "N#AEM*":  # brat's other lines, which say nothing needed here
            skipped += 1
            log.info("%s: not a brat line, skipped: %.60r", path.name, line)
    mentions = by_position(list(dict.fromkeys(found.values())))
    return GoldDocument(path.stem, text, mentions, tuple(relations), links, skipped)


def _mention(path: Path, match: re.Match[str], length: int) -> Mention:
    numbers = [int(n) for n in re.findall(r"\d+", match[3])]
    start, end = min(numbers), max(numbers)
    if not 0 <= start < end <= length:
        raise FormatError(f"{path}: {match[1]} spans {start}–{end}, the text has {length}")
    return Mention(start, end, match[2])


def in_folds(documents: list[T], held_out: int) -> Iterator[list[T]]:
    """Train part and held-out part: every ``len // held_out``-th document is held out, of
    few documents every second."""
    step = max(len(documents) // held_out, 2) if held_out else len(documents) + 1
    yield [d for i, d in enumerate(documents) if i % step != step - 1]
    yield [d for i, d in enumerate(documents) if i % step == step - 1]
