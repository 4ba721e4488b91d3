"""Folders are walked; what isn't read is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import ReadError
from kgbuild.read.files import find_files


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("текст", "utf-8")


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a.TXT", "в/глубине/c.md", "d.text", "e.pdf", "noext", "f.txt.bak")
    found = find_files([tmp_path])
    names = [str(p.relative_to(tmp_path)) for p in found]
    assert names == ["a.TXT", "b.txt", "d.text", "e.pdf", "в/глубине/c.md"]
    assert [Path(name).name for name in found.passed_over] == ["f.txt.bak", "noext"]


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


def test_links_back_and_links_to_nothing_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "sub/b.txt")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "gone.txt").symlink_to("nothing")
    found = find_files([tmp_path], follow_links=True)
    assert [p.name for p in found] == ["a.txt", "b.txt"]
    reasons = dict(found.refused)
    assert "a link back to a folder" in reasons[str(tmp_path / "sub" / "up")]
    assert "leads nowhere" in reasons[str(tmp_path / "gone.txt")]
