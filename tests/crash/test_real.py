"""The real command line with the real models, killed three times (``crash.real`` does more)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is POSIX's")


@pytest.mark.timeout(1200)
def test_a_killed_ingest_loses_nothing(tmp_path: Path) -> None:
    from crash.real import run

    assert run(tmp_path, kills=3, seed=4) == 3


def test_a_lost_document_would_be_told(tmp_path: Path) -> None:
    from crash.real import Place, Seen, check

    place = Place(tmp_path / "place")
    with pytest.raises(AssertionError, match="lost"):
        check(place, Seen(frozenset({("docs/x.txt", "0" * 64)})))
