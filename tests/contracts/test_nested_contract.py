"""Every store knows which names lie inside which."""

from __future__ import annotations

from dataclasses import replace

from kgbuild.ports import Store
from kgbuild.types import DocumentRecord, Mention, ResolvedMention
from tests.storage.samples import record

THEATRE, ACTRESS, OTHER = "ORGANIZATION:театр", "PERSON:ермолова", "PERSON:иванов"


def theatre(source: str) -> DocumentRecord:
    """«Театр [Ермоловой]» as one name with another inside, and a name apart."""
    made = record(source, "[Театр Ермоловой|ORGANIZATION|театр] хвалил [Иванов|PERSON|иванов].")
    inner = ResolvedMention(Mention(6, 15, "PERSON", 0.9), ACTRESS, "Ермолова")
    return replace(made, mentions=(*made.mentions, inner))


def test_a_name_inside_another_links_the_two(store: Store) -> None:
    store.add_document(theatre("a.txt"))
    store.add_document(theatre("b.txt"))
    found = store.nested(THEATRE)
    assert ([e.id for e in found.parts], found.wholes) == ([ACTRESS], ())
    found = store.nested(ACTRESS)
    assert (found.parts, [e.id for e in found.wholes]) == ((), [THEATRE])
    assert store.nested(OTHER) == store.nested("no such entity")
    assert store.nested(OTHER).parts == ()


def test_the_link_goes_with_its_last_document(store: Store) -> None:
    store.add_document(theatre("a.txt"))
    store.add_document(record("b.txt", "[Ермолова|PERSON] играла."))
    store.delete_document("a.txt")
    assert store.nested(ACTRESS).wholes == ()
