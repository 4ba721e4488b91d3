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

from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import readings
from kgbuild.russian.numerals import cardinal, compound, ordinal, roman, scale

_MONTHS = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]
_WEEKDAYS = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"]
_SYMBOLS: dict[str, str] = {
    **{month: f"M{number}" for number, month in enumerate(_MONTHS, 1)},
    **{day: f"W{number}" for number, day in enumerate(_WEEKDAYS)},
    "год": "Y", "г": "Y", "гг": "Y", "лет": "L", "летие": "L",
    "век": "C", "столетие": "C", "вв": "C", "тысячелетие": "K",
    "зима": "S1", "весна": "S2", "лето": "S3", "осень": "S4",
    "зимой": "S1", "весной": "S2", "летом": "S3", "осенью": "S4",
    "начало": "P0", "середина": "P1", "конец": "P2", "половина": "H", "полугодие": "H", "квартал": "Q",
    "прошлый": "A-1", "минувший": "A-1", "прошедший": "A-1", "предыдущий": "A-1",
    "этот": "A0", "текущий": "A0", "нынешний": "A0", "сей": "A0",
    "следующий": "A+1", "будущий": "A+1", "грядущий": "A+1",
    "месяц": "Um", "неделя": "Uw", "день": "Ud", "сутки": "Ud", "десятилетие": "Ux",
    "час": "Uh", "минута": "Ui", "секунда": "Us", "полгода": "6 Um",
    "утро": "утро", "вечер": "вечер", "ночь": "ночь",
}  # fmt: skip
_DROPPED = frozenset(
    [
        "период",
        "времени",
        "время",
        "примерно",
        "около",
        "приблизительно",
        "ориентировочно",
        "порядка",
        "число",
        "включительно",
        "ориентировочно",
        "мск",
        "где-то",
        "еще",
        "уже",
        "вплоть",
        "начиная",
        "только",
        "лишь",
        "самый",
        "минимум",
        "местному",
        "московскому",
        "киевскому",
    ]
)
_BEFORE_CHRIST = re.compile(r"\bдо\s+(?:н\.?\s*э\.?|нашей эры|р\.?\s*х\.?)", re.IGNORECASE)
_OUR_ERA = re.compile(
    r"\b(?:н\.?\s*э\.?|нашей эры|от рождества христова)(?=$|[\s,.)])", re.IGNORECASE
)
_BORN = re.compile(r"(?:года|г\.)\s*(?:рождения|р\.)$", re.IGNORECASE)
_SEASON = re.compile(r"\b(\d{2})(\d{2})/(\d{2})\b(?!/)")
_THIS_YEAR = re.compile(r"\bс\.\s?г\.?$", re.IGNORECASE)
_PARENTHESES = re.compile(r"\([^)]{0,500}\)|\[[^\]]{0,500}\]")
_TOKEN = re.compile(
    r"\d{1,2}[.]\d{1,2}[.]\d{2,4}|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}::?\d{2}(?:::?\d{2})?|\d{1,2}\.\d{2}(?=\s+(?:мск|по|час)|$)"
    r"|\d+-?(?:х|ти|и|ми)?-?(?:лет|месячн|недельн|дневн|суточн|часов|минутн)[а-яё]{2,3}\b"
    r"|\d+(?:[.,]\d+)?(?:-?[а-яё]{1,2}\b)?|[а-яёa-z]+|[-–—−‑/]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)-?([а-яё]{0,2})$")
_DECADE_ENDINGS = frozenset({"е", "х", "ых", "ые", "ми"})
_CLOCK = re.compile(r"(\d{1,2})(?:::?|\.)(\d{2})")
_LENGTHS = re.compile(r"летн|месячн|недельн|дневн|суточн|часов|минутн")
_LENGTH = re.compile(
    r"(\d+)-?(?:х|ти|и|ми)?-?(летн|месячн|недельн|дневн|суточн|часов|минутн)[а-яё]{2,3}$"
)
_LENGTH_UNITS = {
    "летн": "L", "месячн": "Um", "недельн": "Uw", "дневн": "Ud", "суточн": "Ud", "часов": "Uh",
    "минутн": "Ui",
}  # fmt: skip
_NOT_ROMAN = frozenset({"С", "c", "BC"})
# forms that the dictionary gives other lemmas, and Latin letters for Cyrillic ones
_FORMS = {
    "днях": "днях", "полдень": "T12:00", "полдня": "T12:00", "полудня": "T12:00", "полночь": "T0:00",
    "полуночи": "T0:00", "летом": "S3", "лета": "S3", "годов": "Y", "года": "Y", "году": "Y",
    "полтора": "1.5", "полутора": "1.5", "c": "с", "o": "о", "bc": "BC",
    **dict.fromkeys("-–—−‑/", "-"),
}  # fmt: skip
_NUMERIC = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}")
_DIGIT_ENDINGS = {"г": " Y", "в": " C"}
_DECADES = re.compile(
    r"(двадцат|тридцат|сороков|пятидесят|шестидесят|семидесят|восьмидесят|девяност|десят)"
    r"(?:ых|ые|ым|ыми)$"
)


def symbols(text: str) -> str:
    """The symbols of a date or time in any case and order, joined by spaces."""
    text = _PARENTHESES.sub(" ", text)
    text = _SEASON.sub(r"\1\2-\1\3", _BORN.sub("года", text))
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
    """A token's symbol: what the first reader that knows it says, "" for what says nothing."""
    low = fold_yo(token.casefold())
    if low[0].isdigit():
        readers = (_numeric, _clock, _digits_length, _digits)
        return next(symbol for read in readers if (symbol := read(low)) is not None)
    number = None if token in _NOT_ROMAN else roman(token)
    if number is not None:
        return f"{number}"
    words = (_listed, _decade, _length, _number_word, _lemma)
    return next((symbol for read in words if (symbol := read(low)) is not None), low)


def _numeric(low: str) -> str | None:
    return "D" + low.replace("/", ".") if _NUMERIC.fullmatch(low) else None


def _clock(low: str) -> str | None:
    match = _CLOCK.match(low)
    return None if match is None else f"T{int(match[1])}:{match[2]}"


def _digits_length(low: str) -> str | None:
    """«30-дневный» is thirty days."""
    match = _LENGTH.match(low)
    return None if match is None else f"{match[1]} {_LENGTH_UNITS[match[2]]}"


def _digits(low: str) -> str:
    match = _NUMBER.match(low)
    if match is None:
        return low
    number, ending = match[1].replace(",", "."), match[2]
    if ending in _DECADE_ENDINGS and number.endswith("0"):
        return f"{number}s"
    return number + _DIGIT_ENDINGS.get(ending, "")


def _listed(low: str) -> str | None:
    return "" if low in _DROPPED else _FORMS.get(low)


def _decade(low: str) -> str | None:
    """«девяностых»."""
    match = _DECADES.match(low)
    if match is None:
        return None
    number = ordinal(match[1] + ("ой" if match[1] == "сороков" else "ый"))
    return f"{number}s"


def _length(low: str) -> str | None:
    """«пятилетний» is five years."""
    named = compound(low)
    unit = _LENGTHS.match(named[1]) if named else None
    return f"{named[0]} {_LENGTH_UNITS[unit[0]]}" if named and unit else None


def _number_word(low: str) -> str | None:
    if scale(low) is not None or low.startswith("половин"):
        return None
    of_order = ordinal(low)
    number = cardinal(low) if of_order is None else of_order
    return None if number is None else f"#{number:g}"


def _lemma(low: str) -> str | None:
    lemmas = [low, *(fold_yo(reading.lemma) for reading in readings(low))]
    return next((_SYMBOLS[lemma] for lemma in lemmas if lemma in _SYMBOLS), None)
