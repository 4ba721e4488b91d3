from __future__ import annotations

import pytest

from kgbuild.ask.stems import stems
from kgbuild.ask.values import value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27 апреля 2020 года", (2020, 4, 27)),
        ("понедельник, 27 апреля 2020 года", (2020, 4, 27)),
        ("апрель 1945-го", (1945, 4, 0)),
        ("3 мая 1901 года", (1901, 5, 3)),
        ("1895 год", (1895, 0, 0)),
        ("марта 1895", (1895, 3, 0)),
        ("вчера", None),
    ],
)
def test_dates(text: str, value: tuple[int, int, int] | None) -> None:
    assert value_of("DATE", text) == value


def test_ages() -> None:
    assert value_of("AGE", "57 лет") == (57, 0, 0)
    assert value_of("AGE", "десятилетний") == (10, 0, 0)
    assert value_of("AGE", "несколько лет") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Казань", "Казани"), ("Анна Орлова", "Анне Орловой"), ("Озёрный край", "Озёрном крае")],
)
def test_forms_share_stems(one: str, other: str) -> None:
    assert stems(one) == stems(other)
