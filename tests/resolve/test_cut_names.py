"""Names that say less than a surname, and surnames that say no gender."""

from __future__ import annotations

import pytest

from kgbuild.russian.person import parse_person
from tests.resolve.test_link import first_entities


@pytest.mark.parametrize("name", ["В. С. Цой", "Ким А. Р.", "Погосян А. Х.", "И. Шмидт"])
def test_initials_beside_such_a_surname_may_be_anybodys(name: str) -> None:
    assert parse_person(name).gender is None


@pytest.mark.parametrize(
    ("name", "gender"), [("В. С. Зуев", "masc"), ("Н. А. Зуева", "femn"), ("Ким Анна", "femn")]
)
def test_other_names_say_it(name: str, gender: str) -> None:
    assert parse_person(name).gender == gender


@pytest.mark.parametrize("form", ["Егорушка", "Егорушке", "Егорку", "Артурик"])
def test_pet_forms_of_whole_names_are_first_names(form: str) -> None:
    found = parse_person(form)
    assert (len(found.given), found.surname) == (1, "")


def test_a_surname_cut_to_its_initial_is_the_whole_ones() -> None:
    one, other = first_entities("[Зоя Эшпаева|PERSON]", "[Зоя Э.|PERSON]")
    assert one == other


def test_nobody_is_joined_by_an_initial_that_two_bear() -> None:
    found = first_entities("[Зоя Эшпаева|PERSON]", "[Зоя Энгельс|PERSON]", "[Зоя Э.|PERSON]")
    assert len(set(found)) == 3
