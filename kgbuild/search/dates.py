"""The days that a date written in Russian can mean: as much as a search by date needs."""

from __future__ import annotations

import calendar
import re
from datetime import date

MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_CENTURY = re.compile(r"\b([ivxl]+|\d{1,2})(?:-?\w{1,3})?\s*(?:век|в\.|столети)", re.IGNORECASE)
_DECADE = re.compile(r"(?<!\d)(1\d{2}|20\d)0-\w+\s*(?:год|гг)", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DAY_MONTH = re.compile(r"(?:(?<!\d)(\d{1,2})(?:-?го|-?е)?\s+)?([а-я]{2,})")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}


def days(text: str) -> tuple[date, date] | None:
    """The first and the last day of a date; None where no year is written.

    >>> days("8 февраля 1834 года")
    (datetime.date(1834, 2, 8), datetime.date(1834, 2, 8))
    """
    folded = text.casefold()
    try:
        if found := _ISO.search(folded):
            return _one(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMERIC.search(folded):
            return _one(int(found[3]), int(found[2]), int(found[1]))
        if found := _DECADE.search(folded):
            return date(int(found[1]) * 10, 1, 1), date(int(found[1]) * 10 + 9, 12, 31)
        years = [int(year) for year in _YEAR.findall(folded)]
        if years:
            return _within(folded, min(years), max(years))
        if found := _CENTURY.search(folded):
            century = int(found[1]) if found[1].isdigit() else _roman(found[1])
            return date(century * 100 - 99, 1, 1), date(century * 100, 12, 31)
    except ValueError:  # 30 февраля, 45.13.2001
        pass
    return None


def _one(year: int, month: int, day: int) -> tuple[date, date]:
    return date(year, month, day), date(year, month, day)


def _within(folded: str, first: int, last: int) -> tuple[date, date]:
    """A year or years, narrowed by a month and a day where one year has them."""
    if first == last:
        for day, word in _DAY_MONTH.findall(folded):
            month = _month(word)
            if month and day:
                return _one(first, month, int(day))
            if month:
                end = calendar.monthrange(first, month)[1]
                return date(first, month, 1), date(first, month, end)
    return date(first, 1, 1), date(last, 12, 31)


def _month(word: str) -> int | None:
    for number, stem in enumerate(MONTHS, 1):
        if word.startswith(stem) and (stem != "ма" or word in ("май", "мая", "мае", "маю", "маем")):
            return number
    return None


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
