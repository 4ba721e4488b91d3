"""Words that the stored texts don't hold, and the words that were meant.

Two mistakes are forgiven: typing (one edit in a short word, two in a long one; a swap of
neighbouring letters is one edit, as Damerau 1964 counts) and the other alphabet («Mendeleev»
for «Менделеев», «Яндекс» for "Yandex"), where both spellings are brought to one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LETTERS = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        ("a b v g d e zh z i i k l m n o p r s t u f h c ch sh sh _ i _ e u a").split(),  # noqa: SIM905
        strict=True,
    )
) | {"_": ""}
_LATIN = (
    (r"shch|sch", "sh"), (r"kh", "h"), (r"tch", "ch"), (r"ts|tz", "c"), (r"ph", "f"),
    (r"yo|jo|ye|je|ie", "e"), (r"yu|ju|iu", "u"), (r"ya|ja|ia", "a"),
    (r"[iy]y\b|ij\b|ii\b", "i"), (r"[yj]", "i"), (r"w", "v"), (r"q|ck", "k"), (r"x", "ks"),
    (r"c(?=[aourlnt])", "k"), (r"(.)\1", r"\1"), (r"'", ""),
)  # fmt: skip
_SHORT, _LONG = 4, 9
"""Shorter words aren't corrected; from the second on, two edits are forgiven."""


def sound(word: str) -> str:
    """A word in a plain Latin spelling that both alphabets share.

    >>> sound("менделеев") == sound("mendeleyev")
    True
    """
    if re.search("[а-я]", word):
        word = "".join(_LETTERS.get(letter, letter) for letter in word.replace("кс", "x"))
        word = word.replace("_", "")
    for pattern, plain in _LATIN:
        word = re.sub(pattern, plain, word)
    return word


def is_cyrillic(word: str) -> bool:
    """Whether a folded word holds a Cyrillic letter."""
    return re.search("[а-я]", word) is not None


class Speller:
    """The vocabulary of one state of a store, ready to be asked for what was meant."""

    def __init__(self, vocabulary: Iterable[tuple[str, int]]) -> None:
        self._counts = {word: n for word, n in vocabulary if not any(c.isdigit() for c in word)}
        self._alphabets: dict[bool, list[str]] = {True: [], False: []}
        for word in self._counts:
            self._alphabets[is_cyrillic(word)].append(word)
        self._sounds: dict[bool, dict[str, list[str]]] = {}

    def meant(self, spellings: Sequence[str], limit: int = 3) -> tuple[str, ...]:
        """The known words nearest to any of a word's spellings, the nearest and commonest
        first; none for short words, for numbers, and where nothing is near."""
        usable = [s for s in spellings if len(s) >= _SHORT and not any(c.isdigit() for c in s)]
        found: dict[str, int] = {}
        for spelling in usable:
            for word, edits in (*self._typed(spelling), *self._transliterated(spelling)):
                found[word] = min(edits, found.get(word, edits))
        if not found:
            return ()
        least = min(found.values())
        nearest = [word for word, edits in found.items() if edits == least]
        return tuple(sorted(nearest, key=lambda word: (-self._counts[word], word))[:limit])

    def sounding(self, spellings: Sequence[str], limit: int = 3) -> tuple[str, ...]:
        """The known words of the other alphabet that sound just like one of the spellings,
        the commonest first."""
        found = {
            word
            for spelling in spellings
            if len(spelling) >= _SHORT
            for word in self._sound(not is_cyrillic(spelling)).get(sound(spelling), ())
        }
        return tuple(sorted(found, key=lambda word: (-self._counts[word], word))[:limit])

    def _typed(self, spelling: str) -> list[tuple[str, int]]:
        return _near(spelling, self._alphabets[is_cyrillic(spelling)])

    def _transliterated(self, spelling: str) -> list[tuple[str, int]]:
        """Words that sound alike: of the other alphabet, and Latin for Latin («Yandeks»)."""
        key, other = sound(spelling), not is_cyrillic(spelling)
        near = [(key, 0)] if key in self._sound(other) else _near(key, list(self._sound(other)))
        found = [(word, edits) for known, edits in near for word in self._sound(other)[known]]
        if not is_cyrillic(spelling):
            found += [(word, 0) for word in self._sound(False).get(key, ())]
        return found

    def _sound(self, cyrillic: bool) -> dict[str, list[str]]:
        """The words of an alphabet by how they sound."""
        if cyrillic not in self._sounds:
            self._sounds[cyrillic] = {}
            for word in self._alphabets[cyrillic]:
                self._sounds[cyrillic].setdefault(sound(word), []).append(word)
        return self._sounds[cyrillic]


def _near(word: str, known: Sequence[str]) -> list[tuple[str, int]]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < _SHORT:
        return []
    most = 1 if len(word) < _LONG else 2
    hits = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
    return [(hit[0], int(hit[1])) for hit in hits]
