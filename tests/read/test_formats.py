"""Each format is read or refused by name; hostile files cost their own refusal and no more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.robust import bad_documents as bad
from kgbuild.read import limits
from kgbuild.read.documents import Outcome, PassedOver, Reader, Refusal, Unchanged
from kgbuild.read.parts import Columns
from kgbuild.types import Document

TEXT = "Иван Петров живёт в Москве.\nМария работает в Твери."


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def outcomes(reader: Reader, path: Path, data: bytes) -> list[Outcome]:
    path.write_bytes(data)
    return list(reader(path))


@pytest.mark.parametrize("suffix", ["html", "docx", "odt", "epub", "rtf", "eml"])
def test_a_sound_file_is_one_document(reader: Reader, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    [found] = outcomes(reader, path, bad.FORMATS[suffix](TEXT))
    assert isinstance(found, Document)
    assert found.source == str(path)
    for line in TEXT.split("\n"):
        assert line in found.text
    for origin in found.origins:
        assert found.text[origin.start : origin.end].strip()
    [again] = reader(path, lambda source, sha256: sha256 == found.sha256)
    assert again == Unchanged(str(path))


def test_pages_of_a_pdf_keep_their_numbers(reader: Reader, tmp_path: Path) -> None:
    pages = [bad.pdf_text("First page."), bad.pdf_text("Second page.")]
    [found] = outcomes(reader, tmp_path / "a.pdf", bad.pdf(pages))
    assert isinstance(found, Document)
    shown = [(o.kind, o.value, found.text[o.start : o.end].strip()) for o in found.origins]
    assert shown == [("page", "1", "First page."), ("page", "2", "Second page.")]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_row_is_a_document(reader: Reader, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    found = outcomes(reader, path, bad.FORMATS[suffix](TEXT))
    assert [d.source for d in found] == [f"{path}#1", f"{path}#2"]
    assert [d.text for d in found if isinstance(d, Document)] == TEXT.split("\n")


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    reader = Reader(Columns("b", "a"))
    found = outcomes(reader, tmp_path / "a.csv", "a,b\nx1,Иван\n".encode())
    reader.close()
    assert [(d.source.split("#")[1], getattr(d, "text", "")) for d in found] == [("x1", "Иван")]


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", "Имя;Город;Год\nЗоя Лось;Псков;1999\nОлег;;\n"),
     ("a.jsonl", '{"Имя": "Зоя Лось", "Город": "Псков", "Год": 1999}\n{"Имя": "Олег", "Город": null}\n')],
)  # fmt: skip
def test_rows_without_a_text_are_read_in_words(
    reader: Reader, tmp_path: Path, name: str, data: str
) -> None:
    found = outcomes(reader, tmp_path / name, data.encode())
    texts = [d.text for d in found if isinstance(d, Document)]
    assert texts == ["Имя: Зоя Лось\nГород: Псков\nГод: 1999", "Имя: Олег"]


def test_members_of_a_zip(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    members = {"д/a.txt": TEXT.encode("cp866"), "b.bin": b"x", "../c.txt": b"x", "d.pdf": b"%PDF-"}
    found = outcomes(reader, path, bad.zipped(members))
    assert isinstance(found[0], Document)
    assert (found[0].source, found[0].text) == (f"{path}!/д/a.txt", TEXT)
    assert found[1] == PassedOver(f"{path}!/b.bin")
    assert [type(f) for f in found[2:]] == [Refusal, Refusal]


@pytest.mark.slow
def test_hostile_files_are_refused_and_the_next_one_is_read(reader: Reader, tmp_path: Path) -> None:
    names = ["entities.docx", "outside.docx", "bomb.docx", "nested.zip", "deep.jsonl", "deep.rtf",
             "broken.eml", "nul.txt", "doc.txt"]  # fmt: skip
    for name in names:
        found = outcomes(reader, tmp_path / name, bad.HOSTILE[name](TEXT))
        assert any(isinstance(f, Refusal) and str(tmp_path / name) in f.reason for f in found), name
    [good] = outcomes(reader, tmp_path / "good.html", bad.html(TEXT))
    assert isinstance(good, Document)


def test_time_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.0)
    reader = Reader()
    [found] = outcomes(reader, tmp_path / "a.html", bad.html(TEXT))
    assert isinstance(found, Refusal)
    assert "takes longer than" in found.reason
    monkeypatch.setattr(limits, "SECONDS", 30.0)
    [found] = reader(tmp_path / "a.html")
    reader.close()
    assert isinstance(found, Document)


def test_any_spoiled_file_is_read_or_refused(reader: Reader, tmp_path: Path) -> None:
    r = random.Random(7)
    for number in range(120):
        suffix = list(bad.FORMATS)[number % len(bad.FORMATS)]
        how = ("cut", "flipped", "holed", "random")[number % 4]
        data = bad.spoiled(bad.FORMATS[suffix](TEXT), how, r)
        for found in outcomes(reader, tmp_path / f"a.{suffix}", data):
            if isinstance(found, Document):
                found.text.encode()
