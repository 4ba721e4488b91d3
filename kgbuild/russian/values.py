"""Normal values of dates, times, ages, sums, shares and numbers, for comparing and sorting.

A date is the span of days from ``first`` to ``last``, written in EDTF, the extended date
format of ISO 8601-2:2019 («18 декабря 1834 года» → 1834-12-18, «в 90-х годах XIX века» →
189X, «с 1990 по 1995 год» → 1990/1995). Everything else is a number with a unit («полтора
миллиона рублей» → 1500000 RUB). What says no more than «несколько лет» or «недавно» has no
value, and what depends on the day of writing («вчера») has one only where that is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from kgbuild.russian.dates import date_value, time_value
from kgbuild.russian.folding import fold_yo, tokens
from kgbuild.russian.numerals import Numeral, compound, numeral, ordinal, roman
from kgbuild.russian.units import currency, duration_unit, measure
from kgbuild.russian.valuetypes import Bound, DateValue, Quantity, Value

__all__ = ["Bound", "DateValue", "Quantity", "Value", "value_of"]

_SIGNS = re.compile(r"([$€£₽¥%‰])")
_DASH = re.compile(r"(?<=\d)\s*[-–—−‑]\s*(?=\d)")
_NUMBER_WORD = re.compile(r"(\d+(?:[.,]\d+)?)-?[а-я]{0,3}$")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")
_APPROXIMATE = frozenset(
    [
        "около",
        "примерно",
        "порядка",
        "приблизительно",
        "почти",
        "где-то",
        "ориентировочно",
        "практически",
    ]
)
_AT_LEAST = frozenset(["более", "свыше", "больше", "минимум", "старше", "выше", "от", "сверх"])
_AT_MOST = frozenset(
    ["менее", "до", "меньше", "максимум", "моложе", "младше", "ниже", "максимально"]
)
_FILLERS = frozenset(
    [
        "в",
        "во",
        "на",
        "по",
        "за",
        "с",
        "со",
        "из",
        "чем",
        "всего",
        "еще",
        "уже",
        "лишь",
        "только",
        "ровно",
        "целых",
        "сумму",
        "размере",
    ]
)
_AGE_WORD = re.compile(
    r"(?<!\d)(\d+)(?:-?(?:х|ти|и|ми))?-?\s?(?:летн|летие|летия|летию|лети|й? годовщин|я годовщин)"
)
_FRACTION = re.compile(r"\b([1-9])/([2-9])$")
_VULGAR = re.compile(r"(?<=\d)\s?([¼½¾])")
_PARTS = {"¼": ",25", "½": ",5", "¾": ",75"}
_OF_AGE = re.compile(r"лет(?:н|и[еюя])")


@lru_cache(maxsize=16384)
def value_of(surface: str, type: str, anchor: date | None = None) -> Value | None:
    """The normal value of a surface form of a DATE, TIME, AGE, MONEY, PERCENT, NUMBER or ORDINAL.

    ``anchor`` is the day of writing, from which «вчера» and «14 октября» are counted. None
    where the form says no definite value, and for every other type.
    """
    plain = _VULGAR.sub(lambda match: _PARTS[match[1]], surface.replace("&nbsp;", " "))
    plain = plain.replace("\u2011", "-").replace("\xad", "")
    text = " ".join(fold_yo(plain).split())
    reader = _READERS.get(type)
    if reader is not None:
        return reader(text) if text else None
    if type == "DATE":
        return date_value(text, anchor)
    return time_value(text, anchor) if type == "TIME" else None


def _words(text: str) -> list[str]:
    text = _THOUSANDS.sub("", text) if "$" in text or text.count(",") > 1 else text
    text = _SIGNS.sub(r" \1 ", _DASH.sub(" - ", text))
    return [word.strip('(),;:«»"') or word for word in tokens(text)]


def _bound(words: list[str]) -> tuple[Bound, list[str]]:
    """What is said of a number before it («не менее», «почти»), and the words after that."""
    bound: Bound = ""
    at = 0
    negated = False
    while at < len(words):
        word = words[at].casefold()
        if word in _APPROXIMATE:
            bound = "about"
        elif word in _AT_LEAST:
            bound = "at most" if negated else "at least"
        elif word in _AT_MOST:
            bound = "at least" if negated else "at most"
        elif word == "не":
            negated = True
        elif word == "по" and words[at + 1 : at + 2] in (["меньшей"], ["крайней"]):
            bound, at = "at least", at + 2
        elif word not in _FILLERS or (word == "с" and at + 1 == len(words)):
            break
        at += 1
    rest = words[at:]
    if bound and rest[:1] == ["тысячи"]:
        rest = ["тысяча", *rest[1:]]  # «более тысячи» is one
    return bound, rest


def _plain(word: str) -> str:
    """A number without its ending: «18-ти» → «18»."""
    match = _NUMBER_WORD.fullmatch(word)
    return match[1] if match else word


def _number(words: list[str]) -> Numeral | None:
    return numeral([_plain(word) for word in words])


def _range(words: list[str]) -> tuple[Numeral, Numeral | None, list[str]] | None:
    """A number or two of them («от 5 до 10 млн», «5-10 млн»), and the words after."""
    first = _number(words)
    if first is None:
        return None
    rest = words[first.words :]
    joined = len(rest) > 1 and rest[0].casefold() in ("-", "до", "или", "и", "–", "—", "по")
    second = _number(rest[1:]) if joined else None
    if second is None or second.number <= 0:
        return first, None, rest
    if first.scale == 1 and second.scale > 1 and first.number < second.number / second.scale:
        first = Numeral(first.number * second.scale, first.words, second.scale)
    if second.number <= first.number:
        return first, None, rest
    return first, second, rest[1 + second.words :]


Unit = Callable[[list[str]], tuple[str, float] | None]


def _quantity(text: str, unit: Unit) -> Quantity | None:
    """A number or a range with the unit that the words around it name.

    ``unit`` gives the unit and what one of its words is worth (a kopeck 0.01).
    """
    bound, words = _bound(_words(text))
    sign = unit(words[:1]) if words and words[0] in "$€£₽¥" else None
    words = words[1:] if sign else words
    found = _range(words)
    if found is None:
        return None
    first, second, rest = found
    named = sign or unit(rest)
    if named is None:
        return None
    name, worth = named
    upper = None if second is None else _rounded(second.number * worth)
    kept: Bound = "" if upper is not None and bound in ("at least", "at most") else bound
    return Quantity(_rounded(first.number * worth), name, upper, kept)


def _rounded(number: float) -> float:
    return round(number, 6)


def _money(text: str) -> Quantity | None:
    text = re.sub(r"(?<=\d)-(?=доллар|рубл|евро|фунт)", " ", text)
    return _quantity(text, lambda words: currency(words) or ("", 1.0))


def _percent(text: str) -> Quantity | None:
    glued = re.sub(r"(\d)-?процентн\w+", r"\1 %", text)
    return _quantity(glued, lambda words: ("%", 1.0))


def _number_value(text: str) -> Quantity | None:
    text = _FRACTION.sub(lambda match: f"{int(match[1]) / int(match[2]):.6f}", text)
    found = _quantity(text.lstrip("№ "), lambda words: measure(words) or ("", 1.0))
    if found is not None:
        return found
    named = compound(text)
    if named is not None and named[1].startswith(("кратн", "раз", "сторон")):
        return Quantity(float(named[0]), "times" if named[1].startswith("кратн") else "")
    return None


def _age(text: str) -> Quantity | None:
    low = text.casefold()
    bound, words = _bound(_words(low))
    if match := _AGE_WORD.search(low):
        return Quantity(float(match[1]), "year", None, bound)
    for word in words:
        named = compound(word)
        if named is not None and (_OF_AGE.match(named[1]) or named[1].startswith("месячн")):
            return Quantity(float(named[0]), "month" if "месячн" in named[1] else "year")
        if word.startswith("полугодовал"):
            return Quantity(0.5, "year")
        if word.startswith("столети"):
            return Quantity(100.0, "year")
    if words[:1] == ["лет"] and len(words) > 1:  # «лет 50» is about fifty
        bound, words = "about", [*words[1:], "лет"]
    number = ordinal(words[0]) if words else None
    if number is not None and len(words) > 1:
        return Quantity(float(number), "year", None, bound)
    return _quantity(" ".join([*_spoken(bound), *words]), _years)


def _spoken(bound: Bound) -> list[str]:
    return {"": [], "about": ["около"], "at least": ["более"], "at most": ["менее"]}[bound]


def _years(words: list[str]) -> tuple[str, float]:
    return next(((unit, 1.0) for word in words[:1] if (unit := duration_unit(word))), ("year", 1.0))


def _ordinal(text: str) -> Quantity | None:
    words = _words(text.lstrip("№ "))
    number: float | None = None
    for place, word in enumerate(words[:3]):
        found = ordinal(word)
        tens = _number(words[:place]) if place else None
        if found is not None and (place == 0 or tens is not None):
            number = float(found + (tens.number if tens else 0.0))
            break
    if number is None and len(words) == 1:
        plain = _plain(words[0])
        value = roman(words[0])
        number = float(plain) if plain.isdigit() else None if value is None else float(value)
    return None if number is None else Quantity(number, "ordinal")


_READERS: dict[str, Callable[[str], Quantity | None]] = {
    "AGE": _age,
    "MONEY": _money,
    "NUMBER": _number_value,
    "ORDINAL": _ordinal,
    "PERCENT": _percent,
}
