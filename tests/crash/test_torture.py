"""A few of the torture's kills, and that its checks can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked"),
]


def test_three_kills_of_each_kind_lose_nothing() -> None:
    """In a process without torch and its threads, which a fork wouldn't take along."""
    done = subprocess.run(
        [sys.executable, "-m", "crash.torture", "--kills", "24", "--seed", "7"],
        env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    last = next(line for line in done.stdout.splitlines() if line.startswith("all "))
    assert int(last.split()[1]) == 24
    assert int(last.split()[2]) >= 12, "the kills come in time"


def test_a_failing_disk_is_told_and_loses_nothing() -> None:
    """The short version of  python -m crash.io_faults --faults 60."""
    done = subprocess.run(
        [sys.executable, "-m", "crash.io_faults", "--faults", "8", "--seed", "3"],
        env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    last = next(line for line in done.stdout.splitlines() if line.startswith("all "))
    assert int(last.split()[2]) >= 2, "failures come in time"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the torture starts from."""
    from crash.work import make_templates

    folder = tmp_path_factory.mktemp("torture")
    here = Path.cwd()
    make_templates(folder / "templates")
    os.chdir(here)
    return folder / "templates" / "current"


def lose_a_document(place: Path) -> None:
    from crash.work import open_graph

    with open_graph(place) as graph:
        graph.store.delete_document("docs/00.txt")


def leave_a_file(place: Path) -> None:
    (place / "kg" / "graph.db-copy").touch()


def spoil_a_count(place: Path) -> None:
    import sqlite3

    with sqlite3.connect(place / "kg" / "graph.db") as connection:
        connection.execute("UPDATE entities SET mention_count = mention_count + 1")
    connection.close()


def sweep_nothing(place: Path) -> None:
    """A temporary file of a kind that nobody sweeps."""
    (place / "kg" / "index" / "sentence.part").touch()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lose_a_document, "neither as before nor as after"),
        (leave_a_file, "left about"),
        (spoil_a_count, "miscounted"),
        (sweep_nothing, "left about"),
    ],
)
def test_damage_is_told(
    template: Path, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    from crash.verify import after_kill
    from crash.work import Task

    place = tmp_path / "place"
    shutil.copytree(template, place)
    damage(place)
    with pytest.raises(AssertionError, match=told):
        after_kill(Task("ingest", place, 1), [])


def test_leftovers_of_a_killed_publisher_are_swept(template: Path, tmp_path: Path) -> None:
    from crash.verify import after_kill
    from crash.work import Task

    place = tmp_path / "place"
    shutil.copytree(template, place)
    (place / "kg" / "index" / ".sentence.4711.tmp").write_bytes(b"half")
    (place / "kg" / "index" / "entity-1-0000000000000000.faiss").write_bytes(b"old")
    monitored = os.getcwd()
    after_kill(Task("ingest", place, 1), [])
    os.chdir(monitored)
    assert len(list((place / "kg" / "index").iterdir())) == 4


def test_drafts_of_a_killed_conversion_are_swept(tmp_path: Path) -> None:
    from kgbuild.models.folder import publish

    (tmp_path / ".base.draft-killed").mkdir()
    (tmp_path / ".base.draft-killed" / "model.safetensors").write_bytes(b"half")

    def make(draft: Path) -> None:
        publish(tmp_path / "base", lambda other: None)  # another process's draft isn't touched
        (draft / "file").write_text("whole")

    made = publish(tmp_path / "base2", lambda draft: (draft / "file").write_text("x") and None)
    publish(tmp_path / "base", make)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "base2"]
    assert made.problems() == []
