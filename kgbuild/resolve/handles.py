"""By what the names of one person find each other among the names of a long document.

Two names can only be one person's (a rule of :mod:`kgbuild.resolve.rules` answers MERGE)
where what the shorter one seeks is what the fuller one offers; the rules are asked about those
pairs alone, for there are quadratically many others.
"""

from __future__ import annotations

from collections.abc import Iterator

from kgbuild.russian.person import PersonName

Handle = tuple[str, str, str]
"""A kind of handle and two words."""


def offered(name: PersonName) -> Iterator[Handle]:
    """What a name of a person is found by."""
    given = _given(name)
    for part in _parts(name.surname):
        yield "surname", part, ""
        if given:
            yield ("whole" if len(given) > 1 else "initial"), part, given
            yield "letter", part, given[0]
    if given:
        yield "given", name.given[0], ""
        if name.patronymic:
            yield "patronymic", " ".join(name.given), name.patronymic[0]
    for form, gender in name.alternatives:
        yield "form", form, gender


def sought(name: PersonName) -> Iterator[Handle]:
    """What a fuller name of the same person offers, one of these at least."""
    for form, gender in name.alternatives:
        yield "form", form, gender
        yield "given", form, ""
        for part in _parts(form):
            yield "surname", part, ""
    given = _given(name)
    if name.alternatives or not given:
        return
    for part in _parts(name.surname):
        if len(given) > 1:
            yield "whole", part, given
            yield "initial", part, given[0]
        else:
            yield "letter", part, given
    if name.patronymic:
        yield "patronymic", " ".join(name.given), name.patronymic[0]


def _parts(surname: str) -> set[str]:
    """A surname and the parts of a double one."""
    return {surname, *surname.split("-")} - {""}


def _given(name: PersonName) -> str:
    """The first given name, or its initial, without a full stop; "" where there is none."""
    return name.given[0].rstrip(".") if name.given else ""
