"""Which texts are copies of one."""

from __future__ import annotations

import numpy as np
import pytest

from kgbuild.copies import BANDS, are_copies, sketch
from tests.oracle.graph import groups

NEWS = """Завод «Заря» в Новокаменске возглавил Пётр Ильич Ракитин. Прежний директор, Семён Охлопков,
ушёл на пенсию в мае 2019 года. «Мы продолжим ремонт второго цеха — он начат ещё при Охлопкове», —
сказал Ракитин на встрече с рабочими. Завод основан в 1931 году и выпускает насосы для шахт. В прошлом
году он продал 4200 насосов, из них треть в Казахстан. Профсоюз завода поддержал назначение, хотя
его глава Инна Тверская напомнила о долгах по зарплате за декабрь."""

REPRINT = """НОВОКАМЕНСК, 3 июня. /Волна/. У завода "Заря" новый директор. Прежний директор, Семен
Охлопков, ушел на пенсию в мае 2019 года. "Мы продолжим ремонт второго цеха - он начат еще при
Охлоп\u00adкове", - сказал Пётр Ильич Ракитин на встрече с рабочими. Завод основан в 1931 году и выпускает
насосы для шахт. В прошлом году он продал 4200 насосов, из них треть в Казахстан."""

FORM = NEWS
for old, new in {
    "Заря": "Маяк", "Новокаменске": "Сосновке", "Пётр Ильич Ракитин": "Олег Юрьевич Дымов",
    "Семён Охлопков": "Андрей Зубов", "Охлопкове": "Зубове", "Ракитин": "Дымов", "2019": "2021",
    "1931": "1956", "4200": "870", "Казахстан": "Армению", "Инна Тверская": "Вера Лось",
}.items():  # fmt: skip
    FORM = FORM.replace(old, new)


@pytest.mark.parametrize(
    "other",
    [
        NEWS,
        REPRINT,
        NEWS.replace("ё", "е").replace("«", '"').replace("»", '"').replace("—", "–").upper(),
        f"{NEWS}\n\nПри перепечатке ссылка на «Волну» обязательна.",
    ],
    ids=["the same", "reprint", "typography", "footer"],
)
def test_a_reprint_is_a_copy(other: str) -> None:
    one, two = sketch(NEWS), sketch(other)
    assert are_copies(one, two)
    assert are_copies(two, one)
    assert set(one.bands) & set(two.bands)


@pytest.mark.parametrize(
    "other",
    [
        FORM,
        "Завод «Заря» в Новокаменске возглавил Пётр Ильич Ракитин.",
        " ".join([NEWS, *(f"Запись {n} другого дня о делах города {n}." for n in range(40))]),
        "",
    ],
    ids=["a form for another firm", "a quotation", "a digest", "nothing"],
)
def test_what_only_has_words_in_common_is_none(other: str) -> None:
    assert not are_copies(sketch(NEWS), sketch(other))
    assert not are_copies(sketch(other), sketch(NEWS))


def test_short_texts_are_copies_with_the_same_words_alone() -> None:
    row = sketch("Зимина О. П.; 12.03.1961; Тверь")
    assert are_copies(row, sketch("ЗИМИНА О.П. — 12.03.1961 — Тверь"))
    assert not are_copies(row, sketch("Зимина О. П.; 13.03.1961; Тверь"))
    assert len(row.bands) == 1
    assert sketch("…").bands == ()
    assert not are_copies(sketch("…"), sketch("!"))


def test_a_sketch_is_the_same_everywhere() -> None:
    one = sketch(NEWS)
    assert len(one.bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in one.bands)
    assert one.shingles.dtype == np.uint64
    # Stores hold bands: another hash would leave their copies unfound.
    assert one.whole == 718468726456285121
    assert one.bands[:2] == (-3294294073582485359, 8970711863297817855)


def test_a_long_text_has_the_minima_of_all_its_parts() -> None:
    words = [f"слово{n}" for n in range(9000)]
    one, other = sketch(" ".join(words)), sketch(" ".join([*words[4500:], *words[:4500]]))
    assert set(one.bands) & set(other.bands), "nearly the same shingles in another order"
    assert are_copies(one, other)


def test_groups_name_the_first() -> None:
    texts = {"b": NEWS, "x": FORM, "a": REPRINT, "c": NEWS}
    assert groups({name: sketch(text) for name, text in texts.items()}) == {"a": "b", "c": "b"}
