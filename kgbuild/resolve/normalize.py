"""Names in the nominative, and the key under which two mentions are one name.

The key of every type is its canonical name folded (case, ё/е, quotes, dashes, stray
punctuation), so forms of one name meet in one node. What goes into the canonical name
depends on the type: people's names are read whole (:mod:`kgbuild.resolve.person`), other
names as noun phrases (:mod:`kgbuild.resolve.phrase`), dates lose their preposition, and a
country's adjective or abbreviation gives the country («российский», «РФ» → «Россия»).

A person's key holds every part that was written: «Дмитрий Менделеев» and «Дмитрий Иванович
Менделеев» are two keys. Names that differ by a part may be two people (the two Alexandre
Dumas), and a false merge costs more than a duplicate; within one document the resolver
joins them on evidence.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.resolve.countries import COUNTRIES
from kgbuild.resolve.person import parse_person
from kgbuild.resolve.phrase import nominative_phrase
from kgbuild.resolve.words import fold, lemma, readings, tidy, tokens
from kgbuild.types import Name

_ADJECTIVAL = frozenset({"COUNTRY", "IDEOLOGY", "LANGUAGE", "NATIONALITY", "RELIGION"})
_TITLES = frozenset({"AWARD", "WORK_OF_ART"})
_KINDS = frozenset({"IDEOLOGY", "NATIONALITY", "PROFESSION", "RELIGION"})
_TEMPORAL = frozenset({"DATE", "TIME"})
_LITERAL = frozenset({"MONEY", "NUMBER", "PERCENT"})
_PREPOSITION = re.compile(r"^(?:в|во|с|со|на|к|ко|до|по|от|около|после)\s+", re.IGNORECASE)
_YEAR = re.compile(r"^(\d{3,4})(?:-?(?:й|го|м|ом))?(?:\s+(?:год\w{0,2}|г\.?))?$")
_YEAR_SHORT = re.compile(r"(?<=\d)\s*г\.?$")
_YEARS_OLD = re.compile(r"^(\d+)(?:\s*(?:лет|год|года|годы|годам|годами)|-\w*летн\w+)$")
_ENCLOSED = re.compile(r"^[«„“\"]([^«»„“”\"]+)[»“”\"]$")


def _temporal(surface: str) -> str:
    text = _PREPOSITION.sub("", surface, count=1)
    year = _YEAR.match(text)
    if year is not None:
        return f"{year[1]} год"
    text = _YEAR_SHORT.sub(" года", text)
    return text if text[:1].isdigit() else nominative_phrase(text)


def _age(surface: str) -> str:
    text = _PREPOSITION.sub("", surface, count=1)
    years = _YEARS_OLD.match(text.casefold())
    if years is None:
        return nominative_phrase(text)
    last, last_two = int(years[1]) % 10, int(years[1]) % 100
    if last == 1 and last_two != 11:
        return f"{years[1]} год"
    return f"{years[1]} {'года' if 1 < last < 5 and not 11 < last_two < 15 else 'лет'}"


def _family(surface: str) -> str:
    words = tokens(surface)
    lower_case = words[0][0].islower() or lemma(words[0]) == "семья"
    return nominative_phrase(surface) if lower_case else parse_person(surface, True).canonical


def _is_personal(surface: str) -> bool:
    """Whether a title is a person's name, such as «Анна Каренина»."""
    words = tokens(surface)
    return len(words) > 1 and all(
        word[0].isupper() and any(r.marks & {"Name", "Patr", "Surn"} for r in readings(word)[:2])
        for word in words
    )


def _canonical(surface: str, type: str) -> str:
    enclosed = _ENCLOSED.match(surface)
    surface = enclosed[1].strip() if enclosed else surface
    if not surface or type in _LITERAL:
        return surface
    personal = type == "WORK_OF_ART" and _is_personal(surface)
    if personal or (type == "PERSON" and not surface[0].islower()):
        return parse_person(surface).canonical
    if type == "FAMILY":
        return _family(surface)
    if type in _TEMPORAL:
        return _temporal(surface)
    if type == "AGE":
        return _age(surface)
    name = nominative_phrase(
        surface,
        title=type in _TITLES,
        adjectival=type in _ADJECTIVAL,
        singular=type in _KINDS,
    )
    return COUNTRIES.get(fold(name), name) if type == "COUNTRY" else name


@lru_cache(maxsize=65536)
def normal_name(surface: str, type: str) -> Name:
    """The name that a surface form of this entity type stands for."""
    canonical = _canonical(tidy(surface), type) or surface.strip()
    return Name(key=fold(canonical) or canonical.casefold(), canonical=canonical)


class RussianNormalizer:
    """The ``Normalizer`` port for Russian, with pymorphy3's dictionary.

    The dictionary is read at the first name; answers are cached for the whole process.
    """

    def normalize(self, surface: str, type: str) -> Name:
        """The key that identifies the name and its nominative form.

        «Дмитрия Ивановича Менделеева» → «Дмитрий Иванович Менделеев»; «Министерством
        обороны России» → «Министерство обороны России»; «в 1834 году» → «1834 год».
        """
        return normal_name(surface, type)
