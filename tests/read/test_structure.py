"""The layout of a text, from the text alone."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kgbuild.read.structure import structure

LETTER = """From: Яна Лось <y@x.ru>
To: Олег Рысь
Date: Mon, 3 Mar 2031 10:00:00 +0300
Subject: Отчёт

Добрый день, Олег! Итог: всё цело."""

REPORT = """Отчёт об осмотре мостов

Введение

Мосты осмотрели весной. Вывод: они целы.

1. Река Уфа

Дата осмотра: 4 мая 2031 года
- Ответственный: Яна Лось

1.1. Опоры

Мост\tДлина\tГод
Старый\t300 м\t1911
Новый\t\t2008

# Приложение

| Имя | Город |
|-----|-------|
| Юна | Псков |

Конец."""

CHAT = """Яна Лось, 03.03.2031 10:00:
Кто едет в Уфу?
Жду.

Олег, 03.03.2031 10:05:
Я."""

TALK = """Разговор с мастером

Корреспондент: Когда вы приехали на завод и кто вас встретил у ворот?
Зимин: Меня встретил Пётр Ильич Рогов, тогда ещё начальник смены.
Он и учил меня.
Корреспондент: Вы дружили с ним все эти годы, до самого его отъезда в Тулу?
Зимин: Дружили, и дети наши дружили, и жили мы на одной улице."""


def test_the_head_of_a_letter() -> None:
    found = structure(LETTER)
    shown = [(f.kind, LETTER[slice(*f.name)], LETTER[slice(*f.value)]) for f in found.fields]
    assert shown == [
        ("sender", "From", "Яна Лось <y@x.ru>"), ("addressee", "To", "Олег Рысь"),
        ("date", "Date", "Mon, 3 Mar 2031 10:00:00 +0300"), ("subject", "Subject", "Отчёт"),
    ]  # fmt: skip
    assert not found.turns
    assert not found.headings


def test_headings_tables_and_fields_of_a_report() -> None:
    found = structure(REPORT)
    shown = [(h.level, REPORT[h.start : h.end]) for h in found.headings]
    assert shown == [
        (1, "Отчёт об осмотре мостов"), (2, "Введение"), (2, "1. Река Уфа"), (3, "1.1. Опоры"),
        (1, "Приложение"),
    ]  # fmt: skip
    assert found.title == (0, len("Отчёт об осмотре мостов"))
    at = REPORT.index("2008")
    assert [REPORT[a:b] for a, b in found.path(at)] == [
        "Отчёт об осмотре мостов", "1. Река Уфа", "1.1. Опоры",
    ]  # fmt: skip
    column = found.column(at)
    assert column is not None
    assert REPORT[slice(*column)] == "Год"
    assert found.column(REPORT.index("Длина")) is None
    assert [[[REPORT[a:b] for a, b in row] for row in table.rows] for table in found.tables] == [
        [["Мост", "Длина", "Год"], ["Старый", "300 м", "1911"], ["Новый", "", "2008"]],
        [["Имя", "Город"], ["Юна", "Псков"]],
    ]
    assert all(table.has_header for table in found.tables)
    names = [REPORT[slice(*field.name)] for field in found.fields]
    assert names == ["Дата осмотра", "Ответственный"]
    edges = found.edges()
    assert REPORT.index("300 м") in edges
    assert REPORT.index("весной") not in edges


def test_who_speaks() -> None:
    for text, wanted in (
        (CHAT, [("Яна Лось", "Кто едет в Уфу?\nЖду."), ("Олег", "Я.")]),
        (TALK, [("Корреспондент", "Когда вы"), ("Зимин", "Меня встретил"), ("Корреспондент", "Вы"),
                ("Зимин", "Дружили")]),
    ):  # fmt: skip
        found = structure(text)
        shown = [(text[slice(*t.speaker)], text[slice(*t.words)].strip()) for t in found.turns]
        assert [name for name, _ in shown] == [name for name, _ in wanted]
        assert all(
            said.startswith(begin) for (_, said), (_, begin) in zip(shown, wanted, strict=True)
        )
        assert not found.fields
    within = structure(TALK).turn(TALK.index("Он и учил"))
    assert within is not None
    assert TALK[slice(*within.speaker)] == "Зимин"


def test_prose_has_none() -> None:
    text = "Он пришёл в дом: там было тихо. Все спали.\nОн сказал: пора.\n\tИ ушёл в Ржев."
    found = structure(text)
    assert (found.headings, found.tables, found.fields, found.turns) == ((), (), (), ())


@given(st.text(st.sampled_from("аБ :|\t\n#-.1,\u2028"), max_size=120))
def test_ranges_lie_in_the_text_and_in_order(text: str) -> None:
    found = structure(text)
    spans = [(h.start, h.end) for h in found.headings]
    spans += [cell for table in found.tables for row in table.rows for cell in row]
    spans += [span for field in found.fields for span in (field.name, field.value)]
    spans += [span for turn in found.turns for span in (turn.speaker, turn.words)]
    assert all(0 <= a <= b <= len(text) for a, b in spans)
    assert all(a.end <= b.start for a, b in pairwise(found.tables))
    for at in range(0, len(text), 7):
        found.path(at), found.column(at), found.turn(at)
