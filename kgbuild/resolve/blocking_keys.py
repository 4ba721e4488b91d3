"""By what the names of one person find each other among the names of a long document.

Two names can only be one person's (a rule of :mod:`kgbuild.resolve.rules` answers MERGE)
where what the shorter one seeks is what the fuller one offers; the rules are asked about those
pairs alone, for there are quadratically many others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.russian.given import full_names, patronymic_of
from kgbuild.russian.person import PersonName
from kgbuild.russian.romanised import is_latin, skeleton

BlockingKey = tuple[str, str, str]
"""A kind of key and two words."""

_OF_EITHER = re.compile(r"(?<=[оеиы][вн])а$|(?<=[сц]к)(?:ая|ий)$")
"""What a surname ends in for one gender and not, or otherwise, for the other."""


def offered(name: PersonName) -> Iterator[BlockingKey]:
    """What a name of a person is found by."""
    for one in name.names:
        yield from _offered(one)


def sought(name: PersonName) -> Iterator[BlockingKey]:
    """What a fuller name of the same person offers, one of these at least."""
    for one in name.names:
        yield from _sought(one)


def _offered(name: PersonName) -> Iterator[BlockingKey]:
    given = _given(name)
    whole = called(given) if len(given) > 1 else frozenset()
    for part in _parts(name.surname):
        yield "surname", part, ""
        for letter in {given[:1], *(full[0] for full in whole)} - {""}:
            yield "letter", part, letter
        if len(given) == 1:
            yield "initial", part, given
        for full in whole:
            yield "whole", part, full
        for called_so in {given, given[:1], *whole, *(full[0] for full in whole)} - {""}:
            yield "cut", part[0], called_so
    if name.surname and given:
        yield "bones", skeleton(name.surname), _script(name)
    for full in whole:
        yield "given", full, ""
        if not name.surname:
            yield "called", full, ""
    if name.patronymic:
        yield "father", patronymic_of(name.patronymic) or name.patronymic, ""
        yield "father", name.patronymic[0], ""
    elif len(name.given) > 1:
        yield "father", name.given[1][0], ""
    for form, gender in name.alternatives:
        yield "form", form, gender
        for full in called(form):
            yield "form", full, gender


def _sought(name: PersonName) -> Iterator[BlockingKey]:
    given = _given(name)
    if name.alternatives:
        yield from _sought_by_a_word(name.alternatives)
    elif not given:
        yield "father", patronymic_of(name.patronymic) or name.patronymic, ""
    elif name.surname:
        yield from _sought_by_surname(name, given)
    else:
        for full in called(given) if len(given) > 1 else ():
            yield "given", full, ""
        if not name.patronymic and len(name.given) > 1:
            yield "father", name.given[1][0], ""
    if given and name.patronymic and not name.alternatives:
        yield "father", patronymic_of(name.patronymic) or name.patronymic, ""
        yield "father", name.patronymic[0], ""


def _sought_by_a_word(alternatives: frozenset[tuple[str, str]]) -> Iterator[BlockingKey]:
    for form, gender in alternatives:
        yield "form", form, gender
        for full in called(form):
            yield "form", full, gender
            yield "given", full, ""
        for part in _parts(form):
            yield "surname", part, ""


def _sought_by_surname(name: PersonName, given: str) -> Iterator[BlockingKey]:
    yield "bones", skeleton(name.surname), _script(name, other=True)
    if not name.patronymic and len(name.given) > 1:
        yield "father", name.given[1][0], ""
    for full in called(given) if len(given) > 1 else ():
        yield "called", full, ""
    for part in _parts(name.surname):
        if name.is_cut:
            yield from (("cut", part, full) for full in {given, given[0], *called(given)})
        if len(given) == 1:
            yield "letter", part, given
            continue
        for full in called(given):
            yield "whole", part, full
            yield "initial", part, full[0]
        yield "initial", part, given[0]


def _script(name: PersonName, other: bool = False) -> str:
    """The script of a surname, or the other one: only across scripts do spellings differ."""
    return "latin" if is_latin(name.surname) != other else "cyrillic"


def family_of(name: PersonName) -> str:
    """A surname as a neighbour of other names: that of a man and of a woman are one; "" without
    a surname."""
    if not name.surname or name.is_cut:
        return ""
    return "p:" + _OF_EITHER.sub("", name.surname)


def called(given: str) -> frozenset[str]:
    """The full first names that a folded first name may be a form of; itself where unknown."""
    return frozenset(full for full, _ in full_names(given)) or frozenset({given})


def _parts(surname: str) -> set[str]:
    """A surname and the parts of a double one."""
    return {surname, *surname.split("-")} - {""}


def _given(name: PersonName) -> str:
    """The first given name, or its initial, without a full stop; "" where there is none."""
    return name.given[0].rstrip(".") if name.given else ""
