"""Dates and ages as numbers that can be compared."""

from __future__ import annotations

from kgbuild.resolve.values import DateValue
from kgbuild.resolve.values import value_of as normal_value

Value = tuple[int, int, int]
"""Year, month and day, 0 for what isn't said; of an age its years first."""


def value_of(type: str, text: str) -> Value | None:
    """The value of an entity of this type and name; None for what is no single date or age.

    «27 апреля 2020 года» → (2020, 4, 27); «апрель 1945-го» → (1945, 4, 0).
    """
    value = normal_value(text, type if type == "AGE" else "DATE")
    if isinstance(value, DateValue):
        said = {"minute": 3, "day": 3, "month": 2, "year": 1}.get(value.precision)
        if said is None or value.first is None:
            return None
        year, month, day = (*value.first[:said], 0, 0)[:3]
        return year, month, day
    return None if value is None or value.unit != "year" else (int(value.number), 0, 0)
