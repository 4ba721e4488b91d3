"""Spans of the calendar as values: days, months, seasons, decades, centuries, their thirds."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from kgbuild.russian.valuetypes import DateValue, Day, Precision

_NOW = 30
"""The last two-digit year that is of this century."""
_TWENTIETH = 1900


def numeric_of(written: str) -> DateValue | None:
    """A day written in digits: 18.12.1834 or 1834-12-18."""
    numbers = [int(n) for n in re.split(r"[.-]", written)]
    year, month, day = numbers if "-" in written else numbers[::-1]
    year += 0 if year > 99 else 2000 if year <= _NOW else _TWENTIETH
    return day_of(year, month, day)


def _iso_year(year: int) -> str:
    return f"{year:04}" if year >= 0 else f"-{-year:04}"


def day_of(year: int | None, month: int, day: int) -> DateValue | None:
    """A day of a year; None where there is no such day."""
    if year is None or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        return None
    whole = (year, month, day)
    return DateValue(f"{_iso_year(year)}-{month:02}-{day:02}", "day", whole, whole)


def _length(year: int, month: int) -> int:
    return monthrange(year if year > 0 else 2000, month)[1]


def month_of(year: int | None, month: int) -> DateValue | None:
    """A month of a year."""
    if year is None or not 1 <= month <= 12:
        return None
    last = (year, month, _length(year, month))
    return DateValue(f"{_iso_year(year)}-{month:02}", "month", (year, month, 1), last)


def _months(year: int, first: int, count: int, iso: str, precision: Precision) -> DateValue:
    end_year, end_month = year + (first + count - 2) // 12, (first + count - 2) % 12 + 1
    last = (end_year, end_month, _length(end_year, end_month))
    return DateValue(iso, precision, (year, first, 1), last)


def season_of(year: int | None, season: int) -> DateValue | None:
    """EDTF's seasons: 21 spring, 22 summer, 23 autumn, 24 winter; winter of a year begins it."""
    if year is None:
        return None
    code = {1: 24, 2: 21, 3: 22, 4: 23}[season]
    iso = f"{_iso_year(year)}-{code}"
    if season == 1:
        return DateValue(iso, "range", (year - 1, 12, 1), (year, 2, _length(year, 2)))
    return _months(year, 3 * season - 3, 3, iso, "range")


def year_of(year: int, before_christ: bool = False) -> DateValue:
    """A year; the first before Christ is year 0."""
    year = 1 - year if before_christ else year
    return DateValue(_iso_year(year), "year", (year, 1, 1), (year, 12, 31))


def half_of(year: int, half: int) -> DateValue | None:
    """A half of a year (EDTF 40 and 41)."""
    if half not in (1, 2):
        return None
    return _months(year, 6 * half - 5, 6, f"{_iso_year(year)}-{39 + half}", "range")


def quarter_of(year: int, quarter: int) -> DateValue | None:
    """A quarter of a year (EDTF 33 to 36)."""
    if quarter not in (1, 2, 3, 4):
        return None
    return _months(year, 3 * quarter - 2, 3, f"{_iso_year(year)}-{32 + quarter}", "range")


def decade_of(decade: int, century: str | None) -> DateValue | None:
    """A decade: 1990, or 90 of a century, the twentieth where none is given."""
    if decade < 100:
        decade += 100 * (int(century) - 1) if century else _TWENTIETH
    if decade % 10:
        return None
    return DateValue(f"{decade // 10:03}X", "decade", (decade, 1, 1), (decade + 9, 12, 31))


def century_of(century: int, half: str | None, before_christ: bool) -> DateValue | None:
    """A century or a half of it."""
    if not 1 <= century <= 30:
        return None
    first = 1 - 100 * century if before_christ else 100 * century - 99
    if half and half in "12":
        begins = first + 50 * (int(half) - 1)
        iso = f"{_iso_year(begins)}/{_iso_year(begins + 49)}"
        return DateValue(iso, "range", (begins, 1, 1), (begins + 49, 12, 31))
    iso = f"{_iso_year(first)}/{_iso_year(first + 99)}" if first < 1 else f"{century - 1:02}XX"
    return DateValue(iso, "century", (first, 1, 1), (first + 99, 12, 31))


def millennium_of(millennium: int, before_christ: bool) -> DateValue:
    """A thousand years."""
    first = 1 - 1000 * millennium if before_christ else 1000 * millennium - 999
    iso = f"{_iso_year(first)}/{_iso_year(first + 999)}"
    return DateValue(iso, "range", (first, 1, 1), (first + 999, 12, 31))


def third_of(whole: DateValue, third: int) -> DateValue | None:
    """The beginning, middle or end third of a span."""
    if whole.first is None or whole.last is None or whole.precision == "day":
        return None
    if whole.precision == "month":
        days = (1, 10) if third == 0 else (11, 20) if third == 1 else (21, whole.last[2])
        first, last = (*whole.first[:2], days[0]), (*whole.last[:2], days[1])
    else:
        first, last = _third(whole.first, whole.last, third)
    return DateValue(f"{_day_iso(first)}/{_day_iso(last)}", "range", first, last)


def _third(first: Day, last: Day, third: int) -> tuple[Day, Day]:
    months = 12 * (last[0] - first[0]) + last[1] - first[1] + 1
    begins = 12 * first[0] + first[1] - 1 + months * third // 3
    ends = 12 * first[0] + first[1] - 2 + months * (third + 1) // 3
    end = ends // 12, ends % 12 + 1
    return (begins // 12, begins % 12 + 1, 1), (*end, _length(*end))


def _day_iso(day: Day) -> str:
    return f"{_iso_year(day[0])}-{day[1]:02}-{day[2]:02}"


def day_value(day: date) -> DateValue:
    """A day of the calendar."""
    whole = (day.year, day.month, day.day)
    return DateValue(day.isoformat(), "day", whole, whole)


def days_value(first: date, days: int) -> DateValue:
    """A run of days."""
    last = first + timedelta(days=days - 1)
    one, other = day_value(first), day_value(last)
    return DateValue(f"{one.iso}/{other.iso}", "range", one.first, other.last)
