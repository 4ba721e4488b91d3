"""The real command line with the real models, killed twice (``make torture`` does it more often)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is POSIX's"),
]


@pytest.mark.timeout(1200)
def test_a_killed_ingest_loses_nothing(tmp_path: Path) -> None:
    from crash.real import run

    assert run(tmp_path, kills=2, seed=20, documents=4) == 2


def test_a_lost_document_would_be_told(tmp_path: Path) -> None:
    from crash.real import Place, Seen, check

    place = Place(tmp_path / "place")
    with pytest.raises(AssertionError, match="lost"):
        check(place, Seen(frozenset({("docs/x.txt", "0" * 64)})))
