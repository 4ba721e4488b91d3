from __future__ import annotations

import pytest

from kgbuild.ask.rules.question import parse_question
from kgbuild.ask.rules.wordings import SLOTS, wordings
from kgbuild.ontology import RELATIONS

OBJECT = """
ABBREVIATION: Какое сокращение у Российской академии наук?
AGENT: Что совершил Иван Орлов?
AGE_DIED_AT: В каком возрасте умер Иван Орлов?
AGE_IS: Сколько лет Ивану Орлову?
ALTERNATIVE_NAME: Как ещё называют Санкт-Петербург?
AWARDED_WITH: Чем награждён Пётр Капица?
CAUSE_OF_DEATH: От чего умер Иван Орлов?
CONVICTED_OF: В чём обвинили Ивана Орлова?
DATE_DEFUNCT_IN: Когда распустили «Маяк»?
DATE_FOUNDED_IN: В каком году основан МГУ?
DATE_OF_BIRTH: Когда родился Дмитрий Менделеев?
DATE_OF_CREATION: Когда написали «Мцыри»?
DATE_OF_DEATH: Когда умер Дмитрий Менделеев?
END_TIME: Когда закончилась Северная война?
EXPENDITURE: Сколько потратил Иван Орлов?
FOUNDED_BY: Кто основал Газпром?
HAS_CAUSE: Какова причина аварии?
HEADQUARTERED_IN: Где находится штаб-квартира Microsoft?
IDEOLOGY_OF: Какая идеология у партии «Рассвет»?
INANIMATE_INVOLVED: В чём задействован «Буран»?
INCOME: Сколько заработал Иван Орлов?
KNOWS: С кем познакомился Иван Орлов?
LOCATED_IN: Где находится Эрмитаж?
MEDICAL_CONDITION: Чем болел Иван Орлов?
MEMBER_OF: В какую партию вступил Иван Орлов?
ORGANIZES: Что организовал Иван Орлов?
ORIGINS_FROM: Откуда родом Иван Орлов?
OWNER_OF: Чем владеет Иван Орлов?
PARENT_OF: Кто дети Ивана Орлова?
PARTICIPANT_IN: В чём участвовал Иван Орлов?
PART_OF: Частью чего является Эрмитаж?
PENALIZED_AS: К чему приговорили Ивана Орлова?
PLACE_OF_BIRTH: Где родился Дмитрий Менделеев?
PLACE_OF_DEATH: В каком городе умер Дмитрий Менделеев?
PLACE_RESIDES_IN: Где живёт Иван Орлов?
POINT_IN_TIME: Когда состоялась Куликовская битва?
PRICE_OF: Сколько стоит «Буран»?
PRODUCES: Что написал Лев Толстой?
RELATIVE: Кто родственник Ивана Орлова?
RELIGION_OF: Какую веру исповедует Иван Орлов?
SCHOOLS_ATTENDED: Где учился Иван Орлов?
SIBLING: Кто брат Ивана Орлова?
SPOUSE: Кто супруг Марии Кюри?
START_TIME: Когда началась Северная война?
SUBEVENT_OF: В ходе чего произошла Полтавская битва?
SUBORDINATE_OF: Кому подчиняется Иван Орлов?
TAKES_PLACE_IN: Где произошла Куликовская битва?
WORKPLACE: Где работает Эльвира Набиуллина?
WORKS_AS: Кем работает Эльвира Набиуллина?
"""
SUBJECT = """
ABBREVIATION: Как расшифровывается РАН?
AGENT: Кто совершил Переход через Альпы?
AGE_DIED_AT: Кто умер в 37 лет?
AGE_IS: Кому исполнилось 37 лет?
ALTERNATIVE_NAME: Кому принадлежит псевдоним Андрей Белый?
AWARDED_WITH: Кто получил Нобелевскую премию?
CAUSE_OF_DEATH: Кто умер от чахотки?
CONVICTED_OF: Кого осудили за кражу?
DATE_DEFUNCT_IN: Что распустили в 1991 году?
DATE_FOUNDED_IN: Что основали в 1755 году?
DATE_OF_BIRTH: Кто родился 8 февраля 1834 года?
DATE_OF_CREATION: Что создали в 1869 году?
DATE_OF_DEATH: Кто умер в 1907 году?
END_TIME: Что закончилось в 1721 году?
EXPENDITURE: Кто заплатил миллион рублей?
FOUNDED_BY: Что основал Павел Дуров?
HAS_CAUSE: К чему привела Северная война?
HEADQUARTERED_IN: Что базируется в Казани?
IDEOLOGY_OF: Кто сторонник социализма?
INANIMATE_INVOLVED: Что использовали в Куликовской битве?
INCOME: Кто заработал миллион рублей?
KNOWS: Кто познакомился с Иваном Орловым?
LOCATED_IN: Какие города находятся в России?
MEDICAL_CONDITION: Кто болел чахоткой?
MEMBER_OF: Кто состоит в партии «Рассвет»?
ORGANIZES: Кто организовал Куликовскую битву?
ORIGINS_FROM: Кто родом из Казани?
OWNER_OF: Кому принадлежит «Зенит»?
PARENT_OF: Кто отец Ивана Орлова?
PARTICIPANT_IN: Кто участвовал в Куликовской битве?
PART_OF: Из чего состоит Эрмитаж?
PENALIZED_AS: Кого приговорили к ссылке?
PLACE_OF_BIRTH: Кто родился в Казани?
PLACE_OF_DEATH: Кто умер в Казани?
PLACE_RESIDES_IN: Кто живёт в Казани?
POINT_IN_TIME: Что произошло в 1812 году?
PRICE_OF: Что стоит миллион рублей?
PRODUCES: Кто написал «Войну и мир»?
RELATIVE: Чей родственник Иван Орлов?
RELIGION_OF: Кто исповедует буддизм?
SCHOOLS_ATTENDED: Кто окончил МГУ?
SIBLING: Чья сестра Анна Орлова?
SPOUSE: Чья жена Анна Орлова?
START_TIME: Что началось в 1700 году?
SUBEVENT_OF: Что произошло в ходе Северной войны?
SUBORDINATE_OF: Кто подчиняется Ивану Орлову?
TAKES_PLACE_IN: Что произошло в Казани?
WORKPLACE: Кто работает в МГУ?
WORKS_AS: Кто президент России?
"""


def rows(text: str) -> list[tuple[str, str]]:
    return [tuple(line.split(": ", 1)) for line in text.strip().splitlines()]  # type: ignore[misc]


def asked(question: str) -> set[tuple[str, bool]]:
    return {(asked.relation, asked.inverse) for asked in parse_question(question).relations}


@pytest.mark.parametrize(("relation", "question"), rows(OBJECT))
def test_asking_for_the_object(relation: str, question: str) -> None:
    assert (relation, False) in asked(question)


@pytest.mark.parametrize(("relation", "question"), rows(SUBJECT))
def test_asking_for_the_subject(relation: str, question: str) -> None:
    assert (relation, True) in asked(question)


def test_every_relation_has_wordings_and_is_tested() -> None:
    assert {relation for relation, _ in rows(OBJECT)} == set(RELATIONS)
    assert {relation for relation, _ in rows(SUBJECT)} == set(RELATIONS)
    for relation in RELATIONS:
        assert {wording.inverse for wording in wordings().of(relation)} == {False, True}


def test_elements_are_dictionary_forms_or_question_words() -> None:
    elements = {word for w in wordings().all for element in w.elements for word in element}
    assert {word for word in elements if word.isupper()} <= SLOTS
    assert not [word for word in elements if "ё" in word or "$" in word]


@pytest.mark.parametrize(
    ("question", "relation", "inverse"),
    [
        ("Что вызвало аварию?", "HAS_CAUSE", False),
        ("Что вызвала авария?", "HAS_CAUSE", True),
        ("Что привело к аварии?", "HAS_CAUSE", False),
        ("К чему привела авария?", "HAS_CAUSE", True),
        ("Что входит в Эрмитаж?", "PART_OF", True),
        ("Во что входит Эрмитаж?", "PART_OF", False),
        ("Что принадлежит Ивану Орлову?", "OWNER_OF", False),
        ("Какой компании принадлежит Instagram?", "OWNER_OF", True),
        ("Кто подчиняется Орлову?", "SUBORDINATE_OF", True),
        ("Кому подчиняется Орлов?", "SUBORDINATE_OF", False),
    ],
)
def test_the_other_direction_is_not_asked(question: str, relation: str, inverse: bool) -> None:
    assert (relation, inverse) in asked(question)
    assert (relation, not inverse) not in asked(question)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Где родился Дмитрий Менделеев?", ("Дмитрий Менделеев",)),
        ("Где же родился Дмитрий Менделеев?", ("Дмитрий Менделеев",)),
        ("Дмитрий Менделеев где родился", ("Дмитрий Менделеев",)),
        ("Кто написал роман «Война и мир»?", ("роман «Война и мир»", "Война и мир")),
        ("Где родился химик Менделеев?", ("химик Менделеев", "Менделеев")),
        ("Кто жена брата Ивана Орлова?", ("брата Ивана Орлова",)),
        ("Кто жена адвоката Орлова?", ("адвоката Орлова",)),
    ],
)
def test_the_name(question: str, names: tuple[str, ...]) -> None:
    assert parse_question(question).relations[0].names == names


@pytest.mark.parametrize(
    "question",
    ["", "?", "Как погода?", "Столица Франции?", "Расскажи о Менделееве", "Где родился?", "Кто?"],
)
def test_what_is_not_understood(question: str) -> None:
    assert parse_question(question).relations == ()


def test_what_the_answer_should_be() -> None:
    assert parse_question("В каком городе родился Менделеев?").types == {"CITY"}
    assert parse_question("Где родился Менделеев?").types >= {"CITY", "COUNTRY"}
    assert parse_question("Кто отец Менделеева?").answer_gender == "masc"
    assert parse_question("Где родилась Менделеева?").name_gender == "femn"
