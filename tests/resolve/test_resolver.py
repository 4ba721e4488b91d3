from __future__ import annotations

import pytest
from notation import parse

from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import entity_id, resolve
from kgbuild.resolve.rules import RULES, Candidate, Verdict, decide
from kgbuild.russian.person import parse_person
from kgbuild.types import Document, ResolvedMention


def resolved(notation: str, sha256: str = "one") -> tuple[ResolvedMention, ...]:
    case = parse(notation)
    document = Document("a.txt", case.text, sha256)
    return resolve(document, case.mentions, case.relations, RussianNormalizer())


def names(notation: str) -> list[str]:
    return [mention.name for mention in resolved(notation)]


@pytest.mark.parametrize(
    "short",
    [
        "Менделеева",
        "Менделееву",
        "Д. И. Менделеев",
        "Дмитрием Менделеевым",
        "Дмитрий",
        "Д. Менделеева",
    ],
)
def test_a_shorter_name_joins_the_fuller_one(short: str) -> None:
    full, joined = resolved(f"[Дмитрий Иванович Менделеев|PERSON] … [{short}|PERSON]")
    assert joined.entity == full.entity
    assert joined.name == "Дмитрий Иванович Менделеев"


@pytest.mark.parametrize("other", ["Иван Менделеев", "И. П. Менделеев", "Дмитрий Орлов", "Орлова"])
def test_another_name_stays_apart(other: str) -> None:
    one, two = resolved(f"[Дмитрий Иванович Менделеев|PERSON] … [{other}|PERSON]")
    assert one.entity != two.entity


def test_a_surname_of_two_people_stays_apart() -> None:
    pierre, marie, lone = resolved("[Пьер Кюри|PERSON] и [Мария Кюри|PERSON]; [Кюри|PERSON]")
    assert len({pierre.entity, marie.entity, lone.entity}) == 3


def test_gender_of_the_form_decides() -> None:
    text = "[Иван Орлов|PERSON] и [Анна Орлова|PERSON]: [Орловым|PERSON], [Орловой|PERSON]"
    assert names(text) == ["Иван Орлов", "Анна Орлова", "Иван Орлов", "Анна Орлова"]


def test_a_form_that_fits_both_genders_stays_apart() -> None:
    ivan, anna, lone = resolved("[Иван Орлов|PERSON], [Анна Орлова|PERSON]: [Орлова|PERSON]")
    assert lone.entity not in (ivan.entity, anna.entity)


def test_the_document_says_whose_form_it_is() -> None:
    assert names("[Анна Орлова|PERSON]; [Орлова|PERSON]") == ["Анна Орлова", "Анна Орлова"]


def test_a_clear_form_tells_whose_a_doubtful_one_is() -> None:
    assert names("[Набиуллина|PERSON] и [Набиуллиной|PERSON]") == ["Набиуллина"] * 2


def test_spouses_are_two_people() -> None:
    one, two = resolved("[Пьер Кюри|PERSON] женат на [Кюри|PERSON] => 1 SPOUSE 2")
    assert one.entity != two.entity


def test_an_alternative_name_decides_between_two() -> None:
    text = "[Пьер Кюри|PERSON], [Мария Кюри|PERSON]; [Кюри|PERSON] => 3 ALTERNATIVE_NAME 1"
    assert names(text)[2] == "Пьер Кюри"


def test_a_double_surname_is_also_called_by_its_half() -> None:
    one, two = resolved("[Мария Склодовская-Кюри|PERSON]; [Марии Кюри|PERSON]")
    assert one.entity == two.entity


def test_one_name_is_one_entity_in_every_document() -> None:
    one = resolved("в [Казани|CITY]", "one")[0]
    two = resolved("[Казань|CITY]", "two")[0]
    assert one.entity == two.entity == entity_id("CITY", "казань")


@pytest.mark.parametrize(
    "mention",
    [
        "аварии|EVENT",
        "Похоронили|EVENT",
        "в понедельник|DATE",
        "Александр|PERSON",
        "Анна Ивановна|PERSON",
    ],
)
def test_what_names_nothing_elsewhere_is_confined_to_its_document(mention: str) -> None:
    assert resolved(f"[{mention}]", "one")[0].entity != resolved(f"[{mention}]", "two")[0].entity


@pytest.mark.parametrize("mention", ["Второй мировой войны|EVENT", "в 1834 году|DATE"])
def test_what_has_a_name_of_its_own_is_shared(mention: str) -> None:
    assert resolved(f"[{mention}]", "one")[0].entity == resolved(f"[{mention}]", "two")[0].entity


def test_types_are_apart_and_order_is_kept() -> None:
    mentions = resolved("[Владимир|CITY] и [Владимир|PERSON]")
    assert [m.mention.type for m in mentions] == ["CITY", "PERSON"]
    assert mentions[0].entity != mentions[1].entity


def test_the_deciding_rule_is_named() -> None:
    full = Candidate("a", parse_person("Дмитрий Иванович Менделеев"))
    decision = decide(full, Candidate("b", parse_person("Менделееву")))
    assert (decision.verdict, decision.rule) == (Verdict.MERGE, "surname_alone")
    decision = decide(full, Candidate("b", parse_person("Любови Менделеевой")))
    assert (decision.verdict, decision.rule) == (Verdict.KEEP_APART, "other_gender")
    assert decision.rule in {rule.__name__ for rule in RULES}


def test_a_surname_like_a_patronymic_is_a_surname() -> None:
    assert parse_person("Марк Рабинович").surname == "рабинович"


def test_the_main_bearer_of_a_surname_is_meant_by_it() -> None:
    """Named first and three times in full, the son is «Менделеев»; the father is named once."""
    found = names(
        "[Дмитрий Менделеев|PERSON] родился в семье директора. Отца звали"
        " [Иван Менделеев|PERSON]. [Дмитрий Менделеев|PERSON] учился в Петербурге."
        " [Менделеев|PERSON] преподавал. [Дмитрий Менделеев|PERSON] открыл закон."
    )
    assert found == ["Дмитрий Менделеев", "Иван Менделеев", *["Дмитрий Менделеев"] * 3]


def test_two_equal_bearers_of_a_surname_leave_it_apart() -> None:
    found = names("[Иван Орлов|PERSON] и [Пётр Орлов|PERSON] спорили. [Орлов|PERSON] победил.")
    assert found == ["Иван Орлов", "Пётр Орлов", "Орлов"]


def test_a_surname_is_the_first_named_bearers_where_the_other_comes_later() -> None:
    found = names(
        "[Иван Орлов|PERSON] построил мост через реку и проложил дорогу от него до города, а"
        " потом уехал на юг. Ему помогал [Пётр Орлов|PERSON]. [Орлов|PERSON] вернулся."
    )
    assert found == ["Иван Орлов", "Пётр Орлов", "Иван Орлов"]


def test_first_name_and_patronymic_are_the_first_name_and_surnames_bearer() -> None:
    text = "[Вадим Лобанов|PERSON] сел. [Вадим Яковлевич|PERSON] встал."
    assert names(text) == ["Вадим Лобанов", "Вадим Лобанов"]


def test_a_cut_initial_and_a_first_name_that_nobody_knows() -> None:
    assert names("[Янтарёв М. Ф|PERSON]. и [Пасько Юхим Демьянович|PERSON]") == [
        "М. Ф. Янтарёв",
        "Юхим Демьянович Пасько",
    ]


@pytest.mark.parametrize(("verb", "name"), [("заявила", "Ананьева"), ("арест", "Ананьев")])
def test_words_beside_a_name_decide_its_form(verb: str, name: str) -> None:
    assert names(f"{verb} [Ананьева|PERSON]") == [name]


def test_a_rare_first_name_alone_is_shared() -> None:
    one, two = resolved("[Малала|PERSON]", "one")[0], resolved("[Малала|PERSON]", "two")[0]
    assert one.entity == two.entity


def test_a_name_broken_at_a_line_is_one_name() -> None:
    one, two = resolved("о [Мен-\nделееве|PERSON] и [Менделееве|PERSON]")
    assert one.entity == two.entity
    assert one.name == "Менделеев"


def test_father_and_son_of_one_name_are_two_where_the_document_says_which() -> None:
    found = names(
        "[Алексей Дорн|PERSON] (сын) писал. Его отец, [Алексей Дорн|PERSON], пел."
        " [Дорн-сын|PERSON] жил у [Дорна-отца|PERSON]."
    )
    assert found == ["Алексей Дорн-сын", "Алексей Дорн", "Алексей Дорн-сын", "Алексей Дорн"]


def test_a_name_without_seniority_is_the_one_namesake_of_the_document() -> None:
    found = names("[Алексей Дорн|PERSON] (отец) писал. [Алексей Дорн|PERSON] и пел.")
    assert found == ["Алексей Дорн-отец"] * 2


def test_a_first_name_that_the_dictionary_lacks_joins_the_full_name() -> None:
    assert names("[Ирен Лорье|PERSON] пела. [Ирен|PERSON] умерла.") == ["Ирен Лорье"] * 2


def test_two_of_one_first_name_who_are_both_spoken_of_share_it() -> None:
    one, other = "[Борис Великий|PERSON] правил. ", "[Борис Святославич|PERSON] княжил. "
    assert names(one * 7 + "[Борис|PERSON] строил. " + other * 3)[7] == "Борис"


def test_a_first_name_counts_for_where_the_main_bearer_is_first_named() -> None:
    found = names(
        "[Олег|PERSON] и [Раиса Воробьёва|PERSON]. [Олег Воробьёв|PERSON] пел."
        " [Олег Воробьёв|PERSON] умер. Дочь [Воробьёва|PERSON] жива."
    )
    assert found[-1] == "Олег Воробьёв"


def test_a_child_of_the_fathers_first_name_is_somebody_else() -> None:
    text = (
        "[Александр Дорн|PERSON] пел. [Александр Дорн|PERSON] женился. У [Дорна|PERSON]"
        " родились [Александр|PERSON] и [Наталья|PERSON]. => 3 PARENT_OF 4, 3 PARENT_OF 5"
    )
    assert names(text)[2:4] == ["Александр Дорн", "Александр"]
    untold = text.partition(" => ")[0]
    assert names(untold)[2:4] == ["Александр Дорн"] * 2, "without a relation he is the one named"


def test_petersburg_is_one_city() -> None:
    found = resolved("[Петербург|CITY], [Санкт-Петербург|CITY]")
    assert len({mention.entity for mention in found}) == 1


def test_who_died_in_another_year_is_somebody_else() -> None:
    text = (
        "[Вадим Лобанов|PERSON] умер в [1901 году|DATE]. [Вадим Яковлевич|PERSON] умер в"
        " [1925 году|DATE]. => 1 DATE_OF_DEATH 2, 3 DATE_OF_DEATH 4"
    )
    assert names(text)[::2] == ["Вадим Лобанов", "Вадим Яковлевич"]


def test_princes_of_one_first_name_are_told_apart_by_father_and_byname() -> None:
    text = "[Борис Великий|PERSON] правил. [Борис Святославич|PERSON] княжил."
    assert names(text) == ["Борис Великий", "Борис Святославич"]
