"""Abbreviations of what a place is: «г. Сызрань», «Верхнетоемский р-н», «ул. Чавайна».

They are those that addresses are written with in Russian registers (order of the Ministry of
Finance 171n of 2015, on the names of elements of addresses). A settlement is named without its
kind, as texts do; a region or a street gets the word written out, in the case of its adjective.
"""

from __future__ import annotations

import re

_SETTLEMENT = re.compile(
    r"^(?:(?:г|гор|с|д|дер|п|пос|х|хут|сл|ст|мкр)(?:\.\s*(?=\w{2})|\s+(?=[А-ЯЁ]))"
    r"|(?:рп|пгт|дп|кп|ст-ца)(?:\.\s*|\s+)(?=\w{2}))"
)
_WORDS = {
    "р-н": "район", "обл": "область", "окр": "округ", "респ": "республика", "ул": "улица",
    "пер": "переулок", "пр-т": "проспект", "просп": "проспект", "пл": "площадь", "ш": "шоссе",
    "наб": "набережная", "б-р": "бульвар", "бул": "бульвар", "пр-д": "проезд", "оз": "озеро",
    "р": "река", "о-в": "остров",
}  # fmt: skip
_BEFORE = re.compile(rf"^({'|'.join(_WORDS)})(?:\.\s*|(?<=-\w)\s+)(?=[А-ЯЁ\d])")
_BEHIND = re.compile(r"^(\w+)\s+(р-н|обл|окр)(?:а|у|е|ом)?\.?$")
_PLACES = frozenset({"DISTRICT", "FACILITY", "LOCATION", "STATE_OR_PROVINCE"})
_CASES = {
    "район": {"го": "района", "му": "району", "м": "районе", "им": "районом", "ым": "районом"},
    "округ": {"го": "округа", "му": "округу", "м": "округе", "им": "округом", "ым": "округом"},
    "область": {"ой": "области", "ую": "область"},
}


def written_out(surface: str, type: str) -> str:
    """A place's name without abbreviations of its kind; other names as they are."""
    if type == "CITY":
        found = _SETTLEMENT.match(surface.lower() if surface.isupper() else surface)
        return surface[found.end() :] if found else surface
    if type not in _PLACES:
        return surface
    before = _BEFORE.match(surface)
    if before is not None:
        return f"{_WORDS[before[1]]} {surface[before.end() :]}"
    behind = _BEHIND.match(surface)
    return surface if behind is None else f"{behind[1]} {_agreeing(behind[1], _WORDS[behind[2]])}"


def _agreeing(adjective: str, word: str) -> str:
    """The word in the case that an adjective before it is in."""
    endings = sorted(_CASES[word], key=len, reverse=True)
    return next((_CASES[word][one] for one in endings if adjective.endswith(one)), word)
