"""Crude stems: one key for the forms of a word, without a dictionary.

Made for indexes of hundreds of thousands of names, where a dictionary look-up a word costs
too much. Two words of one stem may be different words, so whoever finds by stem compares
the words themselves afterwards.
"""

from __future__ import annotations

import re

from kgbuild.russian.folding import fold

_WORD = re.compile(r"\w+")
_ENDING = re.compile(
    r"(?:иями|ями|ами|ого|его|ому|ему|ыми|ими|иях|иям|ией|ием|ию|ии|ия|ие"
    r"|ый|ий|ой|ая|яя|ое|ее|ые|ых|их|ую|юю|ым|им|ом|ем|ам|ям|ах|ях|ью"
    r"|ою|ею|ей|а|я|о|е|ы|и|у|ю|ь|й)$"
)
_FAMILY = re.compile(r"(?:ов|ев)$")
_SHORTEST = 2


def stem(word: str) -> str:
    """The word (folded) without its ending, at least two letters of it."""
    match = _ENDING.search(word)
    if match is not None:
        word = word[: max(match.start(), _SHORTEST)]
    match = _FAMILY.search(word)  # «братьев», and so that «Орлов» and «Орлова» stay alike
    return word[: match.start()] if match is not None and match.start() > _SHORTEST else word


def words(text: str) -> list[str]:
    """The words of a text, folded (case, ё)."""
    return _WORD.findall(fold(text))


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in words(text)]
