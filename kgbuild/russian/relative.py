"""Dates that are counted from the day of writing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kgbuild.russian.calendar_spans import day_value, days_value, month_of, year_of
from kgbuild.russian.valuetypes import DateValue

_DAYS = {
    "позавчера": -2, "вчера": -1, "накануне": -1, "сегодня": 0, "завтра": 1, "послезавтра": 2,
}  # fmt: skip
_ADJECTIVE = re.compile(r"(?:(?:в|во|на|с|до|к|за) )*A(?P<shift>[-+]?\d) (?P<unit>Y|Um|Uw)")
_AWAY = re.compile(
    r"(?=через|спустя|.*назад)(?P<later>(?:через|спустя) )?(?:(?P<number>\d+) )?"
    r"(?P<unit>Y|L|Um|Uw|Ud)(?: назад)?"
)
_WEEKDAY = re.compile(r"(?:(?:в|во|на|с|со|до|к) )*(?:A(?P<shift>[-+]?\d) )?W(?P<day>\d)")
_DAY_WORD = re.compile(rf"(?:(?:на|с|до|к) )*(?P<word>{'|'.join(_DAYS)})")


def relative_date(written: str, anchor: date | None) -> DateValue | None:
    """The span that the symbols of a date mean on a day; None without one.

    A weekday is the latest one that isn't after the day, «через неделю» the day a week later.
    """
    if anchor is None:
        return None
    if match := _DAY_WORD.fullmatch(written):
        return day_value(anchor + timedelta(days=_DAYS[match["word"]]))
    if match := _ADJECTIVE.fullmatch(written):
        return _shifted(anchor, match["unit"], int(match["shift"]))
    if match := _WEEKDAY.fullmatch(written):
        back = (anchor.weekday() - int(match["day"])) % 7
        return day_value(anchor + timedelta(days=7 * int(match["shift"] or 0) - back))
    if match := _AWAY.fullmatch(written):
        number = int(match["number"] or 1)
        return _moved(anchor, match["unit"], number if match["later"] else -number)
    return None


def _shifted(anchor: date, unit: str, shift: int) -> DateValue | None:
    """The year, month or week before, of or after the anchor's."""
    if unit == "Y":
        return year_of(anchor.year + shift)
    if unit == "Um":
        return _month(anchor, shift)
    monday = anchor - timedelta(days=anchor.weekday())
    return days_value(monday + timedelta(weeks=shift), 7)


def _month(anchor: date, shift: int) -> DateValue | None:
    months = 12 * anchor.year + anchor.month - 1 + shift
    return month_of(months // 12, months % 12 + 1)


def _moved(anchor: date, unit: str, shift: int) -> DateValue | None:
    """So many units away, as precise as the unit is."""
    if unit in ("Y", "L"):
        return year_of(anchor.year + shift)
    if unit == "Um":
        return _month(anchor, shift)
    return day_value(anchor + timedelta(days=shift * (7 if unit == "Uw" else 1)))
