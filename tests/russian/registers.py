"""People's names in all cases, as registers, minutes and letters write them.

The forms come from paradigms written out here, not from the code under test or its dictionary.
Every row is a sentence or a register's line with the name marked, and the nominative. Rows are
dealt into two halves by their number: one may be looked at, the other only counted.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")

# nominative and the endings after the stem, in the order of CASES
_WOMEN_GIVEN = {
    "а": ("а", "ы", "е", "у", "ой", "е"),
    "ка": ("ка", "ки", "ке", "ку", "кой", "ке"),
    "га": ("га", "ги", "ге", "гу", "гой", "ге"),
    "ия": ("ия", "ии", "ии", "ию", "ией", "ии"),
    "ья": ("ья", "ьи", "ье", "ью", "ьей", "ье"),
    "я": ("я", "и", "е", "ю", "ей", "е"),
    "йя": ("йя", "йи", "йе", "йю", "йей", "йе"),
    "овь": ("овь", "ови", "ови", "овь", "овью", "ови"),
}
_WOMEN = """
Анн-а Ирин-а Елен-а Светлан-а Татьян-а Лидия Валерия Евгения Александр-а Валентин-а Людмил-а
Марин-а Екатерин-а Надежд-а Вер-а Ни-ка Оль-га Мария Юлия Ксения Виктория Наталья Дарья Софья
Зо-я Ра-я Майя Люб-овь Антонин-а Полин-а Тамар-а Раис-а Кир-а Ульян-а Агния Клавдия Инн-а
Кристин-а Алевтин-а Рит-а Роз-а Эмилия Анастасия Вероника Марьям Гульнар-а
"""
_MEN_GIVEN = {
    "": ("", "а", "у", "а", "ом", "е"),
    "ий": ("ий", "ия", "ию", "ия", "ием", "ии"),
    "ей": ("ей", "ея", "ею", "ея", "еем", "ее"),
    "ай": ("ай", "ая", "аю", "ая", "аем", "ае"),
    "ь": ("ь", "я", "ю", "я", "ем", "е"),
    "я": ("я", "и", "е", "ю", "ей", "е"),
    "а": ("а", "ы", "е", "у", "ой", "е"),
}
_MEN = """
Иван Александр Валентин Максим Роман Борис Виктор Антон Степан Руслан Тимур Валерий Евгений
Дмитрий Юрий Виталий Сергей Андрей Алексей Матвей Николай Игорь Иль-я Никит-а Кузьм-а Степан
Артём Захар Глеб Богдан Тихон Прохор
"""
_PATRONYMICS = """
Иванов Петров Сергеев Викторов Степанов Андреев Николаев Павлов Юрьев Игорев Фёдоров Борисов
Тимофеев Аркадьев Васильев Михайлов
"""
_SURNAMES_OV = """
Соколов Рындин Лапин Ершов Каретников Вельяминов Шабельников Пуговкин Тетерин Колчин Смолин Зуев
Грачёв Сиротин Полуэктов Дудоров Куницын Мякишев Плахов Жаров Голубев Кротов Дедов Снегирёв
Ломтев Хвостов Раков Шустов Цаплин Барышников Шемякин Верещагин
"""
_SURNAMES_SKY = """
Преображенск Вознесенск Заболоцк Ярицк Черкасск Луговск Озерецк Верхотурск
"""
_SURNAMES_OJ = "Мостов Берегов Луков Полев"
_SURNAMES_FIXED = "Черных Седых Коваленко Гриценко Живаго Долгих Думбадзе Лаврененко"
_SURNAMES_HARD = "Бондарчук Вернер Кравец Мельник Гольдман Манукян Остапчук Цимбал"
_OV_WOMAN = ("а", "ой", "ой", "у", "ой", "ой")
_OV_MAN = ("", "а", "у", "а", "ым", "е")
_SKY_WOMAN = ("ая", "ой", "ой", "ую", "ой", "ой")
_SKY_MAN = ("ий", "ого", "ому", "ого", "им", "ом")
_OJ_MAN = ("ой", "ого", "ому", "ого", "ым", "ом")
_HARD_MAN = ("", "а", "у", "а", "ом", "е")
_PATR_WOMAN = ("на", "ны", "не", "ну", "ной", "не")
_PATR_MAN = ("ич", "ича", "ичу", "ича", "ичем", "иче")

_FRAMES: dict[str, tuple[str, ...]] = {
    "nomn": (
        "{}",
        "1. {}, 1974 г. р.",
        "На собрании выступила {}.",
        "{} — член правления",
        "Подписала {}",
    ),
    "gent": (
        "Заявление от {} принято.",
        "Документы получены для {}.",
        "Без {} собрание не начали.",
        "Деньги взяли у {}.",
        "Показания приняты после {}.",
    ),
    "datv": (
        "Ключи отнесли к {}.",
        "Благодаря {} дело закрыли.",
        "Письмо ушло к {} вчера.",
    ),
    "accs": ("Рассказали про {}.", "Жалоба на {} поступила.", "Спросили через {}."),
    "ablt": (
        "Договор подписан с {}.",
        "Разговор между {} и советом.",
        "Надзор над {} установлен.",
    ),
    "loct": ("Справка о {} готова.", "Вопрос о {} снят.", "При {} всё было иначе."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A text with a name at ``[start, end)``, its nominative and how it is written."""

    text: str
    start: int
    end: int
    nominative: str
    gender: str
    case: str
    order: str


def _given(word: str, paradigms: dict[str, tuple[str, ...]]) -> list[str]:
    if "-" in word:
        stem, ending = word.split("-")
        return [stem + e for e in paradigms[ending]]
    for ending in sorted(paradigms, key=len, reverse=True):
        if ending and word.endswith(ending):
            return [word[: -len(ending)] + e for e in paradigms[ending]]
    if paradigms is _WOMEN_GIVEN:
        return [word] * 6
    return [word + e for e in paradigms[""]]


def _surnames(woman: bool) -> list[list[str]]:
    found = [[s + e for e in (_OV_WOMAN if woman else _OV_MAN)] for s in _SURNAMES_OV.split()]
    found += [[s + e for e in (_SKY_WOMAN if woman else _SKY_MAN)] for s in _SURNAMES_SKY.split()]
    if not woman:  # «Луковой» is as well a case of Лукова: nothing in the name decides
        found += [[s + e for e in _OJ_MAN] for s in _SURNAMES_OJ.split()]
    found += [[s] * 6 for s in _SURNAMES_FIXED.split()]
    found += [[s + e for e in ([""] * 6 if woman else _HARD_MAN)] for s in _SURNAMES_HARD.split()]
    return found


def _written(order: str, given: str, patronymic: str, surname: str) -> str:
    initials = f"{given[0]}. {patronymic[0]}."
    return {
        "first name first": f"{given} {surname}",
        "with a patronymic": f"{given} {patronymic} {surname}",
        "surname first": f"{surname} {given} {patronymic}",
        "capitals": f"{surname.upper()} {given} {patronymic}",
        "initials first": f"{initials} {surname}",
        "initials last": f"{surname} {initials}",
    }[order]


ORDERS = (
    "first name first", "with a patronymic", "surname first", "capitals", "initials first",
    "initials last",
)  # fmt: skip


def rows(gender: str, half: int, count: int = 600, seed: int = 20) -> list[Row]:
    """Half 0 or 1 of ``count`` rows about women (femn) or men (masc)."""
    chance = random.Random(f"{seed} {gender}")
    woman = gender == "femn"
    givens = [
        _given(w, _WOMEN_GIVEN if woman else _MEN_GIVEN)
        for w in (_WOMEN if woman else _MEN).split()
    ]
    patronymics = [
        [s + e for e in (_PATR_WOMAN if woman else _PATR_MAN)] for s in _PATRONYMICS.split()
    ]
    surnames = _surnames(woman)
    made = []
    for _ in range(count):
        given, patronymic, surname = map(chance.choice, (givens, patronymics, surnames))
        case, order = chance.choice(CASES), chance.choice(ORDERS)
        at = CASES.index(case)
        name = _written(order, given[at], patronymic[at], surname[at])
        frame = chance.choice(_FRAMES[case])
        if not woman:
            frame = frame.replace("выступила", "выступил").replace("Подписала", "Подписал")
        if name[0] in "АЕИОУЭЮЯ":
            frame = frame.replace(" о {", " об {")
        start = frame.index("{")
        plain = "initials first" if order == "initials last" else order
        plain = "with a patronymic" if plain in ("surname first", "capitals") else plain
        nominative = _written(plain, given[0], patronymic[0], surname[0])
        text = frame.format(name)
        made.append(Row(text, start, start + len(name), nominative, gender, case, order))
    return made[half::2]
