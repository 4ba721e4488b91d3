"""What a worker of the cluster does: it holds the models and a store of its own, and records.

Records go from a worker straight into the database; what comes back to the one who asked are
counts and failures. A share that is done twice, because its worker died before it could say so,
finds its documents stored by their content and passes them over.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kgbuild import pipeline, wiring
from kgbuild.config import Settings
from kgbuild.distributed.shares import Share, read_share
from kgbuild.errors import InputError
from kgbuild.pipeline import BuildReport, Parts, Rows
from kgbuild.ports import VectorKind
from kgbuild.read.documents import Known, Outcome, Reader
from kgbuild.read.parts import Columns

PATIENCE = 600.0
"""Seconds that a worker waits for another writer: where it gave up, its work would be lost."""

MakeParts = Callable[[Settings], Parts]


def parts_of(settings: Settings) -> Parts:
    """The parts that settings name, over the store that is there.

    Raises:
        StoreError: there is no store, or it can't be opened.
        WeightsError: a model's files are missing on this node.
    """
    store = wiring.open_graph(settings, patience=PATIENCE).store
    makers = wiring.makers(settings)
    return Parts(makers.extractor(), makers.normalizer(), makers.embedder(), store)


@dataclass(frozen=True, slots=True)
class Made:
    """Fingerprints of what a worker works with: extractor, normalizer, embedder ("": none)."""

    extractor: str
    normalizer: str
    embedder: str


class Worker:
    """An actor's state: parts, and a reader with its confined child process."""

    def __init__(self, make: MakeParts, settings: Settings, folder: str, columns: Columns) -> None:
        """``make`` makes its parts of the settings; ``folder`` is what paths are seen from."""
        self._make, self._settings, self._folder = make, settings, folder
        self._reader = Reader(columns)

    @cached_property
    def _parts(self) -> Parts:
        """Made with the first call: what Ray tells of a failing constructor is no one's error.

        Raises:
            InputError: this node doesn't have the folder.
            KgbuildError: as :func:`parts_of`.
        """
        try:
            os.chdir(self._folder)
        except OSError as error:
            raise InputError(
                f"node {socket.gethostname()} doesn't have the folder {self._folder}: documents"
                f" have to be on storage that every node sees ({error.strerror})"
            ) from error
        return self._make(self._settings)

    def made(self) -> Made:
        """What this worker works with; also how one asks whether it is there."""
        parts = self._parts
        embedder = "" if parts.embedder is None else parts.embedder.fingerprint
        return Made(parts.extractor.fingerprint, parts.normalizer.fingerprint, embedder)

    def record(self, share: Share) -> BuildReport:
        """Read and store a share's documents: they wait to be linked when this returns.

        Raises:
            StoreError: the store fails.
        """

        def read(path: Path, known: Known) -> Iterator[Outcome]:
            return read_share(share, path, self._reader, known)

        return pipeline.record(map(Path, share.paths), self._parts, read)

    def embed(self, kind: VectorKind, rows: Rows) -> int:
        """Make and save the vectors of rows; gives their number."""
        if self._parts.embedder is None:
            return 0
        return pipeline.embed_rows(self._parts.store, self._parts.embedder, kind, rows)
