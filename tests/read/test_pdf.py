"""The text of a PDF: what is seen, in the order it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.robust.bad_documents import pdf
from kgbuild.types import Document
from tests.read.support import outcomes, sentences, text_of


def shown(*pieces: tuple[int, int, str], mode: int = 0) -> bytes:
    """A page's stream of texts at places; a tilde is a letter that the font lacks."""
    lines = (f"BT /F 10 Tf {mode} Tr 1 0 0 1 {x} {y} Tm ({text}) Tj ET" for x, y, text in pieces)
    return "\n".join(lines).encode("ascii")


LEFT = ["Anna was born in the", "town of Oryol and she", "lived there for years."]
RIGHT = ["Boris was born in the", "town of Samara, where", "he built a bridge."]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    rows = [piece for number, (one, other) in enumerate(zip(LEFT, RIGHT, strict=True))
            for piece in ((60, 700 - 14 * number, one), (330, 700 - 14 * number, other))]  # fmt: skip
    text = text_of(tmp_path / "a.pdf", pdf([shown((60, 740, "Two lives"), *rows)]))
    assert sentences(text) == ["Two lives", " ".join(LEFT), " ".join(RIGHT)]


def test_words_of_two_columns_apart(tmp_path: Path) -> None:
    rows = [
        (x + 6 * line.index(word), 700 - 14 * number, word)
        for number, pair in enumerate(zip(LEFT, RIGHT, strict=True))
        for x, line in zip((60, 330), pair, strict=True)
        for word in line.split()
    ]
    text = text_of(tmp_path / "a.pdf", pdf([shown(*rows)]))
    assert [" ".join(s.split()) for s in sentences(text)] == [" ".join(LEFT), " ".join(RIGHT)]


def test_rows_of_a_table_stay_rows(tmp_path: Path) -> None:
    cells = [("Anna", "Oryol"), ("Boris", "Samara"), ("Clara", "Perm"), ("Dora", "Omsk")]
    rows = [piece for number, (one, other) in enumerate(cells)
            for piece in ((60, 700 - 14 * number, one), (330, 700 - 14 * number, other))]  # fmt: skip
    text = text_of(tmp_path / "a.pdf", pdf([shown(*rows)]))
    assert [line.split() for line in text.split("\n") if line] == [list(row) for row in cells]


def test_invisible_letters_are_no_text_beside_visible_ones(tmp_path: Path) -> None:
    page = shown((60, 700, "Anna lives in Oryol.")) + b"\n" + shown((60, 600, "Secret."), mode=3)
    assert text_of(tmp_path / "a.pdf", pdf([page])).strip() == "Anna lives in Oryol."


def test_invisible_letters_alone_are_what_was_recognised_on_a_scan(tmp_path: Path) -> None:
    [found] = outcomes(tmp_path / "a.pdf", pdf([shown((60, 700, "Anna lives in Oryol."), mode=3)]))
    assert isinstance(found, Document)
    assert found.text.strip() == "Anna lives in Oryol."
    assert [(o.kind, o.value) for o in found.origins] == [("page", "1, recognised")]


@pytest.mark.parametrize(
    ("end", "begin", "joined"), [("built a bri-", "dge.", True), ("Oryol.", "He", False)]
)
def test_a_word_over_the_end_of_a_page(tmp_path: Path, end: str, begin: str, joined: bool) -> None:
    pages = [shown((60, 700, f"Boris {end}")), shown((60, 700, f"{begin} slept."))]
    text = text_of(tmp_path / "a.pdf", pdf(pages))
    assert ("-\n" in text and "\n\n" not in text) is joined


def test_a_letter_that_is_nul_is_left_out(tmp_path: Path) -> None:
    assert (
        text_of(tmp_path / "a.pdf", pdf([shown((60, 700, "An\\000na lives."))])).strip()
        == "Anna lives."
    )
