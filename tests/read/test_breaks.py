"""What a line break means: the end of a line, or only the edge of the page."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.read.breaks import rejoin
from kgbuild.read.sentences import split_sentences

PROSE = (
    "Дмитрий Иванович Менделеев родился в Тобольске в семье директора гимназии и был "
    "последним ребёнком. Он учился в Главном педагогическом институте в Петербурге, который "
    "окончил с золотой медалью. В 1869 г. Менделеев открыл периодический закон. А. С. Попов "
    "был моложе его на двадцать пять лет и работал в Кронштадте. Оба они жили на рубеже веков."
)


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text)]


@pytest.mark.parametrize("width", [60, 66, 72, 80])
@pytest.mark.parametrize("mark", ["\n", "\r\n"])
def test_wrapped_text_has_the_sentences_of_the_flowing_one(width: int, mark: str) -> None:
    wrapped = mark.join(textwrap.wrap(PROSE, width))
    assert [" ".join(s.split()) for s in sentences(wrapped)] == sentences(PROSE)


def test_wrapped_paragraphs_stay_apart() -> None:
    paragraph = "\n".join(textwrap.wrap(PROSE, 70))
    indented = "\n".join(textwrap.wrap(PROSE, 70, initial_indent="    "))
    for text in (f"{paragraph}\n\n{paragraph}", f"{indented}\n{indented}"):
        assert len(sentences(text)) == 2 * len(sentences(PROSE))


def test_headings_and_lists_end_at_the_line_in_wrapped_text() -> None:
    body = "\n".join(textwrap.wrap(PROSE, 70))
    items = ["- сахар и мука", "- молоко", "* соль", "• чай", "1. Москва", "2) Тверь", "а) хлеб"]
    text = "\n".join(["Глава первая", body, "", "# Что нужно для дела", *items, "", body])
    found = sentences(text)
    assert found[0] == "Глава первая"
    assert [s for s in found if s in items or s.startswith("#")] == ["# Что нужно для дела", *items]


def test_a_wrapped_list_item_is_one_sentence() -> None:
    items = [
        f"{n}. " + "Участник обязуется передать другому участнику всё, что нужно для работы" * 2
        for n in (1, 2, 3)
    ]
    text = "\n".join(textwrap.fill(item, 66, subsequent_indent="   ") for item in items)
    assert [" ".join(s.split()) for s in sentences(text)] == items


@pytest.mark.parametrize(
    "text",
    [
        "Иван Петров\nМария Иванова\nАнна Сидорова",
        "Москва, улица Ленина\nдом 5\nквартира 7",
        "Мороз и солнце; день чудесный!\nЕщё ты дремлешь, друг прелестный",
        "Строка первая короткая.\nстрока вторая\n\nстрока третья",
    ],
)
def test_lines_that_nothing_wraps_end_their_sentences(text: str) -> None:
    assert len(sentences(text)) >= len(text.split("\n")) - text.count("\n\n")


def test_one_long_line_speaks_against_wrapping() -> None:
    caption = "Заголовок новости о том, что случилось вчера в нашем городе\nмини|слева|Подпись"
    assert len(sentences(f"{caption}\n{PROSE}")) == 2 + len(sentences(PROSE))


@pytest.mark.parametrize("hyphen", ["-", "‐", "\u00ad", "¬"])
@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r", " \n  "])
def test_a_hyphenated_word_is_not_cut(hyphen: str, mark: str) -> None:
    text = f"Это Мен{hyphen}{mark}делеев. Он жил в Тобольске."
    assert len(sentences(text)) == 2
    assert rejoin(sentences(text)[0]) == "Это Менделеев."


@pytest.mark.parametrize("text", ["Мен-\n\nделеев", "1990-\nх", "Иван -\nделеев", "Мен-\n-делеев"])
def test_other_hyphens_end_the_line(text: str) -> None:
    assert len(sentences(text)) == 2


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("Мен-\nделеев", "Менделеев"),
        ("Мен\u00ad\r\n  делеев", "Менделеев"),
        ("Ме\u00adнде\u00adлеев", "Менделеев"),
        ("Санкт-\nПетербург", "Санкт-Петербург"),
        ("кто-\nто", "кто-то"),
        ("Дмитрий\nМенделеев", "Дмитрий Менделеев"),
        ("Ма\u0301лышев", "Малышев"),
        ("и\u0306од", "и\u0306од"),
        ("\ufeffИван\u200b", "Иван"),
        ("Жан-Жак", "Жан-Жак"),
        ("", ""),
    ],
)
def test_a_surface_is_rejoined(surface: str, expected: str) -> None:
    assert rejoin(surface) == expected


@given(st.text(st.sampled_from("абвАБВ -‐\u00ad¬\n\r\u2028\u200b\u0301.1"), max_size=60))
def test_a_rejoined_text_stays_on_one_line_and_as_it_is(text: str) -> None:
    once = rejoin(text)
    assert not set(once) & set("\n\r\u2028\u200b\u00ad")
    assert rejoin(once) == once


def test_nerel_splits_at_every_line_as_annotated(nerel: Path) -> None:
    """None of its line breaks wraps a text: images' captions stand under headlines."""
    for path in sorted((nerel / "train").glob("*.txt"))[:150]:
        text = path.read_bytes().decode("utf-8")
        assert not any("\n" in sentence for sentence in sentences(text)), path.name
