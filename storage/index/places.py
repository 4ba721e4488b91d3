"""Which store row stands at which place of an index, and a digest of its vector.

Approximate indexes number their vectors by place and can't say what they hold. This table
does, so that an index is brought up to date by the rows that changed instead of being made
again: a row that is gone or has another vector is a tombstone, its new vector gets a new
place. The table stands behind FAISS's own bytes in the index file, which FAISS doesn't read.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import IndexFileError

_MAGIC = b"KGPLACE1"
_FOOT = struct.Struct("<8sQ")
_DEAD = -1


@dataclass(frozen=True, slots=True)
class Places:
    """Store row ids by place (-1: a tombstone), and digests of the vectors, both [n]."""

    ids: NDArray[np.int64]
    digests: NDArray[np.uint64]

    @property
    def living(self) -> int:
        """Places that aren't tombstones."""
        return int((self.ids != _DEAD).sum())

    @property
    def dead(self) -> int:
        """Tombstones."""
        return len(self.ids) - self.living

    def content(self) -> str:
        """SHA-256 over the living rows by id: the same rows and vectors give the same."""
        alive = np.flatnonzero(self.ids != _DEAD)
        order = alive[np.argsort(self.ids[alive], kind="stable")]
        total = hashlib.sha256(self.ids[order].astype("<i8").tobytes())
        total.update(self.digests[order].astype("<u8").tobytes())
        return total.hexdigest()

    def without(self, places: NDArray[np.int64]) -> Places:
        """With tombstones at ``places``."""
        ids = self.ids.copy()
        ids[places] = _DEAD
        return Places(ids, self.digests)

    def joined(self, more: Places) -> Places:
        """With the places of ``more`` behind its own."""
        return Places(np.append(self.ids, more.ids), np.append(self.digests, more.digests))


def no_places() -> Places:
    """An empty table."""
    return Places(np.empty(0, np.int64), np.empty(0, np.uint64))


def digests_of(vectors: NDArray[np.float16]) -> NDArray[np.uint64]:
    """A 64-bit digest of each row: multilinear hashing over its 16-bit words.

    Lemire & Kaser 2014, "Strongly universal string hashing is fast".
    """
    words = np.ascontiguousarray(vectors, dtype="<f2").view("<u2").astype(np.uint64)
    factors = np.random.default_rng(0x6B67).integers(
        1, 2**63, size=vectors.shape[1], dtype=np.uint64
    ) * np.uint64(2) + np.uint64(1)
    total: NDArray[np.uint64] = (words * factors).sum(axis=1, dtype=np.uint64)
    return total


def append_places(path: Path, places: Places) -> None:
    """Write the table behind what a file holds."""
    with path.open("ab") as file:
        file.write(places.ids.astype("<i8").tobytes())
        file.write(places.digests.astype("<u8").tobytes())
        file.write(_FOOT.pack(_MAGIC, len(places.ids)))


def read_places(path: Path) -> Places:
    """The table at the end of an index file.

    Raises:
        IndexFileError: there is none.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _FOOT.size))
        foot = file.read()
        magic, count = _FOOT.unpack(foot) if len(foot) == _FOOT.size else (b"", 0)
        start = size - _FOOT.size - 16 * count
        if magic != _MAGIC or start < 0:
            raise IndexFileError(f"{path} doesn't say which rows it holds")
        file.seek(start)
        ids = np.frombuffer(file.read(8 * count), "<i8").astype(np.int64)
        digests = np.frombuffer(file.read(8 * count), "<u8").astype(np.uint64)
    return Places(ids, digests)
