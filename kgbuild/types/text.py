"""Documents and what is seen in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

type_name = str
"""One of NEREL's 29 entity types, see :mod:`kgbuild.ontology`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stretch of a text stood in its file: ``kind`` is page, row, chapter or part,
    ``value`` which one («3»)."""

    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read. ``source`` is the path as ingested, ``sha256`` of the content.

    A document inside a file is named after it: ``a.zip!/b.txt``, ``a.csv#3``. ``origins`` are
    in the order of the text and don't overlap; a plain text has none.
    """

    source: str
    text: str
    sha256: str
    media_type: str = "text/plain"
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """A sentence's span in its document."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A span with an entity type; mentions nest. ``score`` is a probability in [0, 1]."""

    start: int
    end: int
    type: type_name
    score: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """An ordered, typed pair of mentions of one document; ``confidence`` in [0, 1].

    ``denied``: the text says that it isn't so, or only rumours or plans it.
    """

    relation: str
    subject: Mention
    object: Mention
    confidence: float = field(default=1.0, compare=False)
    denied: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the models saw in one document; ``candidates`` are relations that they found too
    weak to state, ``denied`` those that the text denies, rumours or plans."""

    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]
    candidates: tuple[Relation, ...] = ()
    denied: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A place in a stored document."""

    document: str
    start: int
    end: int


def by_position(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Mentions in reading order, the longer first where two start together."""
    return tuple(sorted(mentions, key=lambda m: (m.start, -m.end, m.type)))
