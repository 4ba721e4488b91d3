"""What every store must do, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from kgbuild.errors import InputError, NotFoundError
from kgbuild.ports import Store
from kgbuild.types import (
    AddResult,
    DeletionImpact,
    DeletionReport,
    IndexRecord,
    Mention,
    Origin,
    Relation,
)
from tests.storage.samples import (
    AGAIN,
    CITY,
    DIMENSION,
    EMBEDDER,
    GAZPROM,
    MILLER,
    ORG,
    record,
    some_vectors,
)


def test_empty_store_holds_nothing(store: Store) -> None:
    assert list(store.documents()) == list(store.entities()) == list(store.facts()) == []
    assert list(store.mentions()) == list(store.vectors("sentence", EMBEDDER)) == []
    assert list(store.missing_vectors("entity", EMBEDDER)) == []
    assert store.document("a.txt") is store.entity("PERSON:x") is None
    assert store.generation() == store.stats().documents == 0
    assert store.check() == []


def test_added_document_reads_back(store: Store) -> None:
    assert store.add_document(GAZPROM) is AddResult.ADDED
    assert store.document("b.txt") == GAZPROM.document
    assert list(store.documents()) == [GAZPROM.document]
    assert store.has_document("b.txt", GAZPROM.document.sha256)
    assert not store.has_document("b.txt", "0" * 64)
    assert not store.has_document("c.txt", GAZPROM.document.sha256)


def test_where_a_text_stood_in_its_file_reads_back(store: Store) -> None:
    pages = (Origin(0, 5, "page", "1"), Origin(5, 9, "page", "2"))
    document = replace(GAZPROM.document, source="b.pdf", origins=pages)
    store.add_document(replace(GAZPROM, document=document))
    store.add_document(GAZPROM)
    assert store.document("b.pdf") == document
    assert [d.origins for d in store.documents()] == [pages, ()]
    store.delete_document("b.pdf")
    assert store.check() == []


def test_same_content_is_unchanged(store: Store) -> None:
    store.add_document(GAZPROM)
    before = store.generation(), store.stats()
    assert store.add_document(GAZPROM) is AddResult.UNCHANGED
    assert (store.generation(), store.stats()) == before


def test_same_content_from_another_source_is_another_document(store: Store) -> None:
    store.add_document(GAZPROM)
    copy = replace(GAZPROM, document=replace(GAZPROM.document, source="copy.txt"))
    assert store.add_document(copy) is AddResult.ADDED
    (fact,) = store.facts()
    assert [e.document for e in fact.evidence] == ["b.txt", "copy.txt"]
    assert fact.confidence == pytest.approx(0.8, abs=1e-9), "copies are one source"
    store.add_document(AGAIN)
    (fact,) = store.facts(relation="WORKPLACE")
    assert fact.confidence == pytest.approx(1 - 0.2 * 0.5, abs=1e-9), "other texts are two"


def test_fact_carries_the_passage_that_states_it(store: Store) -> None:
    store.add_document(GAZPROM)
    (fact,) = store.facts()
    (evidence,) = fact.evidence
    assert (fact.subject.id, fact.relation, fact.object.id) == (MILLER, "WORKPLACE", ORG)
    assert evidence.text == "Алексей Миллер пришёл. Он возглавляет Газпром."
    assert evidence.text == GAZPROM.document.text[evidence.start : evidence.end]
    assert (evidence.subject, evidence.object) == (
        GAZPROM.mentions[0].mention,
        GAZPROM.mentions[1].mention,
    )
    assert evidence.subject.score == 0.75
    assert evidence.confidence == fact.confidence == pytest.approx(0.8)


def test_facts_by_any_part(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    facts = list(store.facts())
    assert [(f.relation, round(f.confidence, 9)) for f in facts] == [
        ("LOCATED", 0.9),
        ("WORKPLACE", 0.9),
    ]
    located, workplace = facts
    assert [e.document for e in workplace.evidence] == ["b.txt", "a.txt"], "the strongest first"
    assert list(store.facts(subject=MILLER)) == [workplace]
    assert list(store.facts(object=ORG)) == [workplace]
    assert list(store.facts(subject=ORG, object=CITY)) == [located]
    assert list(store.facts(relation="LOCATED")) == [located]
    assert list(store.facts(document="b.txt")) == [workplace], "with all its evidence"
    assert list(store.facts(document="a.txt", relation="LOCATED")) == [located]
    assert list(store.facts(subject=CITY)) == list(store.facts(document="no.txt")) == []


def test_evidence_of_one_document_counts_once(store: Store) -> None:
    line = "[Иван|PERSON] живёт в [Клин|CITY]."
    store.add_document(record("a", f"{line} {line}", "0 LIVES 1 0.6", "2 LIVES 3 0.7"))
    (fact,) = store.facts()
    assert fact.confidence == pytest.approx(0.7, abs=1e-12)
    assert [e.confidence for e in fact.evidence] == [0.7, 0.6]


def test_a_relation_to_itself_is_kept_but_is_no_fact(store: Store) -> None:
    store.add_document(record("a", "[Иван|PERSON] знает [Ивана|PERSON|Иван].", "0 KNOWS 1 0.9"))
    stats = store.stats()
    assert (stats.relation_mentions, stats.facts, stats.evidence) == (1, 0, 0)


def test_entities_most_mentioned_first(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    assert [(e.id, e.mention_count) for e in store.entities()] == [(ORG, 2), (MILLER, 2), (CITY, 1)]
    entity = store.entity(ORG)
    assert entity is not None
    assert (entity.type, entity.name) == ("ORGANIZATION", "Газпром")
    assert entity.aliases == ("Газпром", "Газпромом")
    assert [e.id for e in store.entities(type="PERSON")] == [MILLER]


def test_aliases_by_falling_count(store: Store) -> None:
    forms = "[Газпрому|ORG|Газпром] и [Газпрому|ORG|Газпром] и [Газпром|ORG]."
    store.add_document(record("a", forms))
    (entity,) = store.entities()
    assert (entity.aliases, entity.mention_count) == (("Газпрому", "Газпром"), 3)


def test_names_match_whatever_their_case_and_yo(store: Store) -> None:
    store.add_document(record("a", "[АЛЁНУ\n ПЕТРОВУ|PERSON|Алёна Петрова] видели."))
    for name in ("алена петрова", "АЛЁНА ПЕТРОВА", "алену петрову", "Ален\u0443 Петрову"):
        assert [e.name for e in store.entities(name=name)] == ["Алёна Петрова"], name
    assert [e.name for e in store.entities(name="Але\u0308на Петрова")] == ["Алёна Петрова"]
    assert list(store.entities(name="Алёна")) == []
    assert list(store.entities(name="алёна петрова", type="CITY")) == []


def test_most_frequent_name_wins_whatever_the_order(store: Store) -> None:
    one = record("a", "[Дума|ORG|госдума] и ещё.")
    two = record("b", "[ГД|ORG|Госдума], [Дума|ORG|Госдума] и ещё.")
    store.add_document(one)
    assert [e.name for e in store.entities()] == ["госдума"]
    store.add_document(two)
    assert [e.name for e in store.entities()] == ["Госдума"]
    assert {m.name for m in store.mentions()} == {"Госдума"}
    store.delete_document("b")
    assert [e.name for e in store.entities()] == ["госдума"]


def test_mentions_by_document_and_position(store: Store) -> None:
    nested = record("a.txt", "[Театр|ORG] рядом.")
    inner = Mention(0, 3, "PERSON", 0.5)
    resolved = replace(nested.mentions[0], mention=inner, entity="PERSON:теа", name="Теа")
    store.add_document(GAZPROM)
    store.add_document(replace(nested, mentions=(resolved, *nested.mentions)))
    assert [(m.document, m.text, m.mention.score) for m in store.mentions()] == [
        ("a.txt", "Театр", 0.75),
        ("a.txt", "Теа", 0.5),
        ("b.txt", "Алексей Миллер", 0.75),
        ("b.txt", "Газпром", 0.75),
    ]
    (mention,) = store.mentions(entity=ORG)
    assert (mention.document, mention.entity, mention.name) == ("b.txt", ORG, "Газпром")
    assert len(list(store.mentions(document="a.txt"))) == 2
    assert list(store.mentions(document="a.txt", entity=ORG)) == []


WHO = "PERSON:алексей миллер"
STILL = 1, 1, ("b.txt",)
"""Sentences, documents, which: of what ``AGAIN`` still says."""


def test_deleting_takes_exactly_what_only_the_document_supported(store: Store) -> None:
    store.add_document(GAZPROM)
    before = list(store.facts()), list(store.entities()), store.stats()
    store.add_document(AGAIN)
    report = store.delete_document("a.txt")
    assert report == DeletionReport(
        document="a.txt",
        mentions=3,
        facts_removed=1,
        facts_kept=1,
        entities_removed=1,
        entities_kept=2,
        facts=(
            DeletionImpact(f"{ORG}:LOCATED:CITY:петербург", "Газпром LOCATED Петербург"),
            DeletionImpact(f"{WHO}:WORKPLACE:{ORG}", "Алексей Миллер WORKPLACE Газпром", *STILL),
        ),
        entities=(
            DeletionImpact("CITY:петербург", "Петербург (CITY)"),
            DeletionImpact(ORG, "Газпром (ORGANIZATION)", *STILL),
            DeletionImpact(WHO, "Алексей Миллер (PERSON)", *STILL),
        ),
    )
    assert (list(store.facts()), list(store.entities()), store.stats()) == before
    assert store.delete_document("b.txt").entities_removed == 2
    assert store.stats().entities == store.stats().facts == 0
    assert store.check() == []


def test_deleting_what_is_not_there(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"no\.txt"):
        store.delete_document("no.txt")


def test_other_content_replaces(store: Store) -> None:
    store.add_document(GAZPROM)
    old = next(batch.ids.tolist() for batch in store.vectors("sentence", EMBEDDER))
    new = replace(AGAIN, document=replace(AGAIN.document, source="b.txt"))
    assert store.add_document(new) is AddResult.REPLACED
    assert [d.sha256 for d in store.documents()] == [AGAIN.document.sha256]
    (fact,) = store.facts(relation="WORKPLACE")
    assert fact.confidence == pytest.approx(0.5, abs=1e-12)
    assert store.passages(old) == [None, None, None], "row ids are never used twice"
    assert [len(batch.ids) for batch in store.vectors("sentence", EMBEDDER)] == [1]
    assert store.check() == []


def test_stats_count_everything(store: Store) -> None:
    store.add_document(GAZPROM)
    store.add_document(AGAIN)
    stats = store.stats()
    assert (stats.documents, stats.sentences, stats.mentions) == (2, 4, 5)
    assert (stats.relation_mentions, stats.entities, stats.facts, stats.evidence) == (3, 3, 2, 3)
    assert stats.entities_by_type == (("CITY", 1), ("ORGANIZATION", 1), ("PERSON", 1))
    assert stats.facts_by_relation == (("LOCATED", 1), ("WORKPLACE", 1))


def test_every_write_raises_the_generation(store: Store) -> None:
    seen = [store.generation()]
    store.add_document(GAZPROM)
    seen.append(store.generation())
    store.add_document(replace(AGAIN, document=replace(AGAIN.document, source="b.txt")))
    seen.append(store.generation())
    store.delete_document("b.txt")
    seen.append(store.generation())
    assert seen == sorted(set(seen))


MADE = IndexRecord("sentence", EMBEDDER, 1, 3, "0" * 64, datetime(2026, 1, 2, 3, 4, 5, 678901, UTC))


def test_an_index_record_reads_back(store: Store) -> None:
    store.add_document(GAZPROM)
    generation = store.generation()
    assert store.index_record("sentence", EMBEDDER) is None
    store.record_index(MADE)
    found = store.index_record("sentence", EMBEDDER)
    assert found is not None
    assert (found, found.made_at) == (MADE, MADE.made_at)
    assert store.index_record("entity", EMBEDDER) is None
    assert store.index_record("sentence", "other") is None
    assert store.generation() == generation, "an index is derived: recording it is no write"


def test_the_last_index_record_counts(store: Store) -> None:
    moscow = timezone(timedelta(hours=3))
    later = replace(MADE, generation=2, made_at=datetime(2026, 1, 3, 1, tzinfo=moscow))
    for made in (MADE, replace(MADE, kind="entity"), replace(MADE, model="other"), later):
        store.record_index(made)
    found = store.index_record("sentence", EMBEDDER)
    assert found == later
    assert found.made_at.isoformat() == "2026-01-02T22:00:00+00:00", "kept in UTC"
    assert store.index_record("entity", EMBEDDER) == replace(MADE, kind="entity")
    assert store.index_record("sentence", "other") == replace(MADE, model="other")


def test_an_index_record_needs_a_time_zone(store: Store) -> None:
    with pytest.raises(InputError, match="time zone"):
        store.record_index(replace(MADE, made_at=datetime(2026, 1, 2)))
    assert store.index_record("sentence", EMBEDDER) is None


def test_a_reader_may_write(store: Store) -> None:
    for source in "abc":
        store.add_document(record(source, "[Иван|PERSON] тут."))
    for document in store.documents():
        store.delete_document(document.source)
    assert store.stats().documents == store.stats().entities == 0


def test_repeated_relations_and_mentions_are_one(store: Store) -> None:
    one = record("a", "[Иван|PERSON] живёт в [Клин|CITY].", "0 LIVES 1 0.6", "0 LIVES 1 0.9")
    store.add_document(replace(one, mentions=one.mentions * 2))
    stats = store.stats()
    assert (stats.mentions, stats.relation_mentions, stats.evidence) == (2, 1, 1)
    assert [f.confidence for f in store.facts()] == pytest.approx([0.9])


GOOD = record("a", "[Иван|PERSON] живёт в [Клин|CITY].", "0 LIVES 1 0.6", vectors=True)
FIRST = GOOD.mentions[0]
OUTSIDE = replace(FIRST, mention=Mention(0, 99, "PERSON"))
STRANGER = Relation("LIVES", Mention(1, 2, "CITY"), FIRST.mention)
CERTAIN = replace(GOOD.relations[0], confidence=1.5)
NOT_A_NUMBER = np.full((1, DIMENSION), np.nan, dtype=np.float16)
BROKEN = {
    "span": replace(GOOD, mentions=(OUTSIDE,), relations=()),
    "relation": replace(GOOD, relations=(STRANGER,)),
    "confidence": replace(GOOD, relations=(CERTAIN,)),
    "two entities": replace(GOOD, mentions=(*GOOD.mentions, replace(FIRST, entity="other"))),
    "sentences": replace(GOOD, sentences=GOOD.sentences * 2, sentence_vectors=None),
    "embedder": replace(GOOD, embedder=None),
    "count": replace(GOOD, sentence_vectors=some_vectors(2)),
    "nan": replace(GOOD, sentence_vectors=NOT_A_NUMBER),
    "nul": replace(GOOD, document=replace(GOOD.document, text="\x00" * 99)),
    "surrogate": replace(GOOD, document=replace(GOOD.document, text="\ud800" * 99)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_contradictory_records_leave_no_trace(store: Store, name: str) -> None:
    with pytest.raises(InputError):
        store.add_document(BROKEN[name])
    assert store.generation() == store.stats().documents == 0


def test_names_are_canonical_ones_and_other_surfaces(store: Store) -> None:
    assert list(store.names()) == []
    for one in (GAZPROM, AGAIN):
        store.add_document(one)
    names = list(store.names())
    for entity in store.entities():
        mine = [name for name in names if name.entity == entity.id]
        assert mine[0].canonical
        assert [name.text for name in mine if name.canonical] == [entity.name]
        assert {name.text for name in mine} == {entity.name, *entity.aliases}
        assert {name.type for name in mine} == {entity.type}
    assert len({(name.entity, name.text) for name in names}) == len(names)
