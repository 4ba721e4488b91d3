"""What judgements do to a graph, in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kgbuild.errors import InputError, NotFoundError
from kgbuild.ports import Store
from kgbuild.types import Judgement, Place
from tests.storage.samples import AGAIN, CITY, GAZPROM, MILLER, ORG, contents, record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = record("c.txt", "[А. Миллер|PERSON] живёт в [Сочи|CITY].", "0 LIVES 1 0.7")
SHORT = "PERSON:а. миллер"


def said(verdict: str, subject: str, **more: object) -> Judgement:
    return Judgement(verdict, subject, "Анна", NOW, **more)  # type: ignore[arg-type]


@pytest.fixture
def filled(store: Store) -> Store:
    for one in (GAZPROM, AGAIN, OTHER):
        store.add_document(one)
    return store


def test_same_makes_one_entity_with_all_facts(filled: Store) -> None:
    before = contents(filled)
    made = filled.judge(said("same", MILLER, object=SHORT))
    assert filled.entity(SHORT) is None or filled.entity(MILLER) is None
    assert filled.node_entity(SHORT) == filled.node_entity(MILLER)
    whole = filled.entity(str(filled.node_entity(SHORT)))
    assert whole is not None
    assert whole.mention_count == 3
    assert {f.relation for f in filled.facts(subject=whole.id)} == {"WORKPLACE", "LIVES"}
    assert filled.check() == []
    undone = filled.undo(made.id, NOW)
    assert undone.undone_at == NOW
    assert contents(filled) == before
    assert filled.check() == []


def test_a_node_has_a_sentence(filled: Store) -> None:
    assert str(filled.sentence_of(SHORT)) in OTHER.document.text
    assert filled.sentence_of("nobody") is None


def test_a_judgement_has_its_author_and_time(filled: Store) -> None:
    made = filled.judge(said("unsure", MILLER, object=SHORT, note="?"))
    assert list(filled.judgements()) == [made]
    assert (made.author, made.made_at, made.note) == ("Анна", NOW, "?")
    filled.undo(made.id, NOW)
    assert list(filled.judgements()) == []
    assert [j.id for j in filled.judgements(undone=True)] == [made.id]
    with pytest.raises(NotFoundError, match="no judgement"):
        filled.undo(made.id, NOW)


def test_the_newest_judgement_holds(filled: Store) -> None:
    filled.judge(said("same", MILLER, object=SHORT))
    filled.judge(said("not_same", SHORT, object=MILLER))
    assert filled.node_entity(SHORT) != filled.node_entity(MILLER)
    filled.judge(said("same", SHORT, object=MILLER))
    assert filled.node_entity(SHORT) == filled.node_entity(MILLER)


def test_a_judgement_outlives_its_documents(filled: Store) -> None:
    filled.judge(said("same", MILLER, object=SHORT))
    before = contents(filled)
    for source in ("a.txt", "b.txt", "c.txt"):
        filled.delete_document(source)
    assert filled.stats().entities == 0
    for one in (OTHER, AGAIN, GAZPROM):
        filled.add_document(one)
    assert contents(filled) == before
    assert filled.check() == []


def test_one_name_through_a_merge_is_no_fact_of_itself(store: Store) -> None:
    store.add_document(record("a", "[Иван|PERSON] знает [Ваню|PERSON|Ваня].", "0 KNOWS 1 0.9"))
    made = store.judge(said("same", "PERSON:иван", object="PERSON:ваня"))
    assert list(store.facts()) == []
    store.undo(made.id, NOW)
    assert [f.relation for f in store.facts()] == ["KNOWS"]


def test_split_mentions_get_an_entity_of_their_own(filled: Store) -> None:
    before = contents(filled)
    [mention] = [m for m in filled.mentions(entity=MILLER) if m.document == "a.txt"]
    place = Place("a.txt", mention.mention.start, mention.mention.end)
    made = filled.judge(said("split", MILLER, places=(place,)))
    [moved] = [m for m in filled.mentions(document="a.txt") if m.mention == mention.mention]
    assert moved.entity != MILLER
    assert [m.document for m in filled.mentions(entity=MILLER)] == ["b.txt"]
    [fact] = filled.facts(subject=moved.entity)
    assert [e.document for e in fact.evidence] == ["a.txt"]
    assert filled.check() == []
    filled.delete_document("a.txt")
    filled.add_document(AGAIN)
    assert next(m.entity for m in filled.mentions(document="a.txt")) == moved.entity
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


def test_all_of_an_entity_may_leave_and_come_back(filled: Store) -> None:
    before = contents(filled)
    places = tuple(
        Place(m.document, m.mention.start, m.mention.end) for m in filled.mentions(entity=CITY)
    )
    made = filled.judge(said("split", CITY, places=places))
    assert filled.entity(CITY) is None
    assert filled.check() == []
    filled.undo(made.id, NOW)
    assert contents(filled) == before


def test_rejected_facts_are_shown_no_more(filled: Store) -> None:
    before = contents(filled)
    fact = said("reject", MILLER, relation="WORKPLACE", object=ORG)
    made = filled.judge(fact)
    assert list(filled.facts(relation="WORKPLACE")) == []
    assert filled.stats().facts == 2
    filled.add_document(replace(AGAIN, document=replace(AGAIN.document, source="d.txt")))
    assert list(filled.facts(relation="WORKPLACE")) == []
    assert filled.delete_document("d.txt").facts_removed == 0
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


def test_accepted_facts_are_certain(filled: Store) -> None:
    made = filled.judge(said("accept", SHORT, relation="LIVES", object="CITY:сочи"))
    [fact] = filled.facts(relation="LIVES")
    assert fact.confidence == 1.0
    filled.judge(said("same", MILLER, object=SHORT))
    [fact] = filled.facts(relation="LIVES")
    assert fact.confidence == 1.0, "the judgement follows the name into its new entity"
    filled.undo(made.id, NOW)
    [fact] = filled.facts(relation="LIVES")
    assert fact.confidence == pytest.approx(0.7)
    assert filled.check() == []


def test_a_given_name_stands_over_the_elected_one(filled: Store) -> None:
    before = contents(filled)
    made = filled.judge(said("rename", MILLER, value=" Алексей  Борисович Миллер"))
    assert made.value == "Алексей Борисович Миллер"
    renamed = filled.entity(MILLER)
    assert renamed is not None
    assert (renamed.name, renamed.mention_count) == (made.value, 2)
    assert list(filled.entities(name="алексей борисович миллер")) == [renamed]
    assert list(filled.entities(name="Миллер")) == [renamed], "its forms are found as before"
    assert {f.subject.name for f in filled.facts(subject=MILLER)} == {made.value}
    assert {m.name for m in filled.mentions(entity=MILLER)} == {made.value}
    assert filled.check() == []
    assert filled.relink() == 0
    for source in ("a.txt", "b.txt"):
        filled.delete_document(source)
    assert filled.entity(MILLER) is None
    filled.add_document(AGAIN)
    back = filled.entity(MILLER)
    assert back is not None
    assert back.name == made.value
    filled.add_document(GAZPROM)
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


def test_of_two_given_names_the_newest_holds_through_a_merge(filled: Store) -> None:
    filled.judge(said("rename", SHORT, value="Миллер-младший"))
    last = filled.judge(said("rename", MILLER, value="Миллер-старший"))
    filled.judge(said("same", MILLER, object=SHORT))
    [whole] = filled.entities(type="PERSON")
    assert whole.name == "Миллер-старший"
    filled.undo(last.id, NOW)
    [whole] = filled.entities(type="PERSON")
    assert whole.name == "Миллер-младший"
    assert filled.check() == []


def test_a_given_type_stands_over_the_elected_one(filled: Store) -> None:
    before = contents(filled)
    made = filled.judge(said("retype", CITY, value="STATE_OR_PROVINCE"))
    assert [e.id for e in filled.entities(type="STATE_OR_PROVINCE")] == [CITY]
    assert dict(filled.stats().entities_by_type)["STATE_OR_PROVINCE"] == 1
    [mention] = filled.mentions(entity=CITY)
    assert mention.mention.type == "CITY", "what was seen in a document stays"
    filled.delete_document("a.txt")
    filled.add_document(AGAIN)
    assert filled.check() == []
    assert [e.id for e in filled.entities(type="STATE_OR_PROVINCE")] == [CITY]
    assert [(e.action, e.detail) for e in filled.log(subject=f"judgement {made.id}")] == [
        ("judge", f"retype {CITY} STATE_OR_PROVINCE")
    ]
    filled.undo(made.id, NOW)
    assert contents(filled) == before


def stated(**more: object) -> Judgement:
    return said("state", MILLER, relation="KNOWS", object=SHORT, **more)


def test_a_stated_fact_stands_as_long_as_both_its_names(filled: Store) -> None:
    before = contents(filled)
    made = filled.judge(stated())
    [fact] = filled.facts(relation="KNOWS")
    assert (fact.subject.id, fact.object.id, fact.confidence) == (MILLER, SHORT, 1.0)
    assert (fact.stated_by, fact.evidence) == ("Анна", ())
    assert filled.check() == []
    assert filled.relink() == 0
    report = filled.delete_document("c.txt")  # the only one that names SHORT
    assert report.entities_removed == 2
    assert list(filled.facts(relation="KNOWS")) == []
    assert filled.check() == []
    filled.add_document(OTHER)
    assert list(filled.facts(relation="KNOWS")) == [fact]
    filled.judge(said("same", MILLER, object=SHORT))
    assert list(filled.facts(relation="KNOWS")) == [], "nobody is a fact of himself"
    filled.undo(made.id + 1, NOW)
    assert list(filled.facts(relation="KNOWS")) == [fact]
    filled.judge(said("reject", MILLER, relation="KNOWS", object=SHORT))
    assert list(filled.facts(relation="KNOWS")) == []
    filled.undo(made.id + 2, NOW)
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


PASSAGE = GAZPROM.document.text[:46]


def with_sentence(passage: str = PASSAGE) -> Judgement:
    """«Алексей Миллер пришёл. Он возглавляет Газпром.», of which two mentions are known."""
    subject, object = (resolved.mention for resolved in GAZPROM.mentions)
    spans = (subject.start, subject.end), (object.start, object.end), (0, len(passage))
    places = tuple(Place("b.txt", *span) for span in spans)
    return said("state", MILLER, relation="OWNER_OF", object=ORG, places=places, value=passage)


def test_a_stated_sentence_is_evidence_of_its_fact(filled: Store) -> None:
    before = contents(filled)
    assert PASSAGE.endswith("Газпром.")
    made = filled.judge(with_sentence())
    [fact] = filled.facts(relation="OWNER_OF")
    [evidence] = fact.evidence
    assert (evidence.document, evidence.text, fact.stated_by) == ("b.txt", PASSAGE, "Анна")
    assert (evidence.subject.start, evidence.object.end, fact.confidence) == (0, 45, 1.0)
    assert list(filled.facts(document="b.txt", relation="OWNER_OF")) == [fact]
    assert {r.relation for r in filled.relations("b.txt")} == {"WORKPLACE"}, "what was read"
    both = filled.relations("b.txt", stated=True)
    assert {r.relation for r in both} == {"WORKPLACE", "OWNER_OF"}
    assert filled.check() == []
    assert list(filled.judgements()) == [made]
    filled.move_document("b.txt", "e.txt")
    [fact] = filled.facts(relation="OWNER_OF")
    assert [e.document for e in fact.evidence] == ["e.txt"]
    filled.move_document("e.txt", "b.txt")
    filled.delete_document("b.txt")
    [fact] = filled.facts(relation="OWNER_OF")
    assert fact.evidence == (), "the word of a person outlives the document"
    filled.add_document(GAZPROM)
    [fact] = filled.facts(relation="OWNER_OF")
    assert [e.text for e in fact.evidence] == [PASSAGE]
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


def test_a_stated_sentence_is_found_where_it_went(filled: Store) -> None:
    filled.judge(with_sentence())
    marked = (
        "Вести дня. [Алексей Миллер|PERSON] пришёл. Он возглавляет [Газпром|ORGANIZATION]. Всё."
    )
    filled.add_document(record("b.txt", marked, "0 WORKPLACE 1 0.8"))
    [fact] = filled.facts(relation="OWNER_OF")
    assert [(e.start, e.text) for e in fact.evidence] == [(11, PASSAGE)]
    gone = record("b.txt", "[Алексей Миллер|PERSON] ушёл. Он знает [Газпром|ORGANIZATION].")
    filled.add_document(gone)
    [fact] = filled.facts(relation="OWNER_OF")
    assert fact.evidence == ()
    assert filled.check() == []


def test_an_added_mention_stands_until_it_is_taken_back(filled: Store) -> None:
    before = contents(filled)
    start = GAZPROM.document.text.index("Он")
    place = (Place("b.txt", start, start + 2),)
    he = said("mention", MILLER, places=place, value="Он", type="PERSON", name="Алексей Миллер")
    made = filled.judge(he)
    assert (made.type, made.name) == ("PERSON", "Алексей Миллер")
    mine = [m for m in filled.mentions(document="b.txt", entity=MILLER) if m.stated]
    assert [(m.text, m.mention.start) for m in mine] == [("Он", start)]
    entity = filled.entity(MILLER)
    assert entity is not None
    assert (entity.mention_count, "Он" in entity.aliases) == (3, True)
    assert filled.check() == []
    object = GAZPROM.mentions[1].mention
    spans = (start, start + 2), (object.start, object.end), (start, object.end + 1)
    places = tuple(Place("b.txt", *span) for span in spans)
    owns = said("state", MILLER, relation="OWNER_OF", object=ORG, places=places,
                value=GAZPROM.document.text[start : object.end + 1])  # fmt: skip
    stated = filled.judge(owns)
    [fact] = filled.facts(relation="OWNER_OF")
    assert [e.text for e in fact.evidence] == ["Он возглавляет Газпром."]
    assert filled.check() == []
    new = record(
        "b.txt", "Да. " + "[Алексей Миллер|PERSON] пришёл. Он возглавляет [Газпром|ORGANIZATION]."
    )
    filled.add_document(new)
    [mention] = [m for m in filled.mentions(document="b.txt") if m.stated]
    assert (mention.text, mention.mention.start, mention.entity) == ("Он", start + 4, MILLER)
    [fact] = filled.facts(relation="OWNER_OF")
    assert [e.text for e in fact.evidence] == ["Он возглавляет Газпром."]
    filled.move_document("b.txt", "e.txt")
    assert [m.text for m in filled.mentions(document="e.txt") if m.stated] == ["Он"]
    filled.move_document("e.txt", "b.txt")
    filled.add_document(GAZPROM)
    filled.undo(made.id, NOW)
    [fact] = filled.facts(relation="OWNER_OF")
    assert fact.evidence == (), "its sentence names nobody now"
    assert filled.check() == []
    filled.undo(stated.id, NOW)
    assert contents(filled) == before


def test_an_added_mention_may_be_the_only_one(filled: Store) -> None:
    before = contents(filled)
    start = GAZPROM.document.text.index("дождь")
    rain = said("mention", "E-rain", places=(Place("b.txt", start, start + 5),), value="дождь",
                type="EVENT", name="дождь")  # fmt: skip
    made = filled.judge(rain)
    [entity] = filled.entities(type="EVENT")
    assert (entity.id, entity.name, entity.mention_count) == ("E-rain", "дождь", 1)
    assert filled.check() == []
    place = (Place("b.txt", start, start + 5),)
    split = filled.judge(said("split", "E-rain", places=place))
    [apart] = filled.entities(type="EVENT")
    assert apart.id != "E-rain"
    filled.undo(split.id, NOW)
    read = record("b.txt", "[Алексей Миллер|PERSON] пришёл. Он возглавляет [Газпром|ORGANIZATION]."
                  " Идёт [дождь|EVENT].")  # fmt: skip
    filled.add_document(replace(read, extractor="extractor-2"))
    [entity] = filled.entities(type="EVENT")
    assert entity.id == "EVENT:дождь", "what is read there anyway is as it is read"
    filled.add_document(GAZPROM)
    assert [e.id for e in filled.entities(type="EVENT")] == ["E-rain"]
    filled.delete_document("b.txt")
    assert list(filled.entities(type="EVENT")) == []
    assert filled.check() == []
    filled.add_document(GAZPROM)
    filled.undo(made.id, NOW)
    assert contents(filled) == before
    assert filled.check() == []


@pytest.mark.parametrize(
    "broken",
    [
        said("perhaps", MILLER, object=SHORT),
        said("same", MILLER),
        said("same", MILLER, object=MILLER),
        said("accept", MILLER, object=ORG),
        said("split", MILLER),
        replace(said("same", MILLER, object=SHORT), made_at=datetime(2026, 3, 1)),
        said("rename", MILLER, value=" \n"),
        said("rename", MILLER, value="М" * 257),
        said("rename", MILLER, value="Мил\x00лер"),
        said("retype", MILLER),
        stated(value="Миллер знает Миллера."),
        said("state", MILLER, relation="KNOWS", object=MILLER),
        replace(with_sentence(), places=with_sentence().places[:2]),
        said("mention", MILLER, value="Он", type="PERSON", name="Миллер"),
        said("mention", MILLER, value="Он", places=(Place("b.txt", 0, 2),), name="Миллер"),
    ],
    ids=("verdict", "one", "itself", "relation", "places", "time zone", "no name", "long name",
         "NUL", "no type", "no place", "of itself", "no passage", "nowhere", "untyped"),
)  # fmt: skip
def test_a_judgement_that_says_nothing_is_refused(filled: Store, broken: Judgement) -> None:
    with pytest.raises(InputError):
        filled.judge(broken)
    assert list(filled.judgements(undone=True)) == []
