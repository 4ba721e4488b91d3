"""A version's answers stay: who changes one raises its number and writes golden.json anew."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kgbuild.reprocess import Fingerprints, plan
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from storage.sql import SqlStore
from tests.resolve import golden
from tests.storage.samples import record

HOW = "raise its number in kgbuild/resolve/version.py, then  python -m tests.resolve.golden"


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(golden.answers()))
    return made


@pytest.mark.parametrize("part", ["normalizer", "linker", "known_alias"])
def test_a_version_answers_what_it_did(now: dict[str, Any], part: str) -> None:
    known = json.loads(golden.FILE.read_text("utf-8"))[part]
    assert now[part]["version"] == known["version"], f"{part}: python -m tests.resolve.golden"
    assert now[part]["answers"] == known["answers"], f"{part} answers otherwise: {HOW}"


def test_a_graph_that_carries_a_hash_is_brought_up_to_date(tmp_path: Path) -> None:
    linker, names = RussianLinker(), RussianNormalizer().fingerprint
    with SqlStore.open(tmp_path / "graph.db", linker=linker) as store:
        hashed = replace(record("a", "[Иван|PERSON] спит."), normalizer="russian:0123456789abcdef")
        store.add_document(hashed)
        [stored] = store.sources()
        made = Fingerprints(stored.extractor, names, "none")
        todo = plan(store, made)
    assert todo.name == ("a",)
    assert not todo.read, "no model runs"
