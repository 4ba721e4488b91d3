"""Facts as numbers in every store: they are the facts that the store shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kgbuild.ports import Store
from kgbuild.types import EdgesWanted, Tallied
from tests.storage.samples import record

RECORDS = [
    record("a.txt", "[Анна|PERSON] живёт в [Твери|CITY|Тверь] с [1990 года|DATE|1990 год].",
           "0 LIVES 1 0.7", "0 BORN 2 0.4"),
    record("b.txt", "[Анна|PERSON] живёт в [Твери|CITY|Тверь]. [Олег|PERSON] из [Орла|CITY|Орёл].",
           "0 LIVES 1 0.5", "2 LIVES 3 0.9"),
    record("c.txt", "[Олег|PERSON] муж [Анны|PERSON|Анна]. [2001 год|DATE].", "0 SPOUSE 1 0.6"),
]  # fmt: skip
ANNA, OLEG, TVER = "PERSON:анна", "PERSON:олег", "CITY:тверь"


@pytest.fixture
def filled(store: Store) -> Store:
    for one in RECORDS:
        store.add_document(one)
    return store


def named(store: Store, wanted: EdgesWanted) -> list[tuple[str, str, str, float]]:
    found = store.links(wanted)
    ends = [
        [e.id if e else "" for e in store.entities_by_row(rows.tolist())]
        for rows in (found.subject, found.object)
    ]
    relations = [found.relations[r] for r in found.relation]
    return list(zip(ends[0], relations, ends[1], found.confidence.tolist(), strict=True))


def shown(store: Store) -> list[tuple[str, str, str, float]]:
    return [(f.subject.id, f.relation, f.object.id, f.confidence) for f in store.facts()]


def test_all_of_them(filled: Store) -> None:
    found = named(filled, EdgesWanted())
    assert sorted(found) == sorted(shown(filled))
    assert [f[3] for f in found] == sorted((f[3] for f in found), reverse=True)
    assert filled.links(EdgesWanted(relations=("NONE",))).fact.shape == (0,)


def test_around_entities(filled: Store) -> None:
    rows = filled.entity_rows([ANNA, "nobody", OLEG])
    assert set(rows) == {ANNA, OLEG}
    around = EdgesWanted(entities=(rows[ANNA],))
    expected = [f for f in shown(filled) if ANNA in (f[0], f[2])]
    assert sorted(named(filled, around)) == sorted(expected)
    both = EdgesWanted(entities=(rows[ANNA], rows[OLEG]))
    assert sorted(named(filled, both)) == sorted(shown(filled))  # none twice
    people = named(filled, replace(around, types=("PERSON",)))
    assert [(s, r) for s, r, _, _ in people] == [(OLEG, "SPOUSE")]
    assert named(filled, EdgesWanted(entities=())) == []


def test_types_relations_confidence(filled: Store) -> None:
    cities = named(filled, EdgesWanted(types=("PERSON", "CITY")))
    assert {r for _, r, _, _ in cities} == {"LIVES", "SPOUSE"}
    lives = named(filled, EdgesWanted(relations=("LIVES",), confidence=0.86))
    assert [(s, o) for s, _, o, _ in lives] == [(OLEG, "CITY:орёл")]


def test_dates_and_documents(filled: Store) -> None:
    dated = named(filled, EdgesWanted(dates=("DATE:1990 год",)))
    assert sorted((s, r) for s, r, _, _ in dated) == [(ANNA, "BORN"), (ANNA, "LIVES")]
    assert named(filled, EdgesWanted(dates=())) == []
    links = filled.links(EdgesWanted())
    sources = filled.edge_sources(links.fact.tolist())
    said = {
        f[:2]: (s.documents, s.dates)
        for f, s in zip(named(filled, EdgesWanted()), sources, strict=True)
    }
    assert said[ANNA, "LIVES"] == (2, ("1990 год",))
    assert said[ANNA, "BORN"] == (1, ("1990 год",))
    assert said[OLEG, "SPOUSE"] == (1, ())


def test_so_many_of_each_side_of_an_entity_and_no_more(filled: Store) -> None:
    rows = filled.entity_rows([ANNA])
    every = [f for f in shown(filled) if ANNA in (f[0], f[2])]
    few = named(filled, EdgesWanted(entities=(rows[ANNA],), most=1))
    assert len([f for f in few if f[0] == ANNA]) == 1
    assert [f[:3] for f in few if f[2] == ANNA] == [(OLEG, "SPOUSE", ANNA)]
    assert set(few) <= set(every)
    assert sorted(named(filled, EdgesWanted(entities=(rows[ANNA],), most=9))) == sorted(every)


def test_facts_by_row_are_the_facts(filled: Store) -> None:
    links = filled.links(EdgesWanted())
    rows = links.fact.tolist()
    found = filled.linked([*rows, 10**9])
    assert found[-1] is None
    told = [(f.subject.id, f.relation, f.object.id, f.confidence) for f in found if f is not None]
    assert told == named(filled, EdgesWanted())
    assert all(f.evidence for f in found if f is not None)


def test_ends_of_a_relation_are_counted(filled: Store) -> None:
    rows = filled.entity_rows([ANNA, OLEG, TVER])
    filled.add_document(record("d.txt", "[Анна|PERSON] живёт в [Орле|CITY|Орёл].", "0 LIVES 1 0.9"))
    lives = filled.tally("LIVES", "subject")
    assert lives == [Tallied(rows[ANNA], "Анна", 2), Tallied(rows[OLEG], "Олег", 1)]
    assert filled.tally("LIVES", "subject", most=1) == lives[:1]
    cities = {one.name: one.facts for one in filled.tally("LIVES", "object")}
    assert cities == {"Орёл": 2, "Тверь": 1}
    sure = filled.tally("LIVES", "object", confidence=0.86)
    assert [(one.name, one.facts) for one in sure] == [("Орёл", 2)]
    assert {one.name for one in filled.tally("SPOUSE", "either")} == {"Анна", "Олег"}
    assert {one.name for one in filled.tally("LIVES", "either", ("CITY",))} == {"Орёл", "Тверь"}
    assert filled.tally("NONE", "either") == []
