"""The graph of hostile names, made once. Read only."""

from __future__ import annotations

import pytest

from storage.memory import MemoryStore
from tests.exchange.graphs import hostile_store


@pytest.fixture(scope="session")
def store() -> MemoryStore:
    """500 people, each the parent of the next."""
    return hostile_store()
