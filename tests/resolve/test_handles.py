"""Names that a rule joins find each other by their handles."""

from __future__ import annotations

from itertools import product

from kgbuild.resolve.handles import offered, sought
from kgbuild.resolve.person import parse_person
from kgbuild.resolve.rules import Candidate, Verdict, decide

GIVEN = ("", "Иван", "И.", "Ирина", "Фёдор", "Ф.")
PATRONYMICS = ("", "Петрович", "П.", "Петровна", "Савельевна")
SURNAMES = ("", "Петров", "Петрова", "Петрову", "Иванова", "Склодовская-Кюри", "Кюри",
            "Набиуллина", "Набиуллиной", "Черных")  # fmt: skip


def test_whatever_a_rule_joins_is_found() -> None:
    written = [" ".join(filter(None, parts)) for parts in product(GIVEN, PATRONYMICS, SURNAMES)]
    names = [Candidate(text, parse_person(text)) for text in written if text]
    joined = 0
    for fuller, shorter in product(names, names):
        if decide(fuller, shorter).verdict is Verdict.MERGE:
            joined += 1
            seek = set(sought(shorter.person))
            assert seek & set(offered(fuller.person)), (fuller.key, shorter.key)
    assert joined > 1000


def test_people_of_other_names_do_not_meet() -> None:
    one, other = parse_person("Иван Петров"), parse_person("Фёдор Иванов")
    assert not set(sought(one)) & set(offered(other))
