"""Windows under headers: what stands over a place, and that nothing is read twice for it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from kgbuild.extract.batch import inside, locate_all, pair_batch, text_batch
from kgbuild.extract.decode import span_scores
from kgbuild.extract.windows import HEADER_TOKENS, Window, WordTable, plan, tabulate, width
from kgbuild.types import Mention

SPECIALS = (0, 2, 1)
BODY = "Иван пел тут. " * 20


def surfaces(table: WordTable, window: Window) -> list[str]:
    """The text of each run of a window's header."""
    return [table.text[table.starts[a] : table.ends[b - 1]] for a, b in window.header]


def headers(tokenizer: Tokenizer, text: str, limit: int = 160) -> list[tuple[str, list[str]]]:
    """The first word and the header of each window."""
    table = tabulate(text, tokenizer, limit)
    return [
        (text[table.starts[w.start] : table.ends[w.start]], surfaces(table, w))
        for w in plan(table, limit, 0)
    ]


def test_the_first_window_has_no_header_the_others_the_title(tokenizer: Tokenizer) -> None:
    first, *others = headers(tokenizer, f"Устав завода\n\n{BODY}")
    assert first == ("Устав", [])
    assert len(others) > 1
    assert all(found == ["Устав завода"] for _, found in others)


def test_a_first_sentence_is_a_title_too(tokenizer: Tokenizer) -> None:
    _, *others = headers(tokenizer, f"Завод пущен. {BODY}")
    assert all(found == ["Завод пущен."] for _, found in others)


def test_the_nearest_headings_stand_over_what_is_below_them(tokenizer: Tokenizer) -> None:
    text = f"Устав\n\nО цехе\n\n{BODY}\n\nО доме\n\n{BODY}\n\nО саде\n\n{BODY}"
    found = [tuple(header) for _, header in headers(tokenizer, text)]
    assert found[0] == ()
    assert ("Устав", "О цехе") in found
    assert found[-1] == ("Устав", "О доме", "О саде")  # the nearest, and the one before it
    assert not any("О саде" in header and "О цехе" in header for header in found)


@pytest.mark.parametrize(
    "line",
    ["Пел он долго.", "Год: 1991", "Он пел, она пела, пели все, кто пришёл и кто остался тут"],
)
def test_a_sentence_a_field_and_a_long_line_are_no_headings(
    tokenizer: Tokenizer, line: str
) -> None:
    found = headers(tokenizer, f"Устав\n\n{line}\n\n{BODY}")
    assert all(header == ["Устав"] for _, header in found[1:])


def test_a_speaker_s_line_stands_over_what_is_said(tokenizer: Tokenizer) -> None:
    found = headers(tokenizer, f"Беседа\n\nАнна:\n\n{BODY}\n\nПётр:\n\n{BODY}")
    assert ["Беседа", "Анна:"] in [header for _, header in found]
    assert found[-1][1][-1] == "Пётр:"


def test_a_table_s_first_row_stands_over_its_other_rows_alone(tokenizer: Tokenizer) -> None:
    rows = "".join(f"| {year} | дар |\n" for year in range(1900, 1930))
    found = headers(tokenizer, f"Устав\n\n| Год | Что |\n{rows}\n{BODY}")
    inside_table = [header for word, header in found[1:] if word == "|"]
    below = [header for word, header in found if word == "Иван"]
    assert len(inside_table) > 1
    assert below
    assert all(header == ["Устав", "| Год | Что |"] for header in inside_table)
    assert all(header == ["Устав"] for header in below)


def test_cells_divided_by_tabs_are_a_table_too(tokenizer: Tokenizer) -> None:
    rows = "".join(f"{year}\tдар\n" for year in range(1900, 1950))
    found = headers(tokenizer, f"Устав\n\nГод\tЧто\n{rows}")
    assert len(found) > 2
    assert all(header == ["Устав", "Год\tЧто"] for _, header in found[1:])


def test_what_is_too_long_stands_over_nothing(tokenizer: Tokenizer) -> None:
    title = "Устав " + "общества " * 10
    _, *others = headers(tokenizer, f"{title}\n\nЦех\n\n{BODY}")
    assert all(header == ["Цех"] for _, header in others)


LINES = st.lists(
    st.one_of(
        st.sampled_from(["Устав", "# Глава", "Анна:", "О доме", "| Год | Дар |", "| 1 | да |", ""]),
        st.sampled_from(["Год: 1991", "Иван пел. Она ела.", "а" * 50, "да нет " * 12, "— Да! — Нет?"]),
        st.text(st.sampled_from("абВ |:.\n#-"), max_size=30),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(LINES, st.integers(4, 80), st.integers(0, 20))
def test_whatever_the_text_headers_come_from_above_and_windows_fit(
    tokenizer: Tokenizer, lines: list[str], limit: int, overlap: int
) -> None:
    table = tabulate("\n".join(lines), tokenizer, limit)
    windows = plan(table, limit, overlap)
    most = min(HEADER_TOKENS, limit // 4)
    for number, window in enumerate(windows):
        assert number or not window.header
        assert width(table, window) <= limit + 2
        assert sum(width(table, Window(a, b)) for a, b in window.header) <= most
        assert set(window.header) <= set(table.units)
        words = window.words()
        assert (np.diff(words) > 0).all()  # from above, in reading order, each word once
        assert len(words) == window.offset + window.end - window.start
        assert words[window.offset :].tolist() == list(range(window.start, window.end))
    if not windows:
        return
    batch = text_batch([(table, w) for w in windows], SPECIALS)
    assert batch.mask.sum(1).tolist() == [width(table, w) for w in windows]
    for row, window in enumerate(windows):
        assert int(batch.words[row].sum()) == len(window.words())
        for column, word in enumerate(window.words().tolist()):
            a, b = int(batch.first[row, column]), int(batch.last[row, column])
            wanted = table.ids[table.first[word] : table.last[word] + 1].tolist()
            assert batch.ids[row, a : b + 1].tolist() == wanted


def test_every_window_reads_something_new(tokenizer: Tokenizer) -> None:
    for seed in range(30):
        draw = random.Random(seed)
        body = " ".join("Он" + " ел" * draw.choice([2, 5, 12, 20, 40]) + "." for _ in range(30))
        table = tabulate(f"Устав завода\n\n{body}", tokenizer, 160)
        ends = [window.end for window in plan(table, 160, 60)]
        assert ends == sorted(set(ends))


def test_each_run_stands_between_its_own_marks(tokenizer: Tokenizer) -> None:
    table = tabulate(f"Устав\n\nЦех\n\n{BODY}", tokenizer, 160)
    window = plan(table, 160, 0)[1]
    [ids] = text_batch([(table, window)], SPECIALS).ids.tolist()
    expected: list[int] = []
    for a, b in window.runs:
        expected += [SPECIALS[0], *table.ids[table.first[a] : table.last[b - 1] + 1], SPECIALS[1]]
    assert len(window.runs) == 3
    assert ids == expected


TEXT = "Анна и Пётр\n\n" + "Она пела тут. " * 10 + "Тверь рядом."
MENTIONS = tuple(
    Mention(TEXT.index(name), TEXT.index(name) + len(name), kind)
    for name, kind in (("Анна", "PERSON"), ("Пётр", "PERSON"), ("Тверь", "CITY"))
)


def last_window(tokenizer: Tokenizer) -> tuple[WordTable, Window]:
    table = tabulate(TEXT, tokenizer, 100)
    window = plan(table, 100, 0)[-1]
    assert surfaces(table, window) == ["Анна и Пётр"]
    return table, window


def test_a_mention_of_the_header_is_a_pair_with_one_below_not_with_another_of_the_header(
    tokenizer: Tokenizer,
) -> None:
    table, window = last_window(tokenizer)
    found = inside(window, MENTIONS, locate_all(table, MENTIONS))
    assert found.numbers == (0, 1, 2)
    assert found.spans.tolist()[:2] == [[0, 0], [2, 2]]
    words = window.words()
    for number, (a, b) in zip(found.numbers, found.spans.tolist(), strict=True):
        mention = MENTIONS[number]
        assert (table.starts[words[a]], table.ends[words[b]]) == (mention.start, mention.end)
    pairs = pair_batch([(table, window)], [found]).pairs.tolist()
    assert sorted(pairs) == [[0, 2], [1, 2]]  # a city has no relation to a person
    whole = Window(0, len(table.starts))
    together = pair_batch([(table, whole)], [inside(whole, MENTIONS, locate_all(table, MENTIONS))])
    assert [0, 1] in together.pairs.tolist()


def test_the_distance_to_the_header_is_that_of_the_text_s_sentences(tokenizer: Tokenizer) -> None:
    table, window = last_window(tokenizer)
    found = inside(window, MENTIONS, locate_all(table, MENTIONS))
    features = pair_batch([(table, window)], [found]).features
    assert features[:, 2].tolist() == [4, 4]  # two sentences or more below


def test_spans_of_a_header_are_read_where_they_stand_alone(tokenizer: Tokenizer) -> None:
    table = tabulate(TEXT, tokenizer, 100)
    windows = plan(table, 100, 0)
    read = []
    for window in windows:
        count = len(window.words())
        scored = span_scores(window, np.full((count, 3, 31), 0.9, np.float32))
        assert ((scored.spans[:, 0] >= window.start) & (scored.spans[:, 1] < window.end)).all()
        read += [tuple(row) for row in scored.spans.tolist()]
    assert len(windows) > 1
    assert len(read) == len(set(read))
    assert {a for a, _, _ in read} == set(range(len(table.starts)))


def test_scores_of_a_span_below_a_header_are_its_own(tokenizer: Tokenizer) -> None:
    _, window = last_window(tokenizer)
    probabilities = np.zeros((len(window.words()), 2, 31), np.float32)
    probabilities[0, 0, 0] = 0.9  # in the header
    probabilities[window.offset + 1, 0, 3] = 0.8
    scored = span_scores(window, probabilities)
    assert scored.spans.tolist() == [[window.start + 1, window.start + 1, 3]]
    assert scored.scores == pytest.approx([0.8])
