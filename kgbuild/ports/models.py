"""What reads, names, joins and embeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kgbuild.types import (
    Clusters,
    Extraction,
    Judgement,
    Mention,
    Name,
    NodeStats,
    Reason,
    Relation,
    SearchHits,
)

PromptName = Literal[
    "search_query",
    "search_document",
    "paraphrase",
    "categorize",
    "categorize_sentiment",
    "categorize_topic",
    "categorize_entailment",
    "none",
]
"""What a text is embedded for; each model maps these names to its own prefixes."""

PROMPTS: tuple[PromptName, ...] = (
    "search_query",
    "search_document",
    "paraphrase",
    "categorize",
    "categorize_sentiment",
    "categorize_topic",
    "categorize_entailment",
    "none",
)

VectorKind = Literal["sentence", "entity"]


@runtime_checkable
class MentionFinder(Protocol):
    """Finds mentions (nested, typed spans) in texts."""

    @property
    def fingerprint(self) -> str:
        """Names the models: it changes when an answer could."""
        ...

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        """Mentions of each text, in reading order."""
        ...


@runtime_checkable
class RelationExtractor(Protocol):
    """Finds relations between given mentions."""

    @property
    def fingerprint(self) -> str:
        """Names the models: it changes when an answer could."""
        ...

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """Relations of each text, among its mentions."""
        ...


@runtime_checkable
class Extractor(Protocol):
    """Both at once: what the pipeline calls. A joint model shares the encoder pass."""

    @property
    def fingerprint(self) -> str:
        """Names the models: it changes when an answer could."""
        ...

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Mentions and relations of each text."""
        ...


@runtime_checkable
class Normalizer(Protocol):
    """Maps a surface form to a normalised name."""

    @property
    def fingerprint(self) -> str:
        """Names the rules and dictionaries: it changes when an answer could."""
        ...

    def normalize(self, surface: str, type: str) -> Name:
        """The key that identifies the name and its nominative form."""
        ...

    def names(self, text: str, mentions: Sequence[Mention]) -> Sequence[Name]:
        """The name of each mention of a document, in order; it may draw on the whole text."""
        ...


@runtime_checkable
class EntityClusterer(Protocol):
    """Says which nodes are one entity, over all documents.

    Its answer is a function of the set of nodes and of the judgements, not of their order,
    and nodes that share no block, alias or judgement don't touch each other's.
    """

    @property
    def fingerprint(self) -> str:
        """Names the rules and weights: it changes when an answer could."""
        ...

    def link(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> Clusters:
        """Each node's entity, and the pairs whose likeness had to be weighed."""
        ...

    def reasons(
        self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]
    ) -> Iterator[Reason]:
        """The pairs of nodes that were weighed, each with what came of it and why."""
        ...


@runtime_checkable
class AliasClusterer(EntityClusterer, Protocol):
    """A linker that joins by the names that registers give an entry too.

    Where the store knows such names, nodes carry ``known`` features, and nodes of one entry's
    names touch each other. Without any the answer is that of ``fingerprint`` alone.
    """

    @property
    def alias_rule(self) -> str:
        """Names the rule for such names: it changes when an answer could."""
        ...


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Names the models: it changes when an answer could."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """Vectors float32 [len(texts), dimension], L2 norm 1, in the order of ``texts``."""
        ...


class VectorIndex(Protocol):
    """Exact or approximate nearest neighbours by inner product over store row ids."""

    @property
    def count(self) -> int:
        """Vectors held."""
        ...

    def search(self, queries: NDArray[np.float32], k: int) -> SearchHits:
        """The ``k`` nearest rows of each query [n, dimension]."""
        ...
