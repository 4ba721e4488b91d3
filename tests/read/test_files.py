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
from kgbuild.read.files import decode, find_files, read_document

TEXT = "Ёлкин приехал в Клин.\r\nВторая строка 😀\n"


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("текст", "utf-8")


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a.TXT", "в/глубине/c.md", "d.text", "e.pdf", "noext", "f.txt.bak")
    found = [str(p.relative_to(tmp_path)) for p in find_files([tmp_path])]
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
    assert document.text == TEXT
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
    assert read_document(path).text == TEXT


def test_other_encodings_are_refused_with_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc " + "Москва".encode("cp1251"))
    with pytest.raises(ReadError, match=r"a\.txt: isn't UTF-8 \(byte 4\): save it as UTF-8"):
        read_document(path)


def test_half_a_utf16_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(codecs.BOM_UTF16_LE + "да".encode("utf-16-le") + b"\x00")
    with pytest.raises(ReadError, match="UTF-16"):
        read_document(path)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"\x00\x01binary", "NUL"),
        ("a.txt", "да, нет".encode("utf-16-le"), "NUL"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b" \n\t\r\n", "holds no text"),
        ("a.txt", codecs.BOM_UTF8, "holds no text"),
        ("a.pdf", b"%PDF", r"'\.pdf' isn't read \(\.txt, \.text, \.md are\)"),
        ("noext", b"x", "'without suffix' isn't read"),
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
        text = decode(data, Path("a.txt"))
    except ReadError:
        return
    assert "\x00" not in text


@given(st.text(st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"])))
def test_utf8_is_decoded_as_it_was_encoded(text: str) -> None:
    assert decode(text.encode(), Path("a.txt")) == text
