"""The file that says what an index file holds, and publishing both atomically.

The index lies in a file named after its own hash, the manifest names that file
and is renamed into place last. Whoever reads the folder sees the old pair or the
new one. What a killed process left is swept away by the next that publishes or opens. The store's own record says which index is the store's: a folder copied
from another store agrees with itself, but not with that record.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from kgbuild.errors import IndexFileError
from kgbuild.ports import VectorKind
from kgbuild.types import IndexRecord

from ..database import alone_in
from .types import IndexType

FORMAT = 2
METRIC = "inner_product"
_REBUILD = "rebuild it with  kgbuild index rebuild"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index file was made from. ``file`` is its name in the folder.

    ``content`` is what the store records: the SHA-256 of a flat index's file, which is the
    same for the same vectors, and of an approximate index its rows and their digests, since
    its file depends on its history.
    """

    format: int
    kind: VectorKind
    type: str
    model: str
    dimension: int
    metric: str
    count: int
    generation: int
    content: str
    file: str
    sha256: str


def publish(
    folder: Path,
    manifest: Manifest,
    write: Callable[[Path], None],
    record: Callable[[Manifest], None],
) -> Manifest:
    """Write an index with ``write`` and put it in place; gives the manifest as written.

    ``record`` is called between the two, with the file's hash known: where it raises,
    the folder stays as it was.

    Raises:
        IndexFileError: the folder can't be written.
    """
    temporary = folder / f".{manifest.kind}.{os.getpid()}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone_in(folder):
            return _put(folder, manifest, temporary, write, record)
    except OSError as error:
        raise IndexFileError(
            f"can't write the {manifest.kind} index in {folder}: {error}"
        ) from error


def _put(
    folder: Path,
    manifest: Manifest,
    temporary: Path,
    write: Callable[[Path], None],
    record: Callable[[Manifest], None],
) -> Manifest:
    try:
        write(temporary)
        _sync(temporary)
        digest = _sha256(temporary)
        name = f"{manifest.kind}-{manifest.generation}-{digest[:16]}.faiss"
        content = manifest.content or digest
        written = replace(manifest, file=name, sha256=digest, content=content)
        record(written)
        os.replace(temporary, folder / name)
        temporary.write_text(json.dumps(asdict(written), ensure_ascii=False, indent=2) + "\n")
        _sync(temporary)
        os.replace(temporary, manifest_path(folder, manifest.kind))
        _sync(folder)
        for stray in _strays(folder, manifest.kind, name):
            stray.unlink(missing_ok=True)
    finally:
        with suppress(OSError):
            temporary.unlink()
    return written


def verified(
    folder: Path, kind: VectorKind, model: str, generation: int | None, record: IndexRecord | None
) -> Manifest:
    """The manifest of an index that is whole, the one asked for and the one recorded.

    ``generation`` None takes whichever it was recorded with.

    Raises:
        IndexFileError: it is missing, altered, of another model or generation, or
            another than the store's record names.
    """
    manifest = _read(folder, kind)
    wanted: dict[str, object] = {"format": FORMAT, "kind": kind, "metric": METRIC, "model": model}
    if generation is not None:
        wanted["generation"] = generation
    if manifest.type not in set(IndexType):
        raise IndexFileError(f"{folder} has an index of unknown type {manifest.type!r}: {_REBUILD}")
    for name, value in wanted.items():
        found = getattr(manifest, name)
        if found != value:
            raise IndexFileError(
                f"the {kind} index in {folder} has {name} {found!r}, needed is {value!r}: {_REBUILD}"
            )
    _refuse_unrecorded(folder, manifest, record)
    try:
        digest = _sha256(folder / manifest.file)
    except OSError as error:
        raise IndexFileError(f"can't read the {kind} index: {error}: {_REBUILD}") from error
    if digest != manifest.sha256:
        raise IndexFileError(
            f"the {kind} index file {folder / manifest.file} was altered or cut short"
            f" (SHA-256 {digest}, its manifest says {manifest.sha256}): {_REBUILD}"
        )
    return manifest


def _refuse_unrecorded(folder: Path, manifest: Manifest, record: IndexRecord | None) -> None:
    if record is None:
        raise IndexFileError(
            f"the store has no record of the {manifest.kind} index in {folder},"
            f" another store's perhaps: {_REBUILD}"
        )
    for name in ("generation", "count", "sha256"):
        recorded = getattr(record, name)
        found = getattr(manifest, "content" if name == "sha256" else name)
        if found != recorded:
            raise IndexFileError(
                f"the {manifest.kind} index in {folder} isn't the one this store published:"
                f" it has {name} {found!r}, the store's record says {recorded!r}: {_REBUILD}"
            )


def manifest_path(folder: Path, kind: str) -> Path:
    """Where the manifest of an index lies."""
    return folder / f"{kind}.json"


def _read(folder: Path, kind: VectorKind) -> Manifest:
    path = manifest_path(folder, kind)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexFileError(f"there is no {kind} index in {folder}: {_REBUILD}") from error
    except (OSError, ValueError) as error:
        raise IndexFileError(f"can't read the manifest {path}: {error}: {_REBUILD}") from error
    # Under "from __future__ import annotations" a field's type is its name.
    types = {field.name: str(field.type) for field in fields(Manifest)} | {"kind": "str"}
    if not isinstance(data, dict) or {k: type(v).__name__ for k, v in data.items()} != types:
        raise IndexFileError(f"{path} isn't the manifest of an index: {_REBUILD}")
    if Path(data["file"]).name != data["file"]:
        raise IndexFileError(f"{path} names a file outside its folder: {_REBUILD}")
    return Manifest(**data)


def sweep(folder: Path, kind: VectorKind, keep: str) -> None:
    """Remove what killed processes left beside an index, unless somebody publishes now."""
    if not any(_strays(folder, kind, keep)):
        return
    with suppress(OSError), alone_in(folder, wait=False):
        # Another may have published since the index was opened: its file is the one to keep.
        for stray in _strays(folder, kind, _read(folder, kind).file):
            stray.unlink(missing_ok=True)


def _strays(folder: Path, kind: str, keep: str) -> Iterator[Path]:
    for pattern in (f"{kind}-*.faiss", f".{kind}.*.tmp"):
        yield from (path for path in folder.glob(pattern) if path.name != keep)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Make a file, or the names in a folder, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
