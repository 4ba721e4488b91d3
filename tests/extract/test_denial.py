"""What a clause denies or supposes is no relation; kinship by a rite isn't one either."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kgbuild.extract.patterns.denial import is_unsaid
from kgbuild.extract.patterns.extractor import PatternExtractor
from kgbuild.extract.patterns.life import is_visit
from kgbuild.extract.patterns.reading import stated_in
from kgbuild.types import Extraction
from tests.notation import parse

UNSAID = (
    "[Пётр Лыков|PERSON] никогда не жил в [Орле|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Яна Мак|PERSON] не была замужем за [Олегом Ли|PERSON]. => 1 SPOUSE 2",
    "Если бы [Пётр Лыков|PERSON] жил в [Орле|CITY], он знал бы. => 1 PLACE_RESIDES_IN 2",
    "[Пётр Лыков|PERSON] собирался когда-нибудь купить [«Зарю»|ORGANIZATION]. => 1 OWNER_OF 2",
    "Якобы [Пётр Лыков|PERSON] работал в [«Заре»|ORGANIZATION]. => 1 WORKPLACE 2",
)
SAID = (
    "[Пётр Лыков|PERSON] не только жил в [Орле|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Пётр Лыков|PERSON] не раз жил в [Орле|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Пётр Лыков|PERSON], который не пил, жил в [Орле|CITY]. => 1 PLACE_RESIDES_IN 2",
    "[Пётр Лыков|PERSON] хотел славы и основал [«Зарю»|ORGANIZATION]. => 1 OWNER_OF 2",
    "Он бы пел, но [Пётр Лыков|PERSON] жил в [Орле|CITY]. => 1 PLACE_RESIDES_IN 2",
)


@pytest.mark.parametrize("notation", UNSAID)
def test_a_denied_or_supposed_clause_states_nothing(notation: str) -> None:
    case = parse(notation)
    assert is_unsaid(case.text, case.relations[0])


@pytest.mark.parametrize("notation", SAID)
def test_other_clauses_and_words_deny_nothing(notation: str) -> None:
    case = parse(notation)
    assert not is_unsaid(case.text, case.relations[0])


@pytest.mark.parametrize("notation", UNSAID)
def test_what_is_denied_is_kept_with_its_polarity(notation: str) -> None:
    case = parse(notation)

    class Reads:
        fingerprint = "reads"

        def extract(self, texts: Sequence[str]) -> list[Extraction]:
            return [Extraction(case.mentions, case.relations) for _ in texts]

    [found] = PatternExtractor(Reads()).extract([case.text])
    assert found.relations == ()
    [against] = found.denied
    assert against == case.relations[0]
    assert against.denied


@pytest.mark.parametrize(
    "notation",
    [
        "Крёстный отец [Ильи Седова|PERSON] — [Тарас Бугров|PERSON].",
        "[Тарас Зуев|PERSON] — отец-основатель кружка [Романа Лыкова|PERSON].",
        "Молочный брат [Ивана Щукина|PERSON] [Пётр Карпов|PERSON] служил.",
        "Названая сестра [Анны Пуховой|PERSON] [Мария Шубина|PERSON] пела.",
    ],
)
def test_kinship_by_a_rite_is_neither_descent_nor_marriage(notation: str) -> None:
    case = parse(notation)
    found = stated_in(case.text, case.mentions)
    assert not found.stated
    assert [unread for _, unread in found.unread] == [frozenset()]


def test_a_twin_is_a_brother() -> None:
    case = parse("Брат-близнец [Ивана Щукина|PERSON] [Пётр Щукин|PERSON] пел.")
    assert frozenset() not in {unread for _, unread in stated_in(case.text, case.mentions).unread}


@pytest.mark.parametrize(
    ("row", "visit"),
    [
        ("[Зоя Рогова|PERSON] гостила у сестры в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2", True),
        ("В [Твери|CITY] побывал [Ким Рогов|PERSON]. => 2 PLACE_RESIDES_IN 1", True),
        ("[Зоя Рогова|PERSON] живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2", False),
        ("[Зоя Рогова|PERSON], гостила, из [Твери|CITY]. => 1 PLACE_RESIDES_IN 2", False),
        ("[Зоя Рогова|PERSON] ([Тверь|CITY]). => 1 PLACE_RESIDES_IN 2", False),
        ("[Зоя Рогова|PERSON] выступала в [Твери|CITY]. => 1 ORIGINS_FROM 2", False),
    ],
)
def test_where_somebody_only_stays_nobody_lives(row: str, visit: bool) -> None:
    case = parse(row)
    assert is_visit(case.text, case.relations[0]) is visit
