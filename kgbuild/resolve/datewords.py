"""The words of a date as symbols, so that its grammar is a few patterns.

«в конце 1990-х годов» → ``P2 1990s Y``; «с 14 по 18 ноября 2012 года» → ``с 14 по 18 M11 2012
Y``; «в прошлом году» → ``A-1 Y``; «два года назад» → ``2 Y назад``. Months are ``M1``–``M12``,
seasons ``S1`` (winter) – ``S4``, weekdays ``W0``–``W6``, centuries ``C``, parts of a span ``P0``
(beginning) – ``P2``, halves ``H``, quarters ``Q``, adjectives of time ``A-1``, ``A0``, ``A+1``,
hours of the day ``T14:30``, units of time ``U`` and their first letter.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.resolve.numerals import cardinal, ordinal, roman, scale
from kgbuild.resolve.words import fold_yo, readings

_MONTHS = (
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
).split()
_WEEKDAYS = "понедельник вторник среда четверг пятница суббота воскресенье".split()
_SYMBOLS: dict[str, str] = {
    **{month: f"M{number}" for number, month in enumerate(_MONTHS, 1)},
    **{day: f"W{number}" for number, day in enumerate(_WEEKDAYS)},
    "год": "Y", "г": "Y", "гг": "Y", "лет": "L", "летие": "L",
    "век": "C", "столетие": "C", "вв": "C", "тысячелетие": "K",
    "зима": "S1", "весна": "S2", "лето": "S3", "осень": "S4",
    "зимой": "S1", "весной": "S2", "летом": "S3", "осенью": "S4",
    "начало": "P0", "середина": "P1", "конец": "P2", "половина": "H", "квартал": "Q",
    "прошлый": "A-1", "минувший": "A-1", "прошедший": "A-1", "предыдущий": "A-1",
    "этот": "A0", "текущий": "A0", "нынешний": "A0", "сей": "A0",
    "следующий": "A+1", "будущий": "A+1", "грядущий": "A+1",
    "месяц": "Um", "неделя": "Uw", "день": "Ud", "сутки": "Ud", "десятилетие": "Ux",
    "час": "Uh", "минута": "Ui", "секунда": "Us", "полгода": "6 Um",
    "утро": "утро", "вечер": "вечер", "ночь": "ночь",
}  # fmt: skip
_DROPPED = frozenset(
    "период времени время примерно около приблизительно ориентировочно порядка число "
    "включительно ориентировочно мск где-то еще уже вплоть начиная только лишь самый "
    "минимум местному московскому киевскому".split()
)
_BEFORE_CHRIST = re.compile(r"\bдо\s+(?:н\.?\s*э\.?|нашей эры|р\.?\s*х\.?)", re.IGNORECASE)
_OUR_ERA = re.compile(r"\b(?:н\.?\s*э\.?|нашей эры|от рождества христова)(?=$|[\s,.)])", re.IGNORECASE)
_THIS_YEAR = re.compile(r"\bс\.\s?г\.?$", re.IGNORECASE)
_PARENTHESES = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TOKEN = re.compile(
    r"\d{1,2}[.]\d{1,2}[.]\d{2,4}|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}::?\d{2}(?:::?\d{2})?|\d{1,2}\.\d{2}(?=\s+(?:мск|по|час)|$)"
    r"|\d+(?:[.,]\d+)?(?:-?[а-яё]{1,2}\b)?|[а-яёa-z]+|[-–—−‑/]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)-?([а-яё]{0,2})$")
_DECADE_ENDINGS = frozenset({"е", "х", "ых", "ые", "ми", "м"})
_CLOCK = re.compile(r"(\d{1,2})(?:::?|\.)(\d{2})")
_DECADES = re.compile(
    r"(двадцат|тридцат|сороков|пятидесят|шестидесят|семидесят|восьмидесят|девяност|десят)"
    r"(?:ых|ые|ым|ыми)$"
)


def symbols(text: str) -> str:
    """The symbols of a date or time in any case and order, joined by spaces."""
    text = _PARENTHESES.sub(" ", text)
    text = _BEFORE_CHRIST.sub(" BC ", text)
    text = _THIS_YEAR.sub(" этого года", _OUR_ERA.sub(" ", text))
    found = [symbol for token in _TOKEN.findall(text) if (symbol := _symbol(token))]
    return " ".join(_joined(found))


def _joined(found: list[str]) -> list[str]:
    """Tens and units put together («двадцать первого» → 21); «2 половина» → H2."""
    joined: list[str] = []
    for symbol in found:
        last = joined[-1] if joined else ""
        spelt = symbol.startswith("#")
        plain = symbol.lstrip("#")
        if spelt and last.startswith("#") and _adds(last[1:], plain):
            joined[-1] = f"#{float(last[1:]) + float(plain):g}"
        elif symbol in ("H", "Q") and last.lstrip("#").isdigit():
            joined[-1] = symbol + last.lstrip("#")
        else:
            joined.append(symbol)
    return [symbol.lstrip("#") for symbol in joined]


def _adds(tens: str, units: str) -> bool:
    """Whether one number word goes on with another: «двадцать» and «первое»."""
    one, other = float(tens), float(units)
    step = 1000 if one % 1000 == 0 else 100 if one % 100 == 0 else 10
    return one >= 20 and one % 10 == 0 and 0 < other < step


@lru_cache(maxsize=8192)
def _symbol(token: str) -> str:
    low = fold_yo(token.casefold())
    if token == "BC":
        return "BC"
    if low in "-–—−‑/":
        return "-"
    if low[0].isdigit():
        return _digits(low)
    if (number := roman(token)) is not None and token != "С":
        return f"{number}"
    return _word(low)


def _digits(low: str) -> str:
    if re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}", low):
        return "D" + low.replace("/", ".")
    if clock := _CLOCK.match(low):
        return f"T{int(clock[1])}:{clock[2]}"
    match = _NUMBER.match(low)
    if match is None:
        return low
    number, ending = match[1].replace(",", "."), match[2]
    if ending == "г":
        return f"{number} Y"
    if ending == "в":
        return f"{number} C"
    if ending in _DECADE_ENDINGS and number.endswith("0") and (ending != "м" or len(number) < 1):
        return f"{number}s"
    return number


def _word(low: str) -> str:
    if low in _DROPPED:
        return ""
    if low in ("летом", "лета"):
        return "S3"
    if low in ("годов", "года", "г", "году"):
        return "Y"
    if (decade := _DECADES.match(low)) is not None:
        number = ordinal(decade[1] + ("ой" if decade[1] == "сороков" else "ый"))
        return f"{number}s"
    if low == "полтора" or low == "полутора":
        return "1.5"
    number = cardinal(low) if ordinal(low) is None else ordinal(low)
    if number is None and low in ("тысяча", "две"):
        number = 1000 if low == "тысяча" else 2
    if number is not None and scale(low) is None and not low.startswith("половин"):
        return f"#{number:g}"
    for lemma in dict.fromkeys([low, *(fold_yo(reading.lemma) for reading in readings(low))]):
        if lemma in _SYMBOLS:
            return _SYMBOLS[lemma]
    return low
