"""Whether two names of people in one document are one person.

Each rule is a named function of the fuller and the shorter name that answers MERGE,
KEEP_APART or None (it can't tell). They are asked in order, reasons to keep apart first;
the first answer decides, and a decision names the rule that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from kgbuild.russian.person import PersonName


class Verdict(Enum):
    """What a rule says about two names."""

    MERGE = "merge"
    KEEP_APART = "keep apart"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name of a person in a document.

    ``key`` identifies the written name there. ``unlike`` are the keys of people to whom a
    relation joins it (a spouse is someone else), ``alike`` those of its other names.
    """

    key: str
    person: PersonName
    unlike: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the rule that gave it; None and "" where no rule could tell."""

    verdict: Verdict | None
    rule: str


Rule = Callable[[Candidate, Candidate], Verdict | None]


def _initial_of(short: str, full: str) -> bool:
    return len(short) == 1 and full.startswith(short)


def _same_part(one: str, other: str) -> bool:
    one, other = one.rstrip("."), other.rstrip(".")
    return one == other or _initial_of(one, other) or _initial_of(other, one)


def _same_surname(one: str, other: str) -> bool:
    """«Склодовская-Кюри» is also called Кюри."""
    return one == other or one in other.split("-") or other in one.split("-")


def _lone(name: PersonName) -> bool:
    return bool(name.alternatives)


def _forms(name: PersonName, gender: str | None) -> set[str]:
    """What the surname may be, for a person of this gender."""
    if not _lone(name):
        return {name.surname} - {""}
    return {form for form, of in name.alternatives if gender is None or of == gender}


def related_people(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Two people whom a relation joins (spouses, colleagues) are two."""
    return Verdict.KEEP_APART if shorter.key in fuller.unlike else None


def other_gender(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """A man's name isn't a woman's."""
    genders = {fuller.person.gender, shorter.person.gender} - {None}
    return Verdict.KEEP_APART if len(genders) > 1 else None


def other_seniority(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Дюма-отец isn't Дюма-сын."""
    one, other = fuller.person.seniority, shorter.person.seniority
    return Verdict.KEEP_APART if one and other and one != other else None


def other_given_name(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """First names and initials that contradict each other."""
    pairs = zip(fuller.person.given, shorter.person.given, strict=False)
    return None if all(_same_part(a, b) for a, b in pairs) else Verdict.KEEP_APART


def other_patronymic(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Иван Петрович isn't Иван Сергеевич, nor И. С."""
    one, other = _patronymics(fuller.person, shorter.person)
    return Verdict.KEEP_APART if one and other and not _same_part(one, other) else None


def _patronymics(one: PersonName, other: PersonName) -> tuple[str, str]:
    """Both patronymics; a second initial stands for one where the other name has it."""
    if one.patronymic and not other.patronymic and len(other.given) > len(one.given):
        return one.patronymic, other.given[len(one.given)]
    if other.patronymic and not one.patronymic and len(one.given) > len(other.given):
        return one.given[len(other.given)], other.patronymic
    return one.patronymic, other.patronymic


def other_surname(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Two surnames that can't be forms of one."""
    one, other = fuller.person, shorter.person
    if not one.surname or not other.surname or _lone(other):
        return None
    return None if _same_surname(one.surname, other.surname) else Verdict.KEEP_APART


def surname_alone(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Менделеева» in a document that names Дмитрий Менделеев."""
    one, other = fuller.person, shorter.person
    if not _lone(other) or not one.surname or _lone(one):
        return None
    forms = _forms(other, one.gender)
    return Verdict.MERGE if any(_same_surname(form, one.surname) for form in forms) else None


def given_name_alone(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Дмитрий» in a document that names Дмитрий Менделеев, a name that the dictionary doesn't
    know («Ирен») too."""
    one, other = fuller.person, shorter.person
    if not _lone(other) or _lone(one) or not one.given:
        return None
    return Verdict.MERGE if one.given[0] in _forms(other, one.gender) else None


def narrower_form(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Набиуллиной» beside «Набиуллина»: of two lone forms one says whose the other is."""
    one, other = fuller.person.alternatives, shorter.person.alternatives
    return Verdict.MERGE if one and one < other else None


def same_name_in_part(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Д. И. Менделеев» and «Дмитрий Менделеев» beside «Дмитрий Иванович Менделеев»."""
    one, other = fuller.person, shorter.person
    if _lone(one) or _lone(other) or not (one.given and other.given):
        return None
    if one.surname and other.surname and _same_surname(one.surname, other.surname):
        return Verdict.MERGE
    both = bool(one.patronymic and other.patronymic) and one.given == other.given
    return Verdict.MERGE if both else None


RULES: tuple[Rule, ...] = (
    related_people,
    other_gender,
    other_seniority,
    other_given_name,
    other_patronymic,
    other_surname,
    surname_alone,
    given_name_alone,
    narrower_form,
    same_name_in_part,
)
"""The rules in the order in which they are asked."""


def decide(fuller: Candidate, shorter: Candidate) -> Decision:
    """Ask the rules about two names of one document."""
    for rule in RULES:
        verdict = rule(fuller, shorter)
        if verdict is not None:
            return Decision(verdict, rule.__name__)
    return Decision(None, "")
