"""Sentences are spans of the text: nothing is lost between them, nothing is moved."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.read.breaks import HYPHEN_AT_BREAK
from kgbuild.read.sentences import MAX_PARAGRAPH, split_sentences

HYPHENATED = re.compile(HYPHEN_AT_BREAK)
BREAKS = "\n\r\u2028\u2029\x0b\x0c\x85"
TEXTS = st.text(
    st.one_of(st.sampled_from("абвАБВ .!?…,«»()-–\n\r\t\u2028\x85\xa0\u200b😀й́1"), st.characters()),
    max_size=200,
)


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text)]


def test_sentences_are_told_apart() -> None:
    text = "Иван Иванов живёт в г. Москве. Он работает в «Газпроме»!  А Пётр? Нет."
    assert sentences(text) == [
        "Иван Иванов живёт в г. Москве.",
        "Он работает в «Газпроме»!",
        "А Пётр?",
        "Нет.",
    ]


def test_initials_and_numbers_do_not_end_a_sentence() -> None:
    text = "А. С. Пушкин родился в 1799 г. в Москве. Вес 3.5 кг."
    assert sentences(text) == ["А. С. Пушкин родился в 1799 г. в Москве.", "Вес 3.5 кг."]


@pytest.mark.parametrize("mark", [*BREAKS, "\r\n", "\n\n"])
def test_a_line_break_ends_a_sentence(mark: str) -> None:
    assert sentences(f"Первая строка{mark}вторая строка") == ["Первая строка", "вторая строка"]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t \r\n", "\u2028\xa0\u3000"])
def test_a_text_of_spaces_has_none(text: str) -> None:
    assert split_sentences(text) == ()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_spans_are_ordered_disjoint_and_cover_all_but_spaces(text: str) -> None:
    covered, last = set(), 0
    for span in split_sentences(text):
        assert last <= span.start < span.end <= len(text)
        inside = text[span.start : span.end]
        assert inside.strip()
        assert not set(HYPHENATED.sub("", inside)) & set(BREAKS)
        covered.update(range(span.start, span.end))
        last = span.end
    assert {i for i, c in enumerate(text) if not c.isspace()} <= covered


@pytest.mark.slow
@pytest.mark.parametrize(
    ("piece", "size", "seconds"),
    [("а", 1_000_000, 5), ("а.", 1_000_000, 20), ("!", 200_000, 10), ("1)", 200_000, 10)],
)
def test_a_long_line_without_spaces_takes_seconds(piece: str, size: int, seconds: float) -> None:
    text = piece * (size // len(piece))
    began = time.process_time()
    found = split_sentences(text)
    assert time.process_time() - began < seconds
    assert all(s.end - s.start <= MAX_PARAGRAPH for s in found)
    assert sum(s.end - s.start for s in found) >= len(text.replace(" ", ""))


def test_a_long_line_is_cut_at_a_space() -> None:
    text = "слово " * 10_000
    assert all(part.strip().split()[-1] == "слово" for part in sentences(text))
    assert " ".join(" ".join(sentences(text)).split()) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Груз лежит в секторе Д. | Орлова принята в 2009 году.",
        "Она стояла у литеры «Ж». | Поезд ушёл.",
        "Лекции читал А. М. Крутов. | Он родился в Ейске.",
        "Завод построен в 1931 г. | Затем его закрыли.",
        "Он уехал в Читу. | Потом вернулся.",
        "Он уехал в Читу.| Потом вернулся.",
        "Он вернулся?|Она молчала…|Все ждали!|«Пора».",
        "Жил на ул.Садовой у проф.Зимина.| Так писали.",
        "Читал «Яндекс.Новости» и А.С.Грина.",
        "Пётр (род. 1911) жив, как и Яна (ур. Лось; 1913) из Томска.",
        "Он спросил: «Кто там? Свои?» и открыл.",
        "Он ответил: «Свои. | Открывай.» | Дверь открыли.",
        "(Так было раньше. | Теперь нет.) | Он ушёл.",
        "Он уехал в Читу. [1] | Потом вернулся.[2] | Дом [3] цел.",
        "1. В доме пусто.",
        "А. В школе есть сад.",
        "Пьесы Э. По и М. Ли идут там.",
    ],
)
def test_what_razdel_misses(text: str) -> None:
    found = [part.strip() for part in text.split("|")]
    joined = re.sub(
        r" ?\| ?", lambda bar: " " if bar[0] == " | " else bar[0].replace("|", ""), text
    )
    assert sentences(joined) == found


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["(а. ", "«Б! ", "он.Он", "[1]. ", "в секторе М. ", "г. Он в ", "(", ") а", "а.[1] "]
)
def test_time_is_linear(piece: str) -> None:
    def seconds(size: int) -> float:
        began = time.process_time()
        split_sentences(piece * (size // len(piece)))
        return time.process_time() - began

    assert seconds(400_000) < 12 * max(seconds(100_000), 0.05)
