"""Dates and times of day as spans in the calendar.

A decade is its ten years (1990s: 1990–1999), a century its hundred (XIX: 1801–1900, though
EDTF's 18XX is 1800–1899). The beginning, middle and end of a span are its thirds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from kgbuild.russian.calendar_spans import (
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
from kgbuild.russian.datewords import symbols
from kgbuild.russian.relative import relative_date
from kgbuild.russian.valuetypes import Bound, DateValue, Quantity, Value

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
    rf"|(?P<relyear>A[-+]?\d) Y"
    rf"|(?P<shortyear>\d{{1,2}}) Y(?= BC)"
    rf")(?P<bc> BC)?)"
)
_LEADING = re.compile(
    r"^(?:(?:в|во|на|к|ко|за|течение|это|о|об|от(?= (?:\d|M|D))|(?:A-?\d )?W\d(?: -)?|утро|вечер"
    r"|ночь|(?:сегодня|вчера|завтра|накануне)(?= \d)|с(?= утро)) )+"
)
_OPEN = re.compile(r"^(?P<word>с|со|от|после|до|по|не раньше|не позже|не позднее) (?P<rest>.+)$")
_RANGE = re.compile(r"^(?:(?:с|со|от|между|W\d) )*+(?P<one>.+?) (?:по|до|и|-) (?P<other>.+)$")
_ABOUT = re.compile(
    r"\b(?:около|почти|примерно|приблизительно|ориентировочно|порядка)\b", re.IGNORECASE
)
_DURATION = re.compile(
    r"^(?:(?P<words>[^\d ]+(?: [^\d ]+){0,4}) )??(?P<number>\d+(?:\.\d+)?)?(?P<half> с H)?"
    r" ?(?P<unit>Y|L|U\w|C)$"
)
_DIGITAL = re.compile(r"T(\d{1,2}):(\d{2})")
_HOURS = re.compile(
    r"(?:^|(?<=\s))(?P<before>(?:в|во|к|до|после|с) )?(?P<hour>\d{1,2})(?: Uh)?"
    r"(?: (?P<minute>\d{1,2}) Ui)?(?: (?P<part>утро|вечер|ночь|дня|Ud))?(?=\s|$)(?! M)"
)
_HALF_PAST = re.compile(r"H (?P<hour>\d{1,2})(?: (?P<part>утро|вечер|ночь|дня|Ud))?")
_DAY_PART = re.compile(
    r"\b(?:утро|вечер|ночь|Uh|по времени|по|днем|Ud|рано|ранний|поздно|в ночь на)(?=\s|$)"
)
_BEFORE_DAY = re.compile(r"^(?:(?:в|во|на|с|к|до|после|W\d) )+(?=\d|M|A|W|D|сегодня|вчера|завтра)")
_PARTS_OF_DAY = frozenset({"днем", "Ud", "утро", "вечер", "ночь"})
_AFTER_DAY = re.compile(r"(?: (?:в|во|на|с|к|до|около)){1,5}$")
_ONE = frozenset({"", "в течение", "в течении", "за", "на", "на протяжении", "более", "менее"})
_NO_DURATION = re.compile(r"A|W|назад|через|спустя|кажд|прошл|M|P|несколько|^на днях")
_MORE = re.compile(
    r"\b(?:(?<!не )(?:более|свыше|больше)|не менее|не меньше|как минимум)\b", re.IGNORECASE
)
_AT_MOST = re.compile(r"\b(?<!не )(?:менее|меньше|не более|не больше|до)\b", re.IGNORECASE)
_UNITS = {
    "Y": "year", "L": "year", "Um": "month", "Uw": "week", "Ud": "day", "Ux": "decade",
    "Uh": "hour", "Ui": "minute", "Us": "second", "C": "century",
}  # fmt: skip


def date_value(text: str, anchor: date | None = None) -> Value | None:
    """The span of a date or the length of a duration; None where it says neither.

    ``anchor`` is the day of writing.
    """
    written = symbols(text)
    found = _absolute(written, anchor) or _duration(written, text) or relative_date(written, anchor)
    if isinstance(found, DateValue) and _ABOUT.search(text):
        return replace(found, about=True)
    return found


def time_value(text: str, anchor: date | None = None) -> Value | None:
    """A moment or a part of a day as the day it falls on, or the length of a duration."""
    written = symbols(text)
    if written in _PARTS_OF_DAY:
        return None
    time, rest = _clock(written)
    if time is not None and (time[0] > 24 or time[1] > 59):
        return None
    rest = " ".join(_DAY_PART.sub(" ", rest).split())
    rest = _BEFORE_DAY.sub("", _AFTER_DAY.sub("", rest))
    day = _absolute(rest, anchor) or relative_date(rest, anchor)
    if not isinstance(day, DateValue) or day.precision != "day":
        if time is None:
            return _duration(written, text)
        return DateValue(f"T{time[0]:02}:{time[1]:02}", "minute", None, None, False, time)
    if time is None:
        return day
    return replace(day, iso=f"{day.iso}T{time[0]:02}:{time[1]:02}", precision="minute", time=time)


def _clock(written: str) -> tuple[tuple[int, int] | None, str]:
    """The hour and minute that are named, and the rest of the symbols."""
    if match := _DIGITAL.search(written):
        return (int(match[1]), int(match[2])), written.replace(match[0], " ")
    if (match := _HALF_PAST.search(written)) is not None:
        hour = (int(match["hour"]) - 1) % 12 or 12
        return (_of_day_part(hour, match["part"]), 30), written.replace(match[0], " ")
    match = _HOURS.search(written)
    if match is None or not (match["before"] or match["part"]):
        return None, written
    hour = _of_day_part(int(match["hour"]), match["part"])
    return (hour, int(match["minute"] or 0)), written.replace(match[0], " ")


def _of_day_part(hour: int, part: str | None) -> int:
    """The hour of the day: «9 вечера» is 21, «12 ночи» 0."""
    if part in ("вечер", "дня", "Ud"):
        return hour + 12 if hour < 12 else hour
    return 0 if part == "ночь" and hour == 12 else hour


def _duration(written: str, text: str) -> Quantity | None:
    """So many units of time; «в течение года», «за год» and «год» are one."""
    match = _DURATION.match(written)
    words = (match["words"] or "") if match else ""
    if match is None or _NO_DURATION.search(words) or match["unit"] == "C":
        return None
    if match["number"] is None and words not in _ONE and not _AT_MOST.match(text):
        return None
    number = float(match["number"] or 1) + (0.5 if match["half"] else 0.0)
    if match["unit"] == "Y" and number > 99:
        return None
    return Quantity(number, _UNITS[match["unit"]], None, _bound_of(text))


def _bound_of(text: str) -> Bound:
    if _MORE.search(text):
        return "at least"
    if _AT_MOST.search(text):
        return "at most"
    return "about" if _ABOUT.search(text) else ""


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
    start = _point(_completed(one, other), anchor) or _point(one, anchor)
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
    elif match["relyear"]:
        year = _year(match["relyear"], anchor)
        found = None if year is None else year_of(year)
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
