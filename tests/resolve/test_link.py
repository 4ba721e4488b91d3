"""Linking across documents: what joins, what stays apart, and that order makes no difference."""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notation import parse

from kgbuild.curation import Curator
from kgbuild.resolve.aliases import adjective_stems, identity_key, is_acronym, noun_stem
from kgbuild.resolve.corpus import link_documents, seen_nodes
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import Resolution, resolve_document
from kgbuild.types import (
    Document,
    DocumentRecord,
    Entity,
    Judgement,
    NodeStats,
    Reason,
    Sentence,
)
from storage.sql import SqlStore
from tests.contracts.test_judgement_contract import NOW
from tests.oracle import MemoryStore
from tests.storage.samples import contents


def resolution(notation: str, source: str = "a") -> Resolution:
    case = parse(notation)
    digest = hashlib.sha256(f"{source}{case.text}".encode()).hexdigest()
    document = Document(source, case.text, digest)
    return resolve_document(document, case.mentions, case.relations, RussianNormalizer())


def entities(*notations: str) -> list[tuple[str, ...]]:
    found = [resolution(text, str(number)) for number, text in enumerate(notations)]
    return link_documents(found, RussianLinker())


def first_entities(*notations: str) -> list[str]:
    return [found[0] for found in entities(*notations)]


def reasons(*notations: str) -> list[Reason]:
    found = [resolution(text, str(number)) for number, text in enumerate(notations)]
    return list(RussianLinker().reasons(seen_nodes(r.nodes for r in found), ()))


MENDELEEV = "[Дмитрий Иванович Менделеев|PERSON] работал в [Тобольске|CITY]."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[РФ|COUNTRY]", "[Российская Федерация|COUNTRY]"),
        ("[США|COUNTRY]", "[Соединённые Штаты Америки|COUNTRY]"),
        ("[российский|COUNTRY]", "в [России|COUNTRY]"),
        ("[ООН|ORGANIZATION]", "[Организация Объединённых Наций|ORGANIZATION]"),
        ("[Госдумы|ORGANIZATION]", "[Государственной думы|ORGANIZATION]"),
        ("[московский|CITY] метрополитен", "в [Москве|CITY]"),
        ("[лондонского|CITY] клуба", "[Лондон|CITY]"),
        ("[актриса|PROFESSION]", "[актёр|PROFESSION]"),
        ("[премьер|PROFESSION]", "[премьер-министр|PROFESSION]"),
        ("[калужский|CITY] губернатор", "в [Калуге|CITY]"),
        ("[Нерльскую|CITY] мануфактуру", "в [Нерльске|CITY]"),
        ("[Нижнетагильское|CITY] училище", "в [Нижнем Тагиле|CITY]"),
        ("в [Рутицах|CITY]", "приход с. [Рутицы|CITY]"),
        ("жил в [Ольхове|CITY]", "[Ольхов|CITY] сгорел"),
        ("родилась в [г. Элиста|CITY]", "из [Элисты|CITY]"),
        (
            "[Ольховская ЦРБ|ORGANIZATION]",
            "[Ольховская центральная районная больница|ORGANIZATION]",
        ),
        ("[01.02.2020|DATE]", "[1 февраля 2020 года|DATE]"),
        ("[5 млн руб.|MONEY]", "[5 000 000 рублей|MONEY]"),
        ("[427 год до н. э.|DATE]", "в [427 году до нашей эры|DATE]"),
        ("[Насунов Гаря|PERSON]", "[Гаря Насунов|PERSON]"),
        ("[Тугаринов Виктор Никитич|PERSON]", "[Виктор Никитич Тугаринов|PERSON]"),
        ("[Ласточка-Юг|ORGANIZATION]", "в [Ласточке|ORGANIZATION]"),
        ("[Вятский оркестр|ORGANIZATION]", "[Вятский симфонический оркестр|ORGANIZATION]"),
        ("[Никаноръ Чепраковъ|PERSON]", "[Никанор Чепраков|PERSON]"),
        ("[Боброва (Лосева) Анна Ильинична|PERSON]", "[Анна Ильинична Боброва|PERSON]"),
    ],
)
def test_names_of_one_thing_are_one_entity(one: str, other: str) -> None:
    assert len(set(first_entities(one, other))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[Владимир|CITY]", "[Владимир Орлов|PERSON]"),
        ("[Дмитрий Менделеев|PERSON]", "[Иван Менделеев|PERSON]"),
        ("[Иван Орлов|PERSON]", "[Орлов|PERSON]"),
        ("[Иван Орлов|PERSON]", "[Анна Орлова|PERSON]"),
        ("[Минск|CITY]", "[Москва|CITY]"),
        ("[МВД|ORGANIZATION]", "[МИД|ORGANIZATION]"),
        ("[Газпром-медиа|ORGANIZATION]", "[Медиа|ORGANIZATION]"),
        ("в [Орлове|CITY]", "в [Орле|CITY]"),
        ("[5 млн руб.|MONEY]", "[5 млн евро|MONEY]"),
        ("[около 5 млн руб.|MONEY]", "[5 млн рублей|MONEY]"),
    ],
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert len(set(first_entities(one, other))) == 2


def test_years_of_birth_keep_namesakes_apart() -> None:
    born = "[Иван Орлов|PERSON] родился в [{} году|DATE]. => 1 DATE_OF_BIRTH 2"
    old, young = first_entities(born.format(1834), born.format(1950))
    assert old != young
    old, same, plain = first_entities(born.format(1834), born.format(1834), "[Иван Орлов|PERSON]")
    assert old == same == plain
    old, young, plain = first_entities(born.format(1834), born.format(1950), "[Иван Орлов|PERSON]")
    assert len({old, young, plain}) == 3, "a namesake without a year may be either"


@pytest.mark.parametrize(
    "text",
    [
        "[Степан Фомич Зырянов|PERSON] пришёл. [Степан Зырянов|PERSON] пел. [Фомич|PERSON] ушёл.",
        "[Пеккарайнен Тойво|PERSON] пришёл. Ушёл [Тойво Пеккарайнен|PERSON].",
    ],
)
def test_a_document_calls_one_person_in_several_ways(text: str) -> None:
    assert len({mention.entity for mention in resolution(text).mentions}) == 1


def test_a_name_s_set_means_nobody_whom_another_name_of_it_cannot() -> None:
    people = (
        "[Денис Мальцев|PERSON] и [Антон Гущин|PERSON] пили.",
        "[Дарья Игоревна Мальцева|PERSON] и [Антон Гущин|PERSON] пели.",
        "Нет [Мальцева|PERSON], сказал [Антон Гущин|PERSON].",
        "[Д. Мальцева|PERSON] слышал [Антон Гущин|PERSON].",
    )
    denis, darya, *_ = first_entities(*people)
    assert denis != darya


def test_a_name_that_two_people_may_bear_joins_neither() -> None:
    found = first_entities(
        "[Иван Петрович Орлов|PERSON]", "[Иван Сергеевич Орлов|PERSON]", "[Иван Орлов|PERSON]"
    )
    assert len(set(found)) == 3


def test_a_shared_neighbour_speaks_for_a_surname() -> None:
    text = "[Орлов|PERSON] [Казань|CITY]"
    scores = {
        reason.score: reason.rule
        for other in ("[Иван Орлов|PERSON] [Казань|CITY]", "[Иван Орлов|PERSON] [Тверь|CITY]")
        for reason in reasons(other, text)
        if reason.score is not None
    }
    near, far = scores
    assert near > far
    assert scores[far] == "no_evidence"


def test_a_document_tells_what_an_abbreviation_means_elsewhere() -> None:
    stated = "[Российский союз ректоров|ORGANIZATION] ([РСР|ORGANIZATION])"
    full, lone = entities(stated, "[РСР|ORGANIZATION] заявил")
    assert full[0] == full[1] == lone[0]
    other = "[Рабочий совет радио|ORGANIZATION], или [РСР|ORGANIZATION]"
    assert entities(stated, other, "[РСР|ORGANIZATION]")[2][0] not in (
        entities(stated)[0][0],
        entities(other)[0][0],
    ), "claimed by two, it is neither's"


def test_a_stated_alias_joins_what_no_letters_would() -> None:
    text = "[Мосэнерго|ORGANIZATION], или [Энергокомпания|ORGANIZATION] => 2 ALTERNATIVE_NAME 1"
    assert len(set(entities(text)[0])) == 1


def test_a_part_of_a_name_is_its_own_entity() -> None:
    theatre, person = entities("[Театр имени [Ермоловой|PERSON]|ORGANIZATION]")[0]
    assert theatre != person


def test_judgements_outweigh_rules() -> None:
    nodes = seen_nodes(resolution(t, t).nodes for t in ("[московский|CITY]", "[Москва|CITY]"))
    one, other = sorted(node.id for node in nodes)
    linker = RussianLinker()
    assert len(set(linker.link(nodes, ()).entity_of.values())) == 1
    apart = Judgement("not_same", one, "Анна", NOW, object=other, id=1)
    assert len(set(linker.link(nodes, [apart]).entity_of.values())) == 2
    again = Judgement("same", one, "Анна", NOW, object=other, id=2)
    assert len(set(linker.link(nodes, [apart, again]).entity_of.values())) == 1


def test_whom_a_judgement_makes_one_keeps_what_either_is_called() -> None:
    talk = "[Глеб Станиславович|PERSON] родился в [Клину|CITY]. [Глеб|PERSON] ушёл."
    nodes = seen_nodes(
        resolution(text, text).nodes
        for text in (
            talk,
            "[Глеб Ветров|PERSON] родился в [Клину|CITY].",
            "[Тимофей Лукич Сухоруков|PERSON] основал верфь. [Сухоруков|PERSON] умер.",
        )
    )
    linker = RussianLinker()
    before = linker.link(nodes, ()).entity_of
    one, other = (
        next(before[n.id] for n in nodes if n.type == "PERSON" and surname in n.key)
        for surname in ("ветров", "сухоруков")
    )
    assert list(before.values()).count(one) > 1, "shorter names join him"
    said = Judgement("same", one, "Анна", NOW, object=other, id=1)
    judged = linker.link(nodes, [said]).entity_of
    joined = {id for id, entity in before.items() if entity in (one, other)}
    assert {id for id, entity in judged.items() if entity == judged[one]} == joined


def test_keys_and_stems() -> None:
    assert identity_key("журналистка", "PROFESSION") == "журналист"
    assert identity_key("милиционер", "PROFESSION") == "милиционер"
    assert noun_stem("томск") in adjective_stems("томский")
    assert noun_stem("париж") in adjective_stems("парижская")
    assert noun_stem("кремль") in adjective_stems("кремлевский")
    assert not adjective_stems("москва")
    assert is_acronym("мгу", "московский государственный университет")
    assert is_acronym("рпц", "русская православная церковь")
    assert not is_acronym("мгу", "московский университет")


# the order of documents makes no difference

PEOPLE = ("Иван Орлов", "Иван Петрович Орлов", "И. Орлов", "Орлов", "Анна Орлова", "Орлова")
OTHERS = (
    "[Москве|CITY]", "[московский|CITY]", "[ООН|ORGANIZATION]", "[РСР|ORGANIZATION]",
    "[Российский союз ректоров|ORGANIZATION]", "[Рабочий совет радио|ORGANIZATION]",
)  # fmt: skip


def made(source: str, seed: int) -> DocumentRecord:
    """A document over a small world of names, some with years of birth."""
    chance = random.Random(seed)
    parts, relations, count = [], [], 0
    for _ in range(chance.randrange(1, 4)):
        person, other = chance.choice(PEOPLE), chance.choice(OTHERS)
        parts.append(f"[{person}|PERSON] и {other} {seed}.")
        relations.append(f"{count + 1} WORKPLACE {count + 2}")
        count += 2
        if chance.random() < 0.4:
            parts.append(f"[{chance.choice((1834, 1950))} год|DATE].")
            relations.append(f"{count - 1} DATE_OF_BIRTH {count + 1}")
            count += 1
    notation = f"{' '.join(parts)} => {', '.join(relations)}"
    case = parse(notation)
    found = resolution(notation, source)
    document = Document(source, case.text, hashlib.sha256(case.text.encode()).hexdigest())
    sentences = (Sentence(0, len(case.text)),)
    return DocumentRecord(
        document, sentences, found.mentions, case.relations, "test", nodes=found.nodes
    )


@pytest.mark.slow
@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.permutations(range(9)), st.integers(0, 10_000), st.sets(st.integers(0, 8), max_size=3))
def test_one_by_one_in_any_order_is_all_at_once(
    order: list[int], world: int, deleted: set[int]
) -> None:
    records = [made(f"d{number}", world + number) for number in range(9)]
    reference = MemoryStore(RussianLinker())
    for number in range(9):
        if number not in deleted:
            reference.add_document(records[number])
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.db", linker=RussianLinker()) as store,
    ):
        for number in order:
            store.add_document(records[number])
        for number in sorted(deleted):
            store.delete_document(f"d{number}")
        assert contents(store) == contents(reference)
        assert store.check() == []
        assert store.relink() == 0


@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.permutations(range(5)))
def test_judgements_between_documents_make_no_difference(world: int, order: list[int]) -> None:
    """Said before, between or after the documents, judgements give one graph."""
    records = [made(f"d{number}", world + number) for number in range(5)]
    ids = sorted({node.id for record in records for node in record.nodes if node.type})
    chance = random.Random(world)
    said = [Judgement(chance.choice(("same", "not_same")), *_two(chance, ids)) for _ in range(3)]
    stores = [MemoryStore(RussianLinker())]
    with (
        tempfile.TemporaryDirectory() as folder,
        SqlStore.open(Path(folder) / "graph.db", linker=RussianLinker()) as store,
    ):
        for record in records:
            stores[0].add_document(record)
        for judgement in said:
            stores[0].judge(judgement)
        for number, judgement in zip(order, [*said, None, None], strict=True):
            store.add_document(records[number])
            if judgement is not None:
                store.judge(judgement)
        assert contents(store) == contents(stores[0])
        assert store.relink() == 0
        for judgement in list(store.judgements()):
            store.undo(judgement.id, NOW)
            stores[0].undo(judgement.id, NOW)
            assert contents(store) == contents(stores[0])
        assert store.check() == []


def _two(chance: random.Random, ids: list[str]) -> tuple[object, ...]:
    one, other = chance.sample(ids, 2)
    return one, "Анна", NOW, None, other


class _Doubtful(MemoryStore):
    """A store whose linker is as unsure of pairs of initials as of pairs of first names."""

    def nodes(self, around: str | None = None) -> Iterator[list[NodeStats]]:
        words = [f"{letter}. иванов" for letter in "абвгдежзиклмнопрстуфхц"]
        keys = [*words, *(f"{word[0]}лексей иванов" for word in words), "и. и. иванов"]
        yield [NodeStats(key, "PERSON", key, 1, ()) for key in keys]

    def reasons(self, around: str | None = None) -> Iterator[Reason]:
        names = [node.id for group in self.nodes() for node in group][:-1]
        half = len(names) // 2
        for one, other in zip(names[:half], names[half:], strict=True):
            yield Reason(one, other, True, "scorer", 0.52)
        yield Reason(names[0], "и. и. иванов", True, "scorer", 0.55)

    def entity(self, id: str) -> Entity | None:
        return Entity(id, "PERSON", id, 1, ())

    def node_entity(self, id: str) -> str | None:
        return id


def test_twenty_judgements_change_what_review_asks_about() -> None:
    store = _Doubtful()
    curator = Curator(store, lambda name: Entity(name, "PERSON", name, 1, ()))
    first = curator.review(30)
    assert first[-1].other.id == "и. и. иванов", "the surest comes last"
    for doubt in first[:19]:
        store.judge(Judgement("not_same", doubt.one.id, "Анна", NOW, object=doubt.other.id))
    assert curator.remaining() == len(first) - 19
    assert curator.review(30)[-1].other.id == "и. и. иванов"
    doubt = first[19]
    store.judge(Judgement("not_same", doubt.one.id, "Анна", NOW, object=doubt.other.id))
    assert curator.review(30)[0].other.id == "и. и. иванов", "of the others all was said"
