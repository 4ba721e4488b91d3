"""Every store moves documents, knows who read them, and keeps a log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kgbuild.errors import InputError, NotFoundError
from kgbuild.ports import Store
from kgbuild.types import AddResult, Judgement, Place, StoredSource
from tests.storage.samples import AGAIN, CITY, EMBEDDER, GAZPROM, ORG

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_moved_document_keeps_all_but_its_source(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    before = [replace(fact, evidence=()) for fact in store.facts()]
    vectors = [batch.ids.tolist() for batch in store.vectors("sentence", EMBEDDER)]
    generation = store.generation()
    assert store.move_document("b.txt", "sub/z.txt")
    assert store.generation() > generation
    assert store.document("b.txt") is None
    moved = store.document("sub/z.txt")
    assert moved == replace(GAZPROM.document, source="sub/z.txt")
    assert [replace(fact, evidence=()) for fact in store.facts()] == before
    assert {e.document for f in store.facts() for e in f.evidence} >= {"sub/z.txt"}
    assert {m.document for m in store.mentions("sub/z.txt")} == {"sub/z.txt"}
    assert [batch.ids.tolist() for batch in store.vectors("sentence", EMBEDDER)] == vectors
    assert store.check() == []
    store.delete_document("sub/z.txt")
    store.delete_document(AGAIN.document.source)
    assert store.stats().facts == 0


def test_a_move_onto_another_document_or_from_nothing_is_refused(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    with pytest.raises(InputError, match="already"):
        store.move_document("b.txt", AGAIN.document.source)
    with pytest.raises(NotFoundError, match=r"no document 'none\.txt'"):
        store.move_document("none.txt", "c.txt")


def test_a_document_that_a_split_speaks_of_does_not_move(store: Store) -> None:
    store.add_document(GAZPROM)
    place = GAZPROM.mentions[0].mention
    split = Judgement("split", ORG, "я", NOW, places=(Place("b.txt", place.start, place.end),))
    made = store.judge(split)
    assert not store.move_document("b.txt", "c.txt")
    assert store.document("b.txt") is not None
    store.undo(made.id or 0, NOW)
    assert store.move_document("b.txt", "c.txt")


def test_another_extractor_replaces_the_same_content(store: Store) -> None:
    store.add_document(GAZPROM)
    newer = replace(GAZPROM, extractor="newer")
    assert store.add_document(newer) is AddResult.REPLACED
    assert store.add_document(newer) is AddResult.UNCHANGED
    found = [s for s in store.sources() if s.source == "b.txt"]
    assert found == [StoredSource("b.txt", GAZPROM.document.sha256, "newer")]


def test_every_change_is_in_the_log(store: Store) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    store.add_document(GAZPROM)
    store.add_document(GAZPROM)
    store.add_document(replace(GAZPROM, extractor="newer"))
    store.move_document("b.txt", "c.txt")
    made = store.judge(Judgement("reject", ORG, "Анна", NOW, relation="LOCATED", object=CITY))
    store.undo(made.id or 0, NOW)
    store.relink()
    store.delete_document("c.txt")
    entries = list(store.log())
    assert [e.action for e in entries] == [
        "add", "replace", "move", "judge", "undo", "relink", "delete",
    ]  # fmt: skip
    assert [e.id for e in entries] == sorted(e.id for e in entries)
    assert all(began <= e.made_at <= datetime.now(UTC) for e in entries)
    assert [e.author for e in entries if e.action == "judge"] == ["Анна"]
    assert [e.action for e in store.log(subject="c.txt")] == ["move", "delete"]
    assert list(store.log(since=datetime.now(UTC) + timedelta(minutes=1))) == []
