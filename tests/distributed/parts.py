"""A worker's parts with stand-ins for the models, some of which end their process on purpose."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from fakes import FakeEmbedder, FakeExtractor

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.distributed.worker import PATIENCE
from kgbuild.graph import Makers
from kgbuild.pipeline import Parts
from kgbuild.ports import Store, VectorIndex, VectorKind
from kgbuild.types import Extraction
from storage.index.exact import ExactIndex

DEADLY = "СМЕРТЬ"
"""A text with this word ends the process that reads it."""


class DeadlyExtractor(FakeExtractor):
    """The fake one, killed by certain texts as a bug in a native library would be."""

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        if any(DEADLY in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().extract(texts)


def fake_parts(settings: Settings) -> Parts:
    """What a worker works with."""
    store = wiring.open_graph(settings, patience=PATIENCE).store
    return Parts(DeadlyExtractor(), wiring.make_normalizer(), FakeEmbedder(), store)


def other_parts(settings: Settings) -> Parts:
    """As those, but each process has a model of its own."""
    parts = fake_parts(settings)
    parts.extractor.fingerprint = f"fake-{os.getpid()}"  # type: ignore[misc]
    return parts


def exact(store: Store, kind: VectorKind, model: str) -> VectorIndex:
    """An index without a file."""
    return ExactIndex.from_store(store, kind, model)


def fake_makers() -> Makers:
    """The same for the process that asks."""
    return Makers(FakeExtractor, FakeEmbedder, wiring.make_normalizer, exact,
                  wiring.make_ranker, wiring.make_decision, wiring.make_question_vectors)  # fmt: skip
