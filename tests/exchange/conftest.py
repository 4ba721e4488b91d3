"""The graph of hostile names, made once. Read only."""

from __future__ import annotations

import pytest

from tests.exchange.graphs import hostile_store
from tests.oracle import MemoryStore


@pytest.fixture(scope="session")
def store() -> MemoryStore:
    """500 people, each the parent of the next."""
    return hostile_store()
