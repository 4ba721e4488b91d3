"""Proper names that the dictionary lacks or knows only as other words, and how they decline.

General knowledge of geography and public life. A name stands here where reading it by the
dictionary and by its ending gave another nominative for it or for one of its cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_FEMININE_PLACES = """
Айова Аделаида Богота Буковина Газа Гиза Дубна Индиана Кабарда Кампала Кеноша Кордова Лиепая
Луизиана Любляна Миннесота Мисурата Монтана Невада Огаста Оклахома Омаха Острава Паттайя
Претория Ракка Самара Сана Сахара Талса Тампа Тирана Тихуана Фукусима Хелена Хургада Шекхупура
Юта Атланта Гвадалахара Хиросима Окинава Эритрея Ботсвана Аккра Доха Джидда Манама Латакия
Латгалия Каталония Севилья Малага Генуя Болонья Верона Падуя Пиза Сиена Мантуя Модена Парма
Равенна Алабама Небраска Аляска Калифорния Джорджия Пенсильвания Виргиния Вирджиния Алроса
Антифа Лапландия Подгорица Приштина Бородянка Буча Хакасия Тува
"""
_MASCULINE_PLACES = """
Балтимор Бонн Брисбен Бургас Голуэй Делавэр Джексонвилл Засниц Канкун Конкорд Корк Лахор Лубмин
Магас Медельин Мукран Нэшвилл Луисвилл Панджаб Пенджаб Ренн Салвадор Синд Тайбэй Тусон Мэдисон
Утрехт Хартфорд Хубэй Хэбэй Чад Чекерс Шарлотт Эссен Янгон Чунцин Ухань Брекзит Брексит
Коронавирус Фейсбук Инстаграм Ютуб Телеграм Твиттер Ростех Нафтогаз Евростар Минпромторг
Минтруд Совфед Роспотребнадзор Росздравнадзор Росстат Минздрав Роскомнадзор Роскосмос Боулдер
Финикс Клуж Суэц Линц Грац Лейпциг Кейптаун Дурбан Хартум Фейсалабад
"""
_FIXED_PLACES = """
Абу-Даби Бали Бойсе Гоа Кали Кентукки Конго Кошице Манагуа Миссисипи Милуоки Миссури Никарагуа
Огайо Олбани Порту Роли Санта-Фе Турку Цинциннати Душанбе Кутаиси Батуми Гюмри Гаити Мали
Сомали Чили Перу Косово Осло Тампере Хельсинки Торонто Онтарио Орландо Майами Колорадо Сан-
Диего Сан-Франциско Айдахо Дели Мумбаи Карачи Найроби Катманду Янцзы Хуанхэ Антананариву Мапуту
Фару Кале Бордо Глазго Чикаго Сан-Паулу
"""
_PLURAL_PLACES = "Аланды Балканы Вельке-Капушаны Гавайи Сумы Яссы Мытищи Химки Люберцы Бровары"
_FEMININE_NAMES = """
Асия Далия Зузана Иола Камала Кая Малала Нихола Римша Санна Йонна Ярослава Кайя
"""
_COMMON_SURNAMES = """
Мандела Неруда Бандера Бубка Кустурица Батиста Шпидла Соботка Умала
Валенса Гевара Кисида Кулеба Лула Науседа Обама Раза Суга Чепига Йода Дуда Масуда Стефанишина
Окава Ямада Танака Накамура
"""
_MASCULINE_NAMES = (
    "Курц Вайц Илон Кир Митт Ондржей Лиам Саджид Реджеп Эмманюэль Грегг Джаред Хантер"
)
_ADJECTIVAL_SURNAMES = "Ланской Лановой Крамской"
_FIXED_NAMES = """
Роналду Пеле Спейси Джоли Криштиану
Антониу Антонью Биби Мэттью Мэтью Эндрю Трейси Саули Мете Хельге Гурбангулы Юри Ковени
Грибаускайте Рютте Конте Драги Чавушоглу Зеле Бюхеле Хоули Чиполлоне Рахой Пелоси Джулиани
Керри Келли Коми Фаучи Псаки Пичаи Мэй Рухани Хаменеи Абэ Могерини Таяни Сальвини Берлускони
Муссолини Прити Риши Жозе Руди Берни Тулси Нэнси Линдси Эми
"""

_ADJECTIVAL = (("masc", "ой", ("ого", "ому", "ого", "ым", "ом")),
               ("femn", "ая", ("ой", "ой", "ую", "ой", "ой")))  # fmt: skip
_FEMININE_A = ("ы", "е", "у", "ой", "е")
_FEMININE_VELAR = ("и", "е", "у", "ой", "е")
_FEMININE_SIBILANT = ("и", "е", "у", "ей", "е")
_FEMININE_YA = ("и", "е", "ю", "ей", "е")
_FEMININE_IYA = ("и", "и", "ю", "ей", "и")
_MASCULINE = ("а", "у", "", "ом", "е")
_MASCULINE_PERSON = ("а", "у", "а", "ом", "е")
_MASCULINE_J = ("я", "ю", "й", "ем", "е")
_MASCULINE_J_PERSON = ("я", "ю", "я", "ем", "е")
_PLURAL = ("", "ам", "{}", "ами", "ах")
_OBLIQUE = ("gent", "datv", "accs", "ablt", "loct")


@dataclass(frozen=True, slots=True)
class LexiconForm:
    """What a form of a listed name may be; ``nominative`` is in lower case."""

    nominative: str
    case: str
    gender: str
    number: str
    marks: frozenset[str]


def _feminine(word: str) -> tuple[str, tuple[str, ...]]:
    stem = word[:-1]
    if word.endswith("ия"):
        return stem, _FEMININE_IYA
    if word[-1] == "я":
        return stem, _FEMININE_YA
    if stem[-1] in "жшчщ":
        return stem, _FEMININE_SIBILANT
    return stem, _FEMININE_VELAR if stem[-1] in "гкх" else _FEMININE_A


def _endings(word: str, gender: str, marks: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The stem and the endings from the genitive to the locative."""
    person = bool(marks & {"Name", "Surn"})
    if word[-1] in "ая":
        return _feminine(word)
    if word[-1] == "й":
        return word[:-1], _MASCULINE_J_PERSON if person else _MASCULINE_J
    if word[-1] == "ь":
        return word[:-1], ("я", "ю", "ь", "ем", "е")
    if gender == "femn":
        return word, ("",) * 5
    return word, _MASCULINE_PERSON if person else _MASCULINE


def _add(
    forms: dict[str, list[LexiconForm]], words: str, gender: str, mark: str, fixed: bool = False
) -> None:
    marks = frozenset({mark, "Fixd"} if fixed else {mark})
    for word in words.lower().split():
        stem, endings = (word, ("",) * 5) if fixed else _endings(word, gender, marks)
        cases = [("nomn", word), *zip(_OBLIQUE, (stem + e for e in endings), strict=True)]
        for case, form in cases:
            forms.setdefault(form, []).append(LexiconForm(word, case, gender, "sing", marks))


def _add_plural(forms: dict[str, list[LexiconForm]], words: str) -> None:
    for word in words.lower().split():
        stem, last = word[:-1], word[-1]
        soft = {"ам": "ям", "ами": "ями", "ах": "ях"} if last == "и" and stem[-1] == "й" else {}
        cases = [("nomn", word)]
        cases += [
            (case, stem + (last if ending == "{}" else soft.get(ending, ending)))
            for case, ending in zip(_OBLIQUE, _PLURAL, strict=True)
        ]
        for case, form in cases:
            marks = frozenset({"Geox", "Pltm"})
            forms.setdefault(form, []).append(LexiconForm(word, case, "", "plur", marks))


def _add_adjectival(forms: dict[str, list[LexiconForm]], words: str) -> None:
    """Surnames in a stressed -ой, which reading by the ending would make -ий or -ый."""
    marks = frozenset({"Surn"})
    for word in words.lower().split():
        stem = word[:-2]
        for gender, nominative, endings in _ADJECTIVAL:
            own = stem + nominative
            cases = [("nomn", own), *zip(_OBLIQUE, (stem + e for e in endings), strict=True)]
            for case, form in cases:
                forms.setdefault(form, []).append(LexiconForm(own, case, gender, "sing", marks))


@cache
def lexicon() -> dict[str, list[LexiconForm]]:
    """Every form of every listed name, in lower case."""
    forms: dict[str, list[LexiconForm]] = {}
    _add(forms, _FEMININE_PLACES, "femn", "Geox")
    _add(forms, _MASCULINE_PLACES, "masc", "Geox")
    _add(forms, _FIXED_PLACES, "neut", "Geox", fixed=True)
    _add(forms, _FEMININE_NAMES, "femn", "Name")
    _add(forms, _MASCULINE_NAMES, "masc", "Name")
    _add(forms, _COMMON_SURNAMES, "ms-f", "Surn")
    _add_adjectival(forms, _ADJECTIVAL_SURNAMES)
    _add(forms, _FIXED_NAMES, "ms-f", "Name", fixed=True)
    _add_plural(forms, _PLURAL_PLACES)
    return forms
