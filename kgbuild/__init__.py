"""kgbuild turns Russian documents into a knowledge graph whose facts open to their sentences.

>>> import kgbuild
>>> graph = kgbuild.open("kg")                         # doctest: +SKIP
>>> graph.ask("Кто супруга Дмитрия Менделеева?")       # doctest: +SKIP

Importing this package loads no model and neither torch nor faiss.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kgbuild.api import open
    from kgbuild.errors import KgbuildError
    from kgbuild.graph import KnowledgeGraph
    from kgbuild.types import (
        Answer,
        Document,
        Entity,
        Evidence,
        Fact,
        Mention,
        Passage,
        Relation,
        SearchResults,
    )

__version__ = "0.1.0"

_HOMES = {
    "open": "kgbuild.api",
    "KnowledgeGraph": "kgbuild.graph",
    "KgbuildError": "kgbuild.errors",
} | dict.fromkeys(
    (
        "Answer",
        "Document",
        "Entity",
        "Evidence",
        "Fact",
        "Mention",
        "Passage",
        "Relation",
        "SearchResults",
    ),
    "kgbuild.types",
)

__all__ = [
    "Answer",
    "Document",
    "Entity",
    "Evidence",
    "Fact",
    "KgbuildError",
    "KnowledgeGraph",
    "Mention",
    "Passage",
    "Relation",
    "SearchResults",
    "open",
]


def __getattr__(name: str) -> Any:
    """Public names load their module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kgbuild' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
