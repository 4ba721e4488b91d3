"""The exact index across its blocks."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.errors import InputError
from storage.index import exact
from storage.index.exact import ExactIndex


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    vectors = generator.integers(-2, 3, (50, 3)).astype(np.float32)  # with many equal scores
    ids = generator.permutation(100)[:50].astype(np.int64)
    queries = vectors[:9]
    whole = ExactIndex(ids, vectors).search(queries, 12)
    monkeypatch.setattr(exact, "BLOCK", 7)
    blocks = ExactIndex(ids, vectors).search(queries, 12)
    np.testing.assert_array_equal(whole.scores, blocks.scores)
    scores = np.sort(queries @ vectors.T, axis=1)[:, ::-1][:, :12]
    np.testing.assert_array_equal(whole.scores, scores)


def test_ids_and_vectors_must_match() -> None:
    with pytest.raises(InputError, match="3 ids"):
        ExactIndex(np.arange(3), np.ones((2, 4), dtype=np.float32))
