"""Texts that have broken other programs."""

from __future__ import annotations

ROBUST = {
    "empty": "",
    "spaces": " \t\n \u2003\r\n",
    "one letter": "а",
    "emoji": "Иван 😀👨‍👩‍👧‍👦🇷🇺 приехал в Москву 🎉",
    "only emoji": "😀😀😀 👨‍👩‍👧‍👦",
    "zero width": "Ива\u200bнов\u200d и \ufeffПет\u00adров\u2060 вместе",
    "only zero width": "\u200b\u200d\ufeff\u2060 \u200b",
    "combining marks": "Андре\u0306й Ма\u0301лышев зна\u0302\u0303\u0304ет",
    "only combining marks": "\u0301\u0301 \u0306",
    "compatibility forms": "ﷺ ㍿ ﬁ ½ Ⅷ ① ｆｕｌｌ ²",
    "control characters": "Иван\x01\x02 \x1b[31mкрасный\x1b[0m \x7f",
    "direction marks": "Иван \u202eвонавИ\u202c \u2067abc\u2069",
    "no sentence end": "Иван Иванов работает в Газпроме а Пётр нигде не работает",
    "no punctuation": "слово " * 5000,
    "only punctuation": "!!! ... ??? ,,, «»—–()[]{}",
    "much punctuation": "…!?" * 2000,
    "a word without end": "Иван " + "а" * 20_000 + " Пётр",
    "one word": "я" * 3000,
    "a line of base64": "QUJD+/" * 2000 + "==",
    "metaspace signs": "▁▁ слово▁слово ▁",
    "private use": "\ue000 \U000f0000 слово",
    "other scripts": "日本語のテキスト عربي हिन्दी ไทย",
    "line breaks": "а\r\nб\u2028в\x85г\x0bд\n\n\nе",
}
