"""Whether a name in Latin letters and one in Cyrillic are one name.

Vowels are left out, and each Latin letter or group stands for every Cyrillic consonant that the
usual romanisations (BGN/PCGN, ICAO Doc 9303, French, German, Polish ones) and the names' own
languages use it for: «Viktor Shabelnikov» and «Виктор Шабельников», «Heinrich» and «Генрих».
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LATIN_FOR = {
    "shch": "щ|шч", "schtsch": "щ", "tsch": "ч", "tch": "ч", "sch": "ш|ск|сх|щ", "sh": "ш|сх|ж",
    "ch": "[хчшк]", "cz": "ч", "sz": "ш", "rz": "[жр]", "zh": "ж", "kh": "х|к", "ts": "ц|тс|ч",
    "tz": "ц|тз", "ph": "ф|пх", "th": "[тф]х?", "ck": "к", "gh": "г", "dj": "дж|ж", "dzh": "дж",
    "b": "б", "c": "[ксцч]", "d": "д", "f": "[фв]", "g": "г|ж|дж", "h": "[хг]?", "j": "дж|ж|х|",
    "k": "к|х", "l": "л", "m": "м", "n": "н", "p": "п", "q": "к", "r": "р", "s": "[сзш]",
    "t": "т", "v": "[вф]", "w": "в?", "x": "кс|х", "z": "[зцс]",
}  # fmt: skip
"""Cyrillic consonants, as a pattern, by the Latin letters that stand for them."""
_LATIN_GROUP = re.compile("|".join(sorted(_LATIN_FOR, key=lambda letters: -len(letters))))
_VOWELS = re.compile(r"[^бвгджзклмнпрстфхцчшщ]")
_COARSE = (
    (re.compile(r"дж|dzh|dj|[ьъй]"), ""),
    (re.compile(r"shch|schtsch|tsch|th"), lambda m: "t" if m[0] == "th" else "k"),
    (re.compile(r"ph|[вфvfw]"), "v"),
    (re.compile(r"ts|tz|тс|дс|[гжзксхцчшщcgkqsxz]h?"), "k"),
    (re.compile(r"[hj]"), ""),
)
_BONES = dict(zip("бдлмнпрт", "bdlmnprt", strict=True))
_DOUBLE = re.compile(r"(.)\1+")
_LATIN = re.compile(r"[a-z]")
_FIRST = {
    "а": "a", "б": "b", "в": "vw", "г": "gh", "д": "dj", "е": "eyj", "ж": "zjg", "з": "zs",
    "и": "iyj", "й": "yji", "к": "kcq", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "sczh", "т": "t", "у": "uwo", "ф": "fp", "х": "khcj", "ц": "tcz", "ч": "ct",
    "ш": "sc", "щ": "s", "э": "eh", "ю": "yjiu", "я": "yji",
}  # fmt: skip
_SPELT = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufie", strict=True))
    | {"ж": "j", "й": "i", "х": "h", "ц": "c", "ч": "c", "ш": "s", "щ": "s", "ь": "", "ъ": ""}
    | {"ю": "iu", "я": "ia"}
)


def is_latin(name: str) -> bool:
    """Whether a folded name is in Latin letters."""
    return _LATIN.search(name) is not None


def _plain(name: str) -> str:
    """A folded Latin name without marks above and below its letters."""
    apart = unicodedata.normalize("NFD", name.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("ß", "ss")


@lru_cache(maxsize=16384)
def skeleton(name: str) -> str:
    """The consonants of a folded name in either script, so coarsely that spellings of one name
    have one: what may be one sound in any romanisation is one letter."""
    text = _plain(name) if is_latin(name) else name
    for letters, one in _COARSE:
        text = letters.sub(one, text)
    kept = "".join(_BONES.get(c, c if c in "bdlmnprtvk" else "") for c in text)
    return _DOUBLE.sub(r"\1", kept)


@lru_cache(maxsize=16384)
def _pattern(latin: str) -> re.Pattern[str]:
    """What the consonants of a Cyrillic name are where it is this Latin one."""
    parts, at, last = [], 0, ""
    plain = _DOUBLE.sub(r"\1", _plain(latin))
    while at < len(plain):
        group = _LATIN_GROUP.match(plain, at)
        if group is not None and group[0] != last:
            parts.append(f"(?:{_LATIN_FOR[group[0]]})")
        last = group[0] if group is not None else ""
        at = group.end() if group is not None else at + 1
    return re.compile("".join(parts))


@lru_cache(maxsize=16384)
def _consonants(cyrillic: str) -> str:
    return _VOWELS.sub("", _DOUBLE.sub(r"\1", cyrillic))


def alike(one: str, other: str) -> bool:
    """Whether two folded names, one in Latin letters and one in Cyrillic, may be one name."""
    if is_latin(one) == is_latin(other):
        return False
    latin, cyrillic = (one, other) if is_latin(one) else (other, one)
    bones = _consonants(cyrillic)
    if len(bones) < 2:
        return _spelt(latin) == _spelt(cyrillic)
    return _pattern(latin).fullmatch(bones) is not None


def _spelt(name: str) -> str:
    return _DOUBLE.sub(r"\1", _plain(name).translate(_SPELT).replace("y", "i"))


def begins_alike(initial: str, name: str) -> bool:
    """Whether a folded initial in one script may be that of a name in the other."""
    if not initial or not name or is_latin(initial[0]) == is_latin(name[0]):
        return False
    latin, cyrillic = (initial, name) if is_latin(initial) else (name, initial)
    return _plain(latin)[0] in _FIRST.get(cyrillic[0], "")
