"""Firms of one name: which legal form is said, and when two forms mean two firms."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, permutations

import pytest

from kgbuild.resolve.corpus import link_documents
from kgbuild.resolve.link import RussianLinker
from kgbuild.russian.data import lines
from kgbuild.russian.legal import form_behind, form_of, legal_form, without_form
from tests.resolve.test_link import resolution


def firms(*notations: str) -> list[tuple[str, ...]]:
    """The entity of each mention, by document."""
    found = [resolution(text, str(number)) for number, text in enumerate(notations)]
    return link_documents(found, RussianLinker())


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("Договор с ООО «Ветла» расторгнут.", "Ветла", "ООО"),
        ('OOO "ВЕТЛА" уплатило штраф.', "ВЕТЛА", "ООО"),
        ("Ветла (ЗАО) выиграла суд.", "Ветла", "ЗАО"),
        ("«Ветла», АО, выиграла суд.", "Ветла", "АО"),
        ("с публичным акционерным обществом «Ветла»", "Ветла", "ПАО"),
        ("обществу с ограниченной ответственностью «Ветла»", "Ветла", "ООО"),
        ("Открытое акционерное общество «Ветла»", "Открытое акционерное общество «Ветла»", "ОАО"),
        ("Компания «Ветла» и ООО без названия", "Ветла", ""),
        ("Ветла (город) растёт.", "Ветла", ""),
    ],
)
def test_legal_forms_are_read_where_they_stand(text: str, name: str, form: str) -> None:
    start = text.index(name)
    assert legal_form(text, start, start + len(name)) == form


def test_a_name_is_compared_without_its_form() -> None:
    assert without_form("ооо ветла") == "ветла"
    assert without_form("закрытое акционерное общество ветла") == "ветла"
    assert without_form("акционерное общество") == "акционерное общество"
    region = "государственное унитарное предприятие москвы"
    assert without_form(region) == region
    assert (form_of("Ооо"), form_behind("Ветла (и ООО)", 5)) == ("", "")


CONTRACT = "ООО [«Ветла»|ORGANIZATION] заключило договор с ЗАО [«Ветла»|ORGANIZATION]."


def test_two_forms_in_one_sentence_are_two_firms() -> None:
    one, other = firms(CONTRACT)[0]
    assert one != other


def test_a_firm_of_another_document_joins_the_one_of_its_form() -> None:
    fine = '[OOO "ВЕТЛА"|ORGANIZATION] уплатило штраф. [Ветла|ORGANIZATION] (ООО) молчит.'
    for order in permutations((CONTRACT, fine)):
        found = dict(zip(order, firms(*order), strict=True))
        assert set(found[fine]) == {found[CONTRACT][0]}


def test_a_name_without_a_form_is_neither_of_two() -> None:
    (one, other), (plain,) = firms(CONTRACT, "Компания [«Ветла»|ORGANIZATION] наняла людей.")
    assert len({one, other, plain}) == 3


@pytest.mark.parametrize(
    "documents",
    [
        ("ООО [«Ветла»|ORGANIZATION] выиграло суд.", "ЗАО [«Ветла»|ORGANIZATION] открыло цех."),
        ("ООО [«Ветла»|ORGANIZATION] выросло. Через год АО [«Ветла»|ORGANIZATION] закрылось.",),
        ("ЗАО [«Ветла»|ORGANIZATION] преобразовано в ООО [«Ветла»|ORGANIZATION].",),
        ("[ООО «Ветла»|ORGANIZATION] выросло.", "[Ветла|ORGANIZATION] закрылась."),
    ],
)
def test_forms_far_from_each_other_or_changed_part_no_firm(documents: Iterable[str]) -> None:
    assert len(set(chain.from_iterable(firms(*documents)))) == 1


def test_every_listed_form_has_one_abbreviation_and_its_full_names() -> None:
    rows = [line for line in lines("legal_forms.txt") if not line.startswith("[")]
    shorts = [line.partition(":")[0] for line in rows]
    assert len(shorts) == len(set(shorts))
    for line in rows:
        short, _, full = line.partition(":")
        assert all(len(name.split()) > 1 for name in full.split(";")), line
        assert {form_of(name) for name in (short, *full.split(";"))} == {short}
