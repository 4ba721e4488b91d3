"""Words, tokens and windows: what holds for any text."""

from __future__ import annotations

import itertools
import random
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from kgbuild.extract.windows import Window, WordTable, plan, tabulate
from kgbuild.read.breaks import HYPHENATION
from kgbuild.read.sentences import split_sentences
from tests.extract.texts import ROBUST

LETTERS = "абвгдеёАБВ0123,.!?«»-() \n\xa0́😀"
PLAIN = st.text(st.sampled_from(LETTERS), max_size=300)
ANY = st.text(
    st.one_of(
        st.sampled_from(LETTERS + "\u200b\ufeff▁\x01ﷺ①"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=120,
)
SIZES = st.integers(4, 40)


def tokens(table: WordTable, window: Window) -> int:
    return int(table.last[window.end - 1] - table.first[window.start] + 1)


def check_table(text: str, table: WordTable, limit: int) -> None:
    """What any table keeps."""
    count = len(table.starts)
    assert len(table.ends) == len(table.first) == len(table.last) == len(table.sentence) == count
    assert (table.starts < table.ends).all()
    assert (table.ends[:-1] <= table.starts[1:]).all()
    covered = {i for a, b in zip(table.starts, table.ends, strict=True) for i in range(a, b)}
    broken = {i for m in re.finditer(HYPHENATION, text) for i in range(*m.span())}
    assert not any(text[i].isspace() for i in covered - broken)
    assert (table.first <= table.last).all()
    assert (table.first >= 0).all()
    assert (table.last < len(table.ids)).all()
    assert (np.diff(table.first) >= 0).all()
    assert (np.diff(table.last) >= 0).all()
    assert [a for a, _ in table.units[1:]] == [b for _, b in table.units[:-1]]
    if table.units:
        assert (table.units[0][0], table.units[-1][1]) == (0, count)
    for a, b in table.units:
        assert len(set(table.sentence[a:b].tolist())) == 1
        assert tokens(table, Window(a, b)) <= limit


def check_plan(table: WordTable, windows: list[Window], limit: int) -> None:
    """What any plan keeps: whole units, within the limit, every word in some window."""
    begins, ends = {a for a, _ in table.units}, {b for _, b in table.units}
    assert {i for w in windows for i in range(w.start, w.end)} == set(range(len(table.starts)))
    for window in windows:
        assert window.start in begins
        assert window.end in ends
        assert tokens(table, window) <= limit
    for one, other in itertools.pairwise(windows):
        assert one.start < other.start <= one.end < other.end


@settings(max_examples=150, deadline=None)
@example("А-\nа", 4)
@given(PLAIN, SIZES)
def test_words_hold_all_but_spaces_and_their_tokens_lie_inside(
    tokenizer: Tokenizer, text: str, limit: int
) -> None:
    table = tabulate(text, tokenizer, limit)
    check_table(text, table, limit)
    covered = {i for a, b in zip(table.starts, table.ends, strict=True) for i in range(a, b)}
    solid = {i for i, c in enumerate(text) if not c.isspace()}
    hyphenated = {i for m in re.finditer(r"[-‐¬\xad]\s+", text) for i in range(*m.span())}
    assert covered >= solid
    assert covered <= solid | hyphenated, "a space lies in a word only where a line broke it"


@pytest.mark.parametrize("text", ["Иван, (Пётр) и «Газпром-нефть»!", "а.б,в", "Да! Ё-моё - 15%"])
def test_a_word_s_tokens_spell_that_word_alone(tokenizer: Tokenizer, text: str) -> None:
    table = tabulate(text, tokenizer, 100)
    for start, end, first, last in zip(
        table.starts, table.ends, table.first, table.last, strict=True
    ):
        pieces = [tokenizer.id_to_token(i) for i in table.ids[first : last + 1].tolist()]
        spelt = "".join(p for p in pieces if p not in ("<s>", "</s>")).replace("▁", "")
        assert spelt == text[start:end].replace("ё", "е").replace("Ё", "Е")


@settings(max_examples=150, deadline=None)
@example("000:\r{¼", 5, 2, None)  # what is repeated left no room for the next word
@given(ANY, SIZES, st.integers(0, 20), st.one_of(st.none(), st.integers(0, 9)))
def test_any_text_is_cut_into_windows_that_fit(
    tokenizer: Tokenizer, text: str, limit: int, overlap: int, seed: int | None
) -> None:
    table = tabulate(text, tokenizer, limit)
    check_table(text, table, limit)
    shuffle = None if seed is None else random.Random(seed)
    check_plan(table, plan(table, limit, overlap, shuffle), limit)


@pytest.mark.parametrize("text", ROBUST.values(), ids=ROBUST)
def test_hostile_texts_are_cut_into_windows_that_fit(tokenizer: Tokenizer, text: str) -> None:
    table = tabulate(text, tokenizer, 254)
    check_table(text, table, 254)
    check_plan(table, plan(table, 254, 96), 254)


def test_consecutive_windows_repeat_up_to_the_overlap(tokenizer: Tokenizer) -> None:
    text = "Да да. " * 40
    table = tabulate(text, tokenizer, 30)
    windows = plan(table, 30, 12)
    assert len(windows) > 5
    for one, other in itertools.pairwise(windows):
        shared = tokens(table, Window(other.start, one.end))
        assert 0 < shared <= 12
    alone = plan(table, 30, 0)
    assert all(a.end == b.start for a, b in itertools.pairwise(alone))


def test_a_long_sentence_is_cut_between_words(tokenizer: Tokenizer) -> None:
    text = "слово " * 50
    table = tabulate(text, tokenizer, 20)
    assert set(table.sentence.tolist()) == {0}
    assert len(table.units) > 10
    words = [text[a:b] for a, b in zip(table.starts, table.ends, strict=True)]
    assert words == ["слово"] * 50


def test_a_word_of_more_tokens_than_a_window_is_cut_too(tokenizer: Tokenizer) -> None:
    table = tabulate("Да " + "я" * 100 + " нет", tokenizer, 30)
    check_table("Да " + "я" * 100 + " нет", table, 30)
    assert len(table.starts) > 3
    pieces = [int(b - a) for a, b in zip(table.starts, table.ends, strict=True)]
    assert sum(pieces) == 105


@settings(max_examples=100, deadline=None)
@given(PLAIN, st.data())
def test_locate_inverts_the_words_offsets(
    tokenizer: Tokenizer, text: str, data: st.DataObject
) -> None:
    table = tabulate(text, tokenizer, 30)
    if not len(table.starts):
        assert table.locate(0, len(text)) is None
        return
    a = data.draw(st.integers(0, len(table.starts) - 1))
    b = data.draw(st.integers(a, len(table.starts) - 1))
    assert table.locate(int(table.starts[a]), int(table.ends[b])) == (a, b)


def test_locate_widens_to_whole_words_and_knows_spaces(tokenizer: Tokenizer) -> None:
    text = "Иван  Петров, да"
    table = tabulate(text, tokenizer, 30)
    assert table.locate(1, 3) == (0, 0)
    assert table.locate(2, 8) == (0, 1)
    assert table.locate(12, 13) == (2, 2)
    assert table.locate(4, 6) is None
    assert table.locate(5, 5) is None
    assert table.locate(100, 120) is None


def test_sentences_may_be_given(tokenizer: Tokenizer) -> None:
    text = "Да. Нет. Да нет."
    given_spans = split_sentences(text)[1:]
    table = tabulate(text, tokenizer, 30, given_spans)
    assert int(table.starts[0]) == 4
    assert table.sentence.tolist() == [0, 0, 1, 1, 1]


def test_training_cuts_differ_by_seed_and_repeat_with_it(tokenizer: Tokenizer) -> None:
    table = tabulate("Да да нет. " * 60, tokenizer, 60)
    cuts = [tuple(plan(table, 60, 0, random.Random(seed))) for seed in range(8)]
    again = [tuple(plan(table, 60, 0, random.Random(seed))) for seed in range(8)]
    assert cuts == again
    assert len(set(cuts)) > 1
