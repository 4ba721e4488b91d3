"""A small graph with questions over it, and vectors that need no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TEXT = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY], живёт в [Твери|CITY]."
    " => 1 PLACE_OF_BIRTH 2, 1 PLACE_RESIDES_IN 3"
)
ROWS = [
    {"question": "Где родился Иван Орлов?", "kind": "one_hop", "answers": [["Клин"]],
     "facts": ["p1 PLACE_OF_BIRTH c1"]},
    {"question": "Где живёт Иван Орлов?", "kind": "one_hop", "answers": ["Тверь"],
     "relation": "PLACE_RESIDES_IN"},
    {"question": "Когда умер Иван Орлов?", "kind": "abstain", "answers": []},
]  # fmt: skip


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """A vector of a text's letters."""
    found = np.zeros((len(texts), 384), dtype=np.float32)
    for row, text in enumerate(texts):
        for letter in text.casefold():
            found[row, ord(letter) % 384] += 1
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
