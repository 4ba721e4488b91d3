"""Normal values, on cases written for this test; «~» is about, «≥» and «≤» are bounds."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.ontology import ENTITY_TYPES
from kgbuild.russian.numerals import compound, numeral, ordinal, roman
from kgbuild.russian.values import DateValue, Quantity, Value, value_of

WRITTEN = date(2012, 5, 16)  # a Wednesday

DATES = """
18 декабря 1834 года → 1834-12-18
восемнадцатого декабря 1834 года → 1834-12-18
двадцать первого мая 1990 года → 1990-05-21
в пятницу, 9 декабря 2011 года → 2011-12-09
во вторник — 13 сентября 2016 года → 2016-09-13
09.05.1945 → 1945-05-09
05/08/2008 → 2008-08-05
15 мая 2007 → 2007-05-15
28 апреля (10 мая) 1876 года → 1876-04-28
от 2 ноября 2015 года → 2015-11-02
в марте 2013 года → 2013-03
мартом 2013 года → 2013-03
в 1834 году → 1834
1990г → 1990
1962 года рождения → 1962
в 1990-м → 1990
44 год до н. э. → -0043
около 1500 года → ~1500
осенью 2005 года → 2005-23
зимой 2010 года → 2010-24
во втором квартале 2009 года → 2009-34
первого полугодия 2016 года → 2016-40
в 90-х годах XIX века → 189X
1990-е годы → 199X
в девяностых годах → 199X
в 1960-е → 196X
в XIX веке → 18XX
в V веке до нашей эры → -0499/-0400
в двадцатом столетии → 19XX
в первой половине XVIII века → 1701/1750
с 1990 по 1995 год → 1990/1995
1939—1945 годы → 1939/1945
2008/09 → 2008/2009
с мая 1990 по июнь 1995 года → 1990-05/1995-06
с февраля по сентябрь 2012 года → 2012-02/2012-09
в августе-сентябре 1998 г → 1998-08/1998-09
14-18 ноября 2012 года → 2012-11-14/2012-11-18
с 17 по 28 мая 2017 года → 2017-05-17/2017-05-28
с 2010 года → 2010/..
c 2010 года → 2010/..
до 2000 года → ../2000
по 2010 год → ../2010
в начале 2014 года → 2014-01-01/2014-04-30
в конце февраля 2013 года → 2013-02-21/2013-02-28
в конце XVIII века → 1767-09-01/1800-12-31
с конца 1990 до начала 1992 года → 1990-09-01/1992-04-30
10 лет → 10 year
более тридцати лет → ≥30 year
в течение года → 1 year
в течение двух с половиной лет → 2.5 year
пятилетний → 5 year
30-дневный → 30 day
за 9 месяцев → 9 month
30 февраля 2000 года → None
недавно → None
на днях → None
не более 5 лет → ≤5 year
не менее 5 лет → ≥5 year
несколько лет назад → None
вчера → None
14 октября → None
"""
RELATIVE = """
вчера → 2012-05-15
сегодня → 2012-05-16
14 октября → 2012-10-14
в апреле → 2012-04
в прошлом году → 2011
в этом году → 2012
в апреле прошлого года → 2011-04
в прошлом месяце → 2012-04
на прошлой неделе → 2012-05-07/2012-05-13
в понедельник → 2012-05-14
в среду → 2012-05-16
три года назад → 2009
два дня назад → 2012-05-14
неделю назад → 2012-05-09
через 10 дней → 2012-05-26
в июле и августе 2019 года → 2019-07/2019-08
на следующий день → None
"""
TIMES = """
в 14:30 → T14:30
в 9 часов вечера → T21:00
в 12 часов ночи → T00:00
в половине десятого утра → T09:30
в полдень → T12:00
утром 9 апреля 2010 года → 2010-04-09
в ночь на 12 октября 2012 года → 2012-10-12
около 17:00 мск в среду, 7 ноября 2012 года → 2012-11-07T17:00
8 декабря 2010 года в 12 часов 30 минут → 2010-12-08T12:30
пять часов → 5 hour
два с половиной часа → 2.5 hour
13-часовую → 13 hour
около минуты → ~1 minute
в 27:80 → None
утром → None
через несколько часов → None
"""
QUANTITIES = """
AGE: тридцатипятилетний → 35 year
AGE: 35-летнего → 35 year
AGE: 94 лет → 94 year
AGE: на 85-м году → 85 year
AGE: от 18 до 25 лет → 18–25 year
AGE: старше 18 лет → ≥18 year
AGE: не младше 16 лет → ≥16 year
AGE: лет 50 → ~50 year
AGE: пятнадцатимесячная → 15 month
AGE: сорок один год → 41 year
AGE: 70-летию → 70 year
AGE: 73‑й годовщины → 73 year
AGE: столетие → 100 year
AGE: в подростковом возрасте → None
MONEY: полтора миллиона рублей → 1.5e+06 RUB
MONEY: $15 млн → 1.5e+07 USD
MONEY: от 5 до 10 тысяч рублей → 5000–10000 RUB
MONEY: от 100 тыс. до 1 млн рублей → 100000–1e+06 RUB
MONEY: более 2,5 миллиарда долларов США → ≥2.5e+09 USD
MONEY: £1,2 млн → 1.2e+06 GBP
MONEY: 9 млн шведских крон → 9e+06 SEK
MONEY: 50 копеек → 0.5 RUB
MONEY: 200 белорусских рублей → 200 BYN
MONEY: миллион долларов → 1e+06 USD
MONEY: $100,000 → 100000 USD
MONEY: 1 500 000 рублей → 1.5e+06 RUB
MONEY: 20-долларовой → 20 USD
MONEY: несколько миллионов → None
PERCENT: два с половиной процента → 2.5 %
PERCENT: 27,7 % → 27.7 %
PERCENT: менее одного процента → ≤1 %
PERCENT: 25-процентное → 25 %
PERCENT: от 10 до 15 процентов → 10–15 %
NUMBER: двух → 2
NUMBER: трое → 3
NUMBER: дважды → 2
NUMBER: сто двадцать тысяч пятьсот → 120500
NUMBER: более тысячи → ≥1000
NUMBER: не менее пяти → ≥5
NUMBER: три четверти → 0.75
NUMBER: не менее 3/4 → ≥0.75
NUMBER: 15 км → 15 km
NUMBER: 100 квадратных километров → 100 km²
NUMBER: 36 ¾ → 36.75
NUMBER: двукратный → 2 times
NUMBER: тысячи → None
NUMBER: десятки тысяч → None
ORDINAL: третьей → 3 ordinal
ORDINAL: двадцать первый → 21 ordinal
ORDINAL: 79-й → 79 ordinal
ORDINAL: XVI → 16 ordinal
ORDINAL: № 4 → 4 ordinal
ORDINAL: последний → None
"""


def shown(value: Value | None) -> str:
    """The notation of the tables."""
    if value is None:
        return "None"
    if isinstance(value, DateValue):
        return "~" * value.about + value.iso
    sign = {"": "", "about": "~", "at least": "≥", "at most": "≤"}[value.bound]
    upper = "" if value.upper is None else f"–{value.upper:g}"
    return f"{sign}{value.number:g}{upper} {value.unit}".strip()


def rows(table: str) -> list[list[str]]:
    return [line.split(" → ") for line in table.strip().splitlines()]


@pytest.mark.parametrize(("surface", "value"), rows(DATES))
def test_dates(surface: str, value: str) -> None:
    assert shown(value_of(surface, "DATE")) == value


@pytest.mark.parametrize(("surface", "value"), rows(RELATIVE))
def test_dates_that_depend_on_the_day_of_writing(surface: str, value: str) -> None:
    assert shown(value_of(surface, "DATE", WRITTEN)) == value
    if "2019" not in surface:
        assert value_of(surface, "DATE") is None


@pytest.mark.parametrize(("surface", "value"), rows(TIMES))
def test_times(surface: str, value: str) -> None:
    assert shown(value_of(surface, "TIME")) == value


@pytest.mark.parametrize(("surface", "value"), rows(QUANTITIES))
def test_quantities(surface: str, value: str) -> None:
    type, _, surface = surface.partition(": ")
    assert shown(value_of(surface, type)) == value


def test_a_time_takes_its_day_from_the_day_of_writing() -> None:
    assert shown(value_of("сегодня в 15:00", "TIME", WRITTEN)) == "2012-05-16T15:00"
    assert shown(value_of("в четверг в 21:40", "TIME", WRITTEN)) == "2012-05-10T21:40"


def test_dates_sort_by_their_days() -> None:
    surfaces = ("в V веке до нашей эры", "в XIX веке", "в 1834 году", "9 мая 1945 года")
    values = [value_of(surface, "DATE") for surface in surfaces]
    firsts = [value.first for value in values if isinstance(value, DateValue) and value.first]
    assert len(firsts) == 4
    assert firsts == sorted(firsts)
    whole = value_of("в 1834 году", "DATE")
    assert isinstance(whole, DateValue)
    assert (whole.precision, whole.first, whole.last) == ("year", (1834, 1, 1), (1834, 12, 31))
    assert isinstance(value_of("с 2010 года", "DATE"), DateValue)


def test_an_open_span_has_no_end() -> None:
    since = value_of("с 2010 года", "DATE")
    until = value_of("до 2000 года", "DATE")
    assert isinstance(since, DateValue)
    assert isinstance(until, DateValue)
    assert (since.first, since.last) == ((2010, 1, 1), None)
    assert (until.first, until.last) == (None, (2000, 1, 1))


def test_other_types_have_no_value() -> None:
    assert value_of("Москва", "CITY") is None
    assert value_of("", "DATE") is value_of("", "MONEY") is None


@given(st.text(max_size=30), st.sampled_from(ENTITY_TYPES))
def test_any_text_has_a_value_or_none(surface: str, type: str) -> None:
    value = value_of(surface, type, WRITTEN)
    assert value is None or isinstance(value, DateValue | Quantity)


@given(st.dates(date(1000, 1, 1), date(2100, 1, 1)))
def test_days_are_read_back(day: date) -> None:
    months = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"]  # fmt: skip
    surface = f"{day.day} {months[day.month - 1]} {day.year} года"
    assert shown(value_of(surface, "DATE")) == day.isoformat()
    assert shown(value_of(f"{day:%d.%m.%Y}", "DATE")) == day.isoformat()


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("двумястами тридцатью", 230), ("тысяча девятьсот сорок пять", 1945),
        ("миллион двести тысяч", 1_200_000), ("два с половиной миллиона", 2_500_000),
        ("1 млн 200 тыс.", 1_200_000), ("две трети", 2 / 3),
    ],
)  # fmt: skip
def test_numerals(words: str, number: float) -> None:
    found = numeral(words.split())
    assert found is not None
    assert found.number == pytest.approx(number)
    assert found.words == len(words.split())


def test_parts_of_numerals() -> None:
    assert compound("двадцатидвухлетнему") == (22, "летнему")
    assert compound("дом") is None
    assert (ordinal("двадцатого"), ordinal("дом")) == (20, None)
    assert (roman("XIX"), roman("ХХ"), roman("IIII"), roman("и")) == (19, 20, None, None)
