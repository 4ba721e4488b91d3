"""Symbolic links don't lead out of the folder that was named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.read.documents import Reader
from kgbuild.read.files import find_files
from kgbuild.sync import FolderReader
from kgbuild.types import Document, DocumentRecord
from tests.oracle import MemoryStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one document, with links to a file and a folder outside it."""
    outside = tmp_path / "private"
    outside.mkdir()
    (outside / "secret.txt").write_text("Пароль Ивана.", "utf-8")
    made = tmp_path / "docs"
    made.mkdir()
    (made / "a.txt").write_text("Иван живёт в Москве.", "utf-8")
    (made / "file.txt").symlink_to(outside / "secret.txt")
    (made / "folder").symlink_to(outside)
    return made


def names(found: object) -> list[str]:
    return [path.name for path in found]  # type: ignore[attr-defined]


def test_links_in_a_folder_arent_followed_and_it_is_said(folder: Path) -> None:
    found = find_files([folder])
    assert names(found) == ["a.txt"]
    assert found.links == [str(folder / "file.txt"), str(folder / "folder")]


def test_they_are_where_that_is_asked_for(folder: Path) -> None:
    found = find_files([folder], follow_links=True)
    assert names(found) == ["a.txt", "file.txt", "secret.txt"]
    assert found.links == []


def test_a_link_that_is_named_itself_is_followed(folder: Path) -> None:
    assert names(find_files([folder / "file.txt"])) == ["file.txt"]
    assert names(find_files([folder / "folder"])) == ["secret.txt"]


def test_what_came_by_a_link_before_isnt_deleted(folder: Path) -> None:
    store = MemoryStore()
    for path in find_files([folder], follow_links=True):
        document = Document(str(path), path.read_text("utf-8"), f"{path.name:0>64}")
        store.add_document(DocumentRecord(document, (), (), (), ""))
    reader = Reader()
    files = FolderReader(find_files([folder]), store, reader)
    for path in files.found:
        list(files(path, lambda source, sha256: True))
    reader.close()
    assert files.vanished() == []
