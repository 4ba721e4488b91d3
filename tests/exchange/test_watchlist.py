"""Who of a watch list the graph names, now and later."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.exchange.registers.watchlist import apply_watchlists, read_watchlist, watched
from kgbuild.resolve.known_alias import RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from kgbuild.types import ExternalId, RegistryEntity
from tests.exchange.linked import NORMALIZER, graph
from tests.oracle import MemoryStore

LIST = """id,name,type,aliases,born,ids
1,"Орлов, Иван Петрович",PERSON,Ванька Каин; Иван Каинов,1900,inn:770708389300; wikidata:Q1
2,Пётр Ильич Лосев,Person,,1870-05-02,
3,ООО «Рога и копыта»,Company,Рога и копыта,,
4,Анна Лосева,PERSON,,,
"""
ORLOV = "[И. П. Орлов|PERSON] родился в [1900 году|DATE] => 1 DATE_OF_BIRTH 2"


def listed(tmp_path: Path, text: str = LIST) -> list[RegistryEntity]:
    (tmp_path / "list.csv").write_text(text, "utf-8")
    return read_watchlist(tmp_path / "list.csv", "people")


def found(store: MemoryStore) -> set[tuple[str, str, str]]:
    settled = watched(store, NORMALIZER).settled
    return {
        (m.known.id, m.entity.name, status)
        for status, some in (("certain", settled.certain), ("possible", settled.possible))
        for m in some
    }


def test_columns_of_both_kinds_are_read(tmp_path: Path) -> None:
    one, two, three, _ = listed(tmp_path)
    assert one == RegistryEntity(
        "people", "1", "Орлов, Иван Петрович", ("PERSON",), ("Ванька Каин", "Иван Каинов"),
        ("1900",), (), (("inn", "770708389300"), ("wikidata", "Q1")),
    )  # fmt: skip
    assert (two.types, two.born, three.types) == (("PERSON",), ("1870",), ("ORGANIZATION",))
    sanctions = "id;schema;name;aliases;birth_date\nNK-1;Person;Иван Орлов;Ivan Orlov;1900-01-02\n"
    [entry] = listed(tmp_path, "\ufeff" + sanctions)
    assert (entry.id, entry.types, entry.aliases, entry.born) == (
        "NK-1", ("PERSON",), ("Ivan Orlov",), ("1900",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("id,type\n1,PERSON\n", "'name'"),
        ("id,name\n1,Иван\n", "'type'"),
        ("id,name,type\n1,Иван,Vessel\n", "list.csv:2: 'Vessel'"),
        ("id,name,type\n1,Иван,PERSON\n1,Пётр,PERSON\n", "list.csv:3: id '1'"),
        ("id,name,type\n,Иван,PERSON\n", "list.csv:2: has no id"),
        ("id,name,type,ids\n1,Иван,PERSON,77\n", "scheme:value"),
        ('id,name,type\n1,"Иван,PERSON\n', "isn't CSV"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(FormatError, match=wrong):
        listed(tmp_path, text)


def test_matches_now_and_later(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", ORLOV, "[Анна Лосева|PERSON] пела.")
    store.set_watchlist("people", listed(tmp_path))
    assert found(store) == {("1", "И. П. Орлов", "certain"), ("4", "Анна Лосева", "possible")}
    first = apply_watchlists(store, NORMALIZER)
    assert {m.known.id for m in first.new} == {"1"}
    assert {(e.scheme, e.value, e.source) for e in store.external_ids()} == {
        ("watchlist", "people/1", "watchlist:people"), ("inn", "770708389300", "watchlist:people"),
        ("wikidata", "Q1", "watchlist:people"),
    }  # fmt: skip
    assert apply_watchlists(store, NORMALIZER).new == ()
    graph(
        tmp_path / "docs",
        "[Пётр Ильич Лосев|PERSON] в [«Рогах и копытах»|ORGANIZATION].",
        store=store,
    )
    assert {m.known.id for m in apply_watchlists(store, NORMALIZER).new} == {"2", "3"}
    assert found(store) >= {("2", "Пётр Ильич Лосев", "certain"), ("3", "Рога и копыта", "certain")}


def test_another_year_is_another_person(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", ORLOV.replace("1900", "1950"))
    store.set_watchlist("people", listed(tmp_path))
    assert found(store) == set()


def test_ids_go_with_the_certainty_and_with_the_list(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", ORLOV)
    [entity] = [e for e in store.entities() if e.type == "PERSON"]
    mine = ExternalId(entity.id, "wikidata", "Q1", "сам", "slice")
    store.add_external_ids([mine])
    store.set_watchlist("people", listed(tmp_path))
    apply_watchlists(store, NORMALIZER)
    twice = LIST + "5,Иван Петрович Орлов,PERSON,,1900,\n"
    store.set_watchlist("people", listed(tmp_path, twice))
    apply_watchlists(store, NORMALIZER)
    assert {(i, s) for i, _, s in found(store)} == {("1", "possible"), ("5", "possible")}
    assert [(e.value, e.source) for e in store.external_ids()] == [("Q1", "slice")]
    store.set_watchlist("people", ())
    assert apply_watchlists(store, NORMALIZER).entries == 0


def test_aliases_of_the_list_are_one_entity(tmp_path: Path) -> None:
    store = MemoryStore(RegistryClusterer(RussianLinker()))
    graph(tmp_path / "docs", ORLOV.replace("И. П.", "Иван Петрович"), store=store)
    store.set_watchlist("people", listed(tmp_path))
    apply_watchlists(store, NORMALIZER)
    graph(tmp_path / "docs", "Судили [Ивана Каинова|PERSON] и [Анну Лосеву|PERSON].", store=store)
    assert {e.name for e in store.entities(type="PERSON")} == {"Иван Петрович Орлов", "Анна Лосева"}
    assert found(store) == {
        ("1", "Иван Петрович Орлов", "certain"),
        ("4", "Анна Лосева", "possible"),
    }
    store.set_watchlist("people", ())
    apply_watchlists(store, NORMALIZER)
    assert {e.name for e in store.entities(type="PERSON")} == {
        "Иван Петрович Орлов", "Иван Каинов", "Анна Лосева",
    }  # fmt: skip
