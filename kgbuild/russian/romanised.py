"""What is left of a name in Latin and in Cyrillic letters alike, to tell that they are one.

Consonants alone, and those that the usual romanisations (BGN/PCGN, ICAO Doc 9303, French and
German ones) mix up as one: «Viktor Shabelnikov» and «Виктор Шабельников».
"""

from __future__ import annotations

import re
from functools import lru_cache

_CYRILLIC = {
    "б": "b", "в": "v", "г": "g", "д": "d", "ж": "Z", "з": "s", "к": "k", "л": "l", "м": "m",
    "н": "n", "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h", "ц": "C", "ч": "C",
    "ш": "S", "щ": "S",
}  # fmt: skip
_DIGRAPHS = (
    ("shch", "S"), ("schtsch", "S"), ("tsch", "C"), ("tch", "C"), ("sch", "S"), ("sh", "S"),
    ("ch", "C"), ("zh", "Z"), ("kh", "h"), ("ts", "C"), ("tz", "C"), ("ph", "f"), ("ck", "k"),
    ("x", "ks"), ("w", "v"), ("q", "k"), ("c", "k"), ("z", "s"),
)  # fmt: skip
_ENDING = re.compile(r"ff\b")
_DOUBLE = re.compile(r"(.)\1")
_LATIN = re.compile(r"[a-z]")


def is_latin(name: str) -> bool:
    """Whether a folded name is in Latin letters."""
    return _LATIN.search(name) is not None


@lru_cache(maxsize=16384)
def skeleton(name: str) -> str:
    """The consonants of a folded name in either script."""
    if is_latin(name):
        text = _ENDING.sub("v", name)
        for letters, one in _DIGRAPHS:
            text = text.replace(letters, one)
        kept = "".join(c for c in text if c in "bvgdZskZlmnprstfhCS")
    else:
        kept = "".join(_CYRILLIC.get(c, "") for c in name)
    return _DOUBLE.sub(r"\1", kept)


def alike(one: str, other: str) -> bool:
    """Whether two folded names, one in Latin letters and one in Cyrillic, may be one name."""
    if is_latin(one) == is_latin(other):
        return False
    bones = skeleton(one)
    return len(bones) > 1 and bones == skeleton(other)
