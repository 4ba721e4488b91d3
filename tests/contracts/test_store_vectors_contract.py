"""What every store must do with vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kgbuild.errors import FingerprintError
from kgbuild.ports import Store
from kgbuild.types import Passage
from tests.storage.samples import AGAIN, DIMENSION, EMBEDDER, GAZPROM, record, some_vectors


def test_vectors_of_a_document_come_with_it(store: Store) -> None:
    store.add_document(GAZPROM)
    (batch,) = store.vectors("sentence", EMBEDDER)
    assert batch.ids.dtype == np.int64
    assert batch.vectors.dtype == np.float16
    assert batch.ids.tolist() == sorted(batch.ids.tolist())
    assert GAZPROM.sentence_vectors is not None
    np.testing.assert_array_equal(batch.vectors, GAZPROM.sentence_vectors)
    passages = store.passages([int(batch.ids[1]), 10**9, int(batch.ids[0])])
    assert passages == [
        Passage("b.txt", 23, 46, "Он возглавляет Газпром."),
        None,
        Passage("b.txt", 0, 22, "Алексей Миллер пришёл."),
    ]
    assert list(store.missing_vectors("sentence", EMBEDDER)) == []
    assert len(list(store.missing_vectors("sentence", "other"))) == 3
    assert list(store.vectors("sentence", "other")) == []


def test_missing_vectors_are_what_is_embedded(store: Store) -> None:
    store.add_document(replace(GAZPROM, sentence_vectors=None, embedder=None))
    assert [text for _, text in store.missing_vectors("sentence", EMBEDDER)] == [
        "Алексей Миллер пришёл.",
        "Он возглавляет Газпром.",
        "Идёт дождь.",
    ]
    missing = dict(store.missing_vectors("entity", EMBEDDER))
    assert sorted(missing.values()) == ["Алексей Миллер", "Газпром"]
    rows = list(missing)
    assert [e and e.name for e in store.entities_by_row([*rows, 10**9])] == [
        *missing.values(),
        None,
    ]
    before = store.generation()
    store.add_vectors("entity", EMBEDDER, rows[:1], some_vectors(1))
    assert store.generation() > before
    assert [row for row, _ in store.missing_vectors("entity", EMBEDDER)] == rows[1:]


def test_vectors_are_replaced_and_those_of_gone_rows_left_out(store: Store) -> None:
    store.add_document(GAZPROM)
    rows = [row for row, _ in store.missing_vectors("entity", EMBEDDER)]
    store.add_vectors("entity", EMBEDDER, rows, some_vectors(2, "one"))
    store.add_vectors("entity", EMBEDDER, [*rows, 10**9], some_vectors(3, "two"))
    (batch,) = store.vectors("entity", EMBEDDER)
    assert batch.ids.tolist() == rows
    np.testing.assert_array_equal(batch.vectors, some_vectors(3, "two")[:2])


def test_vectors_vanish_with_their_rows_and_with_a_changed_name(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    rows = [row for row, _ in store.missing_vectors("entity", EMBEDDER)]
    store.add_vectors("entity", EMBEDDER, rows, some_vectors(len(rows)))
    store.delete_document("a.txt")
    left = next(batch.ids.tolist() for batch in store.vectors("entity", EMBEDDER))
    assert [e and e.name for e in store.entities_by_row(left)] == ["Алексей Миллер", "Газпром"]
    loud = record("c", "[ГАЗПРОМ|ORGANIZATION] и [ГАЗПРОМ|ORGANIZATION].")
    store.add_document(loud)
    assert [text for _, text in store.missing_vectors("entity", EMBEDDER)] == ["ГАЗПРОМ"]
    assert len(next(iter(store.vectors("sentence", EMBEDDER))).ids) == 3


def test_another_dimension_under_one_fingerprint_is_refused(store: Store) -> None:
    store.add_document(GAZPROM)
    ids = [row for row, _ in store.missing_vectors("entity", EMBEDDER)]
    with pytest.raises(FingerprintError, match="dimension 4"):
        store.add_vectors("entity", EMBEDDER, ids, np.ones((2, DIMENSION + 1), dtype=np.float16))
    assert len(list(store.missing_vectors("entity", EMBEDDER))) == 2
