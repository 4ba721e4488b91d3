from __future__ import annotations

import pytest

from kgbuild.ask.comparing import agree, differ, entity_value, order
from kgbuild.ask.stems import stems
from kgbuild.russian.values import Value
from kgbuild.types import Entity


def value(text: str, type: str = "DATE") -> Value:
    found = entity_value(Entity("E0", type, text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("3 мая 1901 года", "27 апреля 2020 года"),
        ("апрель 1945 года", "2 мая 1945 года"),
        ("XVIII век", "1834 год"),
        ("1895 год", "1896 год"),
    ],
)
def test_dates_are_ordered(earlier: str, later: str) -> None:
    assert order(value(earlier)) < order(value(later))
    assert differ(value(earlier), value(later))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1945 год", "25 апреля 1945 года", True),
        ("апрель 1945 года", "25 апреля 1945 года", True),
        ("1945 год", "1946 год", False),
        ("XIX век", "1834 год", True),
    ],
)
def test_dates_agree_where_they_share_a_day(one: str, other: str, same: bool) -> None:
    assert agree(value(one), value(other)) is same
    assert agree(value(other), value(one)) is same


def test_ages_in_words() -> None:
    assert order(value("десятилетний", "AGE")) < order(value("57 лет", "AGE"))
    assert not agree(value("57 лет", "AGE"), value("58 лет", "AGE"))
    assert not differ(value("57 лет", "AGE"), value("1901 год"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Казань", "Казани"), ("Анна Орлова", "Анне Орловой"), ("Озёрный край", "Озёрном крае")],
)
def test_forms_share_stems(one: str, other: str) -> None:
    assert stems(one) == stems(other)
