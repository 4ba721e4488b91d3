"""Dates and times of day as spans in the calendar.

A decade is its ten years (1990s: 1990–1999), a century its hundred (XIX: 1801–1900, though
EDTF's 18XX is 1800–1899). The beginning, middle and end of a span are its thirds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from kgbuild.resolve.calendar_spans import (
    century_of,
    day_of,
    decade_of,
    half_of,
    millennium_of,
    month_of,
    numeric_of,
    quarter_of,
    season_of,
    third_of,
    year_of,
)
from kgbuild.resolve.datewords import symbols
from kgbuild.resolve.relative import relative_date
from kgbuild.resolve.valuetypes import DateValue, Quantity, Value

_YEAR = r"(?:A[-+]?\d|\d{1,4})"
_POINT = re.compile(
    rf"(?:D(?P<full>[\d.-]+)"
    rf"|(?:P(?P<part>\d) )?(?:"
    rf"(?P<day>\d{{1,2}}) M(?P<daymonth>\d+)(?: (?P<dayyear>{_YEAR}))?(?: Y)?"
    rf"|M(?P<month>\d+)(?: (?P<monthyear>{_YEAR}))?(?: Y)?"
    rf"|S(?P<season>\d)(?: (?P<seasonyear>{_YEAR}))?(?: Y)?"
    rf"|(?P<decade>\d{{1,4}})s(?: Y)?(?: (?P<decadecentury>\d+) C)?"
    rf"|(?:H(?P<half>\d) )?(?P<century>\d{{1,2}}) C"
    rf"|(?P<millennium>\d) K"
    rf"|(?:H(?P<yearhalf>\d) |Q(?P<quarter>\d) )?(?P<year>\d{{3,4}})(?: Y)?"
    rf"|(?P<shortyear>\d{{1,2}}) Y(?= BC)"
    rf")(?P<bc> BC)?)"
)
_LEADING = re.compile(r"^(?:(?:в|во|на|к|ко|за|течение|это|о|об|W\d|,|утро|вечер|ночь|с (?=утро)) ?)+(?=\S)")
_OPEN = re.compile(r"^(?P<word>с|со|от|после|до|по|не раньше|не позже|не позднее) (?P<rest>.+)$")
_RANGE = re.compile(r"^(?:(?:с|со|от|между|W\d) )*(?P<one>.+?) (?:по|до|и|-) (?P<other>.+)$")
_ABOUT = re.compile(r"\b(?:около|примерно|приблизительно|ориентировочно|порядка)\b", re.IGNORECASE)
_DURATION = re.compile(r"^(?:\S+ ){0,3}?(?P<number>\d+(?:\.\d+)?)(?: с H)? (?P<unit>Y|L|U\w|C)$")
_UNITS = {
    "Y": "year", "L": "year", "Um": "month", "Uw": "week", "Ud": "day", "Ux": "decade",
    "Uh": "hour", "Ui": "minute", "Us": "second", "C": "century",
}  # fmt: skip


def date_value(text: str, anchor: date | None = None) -> Value | None:
    """The span of a date or the length of a duration; None where it says neither.

    ``anchor`` is the day of writing.
    """
    written = symbols(text)
    found = _absolute(written, anchor) or _duration(written) or relative_date(written, anchor)
    if isinstance(found, DateValue) and _ABOUT.search(text):
        return replace(found, about=True)
    return found


def time_value(text: str, anchor: date | None = None) -> Value | None:
    """A moment or a part of a day as the day it falls on, or the length of a duration."""
    written = symbols(text)
    clock = re.search(r"T(\d{1,2}):(\d{2})", written)
    hours = re.search(r"(?:^|\s)(?:в|к|до|после|с) (\d{1,2}) Uh(?: (\d{1,2}) Ui)?(?: (утро|вечер|ночь|дня|Ud))?", written)
    time = None
    rest = written
    if clock:
        time, rest = (int(clock[1]), int(clock[2])), written.replace(clock[0], " ")
    elif hours:
        hour = int(hours[1]) + (12 if hours[3] in ("вечер", "дня", "Ud") and int(hours[1]) < 12 else 0)
        time, rest = (hour, int(hours[2] or 0)), written.replace(hours[0], " ")
    if time is not None and (time[0] > 24 or time[1] > 59):
        return None
    rest = re.sub(r"\b(?:утро|вечер|ночь|Uh|по времени|по|днем|рано|поздно|в ночь на)\b", " ", rest)
    rest = " ".join(re.sub(r"^\s*(?:(?:в|во|на|с|к|до|после|W\d)\s+)+(?=\d|M|A|W|D|сегодня|вчера|завтра)", "", rest + " ").split())
    day = _absolute(rest, anchor) or relative_date(rest, anchor) if rest else None
    if isinstance(day, DateValue) and day.precision == "day":
        if time is None:
            return day
        return replace(day, iso=f"{day.iso}T{time[0]:02}:{time[1]:02}", precision="minute", time=time)
    if time is not None:
        return DateValue(f"T{time[0]:02}:{time[1]:02}", "minute", None, None, False, time)
    return _duration(written)


def _duration(written: str) -> Quantity | None:
    match = _DURATION.match(written)
    if match is None or "назад" in written or written.startswith(("через", "спустя")):
        return None
    number = float(match["number"]) + (0.5 if " с H" in written else 0.0)
    if match["unit"] == "Y" and number > 99:
        return None
    return Quantity(number, _UNITS[match["unit"]])


def _absolute(written: str, anchor: date | None) -> DateValue | None:
    plain = _LEADING.sub("", written)
    if found := _point(plain, anchor):
        return found
    if match := _RANGE.match(plain):
        found = _span(match["one"], match["other"], anchor)
        if found is not None:
            return found
    match = _OPEN.match(plain)
    point = _point(_LEADING.sub("", match["rest"]), anchor) if match else None
    if match is None or point is None:
        return None
    if match["word"] in ("до", "по", "не позже", "не позднее"):
        ends = point.last if match["word"] != "до" else point.first
        return DateValue(f"../{point.iso.rpartition('/')[2]}", "range", None, ends)
    return DateValue(f"{point.iso.partition('/')[0]}/..", "range", point.first, None)


def _span(one: str, other: str, anchor: date | None) -> DateValue | None:
    end = _point(_LEADING.sub("", other), anchor)
    if end is None or end.last is None:
        return None
    start = _point(one, anchor) or _point(_completed(one, other), anchor)
    if start is None or start.first is None or end.last < start.first:
        return None
    if "BC" in other and "BC" not in one:
        start = _point(f"{one} BC", anchor) or start
    iso = f"{start.iso.partition('/')[0]}/{end.iso.rpartition('/')[2]}"
    return DateValue(iso, "range", start.first, end.last)


def _completed(one: str, other: str) -> str:
    """The start of a range with what it shares with the end: «14» of «18 M11 2012 Y»."""
    if re.fullmatch(r"(?:P\d )?(?:\d{1,2} )?M\d+", one):
        year = re.search(rf" ({_YEAR})(?: Y)?$", other)
        return f"{one} {year[1]} Y" if year else one
    if re.fullmatch(r"\d{1,2}", one) and (rest := re.search(r"(M\d+.*)$", other)):
        return f"{one} {rest[1]}"
    if re.fullmatch(r"(?:P\d )?\d{1,2}", one) and " C" in other:
        return f"{one} C"
    if re.fullmatch(r"\d{2,4}s?", one):
        return one if len(one) > 3 else f"{one} Y BC" if "BC" in other else one
    return f"{one} Y"


def _year(written: str | None, anchor: date | None) -> int | None:
    if written is None:
        return None if anchor is None else anchor.year
    if written.startswith("A"):
        return None if anchor is None else anchor.year + int(written[1:])
    return int(written)


def _point(written: str, anchor: date | None) -> DateValue | None:
    """One date, whole or in part."""
    match = _POINT.fullmatch(written)
    if match is None:
        return None
    if match["full"]:
        return numeric_of(match["full"])
    if match["day"]:
        return day_of(_year(match["dayyear"], anchor), int(match["daymonth"]), int(match["day"]))
    sign = bool(match["bc"])
    if match["month"]:
        found = month_of(_year(match["monthyear"], anchor), int(match["month"]))
    elif match["season"]:
        found = season_of(_year(match["seasonyear"], anchor), int(match["season"]))
    elif match["decade"]:
        found = decade_of(int(match["decade"]), match["decadecentury"])
    elif match["century"]:
        found = century_of(int(match["century"]), match["half"], sign)
    elif match["millennium"]:
        found = millennium_of(int(match["millennium"]), sign)
    else:
        found = _in_year(match, sign)
    return third_of(found, int(match["part"])) if found and match["part"] else found


def _in_year(match: re.Match[str], before_christ: bool) -> DateValue | None:
    year = int(match["year"] or match["shortyear"])
    if match["yearhalf"]:
        return half_of(year, int(match["yearhalf"]))
    if match["quarter"]:
        return quarter_of(year, int(match["quarter"]))
    return year_of(year, before_christ)
