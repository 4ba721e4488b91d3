"""Latin names of a watch list and the Russian names that they spell."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.exchange.registers.known import Grade
from kgbuild.exchange.registers.romanised import initial_of, latin_word, schemes_of, skeleton
from kgbuild.exchange.registers.watchlist import apply_watchlists, read_watchlist, watched
from tests.exchange.linked import NORMALIZER, graph
from tests.oracle import MemoryStore

SPELLINGS = [
    ("щербаков", "Shcherbakov", "BGN/PCGN"), ("щербаков", "Ščerbakov", "scientific"),
    ("щербаков", "Ŝerbakov", "ISO 9"), ("щербаков", "Shherbakov", "GOST 7.79 B"),
    ("ельцин", "Yel'tsin", "BGN/PCGN"), ("ельцин", "Eltsin", "ICAO"),
    ("ельцин", "Eltcin", "GOST R 52535"), ("ельцин", "Elʹcin", "ISO 9"),
    ("юрий", "Yuriy", "BGN/PCGN"), ("юрий", "Iurii", "ICAO"), ("юрий", "Ûrij", "ISO 9"),
    ("юрий", "Yurij", "GOST 7.79 B"), ("юрий", "Jurij", "scientific"), ("юрий", "Yuri", "usage"),
    ("подъячев", "Podieiachev", "ICAO"), ("хабаров", "Habarov", "ISO 9"),
    ("хабаров", "Xabarov", "GOST 7.79 B"), ("хабаров", "Chabarov", "scientific"),
    ("петр", "Pyotr", "BGN/PCGN"), ("петр", "Pëtr", "ISO 9"), ("хрущев", "Khrushchov", "BGN/PCGN"),
    ("прокофьев", "Prokofiev", "usage"), ("алексей", "Alexey", "usage"), ("эхо", "Èho", "ISO 9"),
    ("юрий", "I͡uriĭ", "ALA-LC"), ("эльдар", "Ėlʹdar", "ALA-LC"),
    ("объедков", "Ob”yedkov", "BGN/PCGN"), ("белый", "Beliy", "usage"), ("щедрин", "Schedrin", "usage"),
    ("салтыков-щедрин", "Saltykov-Shchedrin", "BGN/PCGN"), ("мария", "Maria", "usage"),
]  # fmt: skip


@pytest.mark.parametrize(("russian", "latin", "scheme"), SPELLINGS)
def test_a_word_is_spelt_by_its_scheme(russian: str, latin: str, scheme: str) -> None:
    assert scheme in schemes_of(russian, latin_word(latin))
    assert skeleton(russian) == skeleton(latin)


@pytest.mark.parametrize(
    ("russian", "latin"),
    [
        ("жуков", "Zukov"), ("щербаков", "Ščerbakoff"), ("сечин", "Sechina"), ("игорь", "Ihor"),
        ("сечин", "Sečhin"), ("хабаров", "Khabarow"), ("юрий", "Jurii"), ("цой", "Tsoj"),
        ("иванов", "Ivanovs"), ("ким", "Kym"), ("", "a"), ("шевченко", "Ševchenko"),
    ],
)  # fmt: skip
def test_schemes_are_not_mixed_in_a_word(russian: str, latin: str) -> None:
    assert not schemes_of(russian, latin_word(latin))


def test_initials() -> None:
    assert initial_of("юрий", "y.")
    assert initial_of("юрий", "iu.")
    assert initial_of("ю", "yuri")
    assert initial_of("щ", "s.")
    assert not initial_of("юрий", "u.")
    assert not initial_of("игорь", "g.")


LIST = """id,name,type,aliases,born
1,"Sechin, Igor Ivanovich",PERSON,,
2,Yuri Trutnev,PERSON,Iurii Trutnev,
3,KHODORKOVSKY Mikhail,PERSON,,
4,PJSC Rosneft,Company,,
5,Ivan Petrov,PERSON,Иван Сидорович Петров,1950
6,A. P. Chekhov,PERSON,,1860
7,Alexander Popov,PERSON,,
8,Sechina,PERSON,,
"""


def found(store: MemoryStore, tmp_path: Path, text: str = LIST) -> dict[str, tuple[str, str, str]]:
    (tmp_path / "list.csv").write_text(text, "utf-8")
    store.set_watchlist("people", read_watchlist(tmp_path / "list.csv", "people"))
    settled = watched(store, NORMALIZER).settled
    return {
        m.known.id: (m.entity.name, status, " + ".join(m.spelt))
        for status, some in (("certain", settled.certain), ("possible", settled.possible))
        for m in some
    }


def test_inflected_names_are_met(tmp_path: Path) -> None:
    store = graph(
        tmp_path / "docs",
        "Совет возглавил [Игорь Иванович Сечин|PERSON], о [Сечине|PERSON] писали.",
        "Встреча с [Юрием Трутневым|PERSON] и [Михаилом Ходорковским|PERSON] прошла вчера.",
        "Акции [Роснефти|ORGANIZATION] выросли.",
        "[А. П. Чехову|PERSON], родившемуся в [1860 году|DATE] => 1 DATE_OF_BIRTH 2",
        "Портрет [Александра Попова|PERSON] висел у входа.",
    )
    assert found(store, tmp_path) == {
        "1": ("Игорь Иванович Сечин", "certain", "BGN/PCGN"),
        "2": ("Юрий Трутнев", "possible", "usage"),
        "3": ("Михаил Ходорковский", "possible", "usage"),
        "4": ("Роснефть", "possible", "BGN/PCGN"),
        "6": ("А. П. Чехов", "certain", "BGN/PCGN"),
        "7": ("Александр Попов", "possible", "usage"),
    }
    certain = apply_watchlists(store, NORMALIZER).settled.certain
    assert {m.grade for m in certain} == {Grade.WHOLE, Grade.YEARS}
    assert {e.value for e in store.external_ids()} == {"people/1", "people/6"}


def test_near_misses_are_not_met(tmp_path: Path) -> None:
    store = graph(
        tmp_path / "docs",
        "[Игорь Петрович Сечин|PERSON], [Марина Сечина|PERSON] и [Сечин|PERSON] встретились.",
        "[Юрий Трутников|PERSON], [Михаил Ходаковский|PERSON], [«Роснефтегаз»|ORGANIZATION].",
        "[Пётр Иванов|PERSON], [Антон Чехов|PERSON], родился в [1950 году|DATE] => 2 DATE_OF_BIRTH 3",
        "[Иван Петров|PERSON] родился в [1951 году|DATE] => 1 DATE_OF_BIRTH 2",
        "[Алексей Попов|PERSON], [Александра Николаевна Попова|PERSON] пела.",
    )
    assert found(store, tmp_path) == {}


def test_a_cyrillic_name_says_more_than_a_latin_one(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", "[Иван Сидорович Петров|PERSON] спал.")
    assert found(store, tmp_path) == {"5": ("Иван Сидорович Петров", "certain", "")}


def test_two_bearers_of_a_latin_name_are_both_possible(tmp_path: Path) -> None:
    store = graph(
        tmp_path / "docs", "[Анна Иванова|PERSON] пела.", "[Анна Петровна Иванова|PERSON] спала.",
        "[Анна Ильинична Иванова|PERSON] ела.",
    )  # fmt: skip
    (tmp_path / "list.csv").write_text("id,name,type\n1,Anna Ivanova,PERSON\n", "utf-8")
    store.set_watchlist("people", read_watchlist(tmp_path / "list.csv", "people"))
    settled = watched(store, NORMALIZER).settled
    assert settled.certain == ()
    assert {m.entity.name for m in settled.possible} == {
        "Анна Иванова", "Анна Петровна Иванова", "Анна Ильинична Иванова",
    }  # fmt: skip


def test_marks_and_decomposed_letters(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", "Приехал [Юрий Объедков|PERSON].")
    for name in (
        "I\u0361urii\u0306 Obʺedkov",
        "Yuriy Ob”yedkov",
        "OB'YEDKOV, Yu.",
        "Yury Ob'yedkov",
    ):
        text = f'id,name,type\n1,"{name}",PERSON\n'
        assert found(store, tmp_path, text)["1"][:2] == ("Юрий Объедков", "possible"), name


def test_the_list_may_change(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", "[Игорь Иванович Сечин|PERSON] спал.")
    assert found(store, tmp_path)["1"][1] == "certain"
    apply_watchlists(store, NORMALIZER)
    assert found(store, tmp_path, LIST.replace("Ivanovich", "Petrovich")) == {}
    apply_watchlists(store, NORMALIZER)
    assert list(store.external_ids()) == []
