"""What every embedder must do, computed here a second time without the loop under test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kgbuild.embed.prompts import PREFIXES
from kgbuild.errors import InputError
from kgbuild.ports import PROMPTS, Embedder

TEXTS = [
    "Женщину спасают врачи.",
    "Сколько программистов нужно, чтобы вкрутить лампочку?",
    "",
    "№ 5 — «Тройка» 🙂 й",
    "The quick brown fox",
    "В Ярославской области разрешили работу бань. " * 3,
    "а",
]
LONG = " ".join(f"Слово номер {n} стоит в длинном тексте." for n in range(130))


def forward(subject: Any, ids: list[int]) -> NDArray[np.float32]:
    """One pass over one list of ids, pooled but not scaled."""
    import torch

    device = next(subject.model.parameters()).device
    with torch.inference_mode():
        output = subject.model(
            input_ids=torch.tensor([ids], device=device),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long, device=device),
        )
    states = output.last_hidden_state[0].float().cpu()
    vector: NDArray[np.float32] = (
        states[0] if subject.pooling == "cls" else states.mean(0)
    ).numpy()
    return vector


def special(subject: Any) -> tuple[int, int]:
    first, *_, last = subject.tokenizer.encode("слово").ids
    return first, last


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vector / np.linalg.norm(vector)
    return scaled


def test_is_an_embedder_with_a_fingerprint(subject: Any) -> None:
    assert isinstance(subject.embedder, Embedder)
    assert len(subject.embedder.fingerprint) == 16
    int(subject.embedder.fingerprint, 16)


def test_vectors_are_unit_float32_in_order(subject: Any) -> None:
    vectors = subject.embedder.embed(TEXTS, "search_document")
    assert vectors.shape == (len(TEXTS), subject.embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    backwards = subject.embedder.embed(TEXTS[::-1], "search_document")
    assert (vectors * backwards[::-1]).sum(1).min() > 0.999


def test_alone_and_in_a_batch_are_the_same(subject: Any) -> None:
    together = subject.embedder.embed(TEXTS, "paraphrase")
    alone = np.concatenate([subject.embedder.embed([text], "paraphrase") for text in TEXTS])
    assert (together * alone).sum(1).min() > 0.999


def test_a_repeated_text_has_the_same_vector_everywhere(subject: Any) -> None:
    one, other = TEXTS[:2]
    vectors = subject.embedder.embed([one, other, one, one, other], "search_document")
    np.testing.assert_array_equal(vectors[[2, 3, 4]], vectors[[0, 0, 1]])
    np.testing.assert_allclose(vectors[:2], subject.embedder.embed([one, other], "search_document"))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_short_text_is_one_pass_over_prefix_and_text(subject: Any, prompt: Any) -> None:
    text = "Женщину спасают врачи."
    prefix = PREFIXES[subject.family][prompt]
    expected = unit(forward(subject, subject.tokenizer.encode(prefix + text).ids))
    vector = subject.embedder.embed([text], prompt)[0]
    assert float(vector @ expected) > 0.9999


@pytest.mark.parametrize("prompt", ["search_document", "none"])
def test_a_long_text_is_the_weighted_mean_of_its_windows(subject: Any, prompt: Any) -> None:
    prefix = PREFIXES[subject.family][prompt]
    first, last = special(subject)
    whole = subject.tokenizer.encode(prefix + LONG, add_special_tokens=False).ids
    lead = subject.tokenizer.encode(prefix, add_special_tokens=False).ids
    while lead and whole[: len(lead)] != lead:
        lead.pop()  # a space at the prefix's end may belong to the text's first token
    body = whole[len(lead) :]
    count = -(-len(body) // (subject.max_tokens - 2 - len(lead)))
    assert count > 1
    total = np.zeros(subject.embedder.dimension, dtype=np.float32)
    for step in range(count):
        piece = body[len(body) * step // count : len(body) * (step + 1) // count]
        assert len(piece) + len(lead) + 2 <= subject.max_tokens
        total += forward(subject, [first, *lead, *piece, last]) * len(piece)
    vector = subject.embedder.embed([LONG], prompt)[0]
    assert float(vector @ unit(total)) > 0.9999


@pytest.mark.slow
def test_the_end_of_a_long_text_counts(subject: Any) -> None:
    one, other = subject.embedder.embed([LONG, LONG + " Лампочку вкрутили!" * 20], "none")
    assert float(one @ other) < 0.99999


def test_no_texts_give_no_rows(subject: Any) -> None:
    assert subject.embedder.embed([], "none").shape == (0, subject.embedder.dimension)


def test_one_string_is_refused(subject: Any) -> None:
    with pytest.raises(InputError, match="not one string"):
        subject.embedder.embed("текст", "none")


def test_an_unknown_prompt_is_refused(subject: Any) -> None:
    with pytest.raises(InputError, match="search_query"):
        subject.embedder.embed(["текст"], "question")


def test_a_lone_surrogate_is_refused(subject: Any) -> None:
    with pytest.raises(InputError, match="tokenized"):
        subject.embedder.embed(["\ud800"], "none")
