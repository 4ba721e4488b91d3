"""What an answer calls an entity: the name that documents use for it most.

The canonical name of a person may be surname and initials, that of a firm its first name of
three. Of the written forms that are in the nominative the most frequent one is what people
call it: for a person one with a first name and a surname. A day, a month or a year is written
in one way, however the documents write it («27.10.2014», «1979 г. р.»).
"""

from __future__ import annotations

from kgbuild.russian.folding import fold
from kgbuild.russian.person import parse_person
from kgbuild.russian.values import DateValue, value_of
from kgbuild.types import Entity

MOST_FORMS = 12
"""Written forms that are looked at, the most frequent first."""

_MONTHS = (
    ("январь", "января"), ("февраль", "февраля"), ("март", "марта"), ("апрель", "апреля"),
    ("май", "мая"), ("июнь", "июня"), ("июль", "июля"), ("август", "августа"),
    ("сентябрь", "сентября"), ("октябрь", "октября"), ("ноябрь", "ноября"),
    ("декабрь", "декабря"),
)  # fmt: skip
"""In the nominative and in the genitive."""

_FIRST_YEAR = 100
"""Before it a year is written as the documents write it: «май 17-го» is of a century or other."""

_NAMED = frozenset({"ORGANIZATION", "PRODUCT", "WORK_OF_ART", "FACILITY", "AWARD"})


def shown_name(entity: Entity) -> str:
    """The name that an answer gives an entity."""
    if entity.type == "PERSON":
        return _person(entity)
    if entity.type in _NAMED:
        return _thing(entity)
    if entity.type == "DATE":
        return _date(entity.name)
    return entity.name


def _date(name: str) -> str:
    value = value_of(name, "DATE")
    if not isinstance(value, DateValue) or value.first is None or value.about or value.time:
        return name
    year, month, day = value.first
    if year < _FIRST_YEAR:
        return name
    match value.precision:
        case "day":
            return f"{day} {_MONTHS[month - 1][1]} {year} года"
        case "month":
            return f"{_MONTHS[month - 1][0]} {year} года"
        case "year":
            return str(year)
        case _:
            return name


def _person(entity: Entity) -> str:
    for form in entity.aliases[:MOST_FORMS]:
        words = form.split()
        if not 2 <= len(words) <= 3 or form.isupper() or "." in form:
            continue
        if not all(word[:1].isupper() for word in words):
            continue
        read = parse_person(form)
        if read.given and read.surname and _same(read.canonical, form):
            return form
    return entity.name


def _thing(entity: Entity) -> str:
    from kgbuild.russian.forms import normal_name

    for form in entity.aliases[:MOST_FORMS]:
        if form.isupper() and entity.name != form and len(form) > 5:
            continue
        if form[:1].isupper() and _same(normal_name(form, entity.type).canonical, form):
            return form
    return entity.name


def _same(one: str, other: str) -> bool:
    return sorted(fold(one).split()) == sorted(fold(other).split())
