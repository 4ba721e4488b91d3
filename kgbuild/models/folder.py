"""A model folder: files with a manifest of their SHA-256, published atomically."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import WeightsError

MANIFEST = "manifest.json"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A frozen description of a folder: its path, fingerprint and files (name → SHA-256)."""

    path: Path
    fingerprint: str
    files: dict[str, str]

    @classmethod
    def open(cls, path: Path, verify: bool = False) -> ModelFolder:
        """Read the manifest; ``verify`` also hashes each file.

        Raises:
            WeightsError: naming every missing or altered file.
        """
        try:
            manifest = json.loads((path / MANIFEST).read_text("utf-8"))
            folder = cls(path, str(manifest["fingerprint"]), dict(manifest["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WeightsError(f"{path}: no readable {MANIFEST}: {error}") from error
        problems = folder.problems(verify)
        if problems:
            raise WeightsError(f"{path}: {'; '.join(problems)}")
        return folder

    def problems(self, verify: bool = True) -> list[str]:
        """What is missing or altered; empty when whole."""
        found = []
        for name, digest in self.files.items():
            file = self.path / name
            if not file.is_file():
                found.append(f"{name} is missing")
            elif verify and sha256_of(file) != digest:
                found.append(f"{name} is altered (its SHA-256 isn't the manifest's)")
        return found

    def __getitem__(self, name: str) -> Path:
        return self.path / name


def write_manifest(path: Path) -> ModelFolder:
    """Describe a folder's files; the fingerprint is the SHA-256 over their hashes."""
    found = (p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
    names = sorted(name for name in found if name != MANIFEST)
    files = {name: sha256_of(path / name) for name in names}
    fingerprint = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    manifest = {"format": 1, "fingerprint": fingerprint, "files": files}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return ModelFolder(path, fingerprint, files)


def publish(target: Path, make: Callable[[Path], None]) -> ModelFolder:
    """Fill a new folder with ``make`` and put it at ``target`` in one rename.

    Where another process published first, its folder is kept and returned. Drafts that
    killed processes left are removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent, wait=True):
        _sweep(target)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.draft-", dir=target.parent))
        held = ExitStack()
        held.enter_context(_locked(draft, wait=True))
    try:
        make(draft)
        write_manifest(draft)
        for path in (*draft.rglob("*"), draft):
            path.chmod(0o755 if path.is_dir() else 0o644)
            _sync(path)
        try:
            draft.rename(target)
            _sync(target.parent)
        except OSError:
            if not (target / MANIFEST).is_file():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        held.close()
    return ModelFolder.open(target)


def _sweep(target: Path) -> None:
    """Remove the drafts of ``target`` that no living process holds."""
    for draft in target.parent.glob(f".{target.name}.draft-*"):
        with suppress(OSError), _locked(draft, wait=False):
            shutil.rmtree(draft, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make a file, or the names in a folder, reach the disk."""
    if path.is_dir() and sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    @contextmanager
    def _locked(folder: Path, wait: bool) -> Iterator[None]:
        if not wait:
            raise OSError("a folder can't be locked here: a draft may be in use")
        yield

else:

    @contextmanager
    def _locked(folder: Path, wait: bool) -> Iterator[None]:
        """Hold a folder's own lock, which needs no file and goes with its holder."""
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)
