"""What is searched for and found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import overload

import numpy as np
from numpy.typing import NDArray

from kgbuild.display import Shown
from kgbuild.types.text import type_name


@dataclass(frozen=True, slots=True)
class Passage(Shown):
    """A sentence of a document, with the score that found it.

    ``highlights`` are the spans that matched, in reading order, as offsets into the
    document; ``found_by`` names the lists that held it.
    """

    document: str
    start: int
    end: int
    text: str
    score: float = 0.0
    highlights: tuple[tuple[int, int], ...] = ()
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a query that stands nowhere, and the known word that was taken for it."""

    asked: str
    meant: str


@dataclass(frozen=True, slots=True, repr=False)
class SearchResults(Shown, Sequence[Passage]):
    """What a search found, best first; a sequence of passages.

    A hybrid or graph score is a share of the best possible one; a lexical score is BM25,
    a semantic one a cosine. ``corrections`` are words taken for others, ``unknown`` words that
    no document has.
    """

    query: str
    mode: str
    passages: tuple[Passage, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        return self.passages[index]


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Which sentences are wanted: every part that is given has to hold, None is a wildcard.

    ``entity`` is an entity's id and ``type`` an entity type that the sentence mentions,
    ``relation`` one that a fact's evidence states in it, ``document`` a source, in which
    ``*`` stands for any run of characters, ``any_of`` ids of which it mentions at least one.
    """

    entity: str | None = None
    type: type_name | None = None
    relation: str | None = None
    document: str | None = None
    any_of: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Postings:
    """Where lemmas stand: one row a lemma and sentence, in no order.

    ``lemma`` int64 [n] indexes the lemmas asked for; ``sentence`` and ``document`` int64 [n]
    are row ids; ``count`` and ``length`` float64 [n] are how often the lemma stands in the
    sentence, and the sentence's length in characters.
    """

    lemma: NDArray[np.int64]
    sentence: NDArray[np.int64]
    document: NDArray[np.int64]
    count: NDArray[np.float64]
    length: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much text there is: document row ids int64 [d], ascending, the characters of each
    one's sentences float64 [d], and the number of all sentences."""

    documents: NDArray[np.int64]
    characters: NDArray[np.float64]
    sentences: int


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Vectors of one kind from the store: int64 [n] row ids, float16 [n, dimension]."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """A published vector index as its store knows it.

    ``model`` is the embedder's fingerprint, ``generation`` the store's when the index
    was made, ``count`` its rows, ``sha256`` the index file's, ``made_at`` in UTC.
    """

    kind: str
    model: str
    generation: int
    count: int
    sha256: str
    made_at: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class SearchHits:
    """Nearest rows of ``n`` queries: scores float32 [n, k], ids int64 [n, k] (-1 pads)."""

    scores: NDArray[np.float32]
    ids: NDArray[np.int64]
