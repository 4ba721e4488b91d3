"""Properties that hold whatever the text: offsets, undoing, leaving and coming back."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.ports import Store
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import (
    Document,
    DocumentRecord,
    Judgement,
    Mention,
    Place,
    ResolvedMention,
    Sentence,
)
from storage.copy import copy_store
from storage.sql import SqlStore
from tests.storage.databases import new_database, postgresql_server
from tests.storage.operations import linked_record
from tests.storage.samples import contents, random_record

pytestmark = pytest.mark.slow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Everything a document may hold: all planes, combining marks, controls; no NUL, no surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@contextmanager
def filled() -> Iterator[SqlStore]:
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.db", linker=RussianLinker()) as store,
    ):
        for number in range(5):
            store.add_document(linked_record(f"l{number}", number))
            store.add_document(random_record(f"r{number}", number))
        yield store


@st.composite
def records(draw: st.DrawFn) -> DocumentRecord:
    text = draw(texts)
    spans = draw(
        st.sets(
            st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(
                lambda span: span[0] < span[1]
            ),
            min_size=0,
            max_size=4,
        )
    )
    mentions = tuple(
        ResolvedMention(Mention(start, end, "CITY", 0.5), f"n{number}", text[start:end])
        for number, (start, end) in enumerate(sorted(spans))
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = draw(st.sampled_from("ab"))
    return DocumentRecord(
        Document(source, text, digest), (Sentence(0, len(text)),), mentions, (), "m"
    )


def assert_offsets(store: Store, record: DocumentRecord) -> None:
    source = record.document.source
    kept = store.document(source)
    assert kept is not None
    assert kept.text == record.document.text
    found = {m.mention: m.text for m in store.mentions(source)}
    assert found == {
        resolved.mention: kept.text[resolved.mention.start : resolved.mention.end]
        for resolved in record.mentions
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_offsets_come_back(tmp_path: Path, kind: str) -> None:
    target = str(tmp_path / "graph.db") if kind == "sqlite" else new_database(postgresql_server())
    with SqlStore.open(target) as store:

        @settings(max_examples=25, deadline=None, derandomize=True)
        @given(records())
        def come_back(record: DocumentRecord) -> None:
            store.add_document(record)
            assert_offsets(store, record)

        come_back()
        assert store.check() == []
        other = tmp_path / "copy.db"
        copy_store(target, other)
        with SqlStore.open(other) as copy:
            assert contents(copy) == contents(store)
            assert copy.check() == []


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.data())
def test_what_is_undone_was_never_there(data: st.DataObject) -> None:
    with filled() as store:
        states, made = [contents(store)], []
        for _ in range(data.draw(st.integers(1, 4))):
            made.append(store.judge(data.draw(judgements(store))).id)
            states.append(contents(store))
        for id in reversed(made):
            assert contents(store) == states.pop()
            store.undo(id, NOW)
        assert contents(store) == states.pop()
        assert store.check() == []
        assert store.relink() == 0


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.data())
def test_the_order_of_undoing_makes_no_difference(data: st.DataObject) -> None:
    with filled() as store:
        before = contents(store)
        made = [store.judge(data.draw(judgements(store))).id for _ in range(3)]
        for id in data.draw(st.permutations(made)):
            store.undo(id, NOW)
        assert contents(store) == before


def judgements(store: Store) -> st.SearchStrategy[Judgement]:
    nodes = sorted(node.id for group in store.nodes() for node in group)
    mentions = list(store.mentions())
    facts = list(store.facts())
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)).filter(
        lambda pair: pair[0] != pair[1]
    )
    verdicts = st.sampled_from(["same", "not_same"])
    return st.one_of(
        st.builds(
            lambda verdict, pair: Judgement(verdict, pair[0], "я", NOW, object=pair[1]),
            verdicts,
            pairs,
        ),
        st.builds(
            lambda given, node: Judgement(given[0], node, "я", NOW, value=given[1]),
            st.sampled_from([("rename", "Имя"), ("rename", "Другое"), ("retype", "EVENT")]),
            st.sampled_from(nodes),
        ),
        st.sampled_from(mentions).map(
            lambda one: Judgement(
                "split", one.entity, "я", NOW,
                places=(Place(one.document, one.mention.start, one.mention.end),),
            )
        ),
        st.tuples(st.sampled_from(["accept", "reject"]), st.sampled_from(facts or [None])).map(
            lambda drawn: Judgement(
                drawn[0], drawn[1].subject.id, "я", NOW, drawn[1].relation, drawn[1].object.id
            )
        ),
    )  # fmt: skip


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.permutations(range(5)))
def test_documents_that_leave_and_come_back_change_nothing(order: list[int]) -> None:
    with filled() as store:
        before = contents(store)
        for number in order:
            store.delete_document(f"l{number}")
        for number in reversed(order):
            store.add_document(linked_record(f"l{number}", number))
        assert contents(store) == before


NAMES = {
    "PERSON": ("Дмитрия Ивановича Менделеева", "Анне Орловой", "Лев Толстой", "И. И. Орлов"),
    "CITY": ("Москве", "Санкт-Петербурга", "Нижнем Новгороде", "в Клину"),
    "ORGANIZATION": ("Министерством обороны России", "«Газпрома»", "Госдуме", "ООО «Луч»"),
    "COUNTRY": ("России", "Соединённых Штатов Америки", "США"),
    "DATE": ("в 1834 году", "8 февраля 1834 года"),
    "PROFESSION": ("химиком", "главного инженера", "актрисой"),
}


@pytest.mark.parametrize(("type", "surface"), [(t, s) for t, some in NAMES.items() for s in some])
def test_a_canonical_name_is_its_own(type: str, surface: str) -> None:
    normalizer = RussianNormalizer()
    once = normalizer.normalize(surface, type)
    assert normalizer.normalize(once.canonical, type) == once


KINDS = tuple(NAMES)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(texts, st.sampled_from(KINDS))
def test_any_text_has_a_name(text: str, type: str) -> None:
    """No text breaks it, and two spellings that differ by outer space have one key."""
    normalizer = RussianNormalizer()
    name = normalizer.normalize(text, type)
    assert normalizer.normalize(f" {text} ", type).key == name.key
