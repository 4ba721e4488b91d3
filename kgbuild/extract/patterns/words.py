"""Words of kinship, and the readings (case, gender) of words and names that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kgbuild.russian.morphology import analyzer

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
GENDERS = ("masc", "femn")
PRONOUNS = {"masc": "он", "femn": "она"}
_EVERY = frozenset((case, gender) for case in CASES for gender in GENDERS)
_SAME_CASE = {
    "gen1": "gent", "gen2": "gent", "acc2": "accs", "loc1": "loct", "loc2": "loct", "voct": "nomn"
}  # fmt: skip
_NAMED = ("Name", "Surn", "Patr")
_CONSONANTS = frozenset("бвгджзклмнпрстфхцчшщ")
"""Surnames that end so don't decline where they are a woman's."""
_UNLIKELY = 0.1
"""A reading of a name so many times less likely than the likeliest isn't one: «Дмитрия» as a
woman's name."""


@dataclass(frozen=True, slots=True)
class KinWord:
    """What a word of kinship states: ``elder`` where it names the parent of the other."""

    relation: str
    gender: str | None
    elder: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a form; None where any value is possible."""

    pos: str
    lemma: str
    case: str | None
    number: str | None = None
    gender: str | None = None


def _kin() -> dict[str, KinWord]:
    table = (
        ("PARENT_OF", "masc", True, "отец папа"),
        ("PARENT_OF", "femn", True, "мать мама"),
        ("PARENT_OF", None, True, "родитель"),
        ("PARENT_OF", "masc", False, "сын"),
        ("PARENT_OF", "femn", False, "дочь дочка"),
        ("PARENT_OF", None, False, "ребёнок"),
        ("SIBLING", "masc", False, "брат"),
        ("SIBLING", "femn", False, "сестра"),
        ("SPOUSE", "masc", False, "муж супруг вдовец"),
        ("SPOUSE", "femn", False, "жена супруга вдова"),
        ("RELATIVE", "masc", False, "дед дедушка прадед внук правнук дядя племянник тесть зять"),
        ("RELATIVE", "masc", False, "свёкор кузен пасынок отчим"),
        ("RELATIVE", "femn", False, "бабушка прабабушка внучка правнучка тётя тётка племянница"),
        ("RELATIVE", "femn", False, "тёща невестка свекровь кузина падчерица мачеха"),
    )
    return {
        lemma: KinWord(relation, gender, elder)
        for relation, gender, elder, lemmas in table
        for lemma in lemmas.split()
    }


KIN = _kin()
"""By dictionary form."""

CHILDREN = frozenset({"дочь", "дочка", "ребёнок", "сын"})


PEOPLE = frozenset({"девочка", "девушка", "женщина", "мальчик", "мужчина", "юноша"})
"""Common nouns that mean a person named before, as a profession does."""


COMPANY = frozenset(
    {"адвокат", "друг", "коллега", "подруга", "помощник", "помощница", "советник", "соратник"}
)
"""Who stands between a word of kinship and a name: «сын соратника Иванова» isn't Иванов's."""


HINTS = {
    **dict.fromkeys(
        ("брак", "венчаться", "женатый", "жениться", "замуж", "замужем", "молодожён", "невеста",
         "обвенчаться", "пожениться", "помолвка", "развестись", "развод", "расписаться", "свадьба",
         "чета", "жених"), "SPOUSE",
    ),
    **dict.fromkeys(
        ("материнство", "отцовство", "первенец", "родить", "родиться", "рождение", "роды", "семья",
         "удочерить", "усыновить", "наследник", "потомок"), "PARENT_OF",
    ),
    "близнец": "SIBLING",
}  # fmt: skip
"""Other words by which a sentence may mean a relation that no pattern reads."""


@lru_cache(maxsize=1 << 14)
def word_readings(word: str) -> tuple[Reading, ...]:
    """How pymorphy3 reads a word, likeliest first; a sign has none."""
    word = word.rsplit("-", 1)[-1] if word[0].isdigit() else word  # «25-летняя»
    if not word[0].isalpha():
        return ()
    return tuple(
        Reading(
            str(parse.tag.POS or ""),
            str(parse.normal_form),
            _case(parse.tag),
            None if parse.tag.number is None else str(parse.tag.number),
            None if parse.tag.gender is None else str(parse.tag.gender),
        )
        for parse in analyzer().parse(word)
    )


def _case(tag: Any) -> str | None:
    return None if tag.case is None else _SAME_CASE.get(str(tag.case), str(tag.case))


@lru_cache(maxsize=1 << 14)
def name_readings(surface: str) -> tuple[Reading, ...]:
    """The cases and genders in which a name may stand: those that all its words allow.

    A name in the plural («Романовых») has none. SURN is one without a first name.
    """
    allowed, surname = _EVERY, True
    for part in surface.replace("-", " ").split():
        word = part.strip('«»"(),.')
        mine = _forms_of(word)
        if not mine:
            return ()
        surname &= not any("Name" in parse.tag for parse in analyzer().parse(word))
        womans = {form for form in allowed if form[1] == "femn"}
        if allowed & mine:
            allowed &= mine
        elif not womans or word[-1].casefold() not in _CONSONANTS:
            allowed = mine  # «Ким Чен Ына»: the last word declines; «Софье Берс»: it doesn't
    pos = "SURN" if surname else "NAME"
    return tuple(Reading(pos, "", case, "sing", gender) for case, gender in sorted(allowed))


def _forms_of(word: str) -> frozenset[tuple[str, str]]:
    """A name's word's (case, gender): every one where it says nothing."""
    if len(word) < 2 or not word[0].isalpha() or not ("а" <= word[-1].casefold() <= "я"):
        return _EVERY
    parses = analyzer().parse(word)
    marked = [p for p in parses if any(mark in p.tag for mark in _NAMED)]
    named = marked or [p for p in parses if p.tag.POS in {"NOUN", "ADJF"}]
    likely = [p.tag for p in named if p.score >= _UNLIKELY * named[0].score]
    known = bool(marked) and analyzer().word_is_known(word)
    forms = {
        (case, gender)
        for tag in likely
        if tag.number != "plur" or "Fixd" in tag
        for case in (CASES if "Fixd" in tag else (_case(tag),))
        for gender in ((str(tag.gender),) if known and tag.gender in GENDERS else GENDERS)
        if case
    }
    if not forms and not marked:
        return _EVERY
    if not known and word[-1].casefold() in _CONSONANTS:
        forms |= {(case, "femn") for case in CASES}
    return frozenset(forms)
