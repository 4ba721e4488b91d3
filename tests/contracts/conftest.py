"""Every adapter of the ``Store`` port, each empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kgbuild.ports import Store
from tests.storage.databases import STORES, drop_store, open_store


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    opened = open_store(request.param, tmp_path)
    yield opened
    drop_store(opened)
