"""A word of kinship in its sentence, and how it may be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgbuild.extract.patterns.clause import Clause
from kgbuild.extract.patterns.words import KIN, KinWord, Reading, word_readings
from kgbuild.russian.folding import fold_yo

POSSESSIVE = {"его": "masc", "ее": "femn", "её": "femn"}
"""Possessives of one person, and the gender of whom they mean."""

_DISTANT = ("двоюродн", "троюродн")
_BY_RITE = frozenset(
    {"духовный", "крестный", "крестовый", "молочный", "названный", "названый", "посаженый"}
)
"""Adjectives, with е for ё, of kinship by a rite or a vow: godparents, foster and sworn
siblings. It is neither descent nor marriage."""


@dataclass(frozen=True, slots=True)
class Kin:
    """A word of kinship at ``at``, its phrase from ``start``, and how it may be read."""

    word: KinWord
    start: int
    at: int
    cases: frozenset[str]
    plural: bool
    distant: bool
    by_rite: bool

    @property
    def gender(self) -> str | None:
        """Of each person that it names."""
        return None if self.plural else self.word.gender

    @property
    def relation(self) -> str:
        """What it states."""
        return "RELATIVE" if self.distant else self.word.relation


def read_kin(clause: Clause, at: int, lemma: str) -> Kin:
    """The word of kinship at a place, with its adjectives before it."""
    readings = [r for r in clause.items[at].readings if r.lemma == lemma]
    start = at
    while start and (said := _agreeing(clause, start - 1, readings)):
        start -= 1
        readings = [r for r in readings if (r.case, r.number) in said] or readings
    counted = any(r.pos == "NUMR" for r in clause.item(start - 1).readings)
    return Kin(
        KIN[lemma],
        start,
        at,
        frozenset(r.case for r in readings if r.case),
        counted or all(r.number == "plur" for r in readings),
        any(item.text.startswith(_DISTANT) for item in clause.items[start:at]),
        any(fold_yo(r.lemma) in _BY_RITE for item in clause.items[start:at] for r in item.readings),
    )


def is_compound(word: str) -> bool:
    """Whether a word of kinship is the first of two nouns joined by a hyphen."""
    first, _, rest = word.partition("-")
    return bool(rest) and any(r.lemma in KIN for r in word_readings(first))


def is_of_a_thing(clause: Clause, at: int) -> bool:
    """Whether a common noun in the genitive follows: the second noun's, not the kinship's
    («отец-основатель клуба»; «брат-близнец Ивана» is a brother)."""
    following = clause.item(at + 1)
    return following.name is None and any(
        r.pos == "NOUN" and r.case == "gent" and r.lemma not in KIN for r in following.readings
    )


def _agreeing(
    clause: Clause, at: int, readings: Sequence[Reading]
) -> set[tuple[str | None, str | None]]:
    """The cases and numbers of an adjective of the word of kinship; none of another word."""
    item = clause.items[at]
    if item.name is not None or item.text in POSSESSIVE or is_own(clause, at):
        return set()
    said = {(r.case, r.number) for r in item.readings if r.pos in {"ADJF", "PRTF"}}
    return said if {r.case for r in readings} & {case for case, _ in said} else set()


def is_own(clause: Clause, at: int) -> bool:
    """Whether «свой» stands at a place."""
    return any(r.lemma == "свой" for r in clause.item(at).readings)
