"""Every store moves documents, knows who read them, and keeps a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import JudgedLinker
from kgbuild.ports import Store
from kgbuild.types import (
    ACTIONS,
    AddResult,
    AuditEntry,
    DeletionImpact,
    ExternalId,
    Judgement,
    Place,
    StoredSource,
)
from tests.storage.samples import AGAIN, CITY, EMBEDDER, GAZPROM, MILLER, ORG, record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_moved_document_keeps_all_but_its_source(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    before = [replace(fact, evidence=()) for fact in store.facts()]
    vectors = [batch.ids.tolist() for batch in store.vectors("sentence", EMBEDDER)]
    generation = store.generation()
    store.move_document("b.txt", "sub/z.txt")
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


def split_of(store: Store, source: str) -> Judgement:
    place = GAZPROM.mentions[0].mention
    split = Judgement("split", ORG, "я", NOW, places=(Place(source, place.start, place.end),))
    return store.judge(split)


def test_a_split_moves_with_its_document(store: Store) -> None:
    store.add_document(GAZPROM)
    made = split_of(store, "b.txt")
    named = {(m.mention, m.entity) for m in store.mentions("b.txt")}
    store.move_document("b.txt", "c.txt")
    assert {(m.mention, m.entity) for m in store.mentions("c.txt")} == named
    [moved] = store.judgements()
    assert [place.document for place in moved.places] == ["c.txt"]
    store.move_document("c.txt", "d.txt")
    store.delete_document("d.txt")
    store.add_document(replace(GAZPROM, document=replace(GAZPROM.document, source="d.txt")))
    assert {(m.mention, m.entity) for m in store.mentions("d.txt")} == named
    assert store.relink() == 0
    store.undo(made.id, NOW)
    assert {(m.mention, m.entity) for m in store.mentions("d.txt")} != named
    assert store.check() == []


def test_a_split_of_very_many_places(store: Store) -> None:
    written = record("many.txt", "[Клин|CITY] " * 1200)
    store.add_document(written)
    spans = [resolved.mention for resolved in written.mentions][1:]
    places = tuple(Place("many.txt", span.start, span.end) for span in spans)
    store.judge(Judgement("split", "CITY:клин", "я", NOW, places=places))
    counted = Counter(stored.entity for stored in store.mentions("many.txt"))
    assert sorted(counted.values()) == [1, 1199]
    assert counted["CITY:клин"] == 1


def test_splits_of_two_documents_of_one_name_stay_apart(store: Store) -> None:
    store.add_document(GAZPROM)
    split_of(store, "b.txt")
    store.move_document("b.txt", "c.txt")
    store.add_document(GAZPROM)
    split_of(store, "b.txt")
    mention = GAZPROM.mentions[0].mention
    entities = {m.entity for m in store.mentions() if m.mention == mention}
    assert len(entities) == 2
    assert store.check() == []


def test_a_split_of_an_earlier_document_meets_the_one_that_moves_there(store: Store) -> None:
    store.add_document(GAZPROM)
    split_of(store, "b.txt")
    named = {(m.mention, m.entity) for m in store.mentions("b.txt")}
    store.delete_document("b.txt")
    store.add_document(replace(GAZPROM, document=replace(GAZPROM.document, source="c.txt")))
    assert {(m.mention, m.entity) for m in store.mentions("c.txt")} != named
    store.move_document("c.txt", "b.txt")
    assert {(m.mention, m.entity) for m in store.mentions("b.txt")} == named
    assert store.relink() == 0
    assert store.check() == []


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
    assert [e.author for e in entries if e.action != "judge"] == [store.author] * 6
    assert [e.action for e in store.log(subject="c.txt")] == ["move", "delete"]
    assert [e.action for e in store.log(action="undo")] == ["undo"]
    assert list(store.log(since=datetime.now(UTC) + timedelta(minutes=1))) == []


def test_other_changes_are_in_the_log_too(store: Store) -> None:
    store.add_document(GAZPROM)
    ids = [ExternalId(ORG, "wikidata", f"Q{number}") for number in range(5)]
    store.add_external_ids(ids)
    store.remove_external_ids(ORG, "wikidata", "Q1")
    store.remove_external_ids(ORG, "isin")
    store.note("index", "sentence", "3 vectors")
    told = [(e.action, e.subject, e.detail) for e in store.log()]
    assert told[1:] == [
        ("external", ORG, "5 ids, 5 new: wikidata:Q0, wikidata:Q1, wikidata:Q2, …"),
        ("external", ORG, "1 removed: wikidata:Q1"),
        ("index", "sentence", "3 vectors"),
    ]
    assert {e.action for e in store.log()} <= set(ACTIONS)


@pytest.mark.slow
def test_the_log_is_pruned_only_after_its_entries_are_kept(store: Store) -> None:
    for number in range(1200):
        store.note("index", f"{number}", "x")
    entries = list(store.log())
    soon = datetime.now(UTC) + timedelta(minutes=1)
    kept: list[AuditEntry] = []

    def fails(some: Sequence[AuditEntry]) -> str:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        store.prune_log(soon, fails)
    assert list(store.log()) == entries

    def keeps(some: Sequence[AuditEntry]) -> str:
        kept.extend(some)
        return "a.jsonl"

    generation = store.generation()
    assert store.prune_log(entries[0].made_at, keeps) == ()
    assert list(store.log()) == entries
    assert list(store.prune_log(soon, keeps)) == kept == entries
    [told] = store.log()
    first, last = (entries[at].made_at.isoformat(timespec="seconds") for at in (0, -1))
    assert (told.author, told.action, told.subject) == (store.author, "prune", "log")
    assert told.detail == f"1200 removed, from {first} to {last}; kept in a.jsonl"
    assert told.id > entries[-1].id
    assert store.generation() == generation


def test_a_pruning_s_own_entry_outlives_the_next_one(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=1)
    store.note("index", "a")
    store.prune_log(soon, lambda some: "1")
    store.note("index", "b")
    assert [e.subject for e in store.prune_log(soon, lambda some: "2")] == ["b"]
    assert store.prune_log(soon, lambda some: "3") == ()
    told = [(e.action, e.subject, e.detail.rpartition(" ")[2]) for e in store.log()]
    assert told == [("prune", "log", "1"), ("prune", "log", "2")]


def test_a_deletion_tells_what_is_left_of_each_thing(store: Store) -> None:
    for name in ("a1.txt", "a2.txt", "a3.txt", "a4.txt"):
        store.add_document(replace(AGAIN, document=replace(AGAIN.document, source=name)))
    store.add_document(GAZPROM)
    report = store.delete_document("b.txt")
    assert (report.facts_removed, report.facts_kept) == (0, 1)
    [fact] = report.facts
    assert fact == DeletionImpact(
        f"{MILLER}:WORKPLACE:{ORG}",
        "Алексей Миллер WORKPLACE Газпром",
        4,
        4,
        ("a1.txt", "a2.txt", "a3.txt"),
    )
    assert [(one.name, one.left) for one in report.entities] == [
        ("Газпром (ORGANIZATION)", 4),
        ("Алексей Миллер (PERSON)", 4),
    ]
    for name in ("a1.txt", "a2.txt", "a3.txt"):
        store.delete_document(name)
    last = store.delete_document("a4.txt")
    assert (last.facts_removed, last.facts_kept, last.entities_removed) == (2, 0, 3)
    assert {one.left for one in (*last.facts, *last.entities)} == {0}


def test_who_named_and_linked_and_embedded(store: Store) -> None:
    linker = JudgedLinker.fingerprint
    assert store.linkers() == (None, linker)
    store.add_document(GAZPROM)
    assert store.linkers() == (linker, linker)
    named = replace(GAZPROM, normalizer="names-2")
    assert store.add_document(named) is AddResult.REPLACED
    assert store.add_document(named) is AddResult.UNCHANGED
    assert [s.normalizer for s in store.sources()] == ["names-2"]
    bare = replace(AGAIN, sentence_vectors=None, embedder=None)
    store.add_document(bare)
    assert list(store.unembedded(EMBEDDER)) == [("a.txt", "")]
    assert list(store.unembedded("newer")) == [("a.txt", ""), ("b.txt", EMBEDDER)]
    store.relink()
    assert store.linkers() == (linker, linker)
