"""Files become documents, or are refused with the reason."""

from __future__ import annotations

import codecs
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import ReadError
from kgbuild.read.clean import clean_text
from kgbuild.read.documents import documents
from kgbuild.read.encodings import decode
from kgbuild.read.exact import read_exact
from kgbuild.read.files import find_files
from kgbuild.types import Document

TEXT = "Ёлкин приехал в Клин.\r\nВторая строка 😀\n"


def read_document(path: Path) -> Document:
    [document] = documents(path)
    return document


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("текст", "utf-8")


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a.TXT", "в/глубине/c.md", "d.text", "e.png", "noext", "f.txt.bak")
    walked = find_files([tmp_path])
    found = [str(p.relative_to(tmp_path)) for p in walked]
    assert [Path(p).name for p in walked.passed_over] == ["e.png", "f.txt.bak", "noext"]
    assert found == ["a.TXT", "b.txt", "d.text", "в/глубине/c.md"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", ".hidden.txt", ".git/b.txt", "sub/.c/d.txt", "sub/e.txt")
    assert [p.name for p in find_files([tmp_path])] == ["a.txt", "e.txt"]


def test_a_hidden_folder_that_is_named_is_read(tmp_path: Path) -> None:
    fill(tmp_path, ".notes/a.txt", ".notes/.b.txt")
    assert [p.name for p in find_files([tmp_path / ".notes"])] == ["a.txt"]
    assert [p.name for p in find_files([tmp_path / ".notes" / ".b.txt"])] == [".b.txt"]


def test_a_folder_called_like_a_text_is_not_a_file(tmp_path: Path) -> None:
    fill(tmp_path, "album.txt/a.txt")
    assert [p.name for p in find_files([tmp_path])] == ["a.txt"]


def test_what_is_named_twice_comes_once(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.txt")
    paths = [tmp_path / "b.txt", tmp_path, tmp_path / "a.txt", tmp_path]
    assert [p.name for p in find_files(paths)] == ["b.txt", "a.txt"]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"нет\.txt: no such file or folder"):
        list(find_files([tmp_path / "нет.txt"]))


def test_a_document_keeps_its_text_source_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(TEXT.encode())
    document = read_document(path)
    assert document.text == TEXT.replace("\r", "")
    assert document.source == str(path)
    assert document.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert document.media_type == "text/markdown"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-8"),
    ],
)
def test_a_byte_order_mark_decides_and_is_dropped(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(mark + TEXT.encode(encoding))
    assert read_document(path).text == TEXT.replace("\r", "")


def test_bytes_that_are_no_text_are_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc \xff\x80")
    with pytest.raises(ReadError, match=r"a\.txt: isn't UTF-8 \(byte 4\), nor Russian"):
        read_document(path)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "mac-cyrillic", "utf-16-le"])
def test_russian_code_pages_are_recognised(encoding: str) -> None:
    for path in sorted((Path(__file__).parents[2] / "examples" / "docs").glob("*.txt")):
        text = path.read_text("utf-8")[:250]
        if text.encode(encoding, "ignore").decode(encoding) == text:
            assert decode(text.encode(encoding)) == text, path.name


def test_texts_are_cleaned_before_they_are_stored() -> None:
    assert clean_text("\ufeffи\u0306од\r\nа\rб\ud800" + "в" * 200 + "\0") == (
        "йод\nа\nб\ufffd" + "в" * 200
    )


def test_annotated_texts_are_read_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    assert read_exact(path).text == TEXT


def test_links_in_a_circle_and_into_nothing_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to("nowhere")
    found = find_files([tmp_path])
    assert [p.name for p in found] == ["a.txt"]
    assert [Path(source).name for source, _ in found.refused] == ["gone.txt", "loop"]


def test_a_long_text_is_stored_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgbuild.read.documents.PART", 100)
    (tmp_path / "a.txt").write_text("Иван живёт.\n" * 40, "utf-8")
    found = list(documents(tmp_path / "a.txt"))
    assert "".join(d.text for d in found) == "Иван живёт.\n" * 40
    assert all(len(d.text) <= 100 for d in found)
    assert found[0].source.endswith("a.txt#part1")


def test_half_a_utf16_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + "да".encode("utf-16-le") + b"\x00")
    with pytest.raises(ReadError, match="UTF-16"):
        read_document(path)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"\x00\x01binary", "NUL"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b" \n\t\r\n", "holds no text"),
        ("a.txt", codecs.BOM_UTF8, "holds no text"),
        ("a.pdf", b"%PD", "isn't a PDF file inside"),
        ("noext", b"\x89PNG", "is a PNG image"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError, match=reason) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_gone_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("gone.txt", "folder.txt"):
        with pytest.raises(ReadError, match=f"{name}: can't be read"):
            read_document(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    with pytest.raises(ReadError, match="can't be read"):
        read_document(path)


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        text = clean_text(decode(data))
    except ReadError:
        return
    assert not set("\x00\r") & set(text)
    text.encode()


@given(st.text(st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"])))
def test_utf8_is_decoded_as_it_was_encoded(text: str) -> None:
    assert decode(("Привет, мир! " + text).encode()) == "Привет, мир! " + text
