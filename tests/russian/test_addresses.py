"""Abbreviations of what a place is."""

from __future__ import annotations

import pytest

from kgbuild.resolve.normalize import RussianNormalizer


@pytest.mark.parametrize(
    ("written", "plain", "type"),
    [
        ("г. Сызрань", "Сызрань", "CITY"),
        ("г.Волжске", "Волжске", "CITY"),
        ("пос. Мирном", "Мирном", "CITY"),
        ("г. сызрань", "сызрань", "CITY"),
        ("Г. СЫЗРАНЬ", "СЫЗРАНЬ", "CITY"),
        ("пгт Солнечный", "Солнечный", "CITY"),
        ("Брянская обл.", "Брянская область", "STATE_OR_PROVINCE"),
        ("Верхнетоемского р-на", "Верхнетоемский район", "DISTRICT"),
        ("Архангельской обл.", "Архангельская область", "STATE_OR_PROVINCE"),
        ("респ. Татарстан", "Республика Татарстан", "STATE_OR_PROVINCE"),
        ("ул. Чавайна", "улица Чавайна", "FACILITY"),
        ("пр-т Мира", "проспект Мира", "FACILITY"),
        ("оз. Байкал", "озеро Байкал", "LOCATION"),
    ],
)
def test_an_abbreviated_kind_makes_no_other_place(written: str, plain: str, type: str) -> None:
    names = RussianNormalizer()
    assert names.normalize(written, type).key == names.normalize(plain, type).key


@pytest.mark.parametrize(
    ("surface", "type"), [("д. 31", "FACILITY"), ("С. Петров", "PERSON"), ("р-н", "DISTRICT")]
)
def test_what_is_no_address_stays(surface: str, type: str) -> None:
    assert RussianNormalizer().normalize(surface, type).canonical == surface
