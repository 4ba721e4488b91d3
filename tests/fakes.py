"""Deterministic stand-ins for the models: tests of the line need no weights.

No claim about quality is tested with these; the acceptance tests run the real models.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import ModelError
from kgbuild.ports import PromptName
from kgbuild.types import Extraction, Mention, Relation

KNOWN = {"Газпром": "ORGANIZATION", "Лукойл": "ORGANIZATION", "Москв": "CITY", "Твер": "CITY"}
FAILS = "СБОЙ"
"""A text with this word makes the extractor fail."""

_NAME = re.compile(r"[А-ЯЁ][а-яё]+(?: [А-ЯЁ][а-яё]+)*")
_LABEL = {"ORGANIZATION": "WORKPLACE", "CITY": "PLACE_RESIDES_IN"}


class FakeExtractor:
    """Capitalised words are people unless they are known; a person works in or lives in
    whatever else its sentence names."""

    fingerprint = "fake-extractor-1"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """As the port."""
        self.calls.append(len(texts))
        if any(FAILS in text for text in texts):
            raise ModelError("the extractor can't read this")
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Extraction:
        mentions = tuple(
            Mention(m.start(), m.end(), self._type(m[0]), 0.9) for m in _NAME.finditer(text)
        )
        relations = [
            Relation(_LABEL[o.type], s, o, 0.8)
            for s in mentions
            for o in mentions
            if s.type == "PERSON" and o.type in _LABEL and self._together(text, s, o)
        ]
        return Extraction(mentions, tuple(sorted(relations)))

    def _type(self, surface: str) -> str:
        return next((t for stem, t in KNOWN.items() if surface.startswith(stem)), "PERSON")

    def _together(self, text: str, one: Mention, other: Mention) -> bool:
        first, last = sorted((one, other))
        return not re.search(r"[.!?\n]", text[first.end : last.start])


class FakeEmbedder:
    """Hashed words: texts that share words are near."""

    fingerprint = "fake-embedder-1"
    dimension = 16

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str], prompt: PromptName) -> NDArray[np.float32]:
        """As the port."""
        self.texts += len(texts)
        out = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                out[row, hashlib.sha256(word[:4].encode()).digest()[0] % self.dimension] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)
