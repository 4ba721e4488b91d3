"""Questions written in Latin letters («Kto rukovodit zavodom?»), put into Cyrillic.

The letters of BGN/PCGN, ICAO Doc 9303 and of everyday typing are read, the longest group first;
a soft sign that typing leaves out, or «э» written as «e», is put back where only it makes a word
of the dictionary.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.ask.asked import ASKING
from kgbuild.russian.lemmas import is_dictionary_word, lemmas_of

LEAST_KNOWN, LEAST_KNOWN_ASKING = 0.75, 0.5
"""The share of words above which words of the dictionary in Cyrillic make a text Russian; and
where a question word is among them."""

LEAST_WORDS = 3
"""Words of a question that is looked at: «Google LLC?» is a name."""

_GROUPS = {
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "tc": "ц", "ch": "ч", "sh": "ш",
    "yu": "ю", "iu": "ю", "ju": "ю", "ya": "я", "ia": "я", "ja": "я", "yo": "ё", "jo": "ё",
    "ye": "е", "tsya": "тся", "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф",
    "g": "г", "h": "х", "i": "и", "j": "й", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о",
    "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "кс",
    "z": "з", "'": "ь", "’": "ь",
}  # fmt: skip
_GROUP = re.compile("|".join([r"(?<=[aeiouy])y(?![aeiou])", *sorted(_GROUPS, key=len)[::-1], "y"]))
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*['’]?")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
_HARD = re.compile(r"(?<=[бвгдзклмнпрстфхчшщ])(?=[^аеёийоуыэюяь]|$)")


def in_cyrillic(question: str) -> str:
    """The question in Cyrillic, if it is Russian in Latin letters; else as it stands.

    >>> in_cyrillic("Skolko let direktoru shkoly?")
    'Сколько лет директору школы?'
    >>> in_cyrillic("Where was Pushkin born?")
    'Where was Pushkin born?'
    """
    found = _WORD.findall(question)
    if len(found) < LEAST_WORDS or _CYRILLIC.search(question):
        return question
    words = [_word(word).casefold() for word in found]
    asking = any(ASKING.intersection(lemmas_of(word)[:2]) for word in words)
    least = LEAST_KNOWN_ASKING if asking else LEAST_KNOWN
    if sum(map(is_dictionary_word, words)) <= least * len(words):
        return question
    return _WORD.sub(lambda match: _word(match[0]), question)


@lru_cache(maxsize=4096)
def _word(latin: str) -> str:
    plain = _GROUP.sub(lambda match: _GROUPS.get(match[0], _of_y(match)), latin.casefold())
    if not is_dictionary_word(plain):
        others = [f"{plain[: m.start()]}ь{plain[m.start() :]}" for m in _HARD.finditer(plain)]
        others.append(re.sub("^е", "э", plain))
        plain = next((word for word in others if is_dictionary_word(word)), plain)
    return plain[:1].upper() + plain[1:] if latin[0].isupper() else plain


def _of_y(match: re.Match[str]) -> str:
    """«й» after a vowel, «ы» elsewhere."""
    before = match.string[match.start() - 1 : match.start()]
    return "й" if before in set("aeiouy") else "ы"
