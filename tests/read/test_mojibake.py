"""Text that was saved in a wrong encoding is repaired, or refused by name; other text stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import ReadError
from kgbuild.read.mojibake import repaired
from tests.read.support import outcomes, text_of

TEXT = "Аглая Рябинина («Рябина», 1903–1971) росла в Ирбите.\nРодня её жила в Шадринске, и в Ельце."


def misread(text: str, written: str, read: str) -> str:
    """Bytes of a text as a page shows them; for one it lacks, the control of its number."""
    signs = (bytes([byte]) for byte in text.encode(written))
    return "".join(
        chr(s[0]) if s.decode(read, "replace") == "\ufffd" else s.decode(read) for s in signs
    )


@pytest.mark.parametrize("read", ["cp1251", "cp1252", "latin-1", "koi8-r", "cp866", "mac-cyrillic"])
def test_utf8_that_was_read_in_a_code_page(read: str) -> None:
    assert repaired(misread(TEXT, "utf-8", read)) == TEXT


@pytest.mark.parametrize(
    ("written", "read"),
    [("cp1251", "cp1252"), ("koi8-r", "cp1252"), ("koi8-r", "cp1251"), ("cp866", "cp1251"),
     ("cp1251", "cp866"), ("cp1251", "koi8-r")],
)  # fmt: skip
def test_a_code_page_that_was_read_as_another(written: str, read: str) -> None:
    text = (
        TEXT.replace("–", "-")
        if "koi8-r" in (written, read) or "cp866" in (written, read)
        else TEXT
    )
    text = text.replace("«", '"').replace("»", '"')
    assert repaired(misread(text, written, read)) == text


def test_lines_that_are_whole_stay_among_broken_ones() -> None:
    broken = misread("Аглая росла в Ирбите.", "utf-8", "cp1251")
    assert (
        repaired(f"Река Обь.\n{broken}\nСело Ром.") == "Река Обь.\nАглая росла в Ирбите.\nСело Ром."
    )


def test_a_no_break_space_that_became_a_plain_one() -> None:
    assert repaired(misread(TEXT, "utf-8", "cp1251").replace("\xa0", " ")) == TEXT


def test_one_that_lost_its_letters_is_refused_by_name(tmp_path: Path) -> None:
    broken = misread(TEXT, "utf-8", "cp1251")
    lossy = "".join(sign if at % 5 else "?" for at, sign in enumerate(broken))
    with pytest.raises(ReadError, match="read as cp1251 once"):
        repaired(lossy)
    [refused] = outcomes(tmp_path / "a.txt", lossy)
    assert str(tmp_path / "a.txt") in getattr(refused, "reason", "")


def test_every_format_is_repaired(tmp_path: Path) -> None:
    broken = misread("Аглая росла в Ирбите.", "utf-8", "cp1251")
    assert text_of(tmp_path / "a.html", f"<p>{broken}</p>") == "Аглая росла в Ирбите."


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "РОССИЯ И СССР. РСФСР, УССР — ССР.",
        "Désirée naquit à Besançon, où son père était né.",
        "Gdańsk, Łódź; Jürgen größer; ÅÄÖ åäö.",
        "Мій дім у Києві, їжак.",
        "Р С Т У Ф Х Ц Ч",
        "ааааа ЪЫЬ щщщ",
        "日本語テキスト",
        "",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert repaired(text) == text


@given(st.text(st.sampled_from("абвгдежзиклмнопрстуфхцчшщыьэюяАБВ .,–«»ё"), max_size=80))
def test_what_was_misread_comes_back(text: str) -> None:
    if sum(sign.isalpha() for sign in text) >= 3:
        assert repaired(misread(text, "utf-8", "cp1251")) == text
