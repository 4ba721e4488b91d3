"""What else a name that isn't a person's may be called: other nominatives that its written forms
allow for, and shorter names that are made of it by rule.

«Ольхове» is Ольхов's, Ольхово's or Ольхова's; a document that writes nothing else chooses one of
them, and another document another. So a node says which nominatives all its forms allow for.
«Ольховская центральная районная больница» is also called «Ольховская ЦРБ», «Ласточка-Юг»
«Ласточка».
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from kgbuild.read.breaks import rejoin
from kgbuild.resolve.aliases import acronyms, adjective_root, identity_key
from kgbuild.russian.folding import fold, is_abbreviation, is_cyrillic, tidy
from kgbuild.russian.forms import name_readings
from kgbuild.russian.guess import guessed, noun_readings
from kgbuild.russian.morphology import CONSONANTS, dictionary_readings
from kgbuild.russian.values import value_of
from kgbuild.russian.valuetypes import DateValue
from kgbuild.types import Mention, Name

VALUE = "value"
"""The kind of feature that holds what a date or a sum comes to."""
SHORTER = "shorter"
"""The kind of feature that holds a shorter name that is made of a node's name by rule."""
_READ = frozenset(
    {"AWARD", "CITY", "DISTRICT", "FACILITY", "LOCATION", "ORGANIZATION", "PRODUCT",
     "STATE_OR_PROVINCE", "WORK_OF_ART"}
)  # fmt: skip
_SHORTENED = frozenset({"CITY", "FACILITY", "ORGANIZATION"})
_CAPITALS = 4
"""Words in capitals of this length on aren't abbreviations."""
_MOST_WORDS, _MOST_READINGS = 8, 8


def written_readings(text: str, names: Mapping[Mention, Name]) -> dict[tuple[str, str], set[str]]:
    """The folded nominatives, by type and key of a name, that all its forms in a document allow
    for; only where they are more than the key."""
    found: dict[tuple[str, str], set[str]] = {}
    forms: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mention, name in names.items():
        if mention.type in _READ:
            forms[mention.type, name.key].add(rejoin(text[mention.start : mention.end]))
    for (type, key), written in forms.items():
        every = set.intersection(*({*_nominatives(form, type)} for form in sorted(written)))
        others = {identity_key(other, type) for other in every} - {key, identity_key(key, type)}
        if 0 < len(others) <= _MOST_READINGS:
            found[type, key] = others
    return found


@lru_cache(maxsize=16384)
def said_value(surface: str, type: str) -> str:
    """What a date or a sum comes to, the same for all its spellings; "" where that isn't one
    certain day, month, year or amount: «01.02.2020» and «1 февраля 2020 года»."""
    value = value_of(surface, type) if type in ("DATE", "MONEY") else None
    if isinstance(value, DateValue):
        certain = value.precision in ("day", "month", "year") and not value.about
        return value.iso if certain and value.first and value.last else ""
    if value is None or not value.unit or value.bound or value.upper is not None:
        return ""
    return f"{value.number:.12g} {value.unit}"


@lru_cache(maxsize=16384)
def _nominatives(surface: str, type: str) -> frozenset[str]:
    """The folded nominatives of a form: as names are read, and by its ending alone."""
    text = _in_normal_case(tidy(surface))
    found = {fold(reading.canonical) for reading in name_readings(text, type)}
    word, hyphen, rest = text.partition("-")
    if " " not in text and is_cyrillic(word) and word[:1].isupper():
        by_ending = () if _is_place(word) else guessed(word)
        for reading in (*noun_readings(word), *by_ending):
            if reading.pos == "NOUN":
                found.add(fold(reading.nominative + hyphen + rest))
        if by_ending and not hyphen:
            found |= _of_plural(word.casefold())
    return frozenset(found - {""})


def _of_plural(word: str) -> set[str]:
    """The nominatives of a plural name that an unknown word may be a case of: «Ольшан»,
    «Ольшанам» → Ольшаны, «Бешенковичей» → Бешенковичи."""
    for ending in ("ам", "ями", "ами", "ов", "ей", "ям", ""):
        stem = word.removesuffix(ending)
        if len(stem) > 3 and stem + ending == word and stem[-1] in CONSONANTS:
            soft = ending in ("ей", "ям", "ями") or stem[-1] in "гкхжчшщ"
            return {fold(stem + ("и" if soft else "ы"))}
    return set()


def _in_normal_case(text: str) -> str:
    """Words in capitals as names are written: «ДОМА ПОЛЯРНИКА» → «Дома Полярника»."""
    if not is_abbreviation(text):
        return text
    return " ".join(w.title() if len(w) >= _CAPITALS else w for w in text.split())


def _is_place(word: str) -> bool:
    return any(r.known and "Geox" in r.marks for r in dictionary_readings(word))


@lru_cache(maxsize=16384)
def shorter_names(key: str, type: str) -> frozenset[str]:
    """The shorter names that are made of a folded name by rule: words behind the first as their
    initials («ольховская црб»), the words before the last ones («мвд россии»), the first half of
    a hyphened name."""
    words = key.split()
    if type not in _SHORTENED or len(words) > _MOST_WORDS:
        return frozenset()
    found: set[str] = set()
    if type == "ORGANIZATION" and is_cyrillic(key):
        for place in range(len(words)):
            found |= {" ".join([*words[:place], short]) for short in _initials(words[place:])}
            found |= {" ".join([short, *words[place:]]) for short in _initials(words[:place])}
    if type == "ORGANIZATION" and len(words) == 1:
        found |= _first_half(key)
    if type in ("FACILITY", "ORGANIZATION"):
        found |= _without_attributes(words)
    return frozenset(found - {key})


@lru_cache(maxsize=16384)
def main_words(key: str, type: str) -> frozenset[str]:
    """The words of a folded name of two words that it may be called by alone in a text that says
    both: «полоз» of «медный полоз»."""
    words = key.split()
    if type not in _SHORTENED or len(words) != 2:
        return frozenset()
    return frozenset(word for word in words if len(word) > 3 and not _is_attribute(word))


def _initials(words: list[str]) -> set[str]:
    return {short for short in acronyms(" ".join(words)) if len(short) > 2}


def _without_attributes(words: list[str]) -> set[str]:
    """«Вятский оркестр» of «Вятский симфонический оркестр имени …»: a place's adjective and the
    noun, without what stands between them."""
    if len(words) < 3 or not adjective_root(words[0]):
        return set()
    noun = next((at for at, word in enumerate(words) if at and not _is_attribute(word)), 0)
    return {f"{words[0]} {words[noun]}"} if noun > 1 else set()


def _first_half(key: str) -> set[str]:
    """«Ласточка» of «Ласточка-Юг»; «Ласточка-2» is the second one."""
    first, hyphen, rest = key.partition("-")
    return {first} if hyphen and len(first) > 3 and not rest.isdigit() else set()


def _is_attribute(word: str) -> bool:
    found = dictionary_readings(word)
    return bool(found) and found[0].pos in ("ADJF", "PRTF")
