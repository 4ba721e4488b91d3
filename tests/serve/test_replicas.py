"""Two services over one database know what a third process, and each other, put in."""

from __future__ import annotations

from pathlib import Path

import pytest
from serve.running import free_port

from benchmarks.answers.replicas import measure
from tests.storage.databases import new_database, postgresql_server

pytestmark = pytest.mark.slow


def test_no_replica_gives_a_stale_answer_or_an_error(tmp_path: Path) -> None:
    db = new_database(postgresql_server())
    seen = measure(db, tmp_path, 4, [free_port(), free_port()], callers=1)
    log = (tmp_path / "replicas.log").read_text("utf-8", "replace")
    assert seen.errors == [], log[-3000:]
    assert seen.stale == []
    assert seen.requests > 20
    assert seen.documents > 3
