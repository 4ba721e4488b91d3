"""Names that a rule joins find each other by their blocking keys."""

from __future__ import annotations

from itertools import product

import pytest

from kgbuild.resolve import resolver
from kgbuild.resolve.blocking_keys import offered, sought
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.rules import Candidate, Decision, Verdict, decide
from kgbuild.russian.person import parse_person
from kgbuild.types import Document, Mention

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


def test_a_book_of_other_people_asks_few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred people of as many surnames have 19,900 pairs."""
    asked = 0

    def counted(fuller: Candidate, shorter: Candidate) -> Decision:
        nonlocal asked
        asked += 1
        return decide(fuller, shorter)

    monkeypatch.setattr(resolver, "decide", counted)
    letters = "бвгджзклмнпрстф"
    names = [f"Иван {a.upper()}о{b}аров" for a, b in product(letters, letters)][:200]
    text = " ".join(names)
    starts = [sum(len(name) + 1 for name in names[:at]) for at in range(len(names))]
    mentions = [
        Mention(start, start + len(name), "PERSON")
        for start, name in zip(starts, names, strict=True)
    ]
    found = resolver.resolve_document(
        Document("a", text, "0" * 64), mentions, (), RussianNormalizer()
    )
    assert len({one.entity for one in found.mentions}) == 200
    assert asked < 500
