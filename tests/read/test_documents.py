"""Files of every format become documents, or are refused with the reason."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.robust import bad_documents as made
from kgbuild.errors import ReadError
from kgbuild.read.documents import Reader, Refusal, documents
from kgbuild.read.encodings import decode
from kgbuild.types import Document

LONG = (
    "В 1903 году Пётр Лаврентьевич переехал в Тверь, где служил учителем гимназии. "
    "Его дочь Надежда окончила женские курсы и вернулась в город врачом. "
    "Позднее семья жила на набережной Волги, и дом их помнят до сих пор."
)


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def reader():  # type: ignore[no-untyped-def]
    made = Reader()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", made.HOSTILE)
def test_hostile_files_are_refused_by_name_or_read(
    tmp_path: Path, reader: Reader, name: str
) -> None:
    path = write(tmp_path, name, made.HOSTILE[name](LONG * 3))
    for outcome in reader(path):
        assert outcome.source.startswith(str(path))
        if isinstance(outcome, Refusal):
            assert outcome.reason.startswith(outcome.source)
        if isinstance(outcome, Document):
            assert "root:" not in outcome.text
            assert outcome.text.isprintable() or "\n" in outcome.text or "\t" in outcome.text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bomb.zip", "bomb.docx", "bomb.pdf", "entities.docx"])
def test_bombs_and_entities_are_refused(tmp_path: Path, reader: Reader, name: str) -> None:
    data = made.HOSTILE[name](LONG * 3)
    found = list(reader(write(tmp_path, name, data)))
    assert any(isinstance(outcome, Refusal) for outcome in found), found


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-8"),
        (b"", "utf-16-le"),
        (b"", "cp1251"),
        (b"", "koi8-r"),
        (b"", "cp866"),
        (b"", "mac-cyrillic"),
    ],
)
def test_encodings_are_recognised(mark: bytes, encoding: str) -> None:
    assert decode(mark + LONG.encode(encoding)) == LONG


def test_what_is_stored_is_composed_and_has_one_kind_of_line_end(tmp_path: Path) -> None:
    text = unicodedata.normalize("NFD", "Йод и ёлка.\r\nВторая строка.\rТретья строка.")
    (found,) = documents(write(tmp_path, "a.txt", text.encode()))
    assert found.text == "Йод и ёлка.\nВторая строка.\nТретья строка."


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "holds no text"),
        ("a.txt", b" \n\t\r\n", "holds no text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"),
        ("a.docx", b"PK\x03\x04 broken", "zip"),
        ("a.pdf", b"%PDF", "PDF"),
        ("a.bin", bytes(range(256)) * 4, "a.bin"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    path = write(tmp_path, name, data)
    with pytest.raises(ReadError, match=reason) as caught:
        list(documents(path))
    assert str(path) in str(caught.value)


def test_a_file_that_is_gone_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("gone.txt", "folder.txt"):
        with pytest.raises(ReadError, match=f"{name}: can't be read"):
            list(documents(tmp_path / name))


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        text = decode(data)
    except ReadError:
        return
    assert isinstance(text, str)


@given(st.text(st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"])))
def test_utf8_is_decoded_as_it_was_encoded(text: str) -> None:
    assert decode(text.encode()) == text


@pytest.mark.slow
def test_a_corpus_of_bad_input_is_read_or_refused_file_by_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert made.main(["--files", "150"]) == 0
    assert "0 without a word" in capsys.readouterr().out
