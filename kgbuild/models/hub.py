"""Models of the hub: fetched at a pinned commit, checked, and recorded.

A pull's manifest lies in kgbuild's cache and names the commit and the SHA-256 of every
file; the files lie in the hub client's own cache (``HF_HOME``). Pickled weights and code
are never fetched.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgbuild.errors import ModelError, WeightsError
from kgbuild.models.encoder import cache_root
from kgbuild.models.folder import sha256_of
from kgbuild.models.registry import ModelCard

PATTERNS = ["*.json", "*.safetensors", "*.txt", "*.model"]
"""What is fetched: never pickled weights, never code."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model fetched from the hub: its commit, its folder, its files (name → SHA-256)."""

    name: str
    hub_id: str
    revision: str
    folder: Path
    files: dict[str, str]

    def problems(self) -> list[str]:
        """What is missing or altered; empty when whole."""
        found = []
        for name, digest in self.files.items():
            file = self.folder / name
            if not file.is_file():
                found.append(f"{name} is missing")
            elif sha256_of(file) != digest:
                found.append(f"{name} is altered (its SHA-256 isn't the pull's)")
        return found


def verify_pull(pulled: Pulled) -> None:
    """Hash every file of a pull.

    Raises:
        WeightsError: naming every missing or altered file.
    """
    problems = pulled.problems()
    if problems:
        raise WeightsError(
            f"{pulled.folder}: {'; '.join(problems)}: pull it again with"
            f"  kgbuild models pull {pulled.name}"
        )


def fetch(card: ModelCard, endpoint: str | None = None) -> Pulled:
    """Download a card's model at its commit and compare its files with the hub's hashes.

    ``endpoint`` is another hub's address than ``HF_ENDPOINT`` or huggingface.co.

    Raises:
        ModelError: the model comes with the package.
        WeightsError: the hub can't be reached or lacks the model or commit, or a file
            isn't the one that the hub describes.
    """
    from huggingface_hub import HfApi, snapshot_download

    hub_id = _hub_id(card)
    with _hub_errors(card):
        info = HfApi(endpoint=endpoint).model_info(
            hub_id, revision=card.revision, files_metadata=True, timeout=30
        )
        folder = Path(
            snapshot_download(hub_id, revision=info.sha, allow_patterns=PATTERNS, endpoint=endpoint)
        )
    commit = str(info.sha)
    files = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    wrong = [name for name, digest in _promised(info) if files.get(name, digest) != digest]
    if wrong or folder.name != commit:
        what = ", ".join(wrong) or f"the commit {folder.name} in place of {commit}"
        raise WeightsError(f"{hub_id}: the hub gave other files than it describes: {what}")
    return Pulled(card.name, hub_id, commit, folder, files)


def _promised(info: Any) -> Iterator[tuple[str, str]]:
    """The SHA-256 that the hub names for its large files."""
    for file in info.siblings or ():
        if file.lfs is not None:
            yield str(file.rfilename), str(file.lfs.sha256)


def record(pulled: Pulled) -> Path:
    """Write a pull's manifest, in place of an earlier one of the model; gives its path."""
    path = _manifest_path(pulled.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {
        "format": 1,
        "name": pulled.name,
        "hub_id": pulled.hub_id,
        "revision": pulled.revision,
        "folder": str(pulled.folder),
        "files": pulled.files,
    }
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    draft.replace(path)
    return path


def recorded(card: ModelCard) -> Pulled | None:
    """The pull of a card that is recorded here, if there is one and its folder is there.

    Raises:
        WeightsError: its manifest can't be read.
    """
    path = _manifest_path(card.name)
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        names = ("name", "hub_id", "revision")
        name, hub_id, revision = (str(data[key]) for key in names)
        found = Pulled(name, hub_id, revision, Path(data["folder"]), dict(data["files"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} isn't the manifest of a pull: {error}: remove it") from error
    return found if found.folder.is_dir() else None


def find_snapshot(card: ModelCard, local_files_only: bool = False) -> Path:
    """The folder of a card's files: what was pulled, else the hub's cache, else the hub.

    What was pulled is hashed before it is read: other programs write to the hub's cache too.

    Raises:
        ModelError: the model comes with the package.
        WeightsError: it is nowhere to be had, or what was pulled isn't what was recorded.
    """
    from huggingface_hub import snapshot_download

    hub_id = _hub_id(card)
    pulled = recorded(card)
    if pulled and (pulled.hub_id, pulled.revision) == (hub_id, card.revision or pulled.revision):
        verify_pull(pulled)
        return pulled.folder
    with _hub_errors(card):
        return Path(
            snapshot_download(
                hub_id,
                revision=card.revision,
                allow_patterns=PATTERNS,
                local_files_only=local_files_only,
            )
        )


def _hub_id(card: ModelCard) -> str:
    if card.hub_id is None:
        raise ModelError(f"{card.name} comes with the package: it is the embedder 'embedded'")
    return card.hub_id


def _manifest_path(name: str) -> Path:
    return cache_root() / "pulled" / f"{name}.json"


@contextmanager
def _hub_errors(card: ModelCard) -> Iterator[None]:
    """What the hub's client and its HTTP library raise, as this project's errors."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # the client lets through what its HTTP library raises
        reason = " ".join(str(error).split())[:200]
        at = f" at {card.revision}" if card.revision else ""
        raise WeightsError(
            f"can't fetch {card.hub_id}{at} from the model hub or its cache"
            f" ({type(error).__name__}: {reason}): fetch it elsewhere and give its folder"
        ) from error
