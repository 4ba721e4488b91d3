"""Legal forms of organisations, before a name («ООО «Заря»», «общество с ограниченной
ответственностью «Заря»») or behind it in brackets («Заря (ООО)»).

Two firms may have one name: their forms tell them apart. The list is
``data/legal_forms.txt``; a full name is known in any case.
"""

from __future__ import annotations

import re
from functools import cache

from kgbuild.russian.data import lines
from kgbuild.russian.folding import ALIKE, fold_yo
from kgbuild.russian.phrase import phrase_readings

_WORD = re.compile(r"[^\W\d_]+")
_OPENING = " \t\r\n\u00a0«„“\"'‘‹"
_BEHIND = re.compile(
    r"[\s»“”\"'’›]{0,6}(?:\((?P<form>[^()]{2,64})\)|,\s{0,3}(?P<short>[^\W\d_]{2,5})(?=[,.;]))"
)
_REACH = 90
"""Characters before a name in which its legal form may begin."""
_LONGEST = 6
"""Words of the longest full name of a form."""


@cache
def _forms() -> dict[str, str]:
    """The abbreviation of each form, by its own and by its folded full names."""
    return {name: short for name, short, _ in _listed()}


@cache
def _left_out() -> frozenset[str]:
    """The folded forms that a name may be without: all abbreviations, companies' full names."""
    return frozenset(name for name, _, company in _listed() if company or " " not in name)


@cache
def _listed() -> tuple[tuple[str, str, bool], ...]:
    """Folded names of forms with their abbreviation, and whether they are of companies."""
    found, companies = [], False
    for line in lines("legal_forms.txt"):
        if line.startswith("["):
            companies = line == "[companies]"
            continue
        short, _, full = line.partition(":")
        found.append((fold_yo(short.casefold()), short, companies))
        for name in full.split(";"):
            found.append((" ".join(_WORD.findall(fold_yo(name.casefold()))), short, companies))
    return tuple(found)


@cache
def _first_words() -> frozenset[str]:
    """The beginnings of full names' first words, which stay in every case."""
    return frozenset(name.split()[0][:5] for name in _forms() if " " in name)


def form_of(text: str) -> str:
    """The abbreviation of the legal form that a text is, in any case; "" for another text.

    Latin letters that look like Cyrillic ones count as those: «OOO».
    """
    words = _WORD.findall(text)
    if len(words) == 1:
        short = words[0].translate(ALIKE)
        return _forms().get(fold_yo(short.casefold()), "") if short.isupper() else ""
    if not 1 < len(words) <= _LONGEST or fold_yo(words[0].casefold())[:5] not in _first_words():
        return ""
    low = " ".join(words).casefold()
    for reading in phrase_readings(low):
        found = _forms().get(fold_yo(reading.canonical.casefold()))
        if found:
            return found
    return ""


def legal_form(text: str, start: int, end: int) -> str:
    """The legal form of the organisation that a text names at ``[start, end)``: inside the name,
    before it or behind it in brackets; "" where none is said."""
    return _leading(text[start:end]) or form_behind(text, end) or _before(text, start)


def without_form(key: str) -> str:
    """A folded name without the legal form that it begins with, where a name is left."""
    words = key.split()
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        if " ".join(words[:count]).translate(ALIKE) in _left_out():
            return " ".join(words[count:])
    return key


def form_behind(text: str, end: int) -> str:
    """The legal form in brackets or between commas behind a name that ends at a place of a text;
    "" where there is none."""
    found = _BEHIND.match(text, end)
    return form_of((found["form"] or found["short"]).strip()) if found else ""


def _before(text: str, start: int) -> str:
    before = text[max(0, start - _REACH) : start].rstrip(_OPENING)
    words = list(_WORD.finditer(before))
    if not words or before[words[-1].end() :].strip():
        return ""
    for count in range(1, min(_LONGEST, len(words)) + 1):
        form = form_of(before[words[-count].start() :])
        if form:
            return _longest(before, words, count, form)
    return ""


def _longest(before: str, words: list[re.Match[str]], count: int, form: str) -> str:
    """The form with what makes it another: «публичное акционерное общество» is no АО."""
    for more in range(count + 1, min(_LONGEST, len(words)) + 1):
        form = form_of(before[words[-more].start() :]) or form
    return form


def _leading(name: str) -> str:
    words = list(_WORD.finditer(name))
    found = ""
    for count in range(1, min(_LONGEST, len(words) - 1) + 1):
        found = form_of(name[: words[count - 1].end()]) or found
    return found
