"""SlavicNER: Russian news with lemmas and cross-document ids of names.

Piskorski et al. 2021, "Slav-NER: the 3rd Cross-lingual Challenge on Recognition,
Normalization, Classification, and Linking of Named Entities across Slavic Languages". A
``.tsv`` beside each ``.txt`` has a line a mention: start, end, surface, lemma, type and the
entity's id. The topic of a document is what stands before ``__`` in its name.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kgbuild.errors import FormatError
from kgbuild.types import Mention

log = logging.getLogger(__name__)

HELD_OUT_TOPICS = frozenset({"covid-19", "ryanair"})
"""Never developed on: one topic of health and politics, one of companies and courts."""

TYPES = {
    "PER": "PERSON",
    "ORG": "ORGANIZATION",
    "LOC": "LOCATION",
    "PRO": "PRODUCT",
    "EVT": "EVENT",
}
"""The corpus' types in this project's."""

Part = Literal["all", "development", "held-out"]


@dataclass(frozen=True, slots=True)
class NamedMention:
    """A mention with its surface, its lemma and the id of its entity in all documents."""

    mention: Mention
    surface: str
    lemma: str
    entity: str


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A text with its mentions, in the order of the file."""

    name: str
    topic: str
    text: str
    mentions: tuple[NamedMention, ...]


def read_names(folder: Path, part: Part = "all") -> list[NamedDocument]:
    """Every ``.tsv`` of a folder with its ``.txt``, by name, of the topics of a part.

    Raises:
        FormatError: the folder holds none, or a pair isn't complete.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise FormatError(f"{folder}: no .tsv files: give a folder of SlavicNER annotations")
    chosen = [
        path
        for path in paths
        if part == "all" or (_topic(path) in HELD_OUT_TOPICS) == (part == "held-out")
    ]
    return [read_named_document(path) for path in chosen]


def _topic(path: Path) -> str:
    return path.name.partition("__")[0]


def read_named_document(path: Path) -> NamedDocument:
    """One annotation file with the text beside it; a repeated line counts once.

    Raises:
        FormatError: the text is missing, or a line isn't the six fields.
    """
    try:
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        lines = path.read_bytes().decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    found: dict[NamedMention, None] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            found[_mention(line, f"{path}, line {number}")] = None
    return NamedDocument(path.stem, _topic(path), text, tuple(found))


def _mention(line: str, where: str) -> NamedMention:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != 6 or fields[4] not in TYPES or not (fields[0] + fields[1]).isdigit():
        raise FormatError(f"{where}: expected start, end, surface, lemma, type, id: {line[:60]!r}")
    start, end, surface, lemma, type, entity = fields
    return NamedMention(Mention(int(start), int(end), TYPES[type]), surface, lemma, entity)
