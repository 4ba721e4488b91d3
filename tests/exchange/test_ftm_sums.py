"""What a name of money says exactly, and what the model has no place for; needs no model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.exchange.ftm import LeftOut, write_ftm
from kgbuild.exchange.ftm_sums import Sum, sure_sum
from tests.exchange.linked import graph


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("5 млн рублей", Sum("5000000", "RUB")), ("$5 млн", Sum("5000000", "USD")),
        ("1,5 тысячи евро", Sum("1500", "EUR")), ("5 миллионов долларов США", Sum("5000000", "USD")),
        ("полтора рубля", Sum("1.5", "RUB")), ("около 5 рублей", None), ("5 млн рублей в год", None),
        ("от 5 до 6 рублей", None), ("5 рублей 20 копеек", None), ("5 рублей или 6 долларов", None),
        ("несколько рублей", None), ("5 млн", None), ("0 рублей", None), ("", None),
    ],
)  # fmt: skip
def test_sums_are_sure_or_none(name: str, amount: Sum | None) -> None:
    assert sure_sum(name) == amount


def test_every_fact_is_written_or_counted(tmp_path: Path) -> None:
    text = (
        "[Анна Лосева|PERSON] получила [орден|AWARD], [директор|PROFESSION] — [срок|PENALTY]"
        " за [кражу|CRIME] => 1 AWARDED_WITH 2, 3 PENALIZED_AS 4, 4 HAS_CAUSE 5"
    )
    store = graph(tmp_path / "docs", text)
    left = write_ftm(store, tmp_path / "g.json")
    lines = [json.loads(line) for line in (tmp_path / "g.json").read_text("utf-8").splitlines()]
    assert [line["schema"] for line in lines] == ["Person", "Note"]
    assert dict(left.facts) == {"PENALIZED_AS": 1, "HAS_CAUSE": 1}
    assert dict(left.entities) == {"PROFESSION": 1, "PENALTY": 1, "CRIME": 1}
    assert str(left).startswith("3 entities (")
    assert not LeftOut((), ())
