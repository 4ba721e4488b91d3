"""Numbers as Russian writes them: digits, words in any case, and both together.

«1 500 000», «2,5 млн», «полтора миллиона», «двух с половиной», «сто двадцать тысяч»,
«двадцать первого», «тридцатипятилетний».
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import readings

_UNITS = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_TENS = [
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
]
_HUNDREDS = [
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
]
_COLLECTIVE = [
    "двое",
    "трое",
    "четверо",
    "пятеро",
    "шестеро",
    "семеро",
    "восьмеро",
    "девятеро",
    "десятеро",
]

_CARDINALS: dict[str, float] = {
    **{word: number for number, word in enumerate(_UNITS)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    **{word: 100 * number for number, word in enumerate(_HUNDREDS, 1)},
    **{word: number for number, word in enumerate(_COLLECTIVE, 2)},
    "нуль": 0, "оба": 2, "полтора": 1.5, "полтораста": 150, "половина": 0.5, "треть": 1 / 3,
    "четверть": 0.25, "дважды": 2, "трижды": 3, "десяток": 10, "сотня": 100, "дюжина": 12,
    "полдюжины": 6, "полгода": 0.5, "полчаса": 0.5, "полмиллиона": 500_000.0,
    "полмиллиарда": 500_000_000.0, "четырежды": 4, "единица": 1,
}  # fmt: skip
_FRACTIONS = frozenset({"половина", "треть", "четверть"})
_INDEFINITE = frozenset({"десяток", "сотня", "дюжина"})
_SCALES: dict[str, float] = {
    "тысяча": 1e3, "тыс": 1e3, "тыща": 1e3, "миллион": 1e6, "млн": 1e6, "миллиард": 1e9,
    "млрд": 1e9, "триллион": 1e12, "трлн": 1e12,
}  # fmt: skip
_ORDINAL_UNITS = [
    "первый",
    "второй",
    "третий",
    "четвертый",
    "пятый",
    "шестой",
    "седьмой",
    "восьмой",
    "девятый",
    "десятый",
    "одиннадцатый",
    "двенадцатый",
    "тринадцатый",
    "четырнадцатый",
    "пятнадцатый",
    "шестнадцатый",
    "семнадцатый",
    "восемнадцатый",
    "девятнадцатый",
]
_ORDINAL_TENS = [
    "двадцатый",
    "тридцатый",
    "сороковой",
    "пятидесятый",
    "шестидесятый",
    "семидесятый",
    "восьмидесятый",
    "девяностый",
]
_ORDINALS: dict[str, int] = {
    **{word: number for number, word in enumerate(_ORDINAL_UNITS, 1)},
    **{word: 10 * number for number, word in enumerate(_ORDINAL_TENS, 2)},
    "сотый": 100, "двухсотый": 200, "трехсотый": 300, "тысячный": 1000, "двухтысячный": 2000,
    "впервые": 1, "нулевой": 0,
}  # fmt: skip
_STEMS: dict[str, int] = {
    "одно": 1, "дву": 2, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7,
    "восьми": 8, "девяти": 9, "десяти": 10, "одиннадцати": 11, "двенадцати": 12,
    "тринадцати": 13, "четырнадцати": 14, "пятнадцати": 15, "шестнадцати": 16,
    "семнадцати": 17, "восемнадцати": 18, "девятнадцати": 19, "двадцати": 20, "тридцати": 30,
    "сорока": 40, "пятидесяти": 50, "шестидесяти": 60, "семидесяти": 70, "восьмидесяти": 80,
    "девяносто": 90, "девяноста": 90, "сто": 100, "ста": 100, "двухсот": 200, "трехсот": 300,
    "четырехсот": 400, "пятисот": 500, "тысяче": 1000, "двухтысяче": 2000,
}  # fmt: skip
_STEM = re.compile("|".join(sorted(_STEMS, key=len, reverse=True)))
_DIGITS = re.compile(r"\d+(?:[.,]\d+)?$")
_ROMAN = re.compile(r"(?=[IVXLCDM])M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at the start of a run of words, and how many words it took.

    ``scale`` is the last scale word that multiplied it (1000.0 for «тысяч»), else 1.
    """

    number: float
    words: int
    scale: float = 1.0


@lru_cache(maxsize=8192)
def _lemmas(word: str) -> tuple[str, ...]:
    low = fold_yo(word.casefold()).rstrip(".")
    found = [fold_yo(reading.lemma) for reading in readings(low)]
    return tuple(dict.fromkeys([low, *found]))


@lru_cache(maxsize=8192)
def cardinal(word: str) -> float | None:
    """The number that a word is («двумя» → 2), fractions included, scales not."""
    return next((_CARDINALS[lemma] for lemma in _lemmas(word) if lemma in _CARDINALS), None)


@lru_cache(maxsize=8192)
def scale(word: str) -> float | None:
    """What a scale word multiplies by («млн» → 1e6)."""
    return next((_SCALES[lemma] for lemma in _lemmas(word) if lemma in _SCALES), None)


@lru_cache(maxsize=8192)
def ordinal(word: str) -> int | None:
    """The number that an ordinal word is («пятого» → 5)."""
    return next((_ORDINALS[lemma] for lemma in _lemmas(word) if lemma in _ORDINALS), None)


def roman(word: str) -> int | None:
    """The number that Roman digits are; Cyrillic Х and І are taken for X and I."""
    latin = word.upper().translate(str.maketrans("ХІМС", "XIMC"))
    if not word or not word.isupper() or _ROMAN.match(latin) is None:
        return None
    values = [_ROMAN_VALUES[letter] for letter in latin]
    following = [*values[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(values, following, strict=True)
    )


def _is_plural(word: str) -> bool:
    """Whether a scale word alone is indefinite: «тысячи» are several."""
    return any(r.pos == "NOUN" and r.number == "plur" for r in readings(word.casefold()))


def compound(word: str) -> tuple[int, str] | None:
    """The number that an adjective or noun begins with, and the rest («пятилетний»: 5, летний)."""
    low = fold_yo(word.casefold())
    total, rest = 0, low
    while match := _STEM.match(rest):
        total += _STEMS[match[0]]
        rest = rest[match.end() :]
    return (total, rest) if total and rest != low else None


def _group(words: list[str], at: int) -> tuple[str, int]:
    """Digits with their groups of three: «1 500 000»."""
    text, end = words[at], at + 1
    while end < len(words) and re.fullmatch(r"\d{3}(?:[.,]\d+)?", words[end]):
        if not re.fullmatch(r"\d{1,3}", words[at]):
            break
        text, end = text + words[end], end + 1
    return text, end


def _simple(words: list[str], at: int) -> tuple[float | None, int]:
    """A number below a thousand in words, or digits."""
    if at < len(words) and _DIGITS.match(words[at]):
        text, end = _group(words, at)
        return float(text.replace(",", ".")), end
    total: float | None = None
    while at < len(words):
        found = cardinal(words[at])
        if found is None:
            break
        fraction = bool(set(_lemmas(words[at])) & _FRACTIONS)
        if total is not None and fraction:
            total *= found
        elif (total is not None and (found >= _magnitude(total) or found >= 1000)) or (
            total is None and set(_lemmas(words[at])) & _INDEFINITE and _is_plural(words[at])
        ):
            break
        else:
            total = (total or 0.0) + found
        at += 1
    return total, at


def _magnitude(total: float) -> float:
    """What the next word must be smaller than: 100 after «двести», 10 after «двадцать»."""
    if total % 100 == 0 and total:
        return 100
    return 10 if total % 10 == 0 and total >= 20 else 0


def numeral(words: list[str], at: int = 0) -> Numeral | None:
    """The number at a place in a list of words, the longest there is."""
    start, total, last_scale = at, 0.0, 1.0
    found = False
    while at < len(words):
        part, end = _simple(words, at)
        if part is not None and words[end : end + 2] in (["с", "половиной"], ["с", "четвертью"]):
            part, end = part + (0.5 if words[end + 1] == "половиной" else 0.25), end + 2
        factor = scale(words[end]) if end < len(words) else None
        if part is None and (factor is None or (not found and _is_plural(words[end]))):
            break
        if found and factor is None and last_scale == 1.0:
            break
        total += (1.0 if part is None else part) * (factor or 1.0)
        last_scale = factor or last_scale
        at, found = end + (factor is not None), True
        if factor is None:
            break
    return Numeral(total, at - start, last_scale) if found else None
