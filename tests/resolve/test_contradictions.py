"""What keeps namesakes apart: years of birth and death, gender, patronymic."""

from __future__ import annotations

import pytest

from kgbuild.resolve.contradictions import CONTRADICTIONS, Life, contradiction
from kgbuild.resolve.corpus import link_documents, seen_nodes
from kgbuild.resolve.link import RussianLinker
from tests.resolve.test_link import resolution

BORN = "[Иван Орлов|PERSON] родился в [{} году|DATE]. => 1 DATE_OF_BIRTH 2"
DIED = "[Иван Орлов|PERSON] умер в [{} году|DATE]. => 1 DATE_OF_DEATH 2"
BOTH = (
    "[Иван Орлов|PERSON] родился в [{} году|DATE] и умер в [{} году|DATE]."
    " => 1 DATE_OF_BIRTH 2, 1 DATE_OF_DEATH 3"
)
PLAIN = "[Иван Орлов|PERSON]"


def people(*notations: str) -> list[str]:
    found = [resolution(text, str(number)) for number, text in enumerate(notations)]
    return [entities[0] for entities in link_documents(found, RussianLinker())]


def rules(*notations: str) -> dict[str, bool]:
    found = [resolution(text, str(number)) for number, text in enumerate(notations)]
    reasons = RussianLinker().reasons(seen_nodes(r.nodes for r in found), ())
    return {reason.rule: reason.joined for reason in reasons}


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (BORN.format(1834), BORN.format(1950), "other_year_of_birth"),
        (DIED.format(1900), DIED.format(1990), "other_year_of_death"),
        (BOTH.format(1834, 1900), BOTH.format(1834, 1907), ""),
        (DIED.format(1802), BORN.format(1834), "dead_before_the_other_s_birth"),
        (BOTH.format(1834, 1900), DIED.format(1990), "other_year_of_death"),
        ("[Иван Петрович Орлов|PERSON]", "[Иван Сергеевич Орлов|PERSON]", "other_patronymic"),
        ("[Иван Петрович Орлов|PERSON]", "[И. С. Орлов|PERSON]", "other_patronymic"),
        ("[Иван Орлов|PERSON]", "[Пётр Орлов|PERSON]", "other_given_name"),
        ("[Саша Мэй|PERSON]", "[Терезы Мэй|PERSON]", "other_given_name"),
    ],
)
def test_namesakes_that_contradict_stay_apart_by_a_named_rule(
    one: str, other: str, rule: str
) -> None:
    if not rule:  # one year of birth is one node: what else is stated of it may be an error
        assert len(set(people(one, other))) == 1
        return
    assert len(set(people(one, other))) == 2
    assert rules(one, other)[rule] is False


@pytest.mark.parametrize(
    "notations",
    [
        (BORN.format(1834), PLAIN),
        (DIED.format(1900), PLAIN),
        (BORN.format(1834), DIED.format(1900)),
        (BOTH.format(1834, 1900), DIED.format(1900), PLAIN),
    ],
)
def test_years_that_agree_or_say_nothing_join(notations: tuple[str, ...]) -> None:
    assert len(set(people(*notations))) == 1
    assert len(set(people(*reversed(notations)))) == 1


def test_a_shared_year_joins_where_a_namesake_has_others() -> None:
    old, again, young, plain = people(
        BOTH.format(1834, 1900), DIED.format(1900), BORN.format(1950), PLAIN
    )
    assert old == again
    assert len({old, young, plain}) == 3, "one without a year may be either"


def test_a_shorter_name_joins_no_one_of_another_year() -> None:
    full = "[Иван Петрович Орлов|PERSON] родился в [1834 году|DATE]. => 1 DATE_OF_BIRTH 2"
    assert len(set(people(full, BORN.format(1950)))) == 2
    assert rules(full, BORN.format(1950)) == {"other_year_of_birth": False}


def test_contradictions_are_symmetric() -> None:
    lives = [Life(frozenset({b} - {""}), frozenset({d} - {""})) for b in ("", "1834", "1950")
             for d in ("", "1802", "1900", "1990")]  # fmt: skip
    lives += [Life(forms=frozenset(some)) for some in (["ООО"], ["ЗАО"], ["ООО", "ЗАО"])]
    for one in lives:
        for other in lives:
            assert contradiction(one, other) == contradiction(other, one)
    assert {contradiction(a, b) for a in lives for b in lives} >= {
        rule.__name__ for rule in CONTRADICTIONS
    }


FATHER = "[Пётр Лузгин|PERSON] и его сын [Пётр Петрович Лузгин|PERSON]. => 1 PARENT_OF 2"


def test_namesakes_whom_kinship_joins_are_two_whatever_the_names_allow() -> None:
    again = "[Пётр Лузгин|PERSON] купил дом."
    found = [resolution(text, str(number)) for number, text in enumerate((FATHER, again))]
    (father, son), (other,) = link_documents(found, RussianLinker())
    assert father != son
    assert other == father
    assert rules(FATHER, again)["related_people"] is False


def test_names_of_one_person_join_where_kinship_joins_others() -> None:
    mother = "[Пётр Лузгин|PERSON] и его мать [Анна Лузгина|PERSON]. => 2 PARENT_OF 1"
    whole = "[Пётр Петрович Лузгин|PERSON] купил дом."
    assert len(set(people(mother, whole))) == 1
