"""Small inputs that people's tools went wrong on: what is read of them, and how it is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.read.documents import Reader
from kgbuild.types import Document
from tests.read.support import sentences

CASES = Path(__file__).parents[2].parent / "shared" / "cases"

RIGHT: dict[str, list[str]] = {
    "08_letter_point.txt": ["Склад стоит в секторе М.", "Петров родился в Клину."],
    "22b_rtf1252_nohint.rtf": ["Егор Сабуркин родился в Калуге."],
    "22c_rtf_u.rtf": ["Семён Ракитин родился в Вологде. [1]", "[1] Сноска Отец Семёна Ракитина — Лев Ракитин."],
    "23_raw_koi8.eml": ["Subject: Назначение Иннокентия Палеева"],
    "24_docx.docx": ["Лука Сносков [1] приехал в Москву."],
    "26b_meta_1251_is_utf8.html": ["Антип Ячейкин\tКазань"],
    "28d_mojibake.txt": ["Пётр Карасёв родился в Ельце."],
    "30_two_columns_rows.pdf": ["Певица Глафира Столбцова родилась в городе Самаре и пела в местном театре."],
    "32b_nul.pdf": ["Птр Нулево\ufffd родился в Уфе."],
    "36_md.md": ["Гордей Викентьев родился в Елабуге. [1]", "Гордей женился на Ульяне Звёздной."],
    "87_mail.eml": ["Влас Вложенный родился в Шуе.", "Фаина Письмова родилась в Ржеве."],
    "89/a.html": ["Тимофей Сносков родился в Ялте [1] в 1900 году [2] и женился на Анне Ссыльной [3]."],
    "89/b.html": ["Тимофей Индексов родился в Ялте [1] и работал в Москве."],
    "89/c.md": ["Тимофей Маркдаунов родился в Ялте [1] в 1900 году [2]."],
}  # fmt: skip
"""File → sentences that are right."""

WRONG = {
    "22c_rtf_u.rtf": ["женился"], "24_docx.docx": ["Невидимов", "Удалов"],
    "26b_meta_1251_is_utf8.html": ["Скрыт", "Невид"], "30_two_columns_rows.pdf": ["Колонкин Певица"],
    "36_md.md": ["Кодов", "Комментов", "Шапкин", "Гордей Вики|"], "87_mail.eml": ["Савва Скрытов"],
    "89/b.html": ["Опциев", "Купить", "Картинкина", "Шаблонов", "Безскриптов"],
}  # fmt: skip
"""File → what is no text of it."""


@pytest.mark.parametrize("name", RIGHT)
def test_a_case_is_read_rightly(name: str) -> None:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"{path} isn't here")
    reader = Reader()
    found = list(reader(path))
    reader.close()
    assert all(isinstance(one, Document) for one in found), found
    texts = [one.text for one in found if isinstance(one, Document)]
    read = [sentence for text in texts for sentence in sentences(text)]
    assert [one for one in RIGHT[name] if one not in read] == []
    assert [one for one in WRONG.get(name, []) if any(one in text for text in texts)] == []
