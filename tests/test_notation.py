from __future__ import annotations

import pytest
from notation import parse, write

from kgbuild.types import Mention


def test_a_case_reads_as_it_looks() -> None:
    case = parse("[Иван|PERSON] работает в [Газпроме|ORGANIZATION] => 1 WORKPLACE 2")
    assert case.text == "Иван работает в Газпроме"
    assert case.mentions == (Mention(0, 4, "PERSON"), Mention(16, 24, "ORGANIZATION"))
    assert [(r.relation, r.subject, r.object) for r in case.relations] == [
        ("WORKPLACE", *case.mentions)
    ]


@pytest.mark.parametrize(
    "text",
    ["[МГУ имени [М. В. Ломоносова|PERSON]|ORGANIZATION]", "без упоминаний", "[А|CITY] и [Б|CITY]"],
)
def test_writing_is_the_inverse(text: str) -> None:
    case = parse(text)
    assert write(case.text, case.mentions) == text
