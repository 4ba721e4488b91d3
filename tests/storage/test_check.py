"""``check`` finds what shouldn't be there."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from storage.sql import SqlStore
from tests.storage.samples import record

DAMAGE = {
    "UPDATE facts SET confidence = 0.1": "fact 1 has confidence 0.1",
    "UPDATE aliases SET count = 7": "aliases miscounted",
    "UPDATE entities SET mention_count = 7": "mentions are miscounted",
    "DELETE FROM evidence": "facts without evidence",
    "DELETE FROM sentences": "vectors of sentence rows that are gone",
    "DELETE FROM mentions": "refers to a row of mentions",
    "UPDATE evidence SET passage = 'другое'": "passages that aren't their document's",
    "UPDATE evidence SET confidence = 0.2": "evidence of another confidence",
    "DELETE FROM sentence_words": "sentences without their words",
    "UPDATE kgbuild_revision SET version_num = 'x'": "the schema is at x",
}


@pytest.mark.parametrize("statement", DAMAGE)
def test_damage_is_found(tmp_path: Path, statement: str) -> None:
    target = tmp_path / "graph.sqlite"
    with SqlStore.open(target) as store:
        store.add_document(
            record("a", "[Иван|PERSON] живёт в [Клин|CITY].", "0 LIVES 1 0.6", vectors=True)
        )
        assert store.check() == []
        with sqlite3.connect(target) as connection:
            connection.execute(statement)
        connection.close()
        assert any(DAMAGE[statement] in problem for problem in store.check())
