"""Dates and ages as numbers, so that they can be compared."""

from __future__ import annotations

import re

_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s+([а-я]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")

Value = tuple[int, int, int]


def date_value(text: str) -> Value | None:
    """(year, month, day), 0 for what isn't said; None without a year.

    «27 апреля 2020 года» → (2020, 4, 27); «апрель 1945-го» → (1945, 4, 0).
    """
    year = _YEAR.search(text)
    if year is None:
        return None
    day = _DAY.search(text)
    words = re.findall(r"[а-я]+", text.casefold())
    month = next((m for word in words if (m := _month(word))), 0)
    return int(year[1]), month, int(day[1]) if day and _month(day[2].casefold()) else 0


def _month(word: str) -> int:
    if len(word) < 3:
        return 0
    return next((n for n, head in enumerate(_MONTHS, 1) if word.startswith(head)
                 and (n != 5 or word in ("май", "мая", "мае", "маем", "маю"))), 0)  # fmt: skip


def age_value(text: str) -> Value | None:
    """The years of an age, as (years, 0, 0); None where no number is written."""
    number = _NUMBER.search(text)
    return None if number is None else (int(number[0]), 0, 0)


def value_of(type: str, text: str) -> Value | None:
    """The value of an entity of this type and name."""
    return age_value(text) if type == "AGE" else date_value(text)
