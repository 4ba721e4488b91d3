"""Units by the words that name them: currencies, measures, spans of time."""

from __future__ import annotations

from functools import lru_cache

from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import readings

_CURRENCIES: dict[str, str] = {
    "рубль": "RUB", "руб": "RUB", "р": "RUB", "₽": "RUB", "доллар": "USD", "долл": "USD",
    "$": "USD", "usd": "USD", "евро": "EUR", "€": "EUR", "eur": "EUR", "фунт": "GBP", "£": "GBP",
    "гривна": "UAH", "грн": "UAH", "юань": "CNY", "иена": "JPY", "йена": "JPY", "¥": "JPY",
    "тенге": "KZT", "франк": "CHF", "злотый": "PLN", "лира": "TRY", "рупия": "INR", "вона": "KRW",
    "лари": "GEL", "драм": "AMD", "манат": "AZN", "сом": "KGS", "сум": "UZS", "шекель": "ILS",
    "реал": "BRL", "форинт": "HUF", "лат": "LVL", "лит": "LTL", "биткоин": "BTC", "марка": "DEM",
    "долларовый": "USD", "рублевый": "RUB", "драхма": "GRD", "песо": "MXN", "риал": "IRR", "бат": "THB",
}  # fmt: skip
# the adjective before a currency's noun decides which it is
_BY_COUNTRY: dict[tuple[str, str], str] = {
    ("шведский", "крона"): "SEK", ("норвежский", "крона"): "NOK", ("датский", "крона"): "DKK",
    ("чешский", "крона"): "CZK", ("исландский", "крона"): "ISK", ("канадский", "доллар"): "CAD",
    ("австралийский", "доллар"): "AUD", ("гонконгский", "доллар"): "HKD",
    ("сингапурский", "доллар"): "SGD", ("новозеландский", "доллар"): "NZD",
    ("белорусский", "рубль"): "BYN", ("египетский", "фунт"): "EGP", ("французский", "франк"): "FRF",
    ("итальянский", "лира"): "ITL", ("приднестровский", "рубль"): "PRB",
}  # fmt: skip
_HUNDREDTHS = {"копейка": "RUB", "коп": "RUB", "цент": "USD", "евроцент": "EUR", "пенс": "GBP"}
_TIME = {
    "год": "year", "лет": "year", "годик": "year", "полугодие": "half-year", "месяц": "month",
    "мес": "month", "неделя": "week", "день": "day", "сутки": "day", "час": "hour", "ч": "hour",
    "минута": "minute", "мин": "minute", "секунда": "second", "сек": "second", "век": "century",
    "столетие": "century", "десятилетие": "decade", "тысячелетие": "millennium",
    "ночь": "day", "сезон": "season", "квартал": "quarter",
}  # fmt: skip
_MEASURES = {
    "километр": "km", "км": "km", "метр": "m", "м": "m", "сантиметр": "cm", "см": "cm",
    "миллиметр": "mm", "мм": "mm", "килограмм": "kg", "кг": "kg", "грамм": "g", "г": "g",
    "тонна": "t", "т": "t", "литр": "l", "л": "l", "га": "ha", "гектар": "ha", "миля": "mi",
    "баррель": "bbl", "градус": "°", "раз": "times", "ватт": "W", "мвт": "MW", "квт": "kW",
    "фунт": "lb", "унция": "oz", "кубометр": "m³", "балл": "points", "очко": "points",
}  # fmt: skip
_SQUARE = {"квадратный": "²", "кв": "²", "кубический": "³", "куб": "³"}


@lru_cache(maxsize=8192)
def _lemmas(word: str) -> tuple[str, ...]:
    low = fold_yo(word.casefold()).rstrip(".,")
    return tuple(dict.fromkeys([low, *(fold_yo(r.lemma) for r in readings(low))]))


def _of(word: str, table: dict[str, str]) -> str | None:
    return next((table[lemma] for lemma in _lemmas(word) if lemma in table), None)


def currency(words: list[str]) -> tuple[str, float] | None:
    """The ISO 4217 code of the money that words name, and what one of it is worth.

    «белорусских рублей» → BYN; «копеек» → a hundredth of RUB. None where they name none.
    """
    for place, word in enumerate(words[:4]):
        for (country, noun), code in _BY_COUNTRY.items():
            if place and noun in _lemmas(word) and country in _lemmas(words[place - 1]):
                return code, 1.0
        if hundredth := _of(word, _HUNDREDTHS):
            return hundredth, 0.01
        if known := _of(word, _CURRENCIES):
            return known, 1.0
    return None


def measure(words: list[str]) -> tuple[str, float] | None:
    """The symbol of the measure that words name; None where they name none."""
    power = next(
        (_SQUARE[lemma] for w in words[:1] for lemma in _lemmas(w) if lemma in _SQUARE), ""
    )
    for word in words[1 if power else 0 :][:1]:
        if unit := _of(word, _MEASURES) or _of(word, _TIME):
            return unit + power, 1.0
    return None


def duration_unit(word: str) -> str | None:
    """The span of time that a word names («лет» → year)."""
    return _of(word, _TIME)
