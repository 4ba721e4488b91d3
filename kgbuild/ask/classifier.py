"""The relation of a question whose wording no pattern knows: a classifier over the embedder.

A softmax over (relation, direction) pairs and «none of them», on the ``search_query``
vector of the question with its names masked. It is asked only where the wordings say
nothing; what it says below its threshold counts as nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.tokens import tokenize
from kgbuild.errors import WeightsError
from kgbuild.ports import Embedder

MASK = "N"
"""What stands for a name in an embedded question."""

NONE = ""
"""The relation of questions that ask for none."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A relation that a question may ask for, its direction, and the probability of both."""

    relation: str
    inverse: bool
    probability: float


Guesser = Callable[[str], Guess | None]
"""Guesses the relation of a question, or nothing."""


@dataclass(frozen=True, slots=True)
class RelationClassifier:
    """Softmax regression: weights [classes, dimension], bias [classes], mean [dimension].

    ``embedder`` is the fingerprint of the embedder whose vectors it was trained on.
    """

    classes: tuple[tuple[str, bool], ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    mean: NDArray[np.float32]
    threshold: float
    embedder: str

    def guess(self, vector: NDArray[np.float32]) -> Guess | None:
        """The likeliest class of a question's vector [dimension], if it is a relation and
        likelier than the threshold."""
        probabilities = self.probabilities(vector[None])[0]
        best = int(probabilities.argmax())
        relation, inverse = self.classes[best]
        probability = float(probabilities[best])
        if relation == NONE or probability < self.threshold:
            return None
        return Guess(relation, inverse, probability)

    def probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities [n, classes] of vectors [n, dimension]."""
        logits = (vectors - self.mean) @ self.weights.T + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
        return found

    def save(self, path: Path) -> None:
        """Write a safetensors file, weights in half precision."""
        from safetensors.numpy import save_file

        notes = {"classes": json.dumps(self.classes), "threshold": str(self.threshold),
                 "embedder": self.embedder}  # fmt: skip
        tensors = {"weights": self.weights, "bias": self.bias, "mean": self.mean}
        save_file({k: v.astype(np.float16) for k, v in tensors.items()}, path, metadata=notes)

    @classmethod
    def load(cls, path: Path) -> RelationClassifier:
        """Read what :meth:`save` wrote.

        Raises:
            WeightsError: the file is missing or isn't such a file.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="numpy") as file:
                notes = file.metadata()
                tensors = {k: file.get_tensor(k).astype(np.float32) for k in file.keys()}  # noqa: SIM118
            classes = tuple((str(r), bool(i)) for r, i in json.loads(notes["classes"]))
            return cls(
                classes,
                tensors["weights"],
                tensors["bias"],
                tensors["mean"],
                float(notes["threshold"]),
                notes["embedder"],
            )
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            raise WeightsError(f"{path}: no weights of a question classifier: {error}") from error

    def over(self, embedder: Embedder) -> Guesser:
        """A guesser of questions, embedded with this embedder."""
        return lambda question: self.guess(embedder.embed([masked(question)], "search_query")[0])


def masked(question: str) -> str:
    """A question with every run of capitalised words, numbers and quoted names as one mask.

    >>> masked("Где родился Дмитрий Менделеев?")
    'Где родился N?'
    """
    parts: list[str] = []
    end = 0
    for token in tokenize(question):
        between = question[end : token.start]
        named = token.named and (token.start > 0 or token.quoted)
        if named and parts and parts[-1] == MASK and not between.strip():
            end = token.end
            continue
        parts += [between, MASK if named else token.text]
        end = token.end
    return "".join([*parts, question[end:]])
