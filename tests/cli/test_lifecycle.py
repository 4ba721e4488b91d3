"""A folder and its graph: sync, watch, reprocess, delete, log, over a real SQLite store."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeExtractor

from kgbuild import wiring
from kgbuild.sync import watch
from tests.cli.conftest import Run

TEXTS = {
    "a.txt": "Иван Петров работает в Газпроме.",
    "b.txt": "Мария живёт в Москве.",
    "в/c.txt": "Олег живёт в Твери.",
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def sources(run: Run) -> set[str]:
    return {line["document"] for line in run("export", "mentions").jsons}


def test_a_folder_and_its_graph_stay_in_step(run: Run, docs: Path) -> None:
    assert run("sync", "docs").out == (
        "added 3, replaced 0, moved 0, deleted 0, unchanged 0, failed 0\n"
    )
    (docs / "a.txt").rename(docs / "в" / "иван.txt")
    (docs / "b.txt").unlink()
    (docs / "в" / "c.txt").write_text("Олег живёт в Клину.", "utf-8")
    (docs / "d.txt").write_text("Анна работает в Лукойле.", "utf-8")
    planned = run("sync", "docs", "--dry-run", "--json").json
    done = run("sync", "docs", "--json").json
    assert planned == done
    assert (done["added"], done["replaced"], done["deleted"]) == (1, 1, ["docs/b.txt"])
    assert done["moved"] == [{"from": "docs/a.txt", "to": "docs/в/иван.txt"}]
    assert sources(run) == {"docs/в/иван.txt", "docs/в/c.txt", "docs/d.txt"}
    again = run("sync", "docs").out
    assert again == "added 0, replaced 0, moved 0, deleted 0, unchanged 3, failed 0\n"
    assert run("db", "check").code == 0
    actions = [entry["action"] for entry in run("log", "--json").jsons]
    assert sorted(actions) == sorted(["add"] * 4 + ["move", "replace", "delete"])


def test_documents_of_other_folders_and_copies_stay(run: Run, docs: Path) -> None:
    (docs.parent / "other.txt").write_text(TEXTS["a.txt"], "utf-8")
    run("ingest", "other.txt", "docs")
    (docs / "copy.txt").write_text(TEXTS["a.txt"], "utf-8")
    done = run("sync", "docs", "--json").json
    assert (done["added"], done["moved"], done["deleted"]) == (1, [], [])
    assert {"other.txt", "docs/a.txt", "docs/copy.txt"} <= sources(run)


def test_a_file_that_cannot_be_read_keeps_what_was_stored(run: Run, docs: Path) -> None:
    run("sync", "docs")
    (docs / "a.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    result = run("sync", "docs", "--json")
    assert result.code == 3
    assert [one["document"] for one in result.json["failed"]] == ["docs/a.txt"]
    assert "docs/a.txt" in sources(run)


def test_rows_of_a_table_that_are_gone_are_deleted(run: Run, docs: Path) -> None:
    table = docs / "t.csv"
    table.write_text("id;text\n1;Пётр живёт в Туле\n2;Нина живёт в Орле\n", "utf-8")
    run("sync", "docs")
    table.write_text("id;text\n1;Пётр живёт в Туле\n", "utf-8")
    deleted = run("sync", "docs", "--json").json["deleted"]
    assert len(deleted) == 1
    assert deleted[0].startswith("docs/t.csv#")


def test_a_watched_folder_is_read_when_it_stands_still(tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    runs: list[int] = []
    looks = iter(range(9))

    def sleep(_: float) -> None:
        look = next(looks, None)
        if look is None:
            raise EnoughError
        if look in (3, 4):  # written in two goes
            (tmp_path / "a.txt").write_text("Иван" * look, "utf-8")

    with pytest.raises(EnoughError):
        watch(tmp_path, lambda: runs.append(1), sleep=sleep)
    assert len(runs) == 2


def test_only_what_another_model_read_is_read_again(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NewerExtractor(FakeExtractor):
        fingerprint = "newer"

    run("ingest", "docs")
    run("merge", "Мария", "Олег")
    assert run("reprocess", "--dry-run", "--json").json == {"outdated": []}
    monkeypatch.setattr(wiring, "make_extractor", lambda settings: NewerExtractor())
    for path in docs.rglob("*.txt"):
        path.unlink()  # the stored texts are enough
    assert len(run("reprocess", "--dry-run", "--json").json["outdated"]) == 3
    assert run("reprocess", "--json").json["replaced"] == 3
    assert run("reprocess", "--json").json["replaced"] == 0
    assert len(run("judgements", "--json").jsons) == 1
    assert run("show", "Мария", "--json").json["mentions"] == 2


def test_several_documents_and_folders_are_deleted(run: Run, docs: Path) -> None:
    run("ingest", "docs")
    result = run("delete", "docs/в/", "docs/b.txt", "docs/aa.txt")
    assert result.code == 3
    assert "no document 'docs/aa.txt' in the graph: did you mean docs/a.txt" in result.err
    assert sources(run) == {"docs/a.txt"}


def test_a_number_sign_in_a_name_is_no_row(run: Run, docs: Path) -> None:
    (docs / "C# заметки.txt").write_text("Нина живёт в Орле.", "utf-8")
    run("sync", "docs")
    (docs / "copy.txt").write_text("Нина живёт в Орле.", "utf-8")
    done = run("sync", "docs", "--json").json
    assert (done["added"], done["moved"], done["deleted"]) == (1, [], [])
    assert {"docs/C# заметки.txt", "docs/copy.txt"} <= sources(run)


def test_the_folder_that_one_stands_in(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(docs)
    run("sync", ".")
    (docs / "a.txt").unlink()
    assert run("sync", ".", "--json").json["deleted"] == ["a.txt"]


def test_an_emptied_folder_deletes_nothing_unasked(run: Run, docs: Path) -> None:
    run("sync", "docs")
    for path in docs.rglob("*.txt"):
        path.unlink()
    refused = run("sync", "docs")
    assert refused.code == 1
    assert "--allow-empty" in refused.err
    assert len(sources(run)) == 3
    assert len(run("sync", "docs", "--allow-empty", "--json").json["deleted"]) == 3


def test_a_moved_document_of_a_split_stays_and_is_named(run: Run, docs: Path) -> None:
    run("sync", "docs")
    run("merge", "Мария", "Олег")
    [place] = [m for m in run("export", "mentions").jsons if m["text"] == "Мария"]
    split = run("split", "Мария", f"docs/b.txt:{place['start']}-{place['end']}")
    assert split.code == 0, split.err
    (docs / "b.txt").rename(docs / "z.txt")
    result = run("sync", "docs", "--json")
    assert result.code == 3
    assert "a split speaks" in result.json["failed"][0]["reason"]
    assert "docs/b.txt" in sources(run)
    assert result.json["deleted"] == []
