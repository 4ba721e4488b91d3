"""What a normal value is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Bound = Literal["", "about", "at least", "at most"]
Precision = Literal["minute", "day", "month", "year", "decade", "century", "range"]
Day = tuple[int, int, int]
"""Year, month, day; the year before 1 is 0, as in ISO 8601."""


@dataclass(frozen=True, slots=True)
class DateValue:
    """A span of days, as EDTF (ISO 8601-2) in ``iso``.

    ``first`` and ``last`` are its first and last day, None where it is open («с 1990 года»,
    «до войны»). ``time`` is an hour and minute of the day, where it is one moment.
    """

    iso: str
    precision: Precision
    first: Day | None
    last: Day | None
    about: bool = False
    time: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit.

    ``unit`` is an ISO 4217 code of money, "%", "ordinal", a unit of time (year, month, week,
    day, hour, minute, second), a symbol of the SI (km, kg), "times", or "" for a bare number.
    ``upper`` closes a range that ``number`` opens; ``bound`` is what is said of the number.
    """

    number: float
    unit: str
    upper: float | None = None
    bound: Bound = ""


Value = DateValue | Quantity
