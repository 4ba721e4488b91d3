"""Which of several answers holds now, by the tense and aspect of what is said of it."""

from __future__ import annotations

import pytest

from kgbuild.ask.rules.in_force import in_force_first
from kgbuild.types import AnswerItem, Evidence, Mention

SUBJECT = "S"
NOW = "Где живёт Инна?"


def answers(relation: str, text: str, *names: str, subject: bool = False) -> tuple[AnswerItem, ...]:
    """An answer for each name in a text, in order; ``subject``: the names are who does it."""
    found = []
    for name in names:
        end = text.index(name) + len(name)
        mention, other = Mention(end - len(name), end, "CITY"), Mention(0, 1, "PERSON")
        ends = (mention, other) if subject else (other, mention)
        evidence = Evidence("d", 0, len(text), text, *ends, 0.9)
        fact = f"{name}:{relation}:O" if subject else f"{SUBJECT}:{relation}:{name}"
        found.append(AnswerItem(name, name, 0.9, relation, (evidence,), facts=(fact,)))
    return tuple(found)


def order(question: str, items: tuple[AnswerItem, ...]) -> list[str]:
    return [item.text for item in in_force_first(question, items)]


@pytest.mark.parametrize(
    ("text", "former", "present"),
    [
        ("В 2010 году Инна жила в Омске, а в 2020 году переехала в Пермь.", "Омске", "Пермь"),
        ("Раньше Инна жила в Твери. Теперь Инна живёт в Туле.", "Твери", "Туле"),
        ("Инна переехала из Перми в Ижевск.", "Перми", "Ижевск"),
        ("Инна живёт в Сочи, прежде обитала в Уфе.", "Уфе", "Сочи"),
    ],
)
def test_a_former_residence_stands_behind_the_present_one(
    text: str, former: str, present: str
) -> None:
    found = answers("PLACE_RESIDES_IN", text, former, present)
    assert order(NOW, found) == [present, former]
    assert order(NOW, found[::-1]) == [present, former]
    assert order("Где жила Инна?", found) == [former, present], "the past was asked for"


def test_who_heads_it_now_stands_before_who_did() -> None:
    text = "Заводом руководил Ухов. Бывший директор Лапин ушёл. Сейчас руководит Зорина."
    found = answers("WORKPLACE", text, "Ухов", "Лапин", "Зорина", subject=True)
    assert order("Кто руководит заводом?", found) == ["Зорина", "Ухов", "Лапин"]
    assert order("Кто директор завода?", found) == ["Зорина", "Ухов", "Лапин"]


def test_what_never_changes_or_is_all_over_keeps_its_order() -> None:
    text = "Инна родилась в Омске, росла в Перми."
    assert order(NOW, answers("PLACE_OF_BIRTH", text, "Перми", "Омске")) == ["Перми", "Омске"]
    text = "Инна жила в Омске и в Перми."
    assert order(NOW, answers("PLACE_RESIDES_IN", text, "Перми", "Омске")) == ["Перми", "Омске"]
