"""The flow of a newcomer's first hour, over the real models; its figures are ``run.py``'s."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from first_hour import folder, run

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("first") / "home"
    folder.make(home / "docs")
    return run.hour(run.Newcomer(home, here=True))


def test_there_are_fifteen_files_and_forty_questions(tmp_path: Path) -> None:
    assert len(list(folder.make(tmp_path / "docs").iterdir())) == 15
    gold = run.questions()
    assert len(gold) == len({q["question"] for q in gold}) == 40
    assert all(bool(q["answers"]) == (q["kind"] != "none") for q in gold)


@pytest.mark.timeout(900)
def test_nothing_fails_on_the_way(hour: dict[str, Any]) -> None:
    assert hour["faults"] == []
    assert hour["files named as not read"] == []
    assert (hour["files"], hour["files read"]) == (15, 15)


def test_corrections_exports_and_deletion_do_what_they_say(hour: dict[str, Any]) -> None:
    assert hour["corrections that held"] == "4 of 4"
    assert hour["exports"] == "12 of 12"
    assert hour["deleted exactly"]


def test_every_answer_shows_its_sentence(hour: dict[str, Any]) -> None:
    assert hour["answers with their sentence"] == hour["answers"] > 0
