"""An index file that isn't the store's must not open."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kgbuild.errors import IndexFileError, StoreBusyError
from kgbuild.ports import Store
from kgbuild.types import IndexRecord
from storage.index.faiss import build_index, open_index, open_or_rebuild
from storage.index.manifest import manifest_path
from tests.oracle import MemoryStore
from tests.storage.samples import EMBEDDER, record


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.add_document(record("a", "Раз. Два. Три.", vectors=True))
    return store


@pytest.fixture
def folder(store: MemoryStore, tmp_path: Path) -> Path:
    build_index(store, "sentence", EMBEDDER, tmp_path)
    return tmp_path


def index_file(folder: Path) -> Path:
    (file,) = folder.glob("*.faiss")
    return file


def recorded(store: Store) -> IndexRecord:
    record = store.index_record("sentence", EMBEDDER)
    assert record is not None
    return record


def edit_manifest(folder: Path, **changes: object) -> None:
    path = manifest_path(folder, "sentence")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refusal(store: MemoryStore, folder: Path, model: str = EMBEDDER) -> str:
    with pytest.raises(IndexFileError) as caught:
        open_index(store, "sentence", model, folder)
    return str(caught.value)


def test_manifest_says_what_the_file_holds(store: MemoryStore, folder: Path) -> None:
    manifest = json.loads(manifest_path(folder, "sentence").read_text())
    assert manifest["sha256"] == manifest.pop("content")
    assert manifest.pop("sha256")[:16] in manifest.pop("file")
    assert manifest == {
        "format": 2,
        "kind": "sentence",
        "type": "flat",
        "model": EMBEDDER,
        "dimension": 4,
        "metric": "inner_product",
        "count": 3,
        "generation": store.generation(),
    }


def test_missing(store: MemoryStore, tmp_path: Path) -> None:
    assert "there is no sentence index" in refusal(store, tmp_path)


def test_missing_file(store: MemoryStore, folder: Path) -> None:
    index_file(folder).unlink()
    assert "can't read the sentence index" in refusal(store, folder)


def test_altered_file(store: MemoryStore, folder: Path) -> None:
    data = bytearray(index_file(folder).read_bytes())
    data[-1] ^= 1
    index_file(folder).write_bytes(data)
    assert "altered or cut short" in refusal(store, folder)


def test_truncated_file(store: MemoryStore, folder: Path) -> None:
    index_file(folder).write_bytes(index_file(folder).read_bytes()[:-8])
    assert "altered or cut short" in refusal(store, folder)


def test_another_model(store: MemoryStore, folder: Path) -> None:
    assert "model 'embedder-1', needed is 'other'" in refusal(store, folder, "other")


def test_another_generation(store: MemoryStore, folder: Path) -> None:
    store.add_document(record("b", "Ещё.", vectors=True))
    assert "has generation 2, needed is 4" in refusal(store, folder), "recorded, then linked"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 1),
        ("type", "hnsw"),
        ("metric", "l2"),
        ("kind", "entity"),
        ("count", 4),
        ("dimension", 5),
    ],
)
def test_manifest_of_something_else(
    store: MemoryStore, folder: Path, field: str, value: object
) -> None:
    edit_manifest(folder, **{field: value})
    message = refusal(store, folder)
    told = (f"{field} {value!r}", f"says {value}", "doesn't say which rows")
    assert any(words in message for words in told)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1'])
def test_damaged_manifest(store: MemoryStore, folder: Path, text: str) -> None:
    manifest_path(folder, "sentence").write_text(text)
    assert "manifest" in refusal(store, folder)


def test_manifest_that_leaves_its_folder(store: MemoryStore, folder: Path) -> None:
    edit_manifest(folder, file="../index.faiss")
    assert "outside its folder" in refusal(store, folder)


def test_file_that_is_no_index(store: MemoryStore, folder: Path) -> None:
    digest = hashlib.sha256(b"nonsense").hexdigest()
    index_file(folder).write_bytes(b"nonsense")
    edit_manifest(folder, sha256=digest, content=digest)
    store.record_index(replace(recorded(store), sha256=digest))
    assert "FAISS can't read" in refusal(store, folder)


def test_stale_and_damaged_indexes_are_rebuilt(store: MemoryStore, folder: Path) -> None:
    index_file(folder).write_bytes(b"")
    assert open_or_rebuild(store, "sentence", EMBEDDER, folder).count == 3
    store.add_document(record("b", "Ещё.", vectors=True))
    assert open_or_rebuild(store, "sentence", EMBEDDER, folder).count == 4
    assert open_index(store, "sentence", EMBEDDER, folder).count == 4
    assert len(list(folder.iterdir())) == 2, "nothing is left of the old ones"


def test_two_kinds_share_a_folder(store: MemoryStore, folder: Path) -> None:
    assert build_index(store, "entity", EMBEDDER, folder).count == 0
    assert open_index(store, "sentence", EMBEDDER, folder).count == 3
    assert open_index(store, "entity", EMBEDDER, folder).count == 0


def test_a_store_that_keeps_changing(tmp_path: Path) -> None:
    class Restless(MemoryStore):
        def generation(self) -> int:
            self._generation += 1
            return self._generation

    with pytest.raises(StoreBusyError, match="changed 3 times"):
        build_index(Restless(), "sentence", EMBEDDER, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexFileError, match="can't write"):
        build_index(store, "sentence", EMBEDDER, tmp_path / "file")


def test_importing_the_modules_loads_no_faiss() -> None:
    code = (
        "import sys, storage, storage.sql, storage.index.faiss\n"
        "assert not {'faiss', 'alembic', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
