"""Ids of other registers and relations as seen, in every store."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import (
    Document,
    DocumentRecord,
    ExternalId,
    Judgement,
    Mention,
    RegistryEntity,
    Sentence,
)
from tests.storage.samples import AGAIN, CITY, GAZPROM, MILLER, ORG, record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Q = ExternalId(MILLER, "wikidata", "Q4294420", "Алексей Миллер", "slice.jsonl")
OWN = ExternalId(ORG, "watchlist", "17", "Газпром", "list.csv")


@pytest.fixture
def filled(store: Store) -> Store:
    for one in (GAZPROM, AGAIN):
        store.add_document(one)
    return store


def test_ids_are_read_by_entity(filled: Store) -> None:
    before = filled.generation()
    assert filled.add_external_ids([Q, OWN, Q]) == 2
    assert filled.generation() > before
    assert list(filled.external_ids()) == [OWN, Q]
    [found] = filled.external_ids(MILLER)
    assert (found.label, found.source) == (Q.label, Q.source)
    assert list(filled.external_ids(CITY)) == []
    assert list(filled.external_ids(value=Q.value)) == [Q]
    assert list(filled.external_ids(ORG, Q.value)) == []


def test_saying_it_again_renews_label_and_source(filled: Store) -> None:
    filled.add_external_ids([Q])
    assert filled.add_external_ids([ExternalId(MILLER, "wikidata", "Q4294420", "A. M.", "b")]) == 0
    [found] = filled.external_ids()
    assert (found.label, found.source) == ("A. M.", "b")


def test_ids_outlive_their_documents(filled: Store) -> None:
    filled.add_external_ids([Q])
    for source in ("a.txt", "b.txt"):
        filled.delete_document(source)
    assert list(filled.external_ids()) == []
    filled.add_document(AGAIN)
    assert list(filled.external_ids()) == [Q]


def test_ids_follow_a_merge_and_its_undoing(filled: Store) -> None:
    filled.add_document(record("c", "[А. Миллер|PERSON] живёт.", vectors=False))
    short = "PERSON:а. миллер"
    filled.add_external_ids([Q, ExternalId(short, "wikidata", "Q4294420")])
    made = filled.judge(Judgement("same", MILLER, "Анна", NOW, object=short))
    whole = str(filled.node_entity(short))
    [found] = filled.external_ids()
    assert found.entity == whole
    filled.undo(made.id, NOW)
    assert {one.entity for one in filled.external_ids()} == {MILLER, short}
    filled.judge(Judgement("same", MILLER, "Анна", NOW, object=short))
    assert filled.remove_external_ids(whole, "wikidata", "Q4294420") == 2
    assert list(filled.external_ids()) == []


def test_ids_are_forgotten_by_scheme(filled: Store) -> None:
    filled.add_external_ids([Q, ExternalId(MILLER, "wikidata", "Q1"), OWN])
    assert filled.remove_external_ids(MILLER, "wikidata") == 2
    assert filled.remove_external_ids(MILLER, "wikidata") == 0
    assert list(filled.external_ids()) == [OWN]


def test_nodes_are_found_by_block(store: Store) -> None:
    for source, text in (("a", "Иван Орлов живёт в Клину."), ("b", "Орлов спит.")):
        store.add_document(linked(source, text))
    everyone = list(store.named_nodes())
    assert everyone == sorted(everyone)
    assert [n.key for n in everyone] == ["клин", "иван орлов", "орлов"]
    assert {n.key for n in store.named_nodes(["p:орлов"])} == {"иван орлов", "орлов"}
    assert [n.entity for n in everyone] == [store.node_entity(n.node) for n in everyone]
    assert list(store.named_nodes([])) == list(store.named_nodes(["p:нет"])) == []
    store.delete_document("a")
    assert [n.key for n in store.named_nodes()] == ["орлов"]


def linked(source: str, text: str) -> DocumentRecord:
    mentions = [
        Mention(m.start(), m.end(), "CITY" if m[0] == "Клину" else "PERSON")
        for m in re.finditer(r"Иван Орлов|Орлов|Клину", text)
    ]
    document = Document(source, text, source * 64)
    found = resolve_document(document, mentions, [], RussianNormalizer())
    whole = (Sentence(0, len(text)),)
    return DocumentRecord(document, whole, found.mentions, (), "test", nodes=found.nodes)


ENTRY = RegistryEntity(
    "people", "7", "Иван Орлов", ("PERSON",), ("И. Орлов",), ("1900",), (), (("inn", "1"),)
)


def test_watch_lists_are_kept_whole(store: Store) -> None:
    before = store.generation()
    other = RegistryEntity("x", "1", "Клин", ("CITY",))
    store.set_watchlist("people", [ENTRY, RegistryEntity("people", "3", "Пётр", ("PERSON",))])
    store.set_watchlist("a", [other])
    assert store.generation() > before
    assert [(e.scheme, e.id) for e in store.watchlists()] == [
        ("a", "1"),
        ("people", "3"),
        ("people", "7"),
    ]
    assert list(store.watchlists())[2] == ENTRY
    store.set_watchlist("people", [ENTRY])
    store.set_watchlist("a", [])
    assert list(store.watchlists()) == [ENTRY]
    assert [e.subject for e in store.log() if e.action == "watch"] == ["people", "a", "people", "a"]


@pytest.mark.parametrize(
    "broken", [replace(ENTRY, id=""), replace(ENTRY, name="\x00"), replace(ENTRY, ids=(("a", ""),))]
)
def test_an_unusable_entry_is_refused(store: Store, broken: RegistryEntity) -> None:
    with pytest.raises(InputError):
        store.set_watchlist("people", [ENTRY, broken])
    assert list(store.watchlists()) == []


@pytest.mark.parametrize(
    "broken",
    [
        ExternalId(MILLER, "", "1"),
        ExternalId(MILLER, "a", " "),
        ExternalId(MILLER, "a", "1" * 257),
        ExternalId(MILLER, "a", "1", label="\ud800"),
    ],
    ids=("scheme", "value", "length", "surrogate"),
)
def test_an_unusable_id_is_refused(filled: Store, broken: ExternalId) -> None:
    with pytest.raises(InputError):
        filled.add_external_ids([broken])
    assert list(filled.external_ids()) == []


def test_relations_are_read_as_seen(filled: Store) -> None:
    said = filled.relations("a.txt")
    assert said == sorted(AGAIN.relations, key=lambda r: (r.subject, r.object, r.relation))
    assert [r.confidence for r in said] == [r.confidence for r in said]
    filled.judge(Judgement("reject", MILLER, "Анна", NOW, relation="WORKPLACE", object=ORG))
    assert filled.relations("a.txt") == said
    assert filled.relations("nowhere") == []
