"""``kgbuild ingest``: what goes in, what is told, what is left after an interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes import FAILS

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def counts(result: dict[str, object]) -> tuple[object, ...]:
    return result["added"], result["unchanged"], result["replaced"], len(result["failed"])  # type: ignore[arg-type]


def test_a_folder_goes_in(run: Run, docs: Path) -> None:
    result = run("ingest", "docs")
    assert result.code == 0
    assert result.out.startswith("added 3, unchanged 0, replaced 0, failed 0;")
    assert result.err == ""
    assert run("stats", "--json").json["documents"] == 3


def test_json_tells_counts_failures_and_stages(run: Run, docs: Path) -> None:
    values = run("ingest", "docs", "--json").json
    assert set(values) == {
        "added",
        "unchanged",
        "replaced",
        "failed",
        "passed_over",
        "links_not_followed",
        "copies",
        "watched",
        "seconds",
        "stages",
    }
    assert counts(values) == (3, 0, 0, 0)
    assert list(values["stages"]) == [
        "read", "split", "extract", "resolve", "embed", "store", "link", "index",
    ]  # fmt: skip


def test_profile_prints_a_line_a_stage(run: Run, docs: Path) -> None:
    lines = run("ingest", "docs", "--profile").out.splitlines()
    names = [line.split("  ")[0] for line in lines[1:]]
    assert names == [
        "stage", "read", "split", "extract", "resolve", "embed", "store", "link", "index",
        "models and start",
    ]  # fmt: skip


def test_again_it_is_unchanged_and_edited_it_is_replaced(run: Run, docs: Path) -> None:
    run("ingest", "docs")
    assert counts(run("ingest", "docs", "--json").json) == (0, 3, 0, 0)
    (docs / "b.txt").write_text("Анна работает в Газпроме.", "utf-8")
    assert counts(run("ingest", "docs", "--json").json) == (0, 2, 1, 0)
    (docs / "new.txt").write_text("Анна живёт в Твери.", "utf-8")
    assert counts(run("ingest", "docs/new.txt", "docs/a.txt", "--json").json) == (1, 1, 0, 0)


def test_bad_files_among_good_exit_with_3_and_the_good_are_in(run: Run, docs: Path) -> None:
    (docs / "bad.txt").write_bytes("кот".encode("cp1251"))
    (docs / "empty.md").write_text(" \n")
    (docs / "fails.txt").write_text(f"Иван {FAILS}", "utf-8")
    result = run("ingest", "docs")
    assert result.code == 3
    assert "added 3" in result.out
    assert "failed 3" in result.out
    lines = result.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("failed: docs/") for line in lines)
    assert run("stats", "--json").json["documents"] == 3
    again = run("ingest", "docs", "--json")
    assert again.code == 3
    assert counts(again.json) == (0, 3, 0, 3)
    assert {Path(f["document"]).name for f in again.json["failed"]} == {
        "bad.txt", "empty.md", "fails.txt",
    }  # fmt: skip


def test_a_file_of_a_type_that_is_not_read_exits_with_3_and_the_others_are_in(
    run: Run, docs: Path
) -> None:
    (docs / "plan.dwg").write_bytes(b"AC1032")
    for ways in (["docs"], ["docs", "--sync"]):
        result = run("ingest", *ways)
        assert result.code == 3
        assert "plan.dwg" in result.err
        assert run("stats", "--json").json["documents"] == 3
    (docs / "plan.dwg").unlink()
    assert run("ingest", "docs").code == run("ingest", "docs", "--sync").code == 0


def test_only_bad_files_still_exit_with_3(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("")
    assert run("ingest", "bad.txt").code == 3


def test_a_missing_path_fails_before_anything_is_done(run: Run, docs: Path, tmp_path: Path) -> None:
    result = run("ingest", "docs", "absent.txt")
    assert result.code == 1
    assert result.err == "kgbuild: absent.txt: no such file or folder\n"
    assert not (tmp_path / "kg").exists()


def test_a_folder_without_documents_adds_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("ingest", "empty")
    assert result.code == 0
    assert "added 0" in result.out


def test_the_store_is_where_it_was_asked_for(
    run: Run, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", "docs/a.txt", "--store", "one")
    monkeypatch.setenv("KGBUILD_STORE", "two")
    run("ingest", "docs")
    assert run("stats", "--json", "--store", "one").json["documents"] == 1
    assert run("stats", "--json").json["documents"] == 3
    assert not (tmp_path / "kg").exists()


def test_control_characters_of_a_document_do_not_reach_the_terminal(run: Run, docs: Path) -> None:
    evil = docs / "evil\x1b]0;owned\x07.txt"
    evil.write_text(
        "Иван Злодеев\x1b[2J\x1b[31m работает в Газпроме\x07\x9b5A\u202e. Конец\x00"[:-1], "utf-8"
    )
    (docs / "bad\x1b[31m.txt").write_bytes(b"\xff")
    results = [run("ingest", "docs")]
    assert results[0].code == 3
    results += [
        run("query", "Где работает Иван Злодеев?"), run("search", "Злодеев работает"),
        run("show", "Иван Злодеев"), run("query", "Кто такой Злодеев?"), run("stats"),
        run("delete", f"docs/{evil.name}"), run("ingest", "docs/absent\x1b[31m.txt"),
        run("show", "Ник\x1b[31mто"),
    ]  # fmt: skip
    for result in results:
        for text in (result.out, result.err):
            assert all(c.isprintable() or c == "\n" for c in text), repr(text)
    assert "Злодеев" in results[1].out


MANY = 200
"""Documents of an interrupted run: enough for half a minute, however busy the machine is."""

SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
sys.path.insert(0, {tests!r})
from fakes import FakeEmbedder, FakeExtractor
from kgbuild import pipeline, wiring

class Slow(FakeExtractor):
    def extract(self, texts):
        time.sleep(0.15)
        return super().extract(texts)

pipeline.BATCH_DOCUMENTS = 1
wiring.make_extractor = lambda settings: Slow()
wiring.make_embedder = lambda settings: FakeEmbedder()
from kgbuild.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT])
def test_interrupted_it_keeps_whole_documents_and_goes_on(
    run: Run, tmp_path: Path, stop: signal.Signals
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY):
        name = f"Иван{chr(1072 + number % 30)}"
        (folder / f"{number:03}.txt").write_text(f"{name} живёт в Москве. {number}", "utf-8")
    code = SLOW.format(tests=str(ROOT / "tests"))
    process = subprocess.Popen(
        [sys.executable, "-c", code, "ingest", "many"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.3)
        if (tmp_path / "kg" / "graph.db").exists():
            found = run("stats", "--json")
            if found.code == 0 and found.json["documents"] >= 2:
                break
    process.send_signal(stop)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    done = run("stats", "--json").json["documents"]
    assert 2 <= done < MANY
    assert f"stopped: {done} of {MANY} documents are safe in kg" in err
    assert "run the same command again" in err
    checked = run("db", "check")
    assert (checked.code, checked.out) == (0, "no problems found\n")
    again = run("ingest", "many", "--json")
    assert again.code == 0
    assert counts(again.json) == (MANY - done, done, 0, 0)
    assert run("db", "check").code == 0
    assert run("index", "verify").code == 0
