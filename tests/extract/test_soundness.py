"""Which spans can't be mentions, by rule; sound ones of the same kind stay."""

from __future__ import annotations

import pytest
from notation import parse

from kgbuild.extract.soundness import UNSOUND, Stretch, is_whole_name, unsound

CASES = (
    ("over_paragraphs", "[Южный университет\n\nЮжный университет|ORGANIZATION] основан давно"),
    ("", "[Южный\nуниверситет|ORGANIZATION] основан давно"),
    ("over_sentences", "[Южный фонд. Первые премии|AWARD] вручены"),
    ("", "[НИИ им. Орлова|ORGANIZATION] и [Голос. Дети|WORK_OF_ART]"),
    ("over_cells", "[Орлов\tЗуев|PERSON]"),
    ("over_fields", "ФИО: [Лавров Олег\nДолжность: директор|PERSON]"),
    ("", "[Лавров\nОлег|PERSON]: так подписано"),
    ("odd_bracket", "Казанский ([Приволжский) университет|ORGANIZATION]"),
    ("", "[Казанский (Приволжский) университет|ORGANIZATION]"),
    ("finite_verb", "о нём [писали|PROFESSION] физики"),
    ("finite_verb", "[факультет и является членом академии|ORGANIZATION]"),
    ("", "он [попал в больницу|EVENT], а слушал [радио «Говорит Москва»|ORGANIZATION]"),
    (
        "",
        "Зуев [родился|PERSON_REFERENCE] тут, фирма [закрыта и снова открылась|ORGANIZATION_REFERENCE]",
    ),
    ("lone_preposition", "говорил [по|LANGUAGE]-русски"),
    ("age_of_an_era", "умер в [347 году|AGE] до н. э."),
    ("", "сказал [По|PERSON]"),
    ("from_patronymic", "Анна [Ивановна Попова|PERSON] уехала"),
    ("", "уехала [Анна Ивановна Попова|PERSON], а с ней [Иван Рабинович|PERSON]"),
)


@pytest.mark.parametrize(("rule", "row"), CASES)
def test_a_rule_names_what_can_t_be_a_mention(rule: str, row: str) -> None:
    case = parse(row)
    broken = {unsound(Stretch(case.text, m.start, m.end, m.type)) for m in case.mentions}
    assert broken == {rule}


def test_every_rule_has_a_case() -> None:
    assert {rule.__name__ for rule in UNSOUND} == {name for name, _ in CASES} - {""}


@pytest.mark.parametrize(
    ("row", "whole"),
    [
        ("[Любовь Дмитриевна Менделеева|PERSON] стала женой поэта", True),
        ("письмо [Фёдору Кузьмичу Рыжих-Соколову|PERSON]", True),
        ("[Адвокат Романа Тимофеевича|PERSON] ушёл", False),
        ("[Президиум Верховного Совета|PERSON]", False),
        ("[Любовь Менделеева|PERSON]", False),
        ("[Любовь Дмитриевна|PERSON] Менделеева", False),
        ("[Любовь Дмитриевна Менделеева|WORK_OF_ART]", False),
    ],
)
def test_first_name_patronymic_and_surname_are_a_whole_name(row: str, whole: bool) -> None:
    case = parse(row)
    [mention] = case.mentions
    stretch = Stretch(case.text, mention.start, mention.end, mention.type)
    assert is_whole_name(stretch) is whole
