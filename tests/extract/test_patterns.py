"""What sentences state in so many words, and what that says against the network's guesses."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.extract.patterns.extractor import CONFIDENCE, KINSHIP, LIFE, PatternExtractor
from kgbuild.extract.patterns.reading import stated_in
from kgbuild.types import Extraction, Mention
from tests.notation import parse

STATED = [
    # whose: a genitive
    "[Людвиг Нобель|PERSON], брат [Альфреда Нобеля|PERSON], родился в Стокгольме. => 1 SIBLING 2",
    "[Татьяна Толстая|PERSON] — дочь физика [Никиты Толстого|PERSON]. => 2 PARENT_OF 1",
    "Сын [Рудольфа|PERSON], [Армин Дасслер|PERSON], возглавил фирму. => 1 PARENT_OF 2",
    "Жена [Табакова|PERSON], актриса [Марина Зудина|PERSON], играла там же. => 1 SPOUSE 2",
    "Дочь президента страны [Ивана Крылова|PERSON] [Ольга Крылова|PERSON] молчит."
    " => 1 PARENT_OF 2",
    "Отцом [Андрея Боголюбского|PERSON] был князь [Юрий Долгорукий|PERSON]. => 2 PARENT_OF 1",
    "Второй женой [Шаляпина|PERSON] стала [Мария Петцольд|PERSON]. => 1 SPOUSE 2",
    "[Анна Крылова|PERSON] была дочерью академика [Алексея Крылова|PERSON]. => 2 PARENT_OF 1",
    "Врачи лечили [Ольгу Белову|PERSON], сестру [Петра Белова|PERSON]. => 1 SIBLING 2",
    "[Юрий Белов|PERSON] (1900—1980) — двоюродный брат [Петра Белова|PERSON]. => 1 RELATIVE 2",
    "Внук [Петра|PERSON] [Иван|PERSON] учится. => 1 RELATIVE 2",
    "[Глеб|PERSON] — сын [Ивана|PERSON] и [Ольги|PERSON]. => 2 PARENT_OF 1, 3 PARENT_OF 1",
    # a possessive
    "[Ольга|PERSON] пела. Её отец, [Пётр Белов|PERSON], был врачом. => 2 PARENT_OF 1",
    "[Сергей Скрябин|PERSON] и его дочь [Юлия|PERSON] уехали. => 1 PARENT_OF 2",
    "[Иван Белов|PERSON] назначил своего брата [Петра|PERSON] судьёй. => 1 SIBLING 2",
    "Вместе со своей женой [Анной|PERSON] [Иван Белов|PERSON] открыл музей. => 1 SPOUSE 2",
    "[Иван Белов|PERSON] учился в Казани. Его отец, [Пётр Белов|PERSON], был врачом. Его мать,"
    " [Ольга Белова|PERSON], пела. => 2 PARENT_OF 1, 3 PARENT_OF 1",
    # a common noun
    "[Иван Белов|PERSON] учился в Казани. Брат [учёного|PROFESSION], [Глеб|PERSON], был врачом."
    " => 1 SIBLING 3",
    # «у кого»
    "У [Ивана Белова|PERSON] есть сын [Глеб|PERSON]. => 1 PARENT_OF 2",
    "У [Ивана|PERSON] трое детей: [Глеб|PERSON], [Анна|PERSON] и [Юрий|PERSON]."
    " => 1 PARENT_OF 2, 1 PARENT_OF 3, 1 PARENT_OF 4, 2 SIBLING 3, 2 SIBLING 4, 3 SIBLING 4",
    # surnames that look like words of kinship
    "[Внуков|PERSON] — сын [Папанова|PERSON]. => 2 PARENT_OF 1",
    # births and deaths
    "В [Казани|CITY] родился певец [Фёдор Шаляпин|PERSON]. => 2 PLACE_OF_BIRTH 1",
    "[Иван Белов|PERSON] родился 6 июня 1799 года в [Москве|CITY]. => 1 PLACE_OF_BIRTH 2",
    "Жена [Шагала|PERSON], [Белла Розенфельд|PERSON], тоже родилась в [Витебске|CITY]."
    " => 1 SPOUSE 2, 2 PLACE_OF_BIRTH 3",
    "В [Минске|CITY] на 46-м году жизни умер музыкант [Иван Белов|PERSON]."
    " => 2 PLACE_OF_DEATH 1",
    "[Ольга|PERSON] пела. Она скончалась в немецком городе [Кёльн|CITY]. => 1 PLACE_OF_DEATH 2",
    "[Роман Тыквин|PERSON] погиб под [Ржевом|CITY]. => 1 PLACE_OF_DEATH 2",
    "В [Вологде|CITY] утонула [Марфа Лукошкина|PERSON]. => 2 PLACE_OF_DEATH 1",
    "[Иван Белов|PERSON] родился [6 июня 1799 года|DATE] в [Москве|CITY]."
    " => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3",
    "[Иван Белов|PERSON] родился [в 427 году до н. э.|DATE] и пел. => 1 DATE_OF_BIRTH 2",
    "[Ольга|PERSON] пела. Она скончалась в [1900 году|DATE]. => 1 DATE_OF_DEATH 2",
    "[5 мая 1900 года|DATE] умер певец [Иван Белов|PERSON]. => 2 DATE_OF_DEATH 1",
    # weddings
    "В 1862 году [Лев Толстой|PERSON] женился на [Софье Берс|PERSON]. => 1 SPOUSE 2",
    "[Софья|PERSON] вышла замуж за физика [Владимира Белова|PERSON]. => 1 SPOUSE 2",
]  # fmt: skip

SILENT = [
    "[Иван Белов|PERSON] и [Ольга Белова|PERSON] спорили.",
    "Врачи ждали рождения дочери [Милы|PERSON].",  # whose, or who?
    "[Андрей|PERSON] — сын соратника [Сергея Белова|PERSON].",
    "Мать [Тереза|PERSON] пришла.",
    "На вечере были жена [Блока|PERSON], [Андрей Белый|PERSON] и другие.",
    "Отцы города встретили [Ивана Белова|PERSON].",
    "[Иван|PERSON] сказал, что отец умер в [Москве|CITY].",
    "[Иван|PERSON] работал в [Москве|CITY], а умер дома.",
    "[Иван|PERSON] работал в [Москве|CITY], а погиб дома.",
    "В [Туле|CITY] погиб урожай [Ивана Белова|PERSON].",
    "У [Ивана|PERSON] родился сын в [Москве|CITY].",
    "У [Ивана|PERSON] [в 1900 году|DATE] родился сын.",
    "[Иван|PERSON] умер [до 1900 года|DATE].",
    "К [1900 году|DATE] умер [Иван|PERSON].",
    "[Иван|PERSON] работал до [1900 года|DATE], а умер дома.",
    "[Иван|PERSON] умер [в среду|DATE].",
    "[Иван|PERSON] родился в семье [китайских|COUNTRY] рабочих.",
    "[Иван|PERSON] и его братья по оружию знали [Петра|PERSON].",
]


@pytest.mark.parametrize("notation", STATED)
def test_it_reads(notation: str) -> None:
    case = parse(notation)
    stated = stated_in(case.text, case.mentions).stated
    found = {(s.relation, s.subject, s.object) for s in stated}
    assert found == {(r.relation, r.subject, r.object) for r in case.relations}


@pytest.mark.parametrize("notation", SILENT)
def test_it_leaves_open(notation: str) -> None:
    case = parse(notation)
    assert stated_in(case.text, case.mentions).stated == ()


class Fixed:
    """An extractor that always answers the same."""

    fingerprint = "fixed"

    def __init__(self, answer: Extraction) -> None:
        self.answer = answer

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [self.answer for _ in texts]


def read(notation: str, min_precision: float | None = None) -> set[tuple[str, str, str]]:
    """The relations of a case after its own ones were what the network found."""
    case = parse(notation)
    extractor = PatternExtractor(Fixed(Extraction(case.mentions, case.relations)), min_precision)
    name = {m: case.text[m.start : m.end] for m in case.mentions}
    found = extractor.extract([case.text])[0].relations
    assert len(found) == len(set(found))
    return {(r.relation, name[r.subject], name[r.object]) for r in found}


def test_other_kinship_of_the_two_is_dropped() -> None:
    text = "[Вера|PERSON] — племянница [Сергея Муромцева|PERSON]. => 1 SPOUSE 2, 1 KNOWS 2"
    assert read(text) == {("RELATIVE", "Вера", "Сергея Муромцева"),
                          ("KNOWS", "Вера", "Сергея Муромцева")}  # fmt: skip


def test_kinship_that_no_word_of_the_sentence_states_is_dropped() -> None:
    text = (
        "[Ольга|PERSON], дочь [Ивана|PERSON], вышла замуж за [Петра|PERSON]. => "
        "2 SPOUSE 3 0.6, 1 SPOUSE 3 0.6"
    )
    assert read(text) == {("SPOUSE", "Ольга", "Петра"), ("PARENT_OF", "Ивана", "Ольга")}


def test_two_of_one_gender_are_no_couple_where_no_word_of_marriage_is_near() -> None:
    assert read("[Пётр Капица|PERSON] и [Лев Ландау|PERSON] => 1 SPOUSE 2") == set()
    couples = [
        "[Иван Белов|PERSON] и [Пётр Скрябин|PERSON] вступили в брак. => 1 SPOUSE 2",
        "[Иван Белов|PERSON] и [Ольга Скрябина|PERSON] => 1 SPOUSE 2",
        "[Ким|PERSON] и [Smith|PERSON] => 1 SPOUSE 2",
    ]
    assert [len(read(couple)) for couple in couples] == [1, 1, 1]


def test_what_is_said_of_a_profession_is_ruled_out_too() -> None:
    text = (
        "[Юлий Бунин|PERSON] писал. Брат [писателя|PROFESSION], [Иван Бунин|PERSON], пел."
        " => 2 PARENT_OF 3"
    )
    assert read(text) == {("SIBLING", "Юлий Бунин", "Иван Бунин")}


def test_a_place_of_death_is_not_taken_for_that_of_birth() -> None:
    text = "[Иван Белов|PERSON] умер в 1945 году в [Вене|CITY]. => 1 PLACE_OF_BIRTH 2"
    assert read(text) == {("PLACE_OF_DEATH", "Иван Белов", "Вене")}


def test_a_date_of_birth_is_not_taken_for_that_of_death() -> None:
    text = "[Иван Белов|PERSON] родился [в 427 году до н. э.|DATE] в Афинах. => 1 DATE_OF_DEATH 2"
    assert read(text) == {("DATE_OF_BIRTH", "Иван Белов", "в 427 году до н. э.")}


def test_what_a_sentence_may_mean_in_other_words_is_kept() -> None:
    kept = "[Иван|PERSON] и [Ольга|PERSON] отпраздновали свадьбу. => 1 SPOUSE 2"
    assert read(kept) == {("SPOUSE", "Иван", "Ольга")}
    parents = "[Глеб|PERSON] — сын [Ивана|PERSON] и [Ольги|PERSON]. => 2 SPOUSE 3"
    assert ("SPOUSE", "Ивана", "Ольги") in read(parents)


def test_the_surer_confidence_stays_and_a_pair_is_said_once() -> None:
    case = parse("[Людвиг|PERSON], брат [Альфреда|PERSON]. => 2 SIBLING 1 0.4")
    extractor = PatternExtractor(Fixed(Extraction(case.mentions, case.relations)))
    (relation,) = extractor.extract([case.text])[0].relations
    assert (relation.relation, relation.confidence) == ("SIBLING", CONFIDENCE["of"])


def test_a_wanted_precision_leaves_out_weaker_patterns() -> None:
    text = "[Ольга|PERSON] пела. Её отец, [Пётр Белов|PERSON], был врачом."
    assert read(text) == {("PARENT_OF", "Пётр Белов", "Ольга")}
    assert read(text, min_precision=0.95) == set()


def test_the_fingerprint_names_the_models_and_the_patterns() -> None:
    fingerprint = PatternExtractor(Fixed(Extraction((), ()))).fingerprint
    assert fingerprint.startswith("fixed-")
    assert len(fingerprint) > len("fixed-")


WORDS = st.sampled_from(
    ["сын", "дочери", "брат", "жена", "его", "её", "свой", "у", "и", ",", "—", "(", ")", ":",
     "был", "родился", "умерла", "в", "женился", "на", "замуж", "за", "двое", "старший", ".", "25-летний", "физика"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["Москве", "Иван Белов", "Ивана", "Ольга", "Ольги", "Ким Чен Ын", "Smith", "Романовых"]
)


@given(st.lists(st.one_of(WORDS, NAMES), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_relations_of_what_is_mentioned(words: list[str]) -> None:
    text, mentions = "", []
    for word in words:
        if word[0].isupper():
            kind = "CITY" if word == "Москве" else "PERSON"
            mentions.append(Mention(len(text), len(text) + len(word), kind))
        text += word + " "
    stated = stated_in(text, mentions).stated
    for one in stated:
        assert one.relation in KINSHIP | LIFE
        assert one.subject != one.object
        assert {one.subject, one.object} <= set(mentions)
        assert one.pattern.split()[0] in CONFIDENCE
    keys = [(s.relation, s.subject, s.object) for s in stated]
    assert len(keys) == len(set(keys))


@pytest.mark.slow
def test_a_long_sentence_of_kin_is_read_in_time_that_grows_with_it() -> None:
    def seconds(count: int) -> float:
        piece = "его сын Иван, "
        text = piece * count
        at = [Mention(len(piece) * i + 8, len(piece) * i + 12, "PERSON") for i in range(count)]
        began = time.process_time()
        stated_in(text, at)
        return time.process_time() - began

    seconds(100)
    assert seconds(8000) < 8 * max(seconds(2000), 0.05)
