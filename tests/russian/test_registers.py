"""People's names in all cases, over generated registers; half of the rows only counted."""

from __future__ import annotations

import pytest
from russian.registers import Row, rows

from kgbuild.resolve.naming import Occurrence, names_of
from kgbuild.train.resolution import same_name
from kgbuild.types import Mention


def right(row: Row) -> bool:
    mention = Mention(row.start, row.end, "PERSON")
    return same_name(names_of([Occurrence.of(row.text, mention)])[0].canonical, row.nominative)


@pytest.mark.parametrize(("gender", "bound"), [("femn", 0.97), ("masc", 0.91)])
@pytest.mark.parametrize("half", [0, 1])
def test_names_in_oblique_cases_have_their_nominative(gender: str, half: int, bound: float) -> None:
    oblique = [row for row in rows(gender, half) if row.case != "nomn"]
    assert len(oblique) > 200
    assert sum(map(right, oblique)) >= bound * len(oblique)
