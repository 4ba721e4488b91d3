"""A folder and its graph: sync, watch, reprocess, delete, log, over a real SQLite store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEmbedder, FakeExtractor

from kgbuild import wiring
from kgbuild.cli import sync as cli_sync
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
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
    planned = run("reprocess", "--dry-run", "--json").json
    assert (planned["outdated"], planned["reasons"], planned["linked"]) == ([], [], False)
    assert run("reprocess", "--dry-run").out == "nothing is outdated\n"
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


def test_a_split_moves_with_its_document(run: Run, docs: Path) -> None:
    run("sync", "docs")
    run("merge", "Мария", "Олег")
    [place] = [m for m in run("export", "mentions").jsons if m["text"] == "Мария"]
    span = f"{place['start']}-{place['end']}"
    split = run("split", "Мария", f"docs/b.txt:{span}")
    assert split.code == 0, split.err
    before = {(m["start"], m["entity"]) for m in run("export", "mentions").jsons}
    (docs / "b.txt").rename(docs / "z.txt")
    result = run("sync", "docs", "--json")
    assert result.code == 0, result.err
    assert result.json["moved"] == [{"from": "docs/b.txt", "to": "docs/z.txt"}]
    assert {(m["start"], m["entity"]) for m in run("export", "mentions").jsons} == before
    assert f"docs/z.txt:{span}" in run("judgements").out
    assert run("db", "check").code == 0


def test_ingest_keeps_a_folder_in_step_too(run: Run, docs: Path) -> None:
    assert run("ingest", "--sync", "docs").out.startswith("added 3, replaced 0, moved 0")
    (docs / "b.txt").unlink()
    assert run("ingest", "--sync", "docs", "--json").json["deleted"] == ["docs/b.txt"]
    assert sources(run) == {"docs/a.txt", "docs/в/c.txt"}
    for wrong in (["docs", "docs/a.txt"], ["docs/a.txt"], ["docs", "--text-column", "t"]):
        assert run("ingest", "--sync", *wrong).code == 2
    assert [job["kind"] for job in run("jobs", "list", "--json").jsons] == ["sync", "sync"]


def test_a_watched_folder_may_be_named_to_ingest(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(folder: Path, run: Callable[[], None], **how: bool) -> None:
        run()
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_sync, "watch", once)
    result = run("ingest", "--watch", "docs")
    assert result.code == 130
    assert result.out.startswith("added 3")


def test_what_a_deletion_leaves_is_named(run: Run, docs: Path) -> None:
    (docs / "d.txt").write_text(
        "Иван Петров работает в Газпроме. Анна Белова живёт в Твери.", "utf-8"
    )
    (docs / "e.txt").write_text("Анна Белова живёт в Твери.", "utf-8")
    run("ingest", "docs")
    lines = run("delete", "docs/a.txt").out.splitlines()
    assert lines[:3] == [
        "docs/a.txt: 2 mentions gone",
        "facts: 0 gone, 1 kept on other evidence",
        "  Иван Петров WORKPLACE Газпром: stays, 1 more sentence in docs/d.txt",
    ]
    assert "  Иван Петров (PERSON): stays, 1 more mention in docs/d.txt" in lines
    assert "  Мария PLACE_RESIDES_IN Москва: gone" in run("delete", "docs/b.txt").out
    found = run("delete", "docs/d.txt", "--json").json
    assert (found["facts_removed"], found["facts_kept"]) == (1, 1)
    assert {fact["name"]: fact["examples"] for fact in found["facts"]} == {
        "Иван Петров WORKPLACE Газпром": [],
        "Анна Белова PLACE_RESIDES_IN Тверь": ["docs/e.txt"],
    }


def test_a_long_deletion_is_shown_in_part(run: Run, docs: Path) -> None:
    names = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Инна", "Кирилл",
             "Лев", "Нина")  # fmt: skip
    (docs / "d.txt").write_text(" ".join(f"{name} живёт в Твери." for name in names), "utf-8")
    run("ingest", "docs")
    out = run("delete", "docs/d.txt").out
    assert "  and 2 more (--json names all)" in out
    assert out.count(": gone") == 20


def test_only_what_a_changed_part_needs_is_done_again(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor, embedder = FakeExtractor(), FakeEmbedder()
    monkeypatch.setattr(wiring, "make_extractor", lambda settings: extractor)
    monkeypatch.setattr(wiring, "make_embedder", lambda settings: embedder)
    run("ingest", "docs")
    before = run("export", "facts").out
    reads, embedded = len(extractor.calls), embedder.texts

    monkeypatch.setattr(RussianNormalizer, "fingerprint", "names-2")
    planned = run("reprocess", "--dry-run")
    assert planned.out.endswith("→ names-2: 3 documents\nto do: 3 documents named again\n")
    assert run("reprocess", "--json").json["replaced"] == 3
    assert len(extractor.calls) == reads, "no model read anything"
    assert run("export", "facts").out == before

    monkeypatch.setattr(RussianLinker, "fingerprint", "linker-2")
    planned = run("reprocess", "--dry-run", "--json").json
    assert [(r["part"], r["to"], r["documents"]) for r in planned["reasons"]] == [
        ("linker", "linker-2", 3)
    ]
    assert run("reprocess", "--json").json["replaced"] == 0
    assert run("reprocess", "--dry-run").out == "nothing is outdated\n"

    monkeypatch.setattr(FakeEmbedder, "fingerprint", "embedder-2")
    assert "to do: 3 documents embedded again" in run("reprocess").out
    assert len(extractor.calls) == reads
    assert run("reprocess", "--dry-run").out == "nothing is outdated\n"

    embedded = embedder.texts
    monkeypatch.setattr(FakeExtractor, "fingerprint", "newer")
    run("reprocess")
    sentences = 3
    assert len(extractor.calls) == reads + 1
    assert embedder.texts - embedded < sentences + 6, "sentences kept their vectors"
    assert run("export", "facts").out == before
    assert run("db", "check").code == 0
    told = [entry["detail"] for entry in run("log", "--kind", "reprocess", "--json").jsons]
    assert told == ["3 documents named again", "linked again", "3 documents embedded again",
                    "3 documents read again"]  # fmt: skip


def test_annotations_are_named_again_but_not_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "brat"
    folder.mkdir()
    (folder / "x.txt").write_text("Иван работает в Газпроме.", "utf-8")
    (folder / "x.ann").write_text("T1\tPERSON 0 4\tИван\nT2\tORGANIZATION 16 24\tГазпроме\n")
    run("import", "--format", "brat", "brat", "--author", "Анна")
    monkeypatch.setattr(RussianNormalizer, "fingerprint", "names-2")
    planned = run("reprocess", "--dry-run", "--json").json
    assert (planned["read"], planned["named"]) == (0, 1)
    assert run("reprocess", "--json").json["replaced"] == 1
    [entry] = run("log", "--kind", "import", "--json").jsons
    assert (entry["author"], entry["subject"], entry["detail"]) == ("Анна", "brat", "1 added")


def test_the_log_says_who_did_what(run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGBUILD_AUTHOR", "Борис")
    run("ingest", "docs")
    run("relink", "--author", "Анна")
    run("index", "rebuild")
    run("merge", "Мария", "Олег")
    run("db", "copy", "--to", docs.parent / "copy.db")
    entries = [(e["action"], e["author"]) for e in run("log", "--json").jsons]
    assert entries == [
        *[("add", "Борис")] * 3, ("relink", "Анна"), *[("index", "Борис")] * 2, ("judge", "Борис"),
    ]  # fmt: skip
    [copied] = run("log", "--db", docs.parent / "copy.db", "--kind", "copy", "--json").jsons
    assert copied["author"] == "Борис"
    assert copied["detail"].endswith("graph.db")
    assert run("log", "--kind", "nonsense").code == 2


def test_old_entries_of_the_log_go_into_a_file(run: Run, docs: Path, tmp_path: Path) -> None:
    run("ingest", "docs")
    entries = run("log", "--json").jsons
    assert len(entries) == 3
    file = tmp_path / "журнал.jsonl"
    assert run("log", "prune", "--before", "2001-01-01", "-o", file).out == "removed 0\n"
    assert not file.exists()
    assert run("log", "--store", "kg", "prune", "--before", "2999-01-01", "-o", file).code == 2
    assert run("log", "prune", "--before", "2999-01-01").code == 2
    file.write_text("mine", "utf-8")
    refused = run("log", "prune", "--before", "2999-01-01", "-o", file)
    assert (refused.code, file.read_text("utf-8")) == (1, "mine")
    assert "nothing is removed" in refused.err
    assert run("log", "prune", "--before", "2999-01-01", "-o", tmp_path / "no" / "x").code == 1
    assert run("log", "--json").jsons == entries
    file.unlink()
    pruned = run("log", "prune", "--before", "2999-01-01", "-o", file, "--author", "Анна")
    assert pruned.out == f"removed 3, kept in {file}\n"
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == entries
    [told] = run("log", "--json").jsons
    assert (told["author"], told["action"], told["subject"]) == ("Анна", "prune", "log")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["detail"] == (
        f"3 removed, from {entries[0]['at']} to {entries[-1]['at']};"
        f" kept in {file} (SHA-256 {sha256})"
    )
