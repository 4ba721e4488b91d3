import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from kgbuild.embed.pooling import batches, unit, windows_of
from kgbuild.errors import ModelError


def word_tokenizer() -> Tokenizer:
    """Each word is a token: ``w0 w1 …`` have the ids 10, 11, …; 1 and 2 are special."""
    words = {f"w{n}": n + 10 for n in range(100)} | {"q:": 5, "а": 6, "[UNK]": 0}
    tokenizer = Tokenizer(models.WordLevel(words | {"<s>": 1, "</s>": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return tokenizer


def cut(text: str, prefix: str, max_tokens: int) -> list[tuple[int, list[int], int]]:
    windows = windows_of(word_tokenizer(), max_tokens).cut([text], prefix)
    return [(window.text, list(window.ids), window.weight) for window in windows]


def test_a_text_that_fits_is_one_window() -> None:
    assert cut("w0 w1", "q: ", 5) == [(0, [1, 5, 10, 11, 2], 1)]


def test_a_longer_text_is_split_evenly_and_each_window_has_the_prefix() -> None:
    assert cut("w0 w1 w2", "q: ", 5) == [(0, [1, 5, 10, 2], 1), (0, [1, 5, 11, 12, 2], 2)]


def test_an_empty_text_is_a_window() -> None:
    assert cut("", "", 5) == [(0, [1, 2], 1)]


def test_a_prefix_that_fills_the_window_is_refused() -> None:
    with pytest.raises(ModelError, match="fills a window of 3"):
        cut("w0 w1", "q: ", 3)


@given(st.integers(1, 100), st.sampled_from(["", "q: "]), st.integers(4, 20))
def test_no_token_is_lost_or_repeated(words: int, prefix: str, max_tokens: int) -> None:
    windows = cut(" ".join(f"w{n}" for n in range(words)), prefix, max_tokens)
    lead = 1 if prefix else 0
    assert all(len(ids) <= max_tokens for _, ids, _ in windows)
    assert [i for _, ids, _ in windows for i in ids[1 + lead : -1]] == list(range(10, 10 + words))


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 100))
def test_batches_hold_each_index_once_within_the_budget(lengths: list[int], budget: int) -> None:
    found = list(batches(lengths, budget))
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


def test_unit_scales_rows_and_leaves_zeros_finite() -> None:
    rows = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.abs(rows - np.array([[0.6, 0.8], [0.0, 0.0]])).max() < 1e-6
