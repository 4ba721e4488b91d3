"""What a search says first: the words that nothing has, and sentences before headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.search.engine import is_heading, sentences_first
from kgbuild.types import Passage
from tests.cli.conftest import Run, bare_run, run  # noqa: F401 - fixtures


def passage(text: str, score: float) -> Passage:
    return Passage("a.txt", 0, len(text), text, score)


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Дмитрий Менделеев: жизнь и семья", True),
        ("Глава 3", True),
        ("Менделеев открыл закон.", False),
        ("«Кто там?»", False),
        ("Он сказал: «Да!»", False),
        ("слово " * 13, False),
    ],
)
def test_a_heading_is_short_and_has_no_end(text: str, heading: bool) -> None:
    assert is_heading(text) == heading


def test_a_heading_stands_behind_the_best_sentence() -> None:
    found = [passage("Закон Менделеева", 0.9), passage("Он открыл закон.", 0.7),
             passage("Закон забыт.", 0.5)]  # fmt: skip
    ordered = sentences_first(found)
    assert [p.text for p in ordered] == ["Он открыл закон.", "Закон Менделеева", "Закон забыт."]
    assert [p.score for p in ordered] == [0.7, 0.7, 0.5]


def test_where_no_sentence_suits_the_order_stays() -> None:
    cells = [passage("Закон", 0.9), passage("Менделеев", 0.8), passage("Кто-то ушёл.", 0.1)]
    assert sentences_first(cells) == cells
    assert sentences_first(cells[:2]) == cells[:2]
    assert sentences_first([]) == []


def test_the_command_line_says_which_words_nothing_has(
    run: Run,  # noqa: F811
    tmp_path: Path,
) -> None:
    text = "Мария Иванова\n\n---\n\nМария Иванова живёт в Москве."
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert run("ingest", "a.txt").code == 0
    found = run("search", "Мария квазифлогистон", "--json")
    assert found.err.splitlines()[0] == "слова «квазифлогистон» нет в документах"
    texts = [row["text"] for row in found.jsons]
    assert texts[0] == "Мария Иванова живёт в Москве."
    assert "Мария Иванова" in texts
    assert "---" not in texts
