"""Whose kin a word says: a genitive, «у кого», or whom a possessive means."""

from __future__ import annotations

from collections.abc import Sequence

from kgbuild.extract.patterns.clause import WITHIN, Clause
from kgbuild.extract.patterns.kin import Kin, is_own
from kgbuild.extract.patterns.page import ANY_CASE, NOMINATIVE
from kgbuild.extract.patterns.who import name_before
from kgbuild.extract.patterns.words import COMPANY, KIN
from kgbuild.types import Mention

GENITIVE = frozenset({"gent"})
_FAR = 14
"""Words between «у кого» and the word of kinship."""
_LOOK_BACK = 3
"""Sentences in which it is looked for whom a possessive means."""


def owners(clause: Clause, kin: Kin) -> list[int]:
    """The names in the genitive after the word, whose kin it is."""
    end = clause.next_name(kin.at + 1)
    if end is None or not clause.items[end].fits(GENITIVE):
        return []
    between = clause.items[kin.at + 1 : end]
    if any(r.lemma in KIN or r.lemma in COMPANY for i in between for r in i.readings):
        return []
    if between:
        if between[0].readings and not between[0].fits(GENITIVE):
            return []
    elif clause.item(end + 1).name is None and _may_be_who(clause, kin, end):
        return []
    if clause.text(end + 1) == "и":
        other = clause.next_name(end + 2)
        if other is not None and clause.items[other].fits(GENITIVE):
            return [end, other]
    return [end]


def _may_be_who(clause: Clause, kin: Kin, at: int) -> bool:
    """Whether the name after «дочери» may be hers rather than whose she is: «дочери Милы».

    «X, сына Y» says it, and a surname: «жена Блока», hardly ever «жена Блок».
    """
    name = clause.items[at]
    mans = any((r.pos, r.case, r.gender) == ("SURN", "gent", "masc") for r in name.readings)
    mans = mans and kin.word.gender == "femn" and not name.fits(NOMINATIVE, "masc")
    if mans or not name.fits(kin.cases, kin.gender):
        return False
    return name.fits(NOMINATIVE, kin.gender) or name_before(clause, kin, kin.start) is None


def is_of_somebody(clause: Clause, at: int) -> bool:
    """Whether a common noun tells whose kin it is: «брат композитора»."""
    item = clause.item(at)
    return item.human and item.fits(GENITIVE) and clause.ends(at + 1)


def having(clause: Clause, before: int) -> list[int]:
    """«у Георгия Бооса уже есть шесть …»: who has the kin."""
    for at in range(before - 1, max(-1, before - _FAR), -1):
        if clause.items[at].text == "у":
            end = clause.next_name(at + 1)
            if end is None or end >= before or not clause.items[end].fits(GENITIVE):
                return []
            return [end, *(p for p in clause.listed(end, GENITIVE) if p < before)]
    return []


def meant(clause: Clause, kin: Kin, gender: str | None, whom: Sequence[int]) -> Mention | None:
    """Whom «его», «её», «свой» or «композитора» beside a word of kinship means."""
    at = kin.start - 1
    near = list(clause.named(at - WITHIN, at, whom))
    if is_own(clause, at):
        after = clause.named(at, at + WITHIN, whom)
        near = [name for name in (*reversed(near), *after) if name.fits(NOMINATIVE)]
    elif clause.text(at - 1) in {"и", "с", "со"} and clause.item(at - 2).name:
        near = [clause.items[at - 2]] if clause.items[at - 2].fits(ANY_CASE, gender) else []
    else:
        subjects = [name for name in near if name.fits(NOMINATIVE, gender)]
        others = [name for name in reversed(near) if name not in subjects]
        others = [name for name in others if name.fits(ANY_CASE, gender)]
        near = subjects if "nomn" in kin.cases else [*others, *subjects]
    if near:
        return near[0].name
    page, number = clause.page, clause.number
    before = (page.topic(number - back, gender) for back in range(1, _LOOK_BACK + 1))
    return next(filter(None, before), None)
