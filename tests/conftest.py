"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def nerel() -> Path:
    """The folder of NEREL (``KGBUILD_NEREL``, or beside the checkout), else the test skips."""
    folder = Path(os.environ.get("KGBUILD_NEREL", ROOT.parent / "shared" / "data" / "nerel"))
    if not (folder / "dev").is_dir():
        pytest.skip(f"NEREL isn't in {folder}: set KGBUILD_NEREL")
    return folder
