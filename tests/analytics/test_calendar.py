"""Dates of facts: what dates a fact, what doesn't, and what holds on a day."""

from __future__ import annotations

from datetime import date

import pytest
from analytics.networks import analytics, over
from ask.graphs import graph

from kgbuild.analytics.analytics import Analytics
from kgbuild.analytics.calendar import days_of
from kgbuild.analytics.network import to_networkx
from kgbuild.errors import InputError

BORN = (
    "[Анна Орлова|PERSON] родилась в [1850 году|DATE] в [Твери|CITY]"
    " => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3"
)
DIED = "[Анна Орлова|PERSON] умерла в [1910 году|DATE] => 1 DATE_OF_DEATH 2"
WED = (
    "В [1872 году|DATE] [Анна Орлова|PERSON] [вышла замуж|EVENT] за [Льва Громова|PERSON]"
    " => 2 PARTICIPANT_IN 3, 4 PARTICIPANT_IN 3, 3 POINT_IN_TIME 1, 2 SPOUSE 4"
)
WORKED = "[Анна Орлова|PERSON] работала в [«Заре»|ORGANIZATION] => 1 WORKPLACE 2"
FESTIVAL = (
    "[Фестиваль «Волга»|EVENT] начался [1 мая 1900 года|DATE] и кончился [9 мая 1900 года|DATE]"
    " => 1 START_TIME 2, 1 END_TIME 3"
)
SANG = "[Анна Орлова|PERSON] пела на [фестивале «Волга»|EVENT] => 1 PARTICIPANT_IN 2"


def told(found: Analytics, name: str | None = None) -> list[tuple[str, str, str]]:
    return [(d.date, d.role, d.fact.relation) for d in found.timeline(name)]


def relations(found: Analytics, as_of: object) -> set[str]:
    return {f.relation for f in found.whole(as_of=as_of).facts}  # type: ignore[arg-type]


def test_a_life() -> None:
    assert told(analytics(BORN, DIED, WED, WORKED), "Анна Орлова") == [
        ("1850", "began", "DATE_OF_BIRTH"),
        ("1850", "began", "PLACE_OF_BIRTH"),
        ("1872", "happened", "PARTICIPANT_IN"),
        ("1910", "ended", "DATE_OF_DEATH"),
    ]


def test_every_date_opens_to_its_sentence() -> None:
    found = analytics(BORN, DIED, WED).timeline("Анна Орлова")
    for dated in found:
        assert dated.dated_by.object.type == "DATE"
        assert dated.dated_by.evidence
    place = next(d for d in found if d.fact.relation == "PLACE_OF_BIRTH")
    assert place.dated_by.relation == "DATE_OF_BIRTH"


def test_a_date_in_the_same_sentence_dates_nothing() -> None:
    found = analytics(
        "В [1872 году|DATE] [Анна Орлова|PERSON] работала в [«Заре»|ORGANIZATION] => 2 WORKPLACE 3"
    )
    assert told(found) == []


def test_another_mention_of_a_verb_has_another_date() -> None:
    found = analytics(
        "[Анна Орлова|PERSON] [уехала|EVENT] в [1880 году|DATE]; [Пётр Чайкин|PERSON]"
        " [уехала|EVENT] позже => 1 AGENT 2, 2 POINT_IN_TIME 3, 4 AGENT 5"
    )
    assert told(found, "Анна Орлова") == [("1880", "happened", "AGENT")]
    assert told(found, "Пётр Чайкин") == []


def test_a_named_happening_is_dated_from_anywhere() -> None:
    found = analytics(FESTIVAL, SANG)
    assert told(found, "Анна Орлова") == [
        ("1900-05-01", "began", "PARTICIPANT_IN"), ("1900-05-09", "ended", "PARTICIPANT_IN"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("year", "holding"),
    [
        (1840, set()),
        (1850, {"DATE_OF_BIRTH", "PLACE_OF_BIRTH", "WORKPLACE", "SPOUSE"}),
        (1880, {"DATE_OF_BIRTH", "PLACE_OF_BIRTH", "WORKPLACE", "SPOUSE", "PARTICIPANT_IN",
                "POINT_IN_TIME"}),
        (1920, {"DATE_OF_BIRTH", "PLACE_OF_BIRTH", "PARTICIPANT_IN", "POINT_IN_TIME",
                "DATE_OF_DEATH"}),
    ],
)  # fmt: skip
def test_as_of(year: int, holding: set[str]) -> None:
    """A life bounds its states; what isn't dated otherwise («WORKPLACE») is kept within it."""
    assert relations(analytics(BORN, DIED, WED, WORKED), year) == holding


def test_what_is_not_dated_is_kept() -> None:
    assert relations(analytics(WORKED), 1066) == {"WORKPLACE"}


def test_who_is_not_born_is_not_there_and_who_died_is() -> None:
    store = graph(BORN, DIED)
    names = {
        year: {data["name"] for _, data in to_networkx(store, as_of=year).nodes(data=True)}
        for year in (1849, 1851, 1999)
    }
    assert names[1849] == {"Тверь"}
    assert names[1851] == {"Тверь", "Анна Орлова", "1850 год"}
    assert names[1999] == names[1851] | {"1910 год"}


def test_as_of_takes_days_years_and_words() -> None:
    found = analytics(FESTIVAL, SANG)
    for day in (date(1900, 5, 3), "1900-05-03", "3 мая 1900 года", 1900, "1900"):
        assert "PARTICIPANT_IN" in relations(found, day)
    assert "PARTICIPANT_IN" not in relations(found, "1900-04-30")
    assert "PARTICIPANT_IN" not in relations(found, "1900-05-10")


def test_dates_that_disagree_bound_nothing_more_than_both() -> None:
    other = "[Анна Орлова|PERSON] родилась в [1855 году|DATE] => 1 DATE_OF_BIRTH 2"
    found = analytics(BORN, other)
    assert "PLACE_OF_BIRTH" in relations(found, 1851)
    assert "PLACE_OF_BIRTH" not in relations(found, 1849)


def test_a_life_that_ends_before_it_begins_is_taken_for_undated() -> None:
    wrong = (  # in one document: of two, the contradiction makes two people
        "[Анна Орлова|PERSON] родилась в [1850 году|DATE], умерла в [1810 году|DATE]"
        " => 1 DATE_OF_BIRTH 2, 1 DATE_OF_DEATH 3"
    )
    assert "WORKPLACE" in relations(analytics(wrong, WORKED), 1990)


def test_changes_are_what_lies_between() -> None:
    found = analytics(BORN, DIED, WED, FESTIVAL, SANG)
    assert [(d.role, d.fact.relation) for d in found.changes(1850, 1900)] == [
        ("happened", "PARTICIPANT_IN"), ("happened", "PARTICIPANT_IN"),
        ("began", "PARTICIPANT_IN"), ("began", "START_TIME"),
        ("ended", "PARTICIPANT_IN"), ("ended", "END_TIME"),
    ]  # fmt: skip
    assert {d.fact.subject.name for d in found.changes(1871, 1872)} == {"Анна Орлова", "Лев Громов"}
    assert list(found.changes(1873, 1899)) == []


def test_a_century_does_not_say_when_in_it() -> None:
    found = analytics("[«Заря»|ORGANIZATION] основана в [XIX веке|DATE] => 1 DATE_FOUNDED_IN 2")
    assert list(found.changes(1800, 1850)) == []
    assert len(found.changes(1800, 1900)) == 1
    assert len(found.timeline(since=1850, until=1860)) == 1
    assert list(found.timeline(since=1901)) == []


def test_types_are_of_either_end() -> None:
    found = analytics(BORN, WED)
    assert {d.fact.relation for d in found.timeline(types=["CITY"])} == {"PLACE_OF_BIRTH"}


def test_what_is_no_date_is_refused() -> None:
    found = analytics(BORN)
    for wrong in ("вчера", "никогда", "2 года", ""):
        with pytest.raises(InputError, match="not a date"):
            days_of(wrong)
    with pytest.raises(InputError, match="isn't after"):
        found.changes(1900, 1900)
    with pytest.raises(InputError, match="between 0 and 1"):
        found.whole(min_confidence=7)


def test_a_calendar_follows_the_store() -> None:
    store = graph(BORN)
    found = over(store)
    assert len(found.timeline()) == 2
    store.delete_document("0.txt")
    assert list(found.timeline()) == []
