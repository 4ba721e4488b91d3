"""What a merge would bring together, over a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.analytics.merging import merge_preview
from kgbuild.errors import InputError
from kgbuild.types import Entity
from storage.sql import SqlStore
from tests.storage.samples import contents, record

ONE, OTHER = "PERSON:иван орлов", "PERSON:орлов"
BORN = record(
    "a.txt",
    "[Иван Орлов|PERSON] родился [5 мая 1900 года|DATE] в [Клину|CITY|Клин]."
    " [Иван Орлов|PERSON] работал в [Газпроме|ORGANIZATION|Газпром].",
    "0 DATE_OF_BIRTH 1 0.9", "0 PLACE_OF_BIRTH 2 0.9", "3 WORKPLACE 4 0.7",
)  # fmt: skip
LATER = record(
    "b.txt",
    "[Орлов|PERSON] родился [7 июня 1930 года|DATE]; отец его [Иван Орлов|PERSON]."
    " [Орлов|PERSON] служил в [Газпроме|ORGANIZATION|Газпром].",
    "0 DATE_OF_BIRTH 1 0.8", "2 PARENT_OF 0 0.6", "3 WORKPLACE 4 0.5",
)  # fmt: skip
AGREEING = record(
    "c.txt", "[Орлов|PERSON] родился в [1900 году|DATE|1900 год].", "0 DATE_OF_BIRTH 1 0.8"
)


def ends(store: SqlStore) -> tuple[Entity, Entity]:
    one, other = store.entity(ONE), store.entity(OTHER)
    assert one is not None
    assert other is not None
    return one, other


def test_what_would_come_together(tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "graph.db") as store:
        store.add_document(BORN)
        store.add_document(LATER)
        before = contents(store), store.generation()
        seen = merge_preview(store, *ends(store))
        assert seen.names == ("Иван Орлов", "Орлов")
        assert (seen.mentions, seen.documents) == (5, 2)
        assert (seen.facts, seen.shared) == (4, 1)
        assert [fact.relation for fact in seen.between] == ["PARENT_OF"]
        [group] = seen.contradictions
        assert {fact.object.name for fact in group} == {"5 мая 1900 года", "7 июня 1930 года"}
        assert {fact.subject.id for fact in group} == {ONE, OTHER}, "as they are now"
        assert (contents(store), store.generation()) == before


def test_what_agrees_contradicts_nothing(tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "graph.db") as store:
        store.add_document(BORN)
        store.add_document(AGREEING)
        assert merge_preview(store, *ends(store)).contradictions == ()


def test_one_entity_is_nothing_to_merge(tmp_path: Path) -> None:
    with SqlStore.open(tmp_path / "graph.db") as store:
        store.add_document(BORN)
        one = store.entity(ONE)
        assert one is not None
        with pytest.raises(InputError, match="name two"):
            merge_preview(store, one, one)
