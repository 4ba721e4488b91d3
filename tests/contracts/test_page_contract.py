"""Pages in every store: together they are the whole order, whatever is written between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kgbuild.ports import Store
from kgbuild.types import EdgesWanted, EntitiesWanted, Entity, FactsWanted, KindCounts
from tests.storage.samples import AGAIN, GAZPROM, MILLER, record

MORE = [
    record(f"d{n}.txt", f"[Анна Петрова|PERSON] живёт в [Город{n}|CITY].", "0 LIVES 1 0.7")
    for n in range(5)
]


@pytest.fixture
def filled(store: Store) -> Store:
    for one in (GAZPROM, AGAIN, *MORE):
        store.add_document(one)
    return store


def all_pages(page: Callable[[Any], list[Any]], key: Callable[[Any], Any]) -> list[Any]:
    found: list[Any] = []
    while some := page(key(found[-1]) if found else None):
        found += some
    return found


def test_documents(filled: Store) -> None:
    found = all_pages(lambda after: filled.documents_page(after, 2), lambda d: d.source)
    whole = list(filled.documents())
    assert [d.source for d in found] == [d.source for d in whole]
    assert [d.characters for d in found] == [len(d.text) for d in whole]
    assert [d.sha256 for d in found] == [d.sha256 for d in whole]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_entities(filled: Store, limit: int) -> None:
    def page(after: Any) -> list[Any]:
        return filled.entities_page(after, limit, EntitiesWanted())

    assert all_pages(page, lambda e: (e.mention_count, e.id)) == list(filled.entities())


def test_entities_by_type_and_beginning(filled: Store) -> None:
    def found_of(*of: str, prefix: str | None = None) -> list[Entity]:
        return filled.entities_page(None, 100, EntitiesWanted(of or None, prefix))

    assert found_of("CITY") == list(filled.entities(type="CITY"))
    both = {e.id for kind in ("CITY", "PERSON") for e in filled.entities(type=kind)}
    assert {e.id for e in found_of("CITY", "PERSON")} == both
    found = found_of(prefix="гОрОд")
    assert {e.name.casefold() for e in found} == {f"город{n}" for n in range(5)}
    assert found_of("PERSON", prefix="город") == []


def test_what_some_documents_say(filled: Store) -> None:
    some = filled.entities_page(None, 100, EntitiesWanted(document="d*.txt"))
    assert {e.name for e in some} == {"Анна Петрова", *(f"Город{n}" for n in range(5))}
    facts = filled.facts_page(None, 100, FactsWanted(document="d*.txt"))
    assert {f.evidence[0].document for f in facts} == {f"d{n}.txt" for n in range(5)}
    assert len(filled.links(EdgesWanted(document="d[1-3].txt")).fact) == 0  # only * is special
    links = filled.links(EdgesWanted(document="d*.txt"))
    assert len(links.fact) == len(facts)
    assert filled.links(EdgesWanted(document="d1.txt")).relations == ("LIVES",)


def test_counts_of_all_and_of_some(filled: Store) -> None:
    stats, counts = filled.stats(), filled.counts()
    assert (counts.types, counts.relations) == (stats.entities_by_type, stats.facts_by_relation)
    some = filled.counts("d*.txt")
    assert some.types == (("CITY", 5), ("PERSON", 1))
    assert some.relations == (("LIVES", 5),)
    assert filled.counts("nothing") == KindCounts((), ())


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_facts(filled: Store, limit: int) -> None:
    def page(after: Any) -> list[Any]:
        return filled.facts_page(after, limit, FactsWanted())

    def key(fact: Any) -> Any:
        return fact.confidence, fact.relation, fact.subject.id, fact.object.id

    found = all_pages(page, key)
    assert found == list(filled.facts())
    assert len(found) >= 6


def test_facts_of_an_entity_a_relation_a_document(filled: Store) -> None:
    mine = filled.facts_page(None, 100, FactsWanted(entity=MILLER))
    assert mine
    assert mine == [f for f in filled.facts() if MILLER in (f.subject.id, f.object.id)]
    assert filled.facts_page(None, 100, FactsWanted(subject=MILLER)) == list(
        filled.facts(subject=MILLER)
    )
    assert filled.facts_page(None, 100, FactsWanted(object=MILLER)) == []
    lives = filled.facts_page(None, 100, FactsWanted(relation="LIVES", document="d1.txt"))
    assert lives == list(filled.facts(relation="LIVES", document="d1.txt"))
    assert len(lives) == 1
    assert filled.facts_page(None, 100, FactsWanted(entity="PERSON:никто")) == []


def test_what_is_written_between_pages_moves_nothing(filled: Store) -> None:
    first = filled.documents_page(None, 3)
    filled.add_document(record("0.txt", "[Анна|PERSON] здесь."))
    rest = filled.documents_page(first[-1].source, 100)
    sources = [d.source for d in (*first, *rest)]
    assert sources == sorted(set(sources))
    assert "0.txt" not in sources


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_the_weakest_facts_first(filled: Store, limit: int) -> None:
    def key(fact: Any) -> Any:
        return fact.confidence, fact.relation, fact.subject.id, fact.object.id

    found = all_pages(lambda after: filled.facts_page(after, limit, FactsWanted(weakest=True)), key)
    assert found == sorted(filled.facts(), key=key)
    assert len({fact.confidence for fact in found}) > 1
