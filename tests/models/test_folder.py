from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kgbuild.errors import WeightsError
from kgbuild.models.folder import ModelFolder, publish


def fill(folder: Path) -> None:
    (folder / "a.bin").write_bytes(b"a" * 1000)
    (folder / "b.json").write_text("{}")


def test_a_published_folder_opens(tmp_path: Path) -> None:
    made = publish(tmp_path / "model", fill)
    again = ModelFolder.open(tmp_path / "model", verify=True)
    assert again == made
    assert again["a.bin"].read_bytes() == b"a" * 1000
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    assert {p.stat().st_mode & 0o777 for p in made.path.iterdir()} == {0o644}


def test_missing_and_altered_files_are_all_named(tmp_path: Path) -> None:
    made = publish(tmp_path / "model", fill)
    made["a.bin"].write_bytes(b"b" * 1000)
    made["b.json"].unlink()
    with pytest.raises(WeightsError, match=r"a\.bin is altered.*b\.json is missing"):
        ModelFolder.open(tmp_path / "model", verify=True)


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 3}', '{"fingerprint": "x"}'])
def test_an_unreadable_manifest_is_named(tmp_path: Path, manifest: str) -> None:
    made = publish(tmp_path / "model", fill)
    made["manifest.json"].write_text(manifest)
    with pytest.raises(WeightsError, match=r"manifest\.json"):
        ModelFolder.open(tmp_path / "model")


def test_a_failed_publication_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        publish(tmp_path / "model", fail)
    assert list(tmp_path.iterdir()) == []


PUBLISH = """
import sys
from pathlib import Path
from kgbuild.models.folder import publish

def fill(folder):
    for number in range(50):
        (folder / f"{number}.bin").write_bytes(b"a" * 1000)

print(publish(Path(sys.argv[1]), fill).fingerprint)
"""


def test_processes_at_once_do_not_collide(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PUBLISH, str(tmp_path / "model")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [(p.communicate(timeout=60)[0].strip(), p.returncode) for p in running]
    assert {code for _, code in answers} == {0}
    assert len({fingerprint for fingerprint, _ in answers}) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
