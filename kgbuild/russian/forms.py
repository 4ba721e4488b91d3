"""What one surface form of a name may stand for: its nominatives, with case and weight.

What a nominative is made of depends on the type: people's names are read whole
(:mod:`kgbuild.russian.person`), other names as noun phrases
(:mod:`kgbuild.russian.phrase`), dates lose their preposition, and a country's adjective or
abbreviation gives the country («российский», «РФ» → «Россия»).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from kgbuild.russian.addresses import written_out
from kgbuild.russian.data import countries
from kgbuild.russian.folding import fold, tidy, tokens
from kgbuild.russian.morphology import NameReading, dictionary_readings, lemma, readings
from kgbuild.russian.person import parse_person, person_readings
from kgbuild.russian.phrase import nominative_phrase, phrase_readings
from kgbuild.types import Name

_ADJECTIVAL = frozenset({"COUNTRY", "IDEOLOGY", "LANGUAGE", "NATIONALITY", "RELIGION"})
_TITLES = frozenset({"AWARD", "WORK_OF_ART"})
_KINDS = frozenset({"IDEOLOGY", "NATIONALITY", "PROFESSION", "RELIGION"})
_PROPER = frozenset({"Abbr", "Geox", "Name", "Orgn", "Patr", "Surn", "Trad"})
_LITERAL = frozenset({"MONEY", "NUMBER", "PERCENT"})
_PREPOSITION = re.compile(r"^(?:в|во|с|со|на|к|ко|до|по|от|около|после)\s+", re.IGNORECASE)
_YEAR = re.compile(r"^(\d{3,4})(?:-?(?:й|го|м|ом))?(?:\s+(?:год\w{0,2}|г\.?))?$")
_ERA = re.compile(r"(?<!\s)\s+(до\s+)?(?:н\.?\s?э\.?|нашей\s+эры|Р\.?\s?Х\.?)$", re.IGNORECASE)
_YEAR_OF_ERA = re.compile(r"^(\d{1,4})(?:\s+(?:год\w{0,2}|г\.?))?$")
_SPAN = re.compile(r"^с\w? .* по ", re.IGNORECASE)
_DECADE = re.compile(r"^(\d{3,4})-\w{1,2} год\w{2}$")
_TWO_YEARS = re.compile(r"(?<= и )(\d{3,4}) год(?:ах|ов|ам|ами)$")
_YEAR_SHORT = re.compile(r"(?<=\d)\s*г\.?$")
_YEARS_OLD = re.compile(r"^(\d+)(?:\s*(?:лет|год|года|годы|годам|годами)|-\w*летн\w+)$")
_PREFIXED = re.compile(r"^(\w{3,}(?:[бвгджзйклмнпрстфхцчшщь]с|ц)к)[ио]$")
_LOWERED = frozenset({"NATIONALITY", "ORDINAL", "PROFESSION"})
_SITE = re.compile(r"(?P<name>(?:[а-яё]+ )*[А-ЯЁа-яё-]{3,})(?P<domain>\.(?:[A-Za-z]{2,4}|ру|рф))")
_ENCLOSED = re.compile(r"^[«„“\"]([^«»„“”\"]+)[»“”\"]$")


def _temporal(surface: str) -> str:
    era = _ERA.search(surface)
    if era is not None:
        text = surface[: era.start()]
        year = _YEAR_OF_ERA.match(_PREPOSITION.sub("", text, count=1))
        said = f"{year[1]} год" if year is not None else _temporal(text)
        return f"{said} {'до ' if era[1] else ''}н. э."
    if _SPAN.match(surface):
        return surface[0].lower() + surface[1:]
    text = _PREPOSITION.sub("", surface, count=1)
    year = _YEAR.match(text)
    if year is not None:
        return f"{year[1]} год"
    text = _TWO_YEARS.sub(r"\1 годы", _DECADE.sub(r"\1-е годы", text))
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


_READERS = {"AGE": _age, "DATE": _temporal, "FAMILY": _family, "TIME": _temporal}


def _is_personal(surface: str) -> bool:
    """Whether a title is a person's name, such as «Анна Каренина»."""
    words = tokens(surface)
    return len(words) > 1 and all(
        word[0].isupper() and any(r.marks & {"Name", "Patr", "Surn"} for r in readings(word)[:2])
        for word in words
    )


def _styled(surface: str) -> tuple[NameReading, ...]:
    """A person's name after what they are: «пророка Мухаммеда»; both in one case."""
    words = tokens(surface)
    lead = next((i for i, word in enumerate(words) if word[0].isupper()), 0)
    if not lead or not all(word[0].isupper() for word in words[lead:]):
        return ()
    styles, names = " ".join(words[:lead]), " ".join(words[lead:])
    return tuple(
        replace(
            name,
            canonical=f"{style.canonical} {name.canonical}",
            weight=style.weight * name.weight,
            group=f"{name.group} {style.case}",
            heads=0,
        )
        for style in phrase_readings(styles)
        for name in person_readings(names)
        if style.case == name.case
    )


def _only(canonical: str) -> tuple[NameReading, ...]:
    return (NameReading(canonical, "", 1.0),)


def _whole_adjective(surface: str, type: str) -> str:
    """The adjective that is cut in «по-*русски*» and «*советско*-финская»."""
    prefixed = _PREFIXED.match(surface) if type in _ADJECTIVAL else None
    return surface if prefixed is None else prefixed[1] + "ий"


def _lowered(surface: str, type: str) -> str:
    """A kind's common words without the capitals of a sentence's beginning or of an office, up to
    its noun: «Певец», «Генеральный Директор»."""
    words = surface.split(" ")
    if type not in _LOWERED or not words[0]:
        return surface
    for place, word in enumerate(words):
        if not (word[0:1].isupper() and word[1:].islower()):
            break
        found = dictionary_readings(word)
        if not found or not found[0].known or any(r.marks & _PROPER for r in found):
            break
        words[place] = word.lower()
        if found[0].pos != "ADJF" or type != "PROFESSION":
            break
    return " ".join(words)


def _ordinal(surface: str) -> tuple[NameReading, ...]:
    """An ordinal is one in every gender, number and case: «Второй», «вторая» → «второй»."""
    for reading in dictionary_readings(surface):
        if reading.known and {"ADJF", "Anum"} <= {reading.pos, *reading.marks}:
            return _only(reading.lemma)
    return _phrase(surface, "ORDINAL")


def _readings(surface: str, type: str) -> tuple[NameReading, ...]:
    enclosed = _ENCLOSED.match(surface)
    surface = enclosed[1].strip() if enclosed else surface
    surface = _lowered(_whole_adjective(written_out(surface, type), type), type)
    if type == "ORDINAL":
        return _ordinal(surface)
    if not surface or type in _LITERAL:
        return _only(surface)
    if type in _READERS:
        return _only(_READERS[type](surface))
    personal = type == "WORK_OF_ART" and _is_personal(surface)
    if personal or (type == "PERSON" and not surface[0].islower()):
        return person_readings(surface)
    styled = _styled(surface) if type == "PERSON" else ()
    return styled or _of_site(surface, type) or _phrase(surface, type)


def _of_site(surface: str, type: str) -> tuple[NameReading, ...]:
    """A site's name declines before its domain: «Газеты.Ru»."""
    site = _SITE.fullmatch(surface)
    if site is None:
        return ()
    return tuple(
        replace(reading, canonical=reading.canonical + site["domain"])
        for reading in _phrase(site["name"], type)
    )


def _phrase(surface: str, type: str) -> tuple[NameReading, ...]:
    found = phrase_readings(
        surface,
        title=type in _TITLES,
        adjectival=type in _ADJECTIVAL,
        singular=type in _KINDS,
    )
    if type != "COUNTRY":
        return found
    return tuple(
        replace(reading, canonical=countries().get(fold(reading.canonical), reading.canonical))
        for reading in found
    )


@lru_cache(maxsize=16384)
def name_readings(surface: str, type: str) -> tuple[NameReading, ...]:
    """Every nominative that a surface form may have, with the case it is then in; never none."""
    found = tuple(r for r in _readings(tidy(surface), type) if r.canonical)
    return found or _only(surface.strip())


def likelihoods(
    readings: Sequence[NameReading], weigh: Callable[[NameReading], float] = lambda reading: 1.0
) -> dict[str, float]:
    """The weight of each nominative; ``weigh`` says how well a reading fits the context."""
    groups: dict[tuple[str, str], float] = defaultdict(float)
    for reading in readings:
        key = (reading.canonical, reading.group)
        weight = reading.weight * weigh(reading)
        groups[key] = groups[key] + weight if reading.summed else max(groups[key], weight)
    found: dict[str, float] = {}
    for (canonical, _), weight in groups.items():
        found[canonical] = max(weight, found.get(canonical, 0.0))
    return found


def named(canonical: str) -> Name:
    """The name whose nominative this is."""
    return Name(key=fold(canonical) or canonical.casefold(), canonical=canonical)


@lru_cache(maxsize=16384)
def normal_name(surface: str, type: str) -> Name:
    """The name that a surface form of this entity type stands for."""
    found = likelihoods(name_readings(surface, type))
    return named(max(found, key=lambda canonical: found[canonical]))
