"""Who the kin is: an apposition or a predicate, before the word or after it."""

from __future__ import annotations

import re

from kgbuild.extract.patterns.clause import LONGEST, Clause
from kgbuild.extract.patterns.kin import Kin
from kgbuild.extract.patterns.page import NOMINATIVE
from kgbuild.extract.patterns.words import KIN

DASHES = frozenset("—–-:")
_LETTER = re.compile("[а-яё]", re.IGNORECASE)

Found = tuple[list[int], str]
"""Who the kin is: places of names; and how it is said."""

NOBODY: Found = ([], "")


def person(clause: Clause, kin: Kin, before: int, after: int) -> Found:
    """Who the kin is, of a phrase that begins at ``before`` and ends before ``after``."""
    if "ablt" in kin.cases and clause.item(after).is_copula:
        end = clause.next_name(after + 1)
        if end is not None and clause.items[end].fits(NOMINATIVE, kin.gender):
            return [end], "predicate"
    if (place := name_before(clause, kin, before)) is not None:
        return [place], "before"
    return names_after(clause, kin, after)


def name_before(clause: Clause, kin: Kin, before: int) -> int | None:
    """The name that the word is an apposition or a predicate of."""
    end = before - 1
    while before - end <= LONGEST and clause.item(end).is_attribute:
        end -= 1
    if clause.item(end).is_copula:
        return clause.last_name(end, kin.gender) if "ablt" in kin.cases else None
    mark = clause.text(end)
    place = clause.name_over_brackets(end - 1)
    if place is None or (mark not in DASHES and mark not in {",", "("}):
        return None
    wanted = kin.cases & NOMINATIVE if mark in DASHES else kin.cases
    return place if clause.items[place].fits(wanted, kin.gender) else None


def names_after(clause: Clause, kin: Kin, after: int) -> Found:
    """Who is named after the word, beside it, behind a comma or a dash."""
    how, wanted = "beside", kin.cases
    mark = clause.text(after)
    if mark and mark in DASHES:
        how, wanted = "dash", kin.cases | NOMINATIVE
    elif mark in {",", "("}:
        how = "apposed"
    begin = after if how == "beside" else after + 1
    end = clause.next_name(begin)
    if end is None or (how != "beside" and clause.text(begin) == "и"):
        return NOBODY
    name = clause.items[end]
    crossed = any(r.lemma in KIN for item in clause.items[begin:end] for r in item.readings)
    translated = mark == "(" and _LETTER.search(name.text) is None
    if crossed or translated or not name.fits(wanted, kin.gender):
        return NOBODY
    return [end, *(clause.listed(end, wanted) if kin.plural else [])], how
