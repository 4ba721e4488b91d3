"""Texts on which two makers of vectors are compared."""

from __future__ import annotations

import random

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
