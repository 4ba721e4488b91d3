"""Names from all their forms, from the words beside them, and from the list of names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.resolve.naming import NameEvidence, Occurrence, names_of
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.russian.forms import likelihoods, name_readings, named, normal_name
from kgbuild.russian.guess import guessed
from kgbuild.russian.lexicon import lexicon
from kgbuild.types import Mention, Name

FORMS = """
CITY: Мишанинской → Мишанинская
CITY: Куростровскую → Куростровская
CITY: деревне Мишанинской → деревня Мишанинская
CITY: станицу Вёшенскую → станица Вёшенская
CITY: села Мишанинского → село Мишанинское
CITY: Мишанинском → Мишанинск
STATE_OR_PROVINCE: Куростровской волости → Куростровская волость
PERSON: Бёрру, Бёрра, Бёрром → Бёрр
PERSON: Маркарова, Маркаровой → Маркарова
PERSON: Маркаров, Маркарова, Маркарову → Маркаров
LOCATION: Тринкомалы, Тринкомале, Тринкомалу → Тринкомала
LOCATION: Кирмонта, Кирмонту, Кирмонте → Кирмонт
ORGANIZATION: Автостата, Автостатом → Автостат
CITY: Горюхове → Горюхово
CITY: Горюхова, Горюхово → Горюхово
CITY: Горюхетах → Горюхеты
CITY: Каменце-Подольском → Каменец-Подольский
PERSON: Корнильевых → Корнильевы
PERSON: Раиса Воробьёвы → Раиса Воробьёва
PERSON: Игоша Бубнов → Игоша Бубнов
PROFESSION: герцога Брабантского → герцог Брабантский
WORK_OF_ART: Ивана Шестого → Иван Шестой
PROFESSION: Певец → певец
PROFESSION: Генеральному Директору → генеральный директор
PROFESSION: Президента Российской Федерации → президент Российской Федерации
ORDINAL: Второй → второй
ORDINAL: Третьими → третий
ORGANIZATION: Окружного суда → Окружной суд
LOCATION: украинском → украинский
ORGANIZATION: российского МИД → российский МИД
PRODUCT: «Тетради.Ru», Тетрадью.Ru → Тетрадь.Ru
PERSON: Владимира] Кротова → Владимир Кротов
PERSON: Папы Римского → Папа Римский
PERSON: Пэтом Чиполлоне → Пэт Чиполлоне
PERSON: Прюдом → Прюдом
LANGUAGE: шведски → шведский
COUNTRY: советско → СССР
DATE: С 1827 по 1846 год → с 1827 по 1846 год
DATE: с 1930-х годов → 1930-е годы
DATE: в 1858 и 1859 годах → 1858 и 1859 годы
"""
ROWS = [line.partition(": ")[::2] for line in FORMS.strip().splitlines()]


@pytest.mark.parametrize(("type", "row"), ROWS)
def test_forms_of_one_name_agree_on_its_nominative(type: str, row: str) -> None:
    surfaces, _, canonical = row.partition(" → ")
    forms = surfaces.split(", ")
    first = names_of([Occurrence(form, type) for form in forms])[0]
    assert first.canonical == canonical


CONTEXTS = """
PERSON: заявила [Ананьева] → Ананьева
PERSON: заявил [Ананьев] → Ананьев
PERSON: арест [Ананьева] → Ананьев
PERSON: у [Ананьева] → Ананьев
PERSON: с [Ананьевой] → Ананьева
PERSON: [Хусяйнова] сообщила → Хусяйнова
PERSON: Жена Орлова, [Виргилия Дробанова], пела → Виргилия Дробанова
PERSON: Мать поэта, [Катрин Лабе], шила → Катрин Лабе
CITY: родился в селе [Шоршелы] → Шоршелы
CITY: родился в [Горюховском] → Горюховское
CITY: в городе [Гурьеве] → Гурьев
CITY: в селе [Гурьеве] → Гурьево
PERSON: умер [Александр Дюма] (отец) → Александр Дюма-отец
PERSON: Режиссёра [Валентина Рогожина] сменила сестра → Валентин Рогожин
PERSON: Исполнитель [Каблукова Н. С.], тел. 45 → Н. С. Каблукова
PERSON: [Владислава Кузина] опоздала. → Владислава Кузина
PERSON: [Мира Лагутина] опоздала на поезд → Мира Лагутина
"""


@pytest.mark.parametrize("row", CONTEXTS.strip().splitlines())
def test_words_beside_a_mention_say_its_case(row: str) -> None:
    type, _, rest = row.partition(": ")
    text, _, canonical = rest.partition(" → ")
    start, end = text.index("["), text.index("]") - 1
    occurrence = Occurrence.of(text.replace("[", "").replace("]", ""), Mention(start, end, type))
    assert names_of([occurrence])[0].canonical == canonical


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Мы в [Туле] живём", "в", "живём"),
        ("Конец. [Тула] стоит", "", "стоит"),
        ("[Тула]", "", ""),
        ("в «[Туле]», но", "в", ""),
    ],
)
def test_context_ends_with_the_sentence(text: str, before: str, after: str) -> None:
    start, end = text.index("["), text.index("]") - 1
    mention = Mention(start, end, "CITY")
    occurrence = Occurrence.of(text.replace("[", "").replace("]", ""), mention)
    assert occurrence == Occurrence("Туле" if "Туле" in text else "Тула", "CITY", before, after)


def test_other_documents_decide_where_a_document_cannot() -> None:
    alone = names_of([Occurrence("Кирмонте", "LOCATION")])
    assert alone[0].canonical == "Кирмонт"
    elsewhere = NameEvidence()
    for _ in range(3):
        elsewhere.add([named("Кирмонта")])
    assert names_of([Occurrence("Кирмонте", "LOCATION")], elsewhere)[0].canonical == "Кирмонта"
    assert elsewhere.of("кирмонта") > elsewhere.of("кирмонт") == 0.0


def test_one_mention_is_named_as_it_is_alone() -> None:
    for surface, type in (("Менделеева", "PERSON"), ("Министерства обороны", "ORGANIZATION")):
        assert names_of([Occurrence(surface, type)]) == [normal_name(surface, type)]


def test_no_mentions_have_no_names() -> None:
    assert names_of([]) == []


@given(st.lists(st.text(max_size=12), max_size=4), st.sampled_from(["PERSON", "CITY", "DATE"]))
def test_any_surfaces_get_names(surfaces: list[str], type: str) -> None:
    names = names_of([Occurrence(surface, type) for surface in surfaces])
    assert len(names) == len(surfaces)
    assert names == names_of([Occurrence(surface, type) for surface in surfaces])


def test_readings_that_agree_add_up() -> None:
    found = likelihoods(name_readings("Лермонтова", "PERSON"))
    assert found["Лермонтов"] > found["Лермонтова"] > 0
    only_nominative = likelihoods(
        name_readings("Лермонтова", "PERSON"), lambda reading: float(reading.case == "nomn")
    )
    assert max(only_nominative, key=lambda name: only_nominative[name]) == "Лермонтова"


@pytest.mark.parametrize(
    ("word", "nominatives"),
    [
        ("Кирмонте", {"кирмонт", "кирмонте", "кирмонта", "кирмонто"}),
        ("Зарнию", {"зарния", "зарний"}),
        ("Арготы", {"аргота", "арготы"}),
        ("Кирмонт", {"кирмонт"}),
    ],
)
def test_endings_say_what_a_name_may_be(word: str, nominatives: set[str]) -> None:
    assert {reading.nominative for reading in guessed(word)} == nominatives


def test_listed_names_decline() -> None:
    forms = lexicon()
    assert {form.nominative for form in forms["неваде"]} == {"невада"}
    assert {form.case for form in forms["милуоки"]} >= {"nomn", "gent", "loct"}
    for surface, name in (
        ("Неваде", "Невада"), ("Юты", "Юта"), ("Делавэра", "Делавэр"), ("Тайбэем", "Тайбэй"),
        ("Милуоки", "Милуоки"), ("Яссах", "Яссы"), ("Тихуаной", "Тихуана"),
    ):  # fmt: skip
        assert normal_name(surface, "CITY").canonical == name
        assert normal_name(name, "CITY").canonical == name
    assert normal_name("Асии Биби", "PERSON").canonical == "Асия Биби"
    assert normal_name("Мэттью Хэнкока", "PERSON").canonical == "Мэттью Хэнкок"


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Раиса Горбачёва", "Раиса Горбачёва"),
        ("Александра Блока", "Александр Блок"),
        ("Александра Андреевна Бекетова", "Александра Андреевна Бекетова"),
        ("Бронислава Длуская", "Бронислава Длуская"),
        ("Иола Торнаги", "Иола Торнаги"),
        ("Владимира Ковалевских", "Владимир Ковалевский"),
        ("Марии Столетовых", "Мария Столетова"),
        ("Столетовых", "Столетовы"),
        ("Петра Ланского", "Пётр Ланской"),
        ("Натальи Ланской", "Наталья Ланская"),
        ("Петр Орлов", "Петр Орлов"),
        ("Соловьева", "Соловьев"),
        ("Гаврилова А.В.", "А. В. Гаврилова"),
        ("А.В.Гавриловым", "А. В. Гаврилов"),
        ("Джеде Бранниге", "Джед Бранниг"),
        ("Гленде Моррисон", "Гленда Моррисон"),
        ("Юлию Цой", "Юлия Цой"),
        ("Юлия Цоя", "Юлий Цой"),
        ("Фионы Карим", "Фиона Карим"),
        ("Себастьяном Курцем", "Себастьян Курц"),
        ("Олафа Шольца", "Олаф Шольц"),
        ("Бретта Кавано", "Бретт Кавано"),
        ("Исмаилова Ахъяда Супьяновича", "Ахъяд Супьянович Исмаилов"),
        ("ИП Толмачёва Пелагея Саввична", "Пелагея Саввична Толмачёва"),
    ],
)
def test_whole_names_of_people(surface: str, name: str) -> None:
    assert normal_name(surface, "PERSON").canonical == name


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Республиканской партиями", "Республиканская партия"),
        ("Азовского морей", "Азовское море"),
        ("иммиграционную и таможенную полицию США", "иммиграционная и таможенная полиция США"),
        ("страны Балтии", "страны Балтии"),
        ("Сычуани", "Сычуань"),
        ("Роли", "Роли"),
    ],
)
def test_whole_names_of_places_and_bodies(surface: str, name: str) -> None:
    assert normal_name(surface, "ORGANIZATION").canonical == name


def test_a_relative_of_the_same_surname_keeps_a_woman_s_name() -> None:
    text = "Инна Кротова и Яков Кротов живут в Пскове."
    people = [Mention(0, 12, "PERSON"), Mention(15, 26, "PERSON")]
    names = RussianNormalizer().names(text, people)
    assert [name.canonical for name in names] == ["Инна Кротова", "Яков Кротов"]


@pytest.mark.parametrize(
    "row",
    [
        "Докладчик – [Инна Кротова]. Это признала и [Кротова]. → Кротова",
        "Докладчик – [Яков Кротов]. Проверили и [Кротова]. → Кротов",
        "«Так и будет», — считает [Кротова]. → Кротова",
        "Так, отмечает [Кротова], бывает. → Кротова",
        "В суд вызывает [Кротова]. → Кротов",
    ],
)
def test_a_surname_alone_is_a_woman_s_where_the_text_says_so(row: str) -> None:
    marked, _, canonical = row.partition(" → ")
    assert _named(marked)[-1].canonical == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Дозы вакцины «[Каврона]».", "Каврона"),
        ("Дозы «[Каврона]».", "Каврон"),
        ("Отзыв о [Кавроне].", "Каврон"),
    ],
)
def test_a_product_in_quotes_behind_its_kind_is_in_the_nominative(
    text: str, canonical: str
) -> None:
    start, end = text.index("["), text.index("]") - 1
    mention = Mention(start, end, "PRODUCT")
    names = RussianNormalizer().names(re.sub(r"[][]", "", text), [mention])
    assert names[0].canonical == canonical


@pytest.mark.parametrize(
    "row",
    [
        "[Брет Уоллинг] снялся. О [Брете Уоллинге] забыли. [Брету Уоллингу] грустно. → Брет Уоллинг",
        "[Ллойд Кенворт] пел. О [Ллойде Кенворте] пишут. → Ллойд Кенворт",
        "[Джада Брамс] пела. О [Джаде Брамс] пишут. С [Джадой Брамс] спорят. → Джада Брамс",
        "О [Богдане Громовой] пишут. [Богдану Громову] ждут. → Богдана Громова",
    ],
)
def test_a_form_with_one_nominative_settles_the_others(row: str) -> None:
    marked, _, canonical = row.partition(" → ")
    assert {name.canonical for name in _named(marked)} == {canonical}


def test_names_of_a_list_stand_in_one_case() -> None:
    found = _named("Члены: [Яхонтов Л.Л.], [Пудова С.К.] и [Громов И.И.]")
    assert [name.canonical for name in found] == ["Л. Л. Яхонтов", "С. К. Пудова", "И. И. Громов"]
    found = _named("Показания [Яхонтова Л.Л.], [Пудова С.К.] и [Громова И.И.]")
    assert [name.canonical for name in found] == ["Л. Л. Яхонтов", "С. К. Пудов", "И. И. Громов"]


def _named(marked: str) -> list[Name]:
    """The names of the people in brackets."""
    people: list[Mention] = []
    for number, found in enumerate(re.finditer(r"\[([^]]+)\]", marked)):
        start = found.start() - 2 * number
        people.append(Mention(start, start + len(found[1]), "PERSON"))
    return RussianNormalizer().names(re.sub(r"[][]", "", marked), people)
