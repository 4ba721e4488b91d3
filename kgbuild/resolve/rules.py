"""Whether two names of people in one document are one person.

Each rule is a named function of the fuller and the shorter name that answers MERGE,
KEEP_APART or None (it can't tell). They are asked in order, reasons to keep apart first;
the first answer decides, and a decision names the rule that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from kgbuild.russian.given import (
    full_names,
    is_old_patronymic,
    patronymic_of,
    same_first_name,
)
from kgbuild.russian.person import PersonName
from kgbuild.russian.romanised import alike, begins_alike


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
    if len(short) != 1:
        return False
    if begins_alike(short, full):
        return True
    return full.startswith(short) or any(name.startswith(short) for name, _ in full_names(full))


def _same_given(one: str, other: str) -> bool:
    one, other = one.rstrip("."), other.rstrip(".")
    if _initial_of(one, other) or _initial_of(other, one):
        return True
    return same_first_name(one, other) or alike(one, other)


def _same_patronymic(one: str, other: str) -> bool:
    one, other = one.rstrip("."), other.rstrip(".")
    if one == other or _initial_of(one, other) or _initial_of(other, one) or alike(one, other):
        return True
    father = patronymic_of(one)
    return bool(father) and father == patronymic_of(other)


def _same_surname(one: str, other: str) -> bool:
    """«Склодовская-Кюри» is also called Кюри, «Эшпаева» Э."""
    if 1 in (len(one), len(other)):
        return one[:1] == other[:1]
    same = one == other or one in other.split("-") or other in one.split("-")
    return same or alike(one, other)


def _lone(name: PersonName) -> bool:
    """Whether a name is one word: a surname, a first name or a patronymic."""
    return bool(name.alternatives) or not (name.given or name.surname)


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
    if shorter.person.alternatives:
        return None  # a lone word may be no first name
    return None if all(_same_given(a, b) for a, b in pairs) else Verdict.KEEP_APART


def other_patronymic(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Иван Петрович isn't Иван Сергеевич, nor И. С."""
    one, other = _patronymics(fuller.person, shorter.person)
    return Verdict.KEEP_APART if one and other and not _same_patronymic(one, other) else None


def _patronymics(one: PersonName, other: PersonName) -> tuple[str, str]:
    """Both patronymics; a second initial stands for one where the other name has it. The first
    given name never does: «Лукич» may be Степан."""
    if one.patronymic and not other.patronymic and len(other.given) > max(len(one.given), 1):
        return one.patronymic, other.given[max(len(one.given), 1)]
    if other.patronymic and not one.patronymic and len(one.given) > max(len(other.given), 1):
        return one.given[max(len(other.given), 1)], other.patronymic
    return one.patronymic, other.patronymic


def other_surname(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """Two surnames that can't be forms of one."""
    one, other = fuller.person, shorter.person
    if not one.surname or not other.surname or _lone(other):
        return None
    return None if _same_surname(one.surname, other.surname) else Verdict.KEEP_APART


def other_byname(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Владимир Святославич» isn't «Владимир Мономах»: princes of one first name are told apart
    by the father of one and by the byname of another."""
    for one, other in ((fuller.person, shorter.person), (shorter.person, fuller.person)):
        fathers_alone = is_old_patronymic(one.patronymic) and not one.surname
        if fathers_alone and other.given and other.surname and not other.patronymic:
            return None if _lone(other) else Verdict.KEEP_APART
    return None


def surname_alone(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Менделеева» in a document that names Дмитрий Менделеев."""
    one, other = fuller.person, shorter.person
    if not _lone(other) or not one.surname or one.is_cut or _lone(one):
        return None
    forms = _forms(other, one.gender)
    return Verdict.MERGE if any(_same_surname(form, one.surname) for form in forms) else None


def given_name_alone(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Дмитрий» in a document that names Дмитрий Менделеев, a name that the dictionary doesn't
    know («Ирен») too."""
    one, other = fuller.person, shorter.person
    if not other.alternatives or _lone(one) or not one.given:
        return None
    forms = {f for f, of in other.alternatives if one.gender is None or of == one.gender}
    given = one.given[0].rstrip(".")
    if len(given) < 2:
        return None
    return Verdict.MERGE if any(_same_given(given, form) for form in forms) else None


def patronymic_alone(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Степаныч» in a document that names Пётр Степанович."""
    one, other = fuller.person, shorter.person
    if other.given or other.surname or not other.patronymic or not one.patronymic:
        return None
    same = len(one.patronymic) > 2 and _same_patronymic(one.patronymic, other.patronymic)
    return Verdict.MERGE if same and (one.given or one.surname) else None


def narrower_form(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Набиуллиной» beside «Набиуллина»: of two lone forms one says whose the other is."""
    one, other = fuller.person.alternatives, shorter.person.alternatives
    if one and one < other:
        return Verdict.MERGE
    same = any(g == h and _both_first_names(a, b) for a, g in one for b, h in other)
    return Verdict.MERGE if same else None


def _both_first_names(one: str, other: str) -> bool:
    return bool(full_names(one) and full_names(other)) and same_first_name(one, other)


def same_name_in_part(fuller: Candidate, shorter: Candidate) -> Verdict | None:
    """«Д. И. Менделеев» and «Дмитрий Менделеев» beside «Дмитрий Иванович Менделеев»."""
    one, other = fuller.person, shorter.person
    if _lone(one) or _lone(other) or not (one.given and other.given):
        return None
    if one.is_cut and not other.is_cut:
        return None
    if one.surname and other.surname and _same_surname(one.surname, other.surname):
        return Verdict.MERGE
    if one.surname and other.surname:
        return None
    fathers = _patronymics(one, other)
    if all(fathers) and _same_patronymic(*fathers):
        return Verdict.MERGE
    whole = len(one.given[0].rstrip(".")) > 1 and len(other.given[0].rstrip(".")) > 1
    return Verdict.MERGE if whole and bool(one.patronymic or other.patronymic) else None


RULES: tuple[Rule, ...] = (
    related_people,
    other_gender,
    other_seniority,
    other_given_name,
    other_patronymic,
    other_surname,
    other_byname,
    surname_alone,
    given_name_alone,
    patronymic_alone,
    narrower_form,
    same_name_in_part,
)
"""The rules in the order in which they are asked."""


def decide(fuller: Candidate, shorter: Candidate) -> Decision:
    """Ask the rules about two names of one document, and about what else their forms allow for."""
    first = _decided(fuller, shorter)
    if first.verdict is Verdict.MERGE or not (fuller.person.others or shorter.person.others):
        return first
    for one in fuller.person.names:
        for other in shorter.person.names:
            found = _decided(replace(fuller, person=one), replace(shorter, person=other))
            if found.verdict is Verdict.MERGE:
                return found
    return first


def _decided(fuller: Candidate, shorter: Candidate) -> Decision:
    for rule in RULES:
        verdict = rule(fuller, shorter)
        if verdict is not None:
            return Decision(verdict, rule.__name__)
    return Decision(None, "")
