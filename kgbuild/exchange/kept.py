"""Entries of the audit log in a file of their own, where they outlive their pruning."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kgbuild.errors import InputError
from kgbuild.types import AuditEntry


def entry_dict(entry: AuditEntry) -> dict[str, object]:
    """An entry as JSON; ``at`` is in UTC."""
    return {
        "id": entry.id,
        "at": entry.made_at.isoformat(timespec="seconds"),
        "author": entry.author,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def keep_entries(path: Path, entries: Sequence[AuditEntry]) -> str:
    """Write entries to a new file, JSON Lines in UTF-8, and see that the disk has it.

    Gives the file's full path and the SHA-256 of its content.

    Raises:
        InputError: there is such a file already, or it can't be written.
    """
    lines = (json.dumps(entry_dict(entry), ensure_ascii=False) + "\n" for entry in entries)
    content = "".join(lines).encode()
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        _sync_folder(path.absolute().parent)
    except FileExistsError as error:
        raise InputError(f"{path}: exists already: name a new file, nothing is removed") from error
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path}: can't be written: {why}; nothing is removed") from error
    return f"{path.absolute()} (SHA-256 {hashlib.sha256(content).hexdigest()})"


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # a folder can't be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
