"""Names that registers give one entry, in every store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kgbuild.errors import InputError
from kgbuild.exchange.registers.registry_names import apply_registry_names, registry_names
from kgbuild.ports import Store
from kgbuild.resolve.known_alias import RULE, RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import (
    Document,
    DocumentRecord,
    Judgement,
    Place,
    RegistryEntity,
    RegistryName,
    Sentence,
)
from tests.notation import parse
from tests.storage.databases import STORES, drop_store, open_store
from tests.storage.samples import contents

NORMALIZER = RussianNormalizer()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHEKHOV = RegistryEntity(
    "people",
    "7",
    "Чехов, Антон Павлович",
    ("PERSON",),
    ("Антон Чехонте", "А. П. Чехов", "Чехов"),
    ("1860",),
)
BODY = RegistryEntity(
    "people",
    "8",
    "Московский художественный театр",
    ("ORGANIZATION",),
    ("Художественный театр на Тверской", "МХТ"),
)
TEXTS = {
    "a": "[Антон Павлович Чехов|PERSON] писал для [«Московского художественного театра»|ORGANIZATION].",
    "b": "Рассказ [Антона Чехонте|PERSON] напечатал [«Осколок»|ORGANIZATION].",
    "c": "В [Клину|CITY] жил [Иван Орлов|PERSON].",
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(request.param, tmp_path, RegistryClusterer(RussianLinker()))
    yield opened
    drop_store(opened)


def add(store: Store, source: str, notation: str) -> None:
    case = parse(notation)
    document = Document(source, case.text, hashlib.sha256(case.text.encode()).hexdigest())
    found = resolve_document(document, case.mentions, case.relations, NORMALIZER)
    whole = (Sentence(0, len(case.text)),)
    store.add_document(
        DocumentRecord(document, whole, found.mentions, case.relations, "test", nodes=found.nodes)
    )


def people(store: Store) -> set[frozenset[str]]:
    """The names of each person."""
    return {
        frozenset(n.key for n in store.named_nodes() if n.entity == e.id)
        for e in store.entities(type="PERSON")
    }


@pytest.fixture
def filled(store: Store) -> Store:
    for source, text in TEXTS.items():
        add(store, source, text)
    return store


APART = {
    frozenset({"антон павлович чехов"}),
    frozenset({"антон чехонте"}),
    frozenset({"иван орлов"}),
}
ONE = {frozenset({"антон павлович чехов", "антон чехонте"}), frozenset({"иван орлов"})}


def test_an_alias_joins_now_and_goes_with_the_register(filled: Store) -> None:
    before = contents(filled)
    assert people(filled) == APART
    assert apply_registry_names(filled, "r", [CHEKHOV], NORMALIZER)
    assert people(filled) == ONE
    assert filled.check() == []
    generation = filled.generation()
    assert not apply_registry_names(filled, "r", [CHEKHOV], NORMALIZER)
    assert filled.generation() == generation
    assert apply_registry_names(filled, "r", [], NORMALIZER)
    assert contents(filled) == before
    assert filled.check() == []


def test_a_later_document_is_met_in_any_order(store: Store) -> None:
    apply_registry_names(store, "r", [CHEKHOV], NORMALIZER)
    add(store, "b", TEXTS["b"])
    assert people(store) == {frozenset({"антон чехонте"})}
    add(store, "c", TEXTS["c"])
    add(store, "a", TEXTS["a"])
    assert people(store) == ONE
    [whole] = [e for e in store.entities(type="PERSON") if e.mention_count == 2]
    assert whole.name == "Антон Павлович Чехов"
    store.delete_document("a")
    assert people(store) == APART - {frozenset({"антон павлович чехов"})}
    assert store.check() == []


def test_an_explanation_names_the_rule(filled: Store) -> None:
    apply_registry_names(filled, "r", [CHEKHOV], NORMALIZER)
    node = {n.key: n.node for n in filled.named_nodes()}
    [reason] = [r for r in filled.reasons(node["антон чехонте"]) if r.rule == RULE]
    assert {reason.one, reason.other} == {node["антон чехонте"], node["антон павлович чехов"]}
    assert (reason.joined, reason.score) == (True, None)
    assert not [r for r in filled.reasons() if "judgement" in r.rule]


def test_a_person_s_judgement_outweighs_it_and_is_undone(filled: Store) -> None:
    apply_registry_names(filled, "r", [CHEKHOV], NORMALIZER)
    node = {n.key: n.node for n in filled.named_nodes()}
    one, other = node["антон чехонте"], node["антон павлович чехов"]
    joined = contents(filled)
    made = filled.judge(Judgement("not_same", one, "Анна", NOW, object=other))
    assert people(filled) == APART
    filled.undo(made.id, NOW)
    assert contents(filled) == joined
    [alias] = [m for m in filled.mentions(document="b") if m.mention.type == "PERSON"]
    place = Place("b", alias.mention.start, alias.mention.end)
    split = filled.judge(
        Judgement("split", str(filled.node_entity(one)), "Анна", NOW, places=(place,))
    )
    assert len({m.entity for m in filled.mentions() if m.mention.type == "PERSON"}) == 3
    assert filled.check() == []
    filled.undo(split.id, NOW)
    assert contents(filled) == joined


def test_the_linker_is_another_only_with_names(filled: Store) -> None:
    linked, now = filled.linkers()
    assert linked == now == RussianLinker().fingerprint
    apply_registry_names(filled, "r", [CHEKHOV], NORMALIZER)
    linked, now = filled.linkers()
    assert (
        linked
        == now
        == f"{RussianLinker().fingerprint}:{RegistryClusterer(RussianLinker()).alias_rule}"
    )
    assert filled.relink() == 0
    assert filled.linkers() == (linked, now)
    apply_registry_names(filled, "r", [], NORMALIZER)
    assert filled.linkers() == (RussianLinker().fingerprint,) * 2


def test_relinking_gives_the_same(filled: Store) -> None:
    apply_registry_names(filled, "r", [CHEKHOV, BODY], NORMALIZER)
    before = contents(filled)
    assert filled.relink() == 0
    assert contents(filled) == before


def test_a_register_may_give_several_years(filled: Store) -> None:
    born = "[Антон Чехонте|PERSON] родился в [1860 году|DATE] => 1 DATE_OF_BIRTH 2"
    add(filled, "d", born)
    two = replace(CHEKHOV, born=("1859", "1860"))
    apply_registry_names(filled, "r", [two], NORMALIZER)
    assert people(filled) == ONE
    add(filled, "e", "[Антон Чехонте|PERSON] родился в [1900 году|DATE] => 1 DATE_OF_BIRTH 2")
    assert {"namesakes", "other_year_of_birth"} <= {r.rule for r in filled.reasons()}
    chekhov = [e for e in filled.entities(type="PERSON") if e.name == "Антон Павлович Чехов"]
    assert [e.mention_count for e in chekhov] == [2]
    assert filled.check() == []


@pytest.mark.parametrize(
    ("texts", "entries", "rule"),
    [
        (["[Антон Чехонте|PERSON] родился в [1900 году|DATE] => 1 DATE_OF_BIRTH 2"], [CHEKHOV], "other_year_of_birth"),
        ([], [CHEKHOV, RegistryEntity("p", "9", "Пётр Ильич Лосев", ("PERSON",), ("Антон Чехонте",))], "claimed_twice"),
        (
            ["[Антон Чехонте|PERSON] родился в [1860 году|DATE] => 1 DATE_OF_BIRTH 2",
             "[Антон Чехонте|PERSON] родился в [1900 году|DATE] => 1 DATE_OF_BIRTH 2"],
            [RegistryEntity("p", "7", "Антон Павлович Чехов", ("PERSON",), ("Антон Чехонте",))], "namesakes",
        ),
    ],
    ids=("year", "twice", "namesakes"),
)  # fmt: skip
def test_what_keeps_a_name_out(
    filled: Store, texts: list[str], entries: list[RegistryEntity], rule: str
) -> None:
    for number, text in enumerate(texts):
        add(filled, f"x{number}", text)
    apply_registry_names(filled, "r", entries, NORMALIZER)
    assert frozenset({"антон павлович чехов"}) in people(filled)
    assert rule in {r.rule for r in filled.reasons() if not r.joined}
    assert filled.check() == []


def test_a_lone_alias_has_no_rival(store: Store) -> None:
    ulyanov = RegistryEntity("p", "1", "Владимир Ильич Ульянов", ("PERSON",), ("Ленин",))
    add(store, "a", "[Владимир Ильич Ульянов|PERSON] учился в [Казани|CITY].")
    add(store, "b", "О нём писал [Ленин|PERSON].")
    apply_registry_names(store, "r", [ulyanov], NORMALIZER)
    assert people(store) == {frozenset({"владимир ильич ульянов", "ленин"})}
    add(store, "c", "[Пётр Ленин|PERSON] пел.")
    assert frozenset({"владимир ильич ульянов"}) in people(store)
    assert "rival" in {r.rule for r in store.reasons()}
    store.delete_document("c")
    assert people(store) == {frozenset({"владимир ильич ульянов", "ленин"})}


def test_which_names_take_part() -> None:
    found = registry_names("r", [CHEKHOV, BODY], NORMALIZER)
    assert {(n.entry, n.key) for n in found} == {
        ("7", "антон павлович чехов"), ("7", "антон чехонте"), ("8", "московский художественный театр"),
        ("8", "художественный театр на тверской"),
    }  # fmt: skip
    assert found[0].born == ("1860",)
    alone = RegistryEntity("people", "9", "Иван Орлов", ("PERSON",), ("И. Орлов", "Орлов"))
    assert registry_names("r", [alone], NORMALIZER) == []


def test_names_are_kept_by_source(store: Store) -> None:
    one = RegistryName("r", "1", "PERSON", "иван орлов", "p:орлов", ("1900",), ("1950", "1951"))
    other = RegistryName("s", "1", "CITY", "клин", "n:CITY:клин")
    assert store.set_registry_names("r", [one, one])
    assert store.set_registry_names("s", [other])
    assert store.registry_names() == [one, other]
    assert store.registry_names("r") == [one]
    with pytest.raises(InputError):
        store.set_registry_names("r", [other])
    with pytest.raises(InputError):
        store.set_registry_names("r", [RegistryName("r", "1\x1f", "PERSON", "а", "p:а")])
    assert store.registry_names("r") == [one]
    long = "watchlist:" + "ж" * 256
    wide = RegistryName(long, "\U0001f600" * 256, "PERSON", "я" * 5_000, "p:" + "я" * 118)
    assert store.set_registry_names(long, [wide])
    assert store.set_registry_names(long, [])
    assert [e.subject for e in store.log() if e.action == "aliases"] == ["r", "s", long, long]
