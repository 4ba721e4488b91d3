"""A question's words as asking sees them: spelling, lemmas, stems, capitals, quotes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from kgbuild.ask.stems import stem
from kgbuild.russian.folding import fold_word
from kgbuild.russian.lemmas import is_dictionary_word, is_function_word, lemmas_of

LONGEST = 2000
"""Characters of a question; what is longer is a text, and reading it would take minutes."""

MOST_WORDS = 60
"""Words of a question that are read: masks of words are 64-bit numbers."""

_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_QUOTED = re.compile(r"«[^»]{0,300}»|„[^“”]{0,300}[“”]|“[^”]{0,300}”|\"[^\"]{0,300}\"")
_LATIN, _RUSSIAN = re.compile(r"[a-z]"), re.compile(r"[а-я]")
_ALIKE = dict(zip("aceopxyukmthb", "асеорхуикмтнв", strict=True))
"""Latin letters that look like Russian ones, as they get into Russian words."""

ASKING = frozenset(
    {"кто", "что", "где", "куда", "откуда", "когда", "сколько", "почему", "зачем", "отчего"}
    | {"какой", "который", "чей", "каков", "как", "почем", "насколько", "доколе", "скольки"}
)
"""Lemmas of question words."""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word with its span; ``named`` says that it is written as a part of a name: with a
    capital inside the question, in quotes, in figures or in Latin letters."""

    text: str
    start: int
    end: int
    folded: str
    lemmas: tuple[str, ...]
    named: bool
    quoted: bool
    first: bool

    @property
    def stem(self) -> str:
        """Its crude stem, as the index of names has it."""
        return stem(self.folded)

    @property
    def latin(self) -> bool:
        """Whether it is written in Latin letters alone."""
        return bool(_LATIN.search(self.folded)) and not _RUSSIAN.search(self.folded)

    @property
    def asking(self) -> bool:
        """Whether it is a question word."""
        return not self.quoted and bool(ASKING.intersection(self.lemmas[:2]))

    @property
    def content(self) -> bool:
        """Whether it says something of what is asked about: no question or function word."""
        if self.quoted or (self.named and not self.first and len(self.folded) > 1):
            return True
        return not self.asking and not is_function_word(self.folded)

    @property
    def known(self) -> bool:
        """Whether the dictionary holds it as it is written."""
        return is_dictionary_word(self.folded)


@dataclass(frozen=True)
class Asked:
    """A question and its words."""

    text: str
    words: tuple[AskedWord, ...]

    @cached_property
    def content(self) -> tuple[int, ...]:
        """Places of the words that say something."""
        return tuple(at for at, word in enumerate(self.words) if word.content)


def _alike(folded: str) -> str:
    """A word of mixed scripts in that of most of its letters."""
    latin, russian = len(_LATIN.findall(folded)), len(_RUSSIAN.findall(folded))
    if not latin or not russian:
        return folded
    if russian >= latin:
        return "".join(_ALIKE.get(letter, letter) for letter in folded)
    back = {v: k for k, v in _ALIKE.items()}
    return "".join(back.get(letter, letter) for letter in folded)


def read_question(text: str) -> Asked:
    """The words of a question, the first ``MOST_WORDS`` of them.

    >>> [word.lemmas[0] for word in read_question("Где родился Менделеев?").words]
    ['где', 'родиться', 'менделеев']
    """
    text = unicodedata.normalize("NFC", text[:LONGEST])
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    words: list[AskedWord] = []
    for match in _WORD.finditer(text):
        folded = _alike(fold_word(match[0]))
        inside = any(a <= match.start() and match.end() <= b for a, b in quoted)
        capital = match[0][0].isupper() and bool(words)
        latin = bool(_LATIN.search(folded)) and not _RUSSIAN.search(folded)
        words.append(
            AskedWord(
                match[0],
                match.start(),
                match.end(),
                folded,
                lemmas_of(folded),
                inside or capital or match[0][0].isdigit() or latin,
                inside,
                not words,
            )
        )
        if len(words) == MOST_WORDS:
            break
    return Asked(text, tuple(words))
