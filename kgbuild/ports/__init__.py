"""The seams of the line: what a stage needs, not who provides it."""

from __future__ import annotations

from kgbuild.ports.models import (
    PROMPTS,
    AliasLinker,
    Embedder,
    Extractor,
    Linker,
    MentionFinder,
    Normalizer,
    PromptName,
    RelationExtractor,
    VectorIndex,
    VectorKind,
)
from kgbuild.ports.store import EntityKey, FactKey, JobStore, LinkStore, PageStore, Store, WordStore

__all__ = [
    "PROMPTS",
    "AliasLinker",
    "Embedder",
    "EntityKey",
    "Extractor",
    "FactKey",
    "JobStore",
    "LinkStore",
    "Linker",
    "MentionFinder",
    "Normalizer",
    "PageStore",
    "PromptName",
    "RelationExtractor",
    "Store",
    "VectorIndex",
    "VectorKind",
    "WordStore",
]
