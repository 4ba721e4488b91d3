from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.ontology import ENTITY_TYPES
from kgbuild.ports import Normalizer
from kgbuild.resolve.normalize import RussianNormalizer

NORMALIZER = RussianNormalizer()

CASES = """
PERSON: Менделеев → Менделеев
PERSON: Менделеева → Менделеев
PERSON: Менделееву → Менделеев
PERSON: Менделеевым → Менделеев
PERSON: Дмитрия Ивановича Менделеева → Дмитрий Иванович Менделеев
PERSON: Менделеевым Дмитрием Ивановичем → Дмитрий Иванович Менделеев
PERSON: Д.И.Менделееву → Д. И. Менделеев
PERSON: Менделеева Д. И. → Д. И. Менделеев
PERSON: Набиуллиной → Набиуллина
PERSON: Эльвире Сахипзадовне Набиуллиной → Эльвира Сахипзадовна Набиуллина
PERSON: Черных → Черных
PERSON: Ивана Черных → Иван Черных
PERSON: Софьей Ковалевской → Софья Ковалевская
PERSON: Марией Склодовской-Кюри → Мария Склодовская-Кюри
PERSON: Пьера Кюри → Пьер Кюри
PERSON: Льва Толстого → Лев Толстой
PERSON: Толстым → Толстой
PERSON: Жан-Поля Сартра → Жан-Поль Сартр
PERSON: Ангелы Меркель → Ангела Меркель
PERSON: Лины Костенко → Лина Костенко
PERSON: Сергея Королева → Сергей Королев
PERSON: Королёвой → Королёва
PERSON: Лермонтова → Лермонтов
PERSON: Александры Пушкиной → Александра Пушкина
PERSON: Ахматовой → Ахматова
PERSON: Екатерины II → Екатерина II
PERSON: Фиделя Кастро → Фидель Кастро
PERSON: Винсента ван Гога → Винсент ван Гог
PERSON: Никиты Михалкова → Никита Михалков
PERSON: Петра Капицы → Пётр Капица
PERSON: Льва Ландау → Лев Ландау
PERSON: ДМИТРИЯ МЕНДЕЛЕЕВА → Дмитрий Менделеев
PERSON: John Smith → John Smith
ORGANIZATION: Королевского научного общества → Королевское научное общество
ORGANIZATION: Министерства обороны России → Министерство обороны России
ORGANIZATION: Российской академии наук → Российская академия наук
ORGANIZATION: РАН → РАН
ORGANIZATION: МГУ имени Ломоносова → МГУ имени Ломоносова
ORGANIZATION: газете «Известия» → газета «Известия»
ORGANIZATION: «Газпроме» → Газпром
ORGANIZATION: Газпрому → Газпром
ORGANIZATION: Google → Google
ORGANIZATION: компании Apple → компания Apple
ORGANIZATION: британского МИД → британский МИД
ORGANIZATION: Вооружённых сил России → Вооружённые силы России
ORGANIZATION: Главной палате мер и весов → Главная палата мер и весов
ORGANIZATION: 23-й бригады → 23-я бригада
CITY: Санкт-Петербурге → Санкт-Петербург
CITY: Ростове-на-Дону → Ростов-на-Дону
CITY: Нижнем Новгороде → Нижний Новгород
CITY: Набережных Челнах → Набережные Челны
CITY: Грозного → Грозный
CITY: города Тобольска → город Тобольск
CITY: Сочи → Сочи
COUNTRY: России → Россия
COUNTRY: российской → Россия
COUNTRY: РФ → Россия
COUNTRY: Соединённых Штатов Америки → США
COUNTRY: Российской империи → Российская империя
LOCATION: Северном море → Северное море
LOCATION: Уральских гор → Уральские горы
DATE: в 1834 году → 1834 год
DATE: в 427 году до н. э. → 427 год до н. э.
DATE: в 44 году до нашей эры → 44 год до н. э.
DATE: 8 февраля 1834 года → 8 февраля 1834 года
DATE: 8 февраля 1834 г. → 8 февраля 1834 года
DATE: в марте 2013 года → март 2013 года
DATE: в 1990-е годы → 1990-е годы
AGE: 72-летний → 72 года
AGE: 94 лет → 94 года
PROFESSION: министром обороны → министр обороны
PROFESSION: первого заместителя председателя → первый заместитель председателя
PROFESSION: депутатов → депутат
AWARD: медалью Копли → медаль Копли
WORK_OF_ART: «Войны и мира» → Война и мир
WORK_OF_ART: Мастера и Маргариты → Мастер и Маргарита
WORK_OF_ART: Анны Карениной → Анна Каренина
WORK_OF_ART: Мёртвых душ → Мёртвые души
WORK_OF_ART: Основы химии → Основы химии
WORK_OF_ART: Три сестры → Три сестры
EVENT: Второй мировой войны → Вторая мировая война
EVENT: Олимпийских игр в Сочи → Олимпийские игры в Сочи
FAMILY: Романовых → Романовы
NATIONALITY: немецкой → немецкий
PRODUCT: Северного потока-2 → Северный поток-2
PRODUCT: Ту-154 → Ту-154
FACILITY: Зимнего дворца → Зимний дворец
PERSON: пророка Мухаммеда → пророк Мухаммед
PERSON: Ким Чен Ына → Ким Чен Ын
PERSON: Хуану Пабло Монтойе → Хуан Пабло Монтойя
PERSON: Екатерина Сабирова → Екатерина Сабирова
PERSON: Гвинет Пэлтроу → Гвинет Пэлтроу
ORGANIZATION: властей Таиланда → власти Таиланда
ORGANIZATION: власти Таиланда → власти Таиланда
ORGANIZATION: сборной Бразилии → сборная Бразилии
ORGANIZATION: Большим театром → Большой театр
ORGANIZATION: Высшей школы экономики → Высшая школа экономики
ORGANIZATION: МАГАТЭ → МАГАТЭ
ORGANIZATION: ПАО «Газпром нефть» → ПАО «Газпром нефть»
ORGANIZATION: Театра им. Ермоловой → Театр им. Ермоловой
ORGANIZATION: Министерства обороны Российской Федерации → Министерство обороны Российской Федерации
CITY: города Минска → город Минск
CITY: Великих Лук → Великие Луки
LOCATION: Воробьёвых гор → Воробьёвы горы
DISTRICT: округе Сан-Бернардино → округ Сан-Бернардино
AWARD: лучшей футболистки года → лучшая футболистка года
AWARD: лучший режиссёр → лучший режиссёр
MONEY: 50 тысяч долларов → 50 тысяч долларов
"""
# without its document, such a nominative reads as a man's genitive
DOUBTFUL = (
    "Набиуллиной → Набиуллина",
    "Королёвой → Королёва",
    "Александры Пушкиной → Александра Пушкина",
)
ROWS = [line.partition(": ")[::2] for line in CASES.strip().splitlines()]


@pytest.mark.parametrize(("type", "pair"), ROWS)
def test_canonical_name(type: str, pair: str) -> None:
    surface, _, canonical = pair.partition(" → ")
    assert NORMALIZER.normalize(surface, type).canonical == canonical


@pytest.mark.parametrize(("type", "pair"), [row for row in ROWS if row[1] not in DOUBTFUL])
def test_forms_of_a_name_share_its_key(type: str, pair: str) -> None:
    surface, _, canonical = pair.partition(" → ")
    assert NORMALIZER.normalize(surface, type).key == NORMALIZER.normalize(canonical, type).key


def test_key_ignores_case_yo_and_quotes() -> None:
    keys = {NORMALIZER.normalize(s, "ORGANIZATION").key for s in ("«Орёл»", '"ОРЕЛ"', "Орёл")}
    assert len(keys) == 1


def test_key_keeps_the_patronymic() -> None:
    short = NORMALIZER.normalize("Дмитрий Менделеев", "PERSON")
    full = NORMALIZER.normalize("Дмитрий Иванович Менделеев", "PERSON")
    assert short.key != full.key


@pytest.mark.slow
@given(st.text(max_size=40), st.sampled_from(ENTITY_TYPES))
def test_any_text_has_a_name(surface: str, type: str) -> None:
    name = NORMALIZER.normalize(surface, type)
    assert name == NORMALIZER.normalize(surface, type)
    assert not surface.strip() or name.canonical


def test_it_is_a_normalizer() -> None:
    assert isinstance(NORMALIZER, Normalizer)


def test_importing_loads_no_dictionary() -> None:
    check = "import sys, kgbuild.resolve.resolver; sys.exit('pymorphy3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
