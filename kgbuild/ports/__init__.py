"""The seams of the line: what a stage needs, not who provides it."""

from __future__ import annotations

from kgbuild.ports.models import (
    PROMPTS,
    AliasClusterer,
    Embedder,
    EntityClusterer,
    Extractor,
    MentionFinder,
    Normalizer,
    PromptName,
    RelationExtractor,
    VectorIndex,
    VectorKind,
)
from kgbuild.ports.store import EdgeStore, EntityKey, FactKey, JobStore, PageStore, Store, WordStore

__all__ = [
    "PROMPTS",
    "AliasClusterer",
    "EdgeStore",
    "Embedder",
    "EntityClusterer",
    "EntityKey",
    "Extractor",
    "FactKey",
    "JobStore",
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
