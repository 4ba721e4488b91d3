"""How each relation is asked for in Russian, in both directions.

The wordings are data, in ``wordings.json``. A wording is a bag of elements, all of which a
question must hold, in any order but for a preposition, which stands right before the next
element; whatever else the question holds names the entity. A small-letter element is a
dictionary form (with е for ё) or the very form, or several with ``|`` between them, so that
case, gender and tense don't matter; ``$name`` stands for a list of words given once. A
capital element is a question word: WHO (кто, какой учёный), WHOM (кого, кем), WHAT (что,
чем, какую книгу; SUBJECT: these in the nominative, OBLIQUE: in another case), WHERE (где,
в каком городе), WHEN (когда, в каком году), COUNT (сколько), WHOSE (чей), WHY (почему).

The wordings that say most win; where several relations share one («кто умер в X»), the
type of the entity X tells them apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SLOTS = frozenset(
    {"WHO", "WHOM", "WHAT", "SUBJECT", "OBLIQUE", "WHERE", "WHEN", "COUNT", "WHOSE", "WHY"}
)

PEOPLE = frozenset({"COUNTRY", "FAMILY", "NATIONALITY", "ORGANIZATION", "PERSON", "PROFESSION"})
PLACES = frozenset(
    {"CITY", "COUNTRY", "DISTRICT", "FACILITY", "LOCATION", "ORGANIZATION", "STATE_OR_PROVINCE"}
)
TIMES = frozenset({"DATE", "TIME"})


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask for a relation: for its object, or with ``inverse`` for its subject.

    An element is the set of words that may stand for it, or one question word.
    """

    relation: str
    inverse: bool
    elements: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the questions are matched with.

    ``which`` are the entity types that «какой N» asks for; for a noun in ``exact`` they say
    all that the noun does. ``narrow`` are words that say more than their relation, so that
    the evidence must hold one; ``leaders`` are those whom such words speak of. ``kinds`` are
    narrower professions of a wider one. ``genders`` are those of words of kinship.
    ``vocabulary`` are all words that stand in a wording.
    """

    all: tuple[Wording, ...]
    which: dict[str, frozenset[str]]
    exact: frozenset[str]
    narrow: frozenset[str]
    kinds: dict[str, frozenset[str]]
    genders: dict[str, str]
    leaders: frozenset[str]
    vocabulary: frozenset[str]

    def of(self, relation: str) -> tuple[Wording, ...]:
        """The wordings of one relation."""
        return tuple(wording for wording in self.all if wording.relation == relation)


def _elements(text: str, words: dict[str, str]) -> tuple[frozenset[str], ...]:
    for name, listed in words.items():
        text = text.replace(f"${name}", listed)
    return tuple(frozenset(element.split("|")) for element in text.split())


@cache
def wordings() -> Wordings:
    """The wordings of all relations, read once."""
    data = json.loads(
        files("kgbuild.ask.rules").joinpath("wordings.json").read_text(encoding="utf-8")
    )
    every = tuple(
        Wording(relation, direction == "subject", _elements(text, data["words"]))
        for relation, directions in data["wordings"].items()
        for direction, texts in directions.items()
        for text in texts
    )
    spoken = {word for wording in every for element in wording.elements for word in element}
    return Wordings(
        all=every,
        which={noun: frozenset(types) for noun, types in data["which"].items()},
        exact=frozenset(data["exact"]),
        narrow=frozenset(data["narrow"]),
        kinds={noun: frozenset(held.split("|")) for noun, held in data["kinds"].items()},
        genders=dict(data["genders"]),
        leaders=frozenset(data["leaders"]),
        vocabulary=frozenset(spoken - SLOTS),
    )
