"""The way in for a Python user."""

from __future__ import annotations

from pathlib import Path

from kgbuild.config import load_settings
from kgbuild.graph import KnowledgeGraph
from kgbuild.wiring import open_graph


def open(
    store: str | Path | None = None, *, db: str | None = None, create: bool = False
) -> KnowledgeGraph:
    """Open a graph: a folder (default ``./kg`` or the configuration's) or a database URL.

    Raises:
        StoreError: there is none there (``create=True`` makes one) or it can't be opened.
    """
    return open_graph(load_settings(store=store, db=db), create=create)
